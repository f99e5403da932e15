import {
  commands,
  type Disposable,
  EventEmitter,
  l10n,
  MarkdownString,
  Range,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeView,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  type EntryPointItem,
  type EntryPointsAnswer,
  entryPointsMethod,
  type EntrySetItem,
  type EntrySetsAnswer,
  entrySetsMethod,
  type TraceAnswer,
  traceCommand,
  traceMethod,
  type WorkspaceState,
} from '../shared/insight/protocol.ts';
import { placeName } from './placeName.ts';
import { plainLabel } from './plainLabel.ts';

/** As many sets as are opened unasked. */
const mostOpen = 8;
/** As many sets as say how many ways in they have before they are opened. */
const mostCounted = 100;
/** How long nothing has to change before the view asks again, and how often it looks while manifests are read. */
const pause = 300;

/** A line of the view. */
export type EntryNode =
  | { readonly kind: 'set'; readonly set: EntrySetItem }
  | { readonly kind: 'entry'; readonly set: EntrySetItem; readonly entry: EntryPointItem; readonly id: string };

/**
 * The view `Entry points`: every way into the workspace's sets, with what becomes of a request there. It asks while it
 * is visible, and after a change only for the sets that may be otherwise.
 */
export class EntryPointsView implements TreeDataProvider<EntryNode>, Disposable {
  readonly #client: BaseLanguageClient;
  readonly #view: TreeView<EntryNode>;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #known = new Map<string, { readonly revision: number; readonly entries: readonly EntryPointItem[] }>();
  readonly #listeners: readonly Disposable[];
  #sets: readonly EntrySetItem[] | null = null;
  #shows: 'all' | 'lost' = 'all';
  #timer: NodeJS.Timeout | undefined;

  constructor(client: BaseLanguageClient) {
    this.#client = client;
    this.#view = window.createTreeView('hoplens.entryPoints', { treeDataProvider: this, showCollapseAll: true });
    this.#listeners = [
      this.#view,
      this.#changed,
      this.#view.onDidChangeVisibility(() => this.refresh()),
      commands.registerCommand('hoplens.showLostOnly', () => this.#show('lost')),
      commands.registerCommand('hoplens.showAllEntryPoints', () => this.#show('all')),
      commands.registerCommand('hoplens.traceEntryPoint', (node?: EntryNode) => {
        if (node?.kind === 'entry' && node.entry.request !== null)
          void commands.executeCommand(traceCommand, node.entry.request);
      }),
      commands.registerCommand('hoplens.revealEntryPoint', (node?: EntryNode) => reveal(node)),
    ];
  }

  /** Something may be otherwise: the view asks when nothing more changes, if anybody sees it. */
  refresh(): void {
    clearTimeout(this.#timer);
    if (this.#view.visible && this.#sets !== null) this.#timer = setTimeout(() => void this.#askAgain(), pause);
  }

  /** Asks for the sets, and for the ways in of those that are shown and may be otherwise. */
  async #askAgain(): Promise<void> {
    const before = JSON.stringify([this.#sets, [...this.#known]]);
    const sets = await this.#askForSets();
    for (const set of sets) {
      const known = this.#known.get(set.root);
      if (known !== undefined && known.revision !== set.revision) await this.#askFor(set);
    }
    if (before !== JSON.stringify([this.#sets, [...this.#known]])) this.#changed.fire();
  }

  async #askForSets(): Promise<readonly EntrySetItem[]> {
    if (!this.#client.isRunning()) await this.#client.start();
    const { state, sets } = await this.#client.sendRequest<EntrySetsAnswer>(entrySetsMethod);
    // As people count: A2 before A10.
    this.#sets = sets.toSorted((a, b) => a.place.localeCompare(b.place, undefined, { numeric: true }));
    const roots = new Set(sets.map(({ root }) => root));
    for (const root of this.#known.keys()) if (!roots.has(root)) this.#known.delete(root);
    this.#say(state);
    if (state.kind !== 'ready') this.refresh();
    return this.#sets;
  }

  async #askFor({ root }: EntrySetItem): Promise<readonly EntryPointItem[]> {
    const answer = await this.#client.sendRequest<EntryPointsAnswer>(entryPointsMethod, { root });
    if (answer === null) this.#known.delete(root);
    else this.#known.set(root, answer);
    return answer?.entries ?? [];
  }

  async #entriesOf(set: EntrySetItem): Promise<readonly EntryPointItem[]> {
    const entries = this.#known.get(set.root)?.entries ?? (await this.#askFor(set));
    return this.#shows === 'all'
      ? entries
      : entries.filter(({ outcome }) => outcome === 'lost' || outcome === 'partly');
  }

  /** What goes on stands above the tree; why it is empty, `viewsWelcome` says by this context. */
  #say(state: WorkspaceState): void {
    const isEmpty = this.#sets?.length === 0;
    this.#view.message = messageOf(state);
    const why =
      state.kind !== 'ready' || !isEmpty
        ? 'nothing'
        : state.remoteCharts > 0
          ? 'remoteCharts'
          : state.manifests > 0
            ? 'noWayIn'
            : 'noManifests';
    void commands.executeCommand('setContext', 'hoplens.whyEmpty', why);
  }

  #show(shown: 'all' | 'lost'): void {
    this.#shows = shown;
    void commands.executeCommand('setContext', 'hoplens.showsLostOnly', shown === 'lost');
    this.#view.message = '';
    this.#view.description = shown === 'lost' ? l10n.t('only what is lost') : '';
    this.#changed.fire();
  }

  async getChildren(node?: EntryNode): Promise<EntryNode[]> {
    if (node?.kind === 'entry') return [];
    if (node?.kind === 'set') return this.#nodesOf(node.set);
    const sets = this.#sets ?? (await this.#askForSets());
    if (this.#shows === 'all') void this.#count(sets.slice(0, mostCounted));
    const shown = this.#shows === 'all' ? sets : await this.#withLost(sets);
    if (this.#shows === 'lost' && shown.length === 0)
      this.#view.message = l10n.t('Nothing is lost: what comes in arrives, or nobody can say.');
    return shown.map((set) => ({ kind: 'set', set }));
  }

  /** Asks for the sets that nobody has opened yet, so that each says how many ways in it has. */
  async #count(sets: readonly EntrySetItem[]): Promise<void> {
    const unknown = sets.filter(({ root }) => !this.#known.has(root));
    for (const set of unknown) await this.#askFor(set);
    if (unknown.length > 0) this.#changed.fire();
  }

  async #withLost(sets: readonly EntrySetItem[]): Promise<readonly EntrySetItem[]> {
    const found: EntrySetItem[] = [];
    for (const set of sets) if (set.problem !== null || (await this.#entriesOf(set)).length > 0) found.push(set);
    return found;
  }

  async #nodesOf(set: EntrySetItem): Promise<EntryNode[]> {
    const met = new Map<string, number>();
    return (await this.#entriesOf(set)).map((entry) => {
      const count = met.get(entry.name) ?? 0;
      met.set(entry.name, count + 1);
      return { kind: 'entry', set, entry, id: `${set.root} ${entry.name} ${count}` };
    });
  }

  getTreeItem(node: EntryNode): TreeItem {
    return node.kind === 'set' ? this.#setItem(node.set) : entryItem(node);
  }

  #setItem(set: EntrySetItem): TreeItem {
    const isOpen = this.#shows === 'lost' || (this.#sets ?? []).length <= mostOpen;
    const item = new TreeItem(
      plainLabel(set.label ?? placeName(set.place)),
      isOpen ? TreeItemCollapsibleState.Expanded : TreeItemCollapsibleState.Collapsed,
    );
    item.id = set.root;
    item.contextValue = 'set';
    const count = countText(this.#known.get(set.root)?.entries ?? null);
    const [label, where] = [set.label, placeName(set.place)];
    const place = label === null || label === where ? [] : [where];
    if (set.problem === null) {
      item.iconPath = iconOfSet(set);
      item.description = plainLabel([...place, ...count].join(' · '));
      return item;
    }
    item.iconPath = new ThemeIcon('error', new ThemeColor('list.errorForeground'));
    item.description = plainLabel([...place, l10n.t("can't be built as it is now")].join(' · '));
    item.tooltip = new MarkdownString().appendText(plainLabel(set.problem.message));
    item.command = {
      title: l10n.t('Reveal in YAML'),
      command: 'vscode.open',
      arguments: [Uri.parse(set.problem.uri)],
    };
    return item;
  }

  /** The hops, when somebody points at a line. */
  async resolveTreeItem(item: TreeItem, node: EntryNode): Promise<TreeItem> {
    if (node.kind !== 'entry') return item;
    const { entry } = node;
    const lines = [entry.name, [entry.way, ...entry.notes].join(' · ')];
    if (entry.request !== null) {
      const answer = await this.#client.sendRequest<TraceAnswer>(traceMethod, entry.request);
      if (answer.kind === 'trace') lines.push('', ...hopLines(answer.trace));
    }
    const text = new MarkdownString();
    for (const line of lines) text.appendText(`${plainLabel(line)}\n`);
    item.tooltip = text;
    return item;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const each of this.#listeners) each.dispose();
  }
}

type Traced = Extract<TraceAnswer, { kind: 'trace' }>['trace'];

/** As many paths as a tooltip has room for. */
const mostPaths = 3;

function hopLines({ paths }: Traced): string[] {
  const shown = paths.slice(0, mostPaths).map(({ probability, hops, verdict }) => {
    const parties = [hops[0]?.from, ...hops.map(({ to }) => to)].filter((each) => each !== undefined);
    return `${probability}: ${parties.join(' → ')}, ${verdict.kind}`;
  });
  const left = paths.length - shown.length;
  return left > 0 ? [...shown, l10n.t('and {0} more paths', left)] : shown;
}

function messageOf(state: WorkspaceState): string {
  switch (state.kind) {
    case 'reading':
      return state.all === 0
        ? l10n.t('Reading manifests…')
        : l10n.t('Reading manifests: {0} of {1} files.', state.read.toLocaleString(), state.all.toLocaleString());
    case 'building':
      return l10n.t('Building kustomizations and charts: {0} of {1} left.', state.left, state.all);
    case 'ready':
      return '';
    default:
      return state satisfies never;
  }
}

function iconOfSet({ kind }: EntrySetItem): ThemeIcon {
  switch (kind) {
    case 'chart':
      return new ThemeIcon('package');
    case 'kustomization':
    case 'built':
      return new ThemeIcon('layers');
    case 'dump':
      return new ThemeIcon('database');
    case 'folder':
      return ThemeIcon.Folder;
    default:
      return kind satisfies never;
  }
}

function countText(entries: readonly EntryPointItem[] | null): string[] {
  if (entries === null) return [];
  const lost = entries.filter(({ outcome }) => outcome === 'lost').length;
  const all = entries.length === 1 ? l10n.t('1 way in') : l10n.t('{0} ways in', entries.length);
  return [lost === 0 ? all : l10n.t('{0}, {1} lost', all, lost)];
}

function entryItem({ entry, id }: Extract<EntryNode, { kind: 'entry' }>): TreeItem {
  const { name, way, notes, outcome, request, place } = entry;
  const item = new TreeItem(plainLabel(name), TreeItemCollapsibleState.None);
  item.id = id;
  const reached = notes.filter((each) => each.startsWith('→'));
  const others = notes.filter((each) => !each.startsWith('→'));
  item.description = plainLabel([...reached, way, ...others].join(' · '));
  item.iconPath = iconOf(outcome);
  item.contextValue = ['entry', ...(request === null ? [] : ['asked']), ...(place === null ? [] : ['placed'])].join(
    ' ',
  );
  item.accessibilityInformation = {
    label: plainLabel(`${name}, ${spoken(outcome)}, ${[way, ...notes].join(', ')}`),
  };
  item.command =
    request === null
      ? { title: l10n.t('Reveal in YAML'), command: 'hoplens.revealEntryPoint', arguments: [{ kind: 'entry', entry }] }
      : { title: l10n.t('Trace request'), command: traceCommand, arguments: [request] };
  return item;
}

function iconOf(outcome: EntryPointItem['outcome']): ThemeIcon {
  switch (outcome) {
    case 'arrives':
      return new ThemeIcon('pass', new ThemeColor('testing.iconPassed'));
    case 'partly':
      return new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
    case 'lost':
      return new ThemeIcon('error', new ThemeColor('list.errorForeground'));
    case 'unknown':
      return new ThemeIcon('question');
    default:
      return outcome satisfies never;
  }
}

function spoken(outcome: EntryPointItem['outcome']): string {
  switch (outcome) {
    case 'arrives':
      return l10n.t('arrives');
    case 'partly':
      return l10n.t('arrives on some paths');
    case 'lost':
      return l10n.t('is lost');
    case 'unknown':
      return l10n.t('nobody can say from these files');
    default:
      return outcome satisfies never;
  }
}

async function reveal(node?: EntryNode): Promise<void> {
  const place = node?.kind === 'entry' ? node.entry.place : null;
  if (place === null) return;
  const document = await workspace.openTextDocument(Uri.parse(place.uri));
  const line = document.lineAt(Math.min(place.line, document.lineCount - 1));
  const start = line.range.start.translate(0, line.firstNonWhitespaceCharacterIndex);
  await window.showTextDocument(document, { selection: new Range(start, line.range.end) });
}
