import {
  commands,
  ConfigurationTarget,
  type Diagnostic,
  DiagnosticSeverity,
  type Disposable,
  l10n,
  languages,
  type QuickPickItem,
  QuickPickItemKind,
  StatusBarAlignment,
  type StatusBarItem,
  type TextEditor,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  type JudgedSetAnswer,
  type JudgedSetItem,
  judgedSetMethod,
  noProfile,
  pickBuildCommand,
  pickMethod,
} from '../shared/insight/protocol.ts';
import { plainLabel, withoutIcons } from './plainLabel.ts';

/** How long nothing has to change before the item says what is otherwise now, in milliseconds. */
const pause = 200;

/**
 * Says in the status bar what the file in front is judged with: `prod · 4 nodes · 2 problems`. A click lets one pick
 * the profile, the overlay or the values, and opens the files.
 */
export class JudgedSetStatus implements Disposable {
  readonly #client: BaseLanguageClient;
  readonly #item: StatusBarItem;
  readonly #listeners: readonly Disposable[];
  #set: JudgedSetItem | null = null;
  #timer: NodeJS.Timeout | undefined;
  #asked = 0;
  /** The last editor in front: a panel or a view may have the focus. */
  #front: TextEditor | undefined = window.activeTextEditor;

  constructor(client: BaseLanguageClient) {
    this.#client = client;
    this.#item = window.createStatusBarItem('hoplens.judgedSet', StatusBarAlignment.Right, 90);
    this.#item.name = 'Hoplens';
    this.#item.command = pickBuildCommand;
    this.#listeners = [
      window.onDidChangeActiveTextEditor((editor) => {
        this.#front = editor ?? this.#front;
        void this.#askAgain();
      }),
      window.onDidChangeVisibleTextEditors(() => this.refresh()),
      languages.onDidChangeDiagnostics(({ uris }) => {
        const files = new Set(this.#set?.files);
        if (uris.some((each) => files.has(each.toString()))) this.refresh();
      }),
      commands.registerCommand(pickBuildCommand, (uri?: string) => this.#pick(uri)),
    ];
  }

  /** Something may be otherwise: asks when nothing more changes. */
  refresh(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#askAgain(), pause);
  }

  async #askAgain(): Promise<void> {
    const asked = ++this.#asked;
    const editor = window.activeTextEditor ?? window.visibleTextEditors.find((each) => each === this.#front);
    const set = editor === undefined ? null : await this.#ask(editor.document.uri.toString());
    if (asked !== this.#asked) return;
    this.#set = set;
    if (set === null) return this.#item.hide();
    const [build] = set.builds;
    const isFailing = build?.isFailing === true;
    const problems = problemsIn(set);
    const parts = [set.label, nodesText(set), ...(problems === 0 ? [] : [problemsText(problems)])];
    const icon = isFailing ? 'warning' : 'type-hierarchy';
    this.#item.text = `$(${icon}) ${parts.map(withoutIcons).join(' · ')}`;
    this.#item.tooltip = [
      build === undefined
        ? l10n.t('Hoplens judges this file with {0} of {1}.', filesText(set), plainLabel(set.label))
        : l10n.t('Hoplens judges what {0} builds of {1}.', plainLabel(build.label), filesText(set)),
      ...(isFailing ? [l10n.t("It can't be built as it is now: what was built before is judged.")] : []),
      set.profile === null
        ? l10n.t('Nodes, kube-proxy and pod network are assumed: there is no ClusterProfile.')
        : l10n.t('Profile {0}, of {1}.', plainLabel(set.profile.name), plainLabel(shown(set.profile.uri))),
      l10n.t('Click to pick profile, overlay or values.'),
    ].join('\n');
    this.#item.accessibilityInformation = {
      label: l10n.t('Hoplens: judged with {0}', parts.map(plainLabel).join(', ')),
    };
    this.#item.show();
  }

  async #ask(uri: string): Promise<JudgedSetAnswer> {
    if (!this.#client.isRunning()) return null;
    return this.#client.sendRequest<JudgedSetAnswer>(judgedSetMethod, { uri });
  }

  async #pick(given?: string): Promise<void> {
    const uri = given ?? (window.activeTextEditor ?? this.#front)?.document.uri.toString();
    const set = uri === undefined ? null : await this.#ask(uri);
    if (set === null) {
      void window.showInformationMessage(l10n.t('This file is in no set of manifests.'));
      return;
    }
    const picked = await window.showQuickPick(itemsOf(set), {
      title: l10n.t('Judged with {0}', plainLabel(set.label)),
      placeHolder: l10n.t('Pick the profile, or what lenses and traces speak of, or a file to open'),
      matchOnDescription: true,
    });
    await picked?.run?.(this.#client);
    this.refresh();
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#item.dispose();
    for (const each of this.#listeners) each.dispose();
  }
}

interface SetQuickPick extends QuickPickItem {
  /** What picking it does; absent of a heading. */
  readonly run?: (client: BaseLanguageClient) => Promise<unknown>;
}

function itemsOf({ builds, files, profile, profiles }: JudgedSetItem): SetQuickPick[] {
  const separator = (label: string): SetQuickPick => ({ label, kind: QuickPickItemKind.Separator });
  const marked = (text: string, isPicked: boolean): string =>
    `${isPicked ? '$(check)' : '$(blank)'} ${withoutIcons(text)}`;
  const chosen = workspace.getConfiguration('hoplens').get<string>('profile', '');
  return [
    ...(builds.length === 0 ? [] : [separator(l10n.t('Overlays and values'))]),
    ...builds.map(({ root, label, entry, isFailing }, index): SetQuickPick => ({
      label: marked(label, index === 0),
      description: withoutIcons(shown(entry)),
      ...(isFailing ? { detail: l10n.t("It can't be built as it is now.") } : {}),
      run: (client) => client.sendNotification(pickMethod, { root }),
    })),
    separator(l10n.t('Profile of the cluster')),
    {
      label: marked(l10n.t("Each set's own"), chosen === ''),
      description: chosen === '' ? withoutIcons(profile === null ? l10n.t('none here: assumed') : profile.name) : '',
      run: () => choose(''),
    },
    ...profiles.map(({ uri, name }): SetQuickPick => ({
      label: marked(name, chosen !== '' && chosen !== noProfile && profile?.uri === uri),
      description: withoutIcons(shown(uri)),
      run: () => choose(pathOf(uri)),
    })),
    {
      label: marked(l10n.t('None'), chosen === noProfile),
      description: l10n.t('three nodes, kube-proxy in iptables mode, all assumed'),
      run: () => choose(noProfile),
    },
    {
      label: `$(add) ${l10n.t('From a cluster…')}`,
      description: l10n.t('what kubectl printed, as a ClusterProfile'),
      run: async () => commands.executeCommand('hoplens.createProfile'),
    },
    separator(builds.length === 0 ? l10n.t('Files judged together') : l10n.t('Files that it is built of')),
    ...[...files, ...(profile === null || files.includes(profile.uri) ? [] : [profile.uri])].map(
      (file): SetQuickPick => ({
        label: `$(file) ${withoutIcons(shown(file))}`,
        run: async () => window.showTextDocument(Uri.parse(file)),
      }),
    ),
  ];
}

/** Writes the setting: in the workspace's where there is one, so that all who open it have it. */
async function choose(profile: string): Promise<void> {
  const isWorkspace = workspace.workspaceFolders !== undefined;
  await workspace
    .getConfiguration('hoplens')
    .update(
      'profile',
      profile === '' ? undefined : profile,
      isWorkspace ? ConfigurationTarget.Workspace : ConfigurationTarget.Global,
    );
}

/** A file as the setting has it: from the first workspace folder, else absolute. */
function pathOf(uri: string): string {
  const file = Uri.parse(uri);
  const [first] = workspace.workspaceFolders ?? [];
  const isInFirst = first !== undefined && uri.startsWith(`${first.uri.toString()}/`);
  return isInFirst ? workspace.asRelativePath(file, false) : file.fsPath;
}

function shown(uri: string): string {
  return workspace.asRelativePath(Uri.parse(uri));
}

function filesText({ files }: JudgedSetItem): string {
  return files.length === 1 ? l10n.t('1 file') : l10n.t('{0} files', files.length);
}

function nodesText({ nodes: { count, isAssumed } }: JudgedSetItem): string {
  const text = count === 1 ? l10n.t('1 node') : l10n.t('{0} nodes', count);
  return isAssumed ? `~ ${text}` : text;
}

function problemsText(count: number): string {
  return count === 1 ? l10n.t('1 problem') : l10n.t('{0} problems', count);
}

/** The warnings and errors of ours in the files that are judged together. */
function problemsIn({ files }: JudgedSetItem): number {
  const judged = new Set(files);
  return languages
    .getDiagnostics()
    .flatMap(([uri, found]) => (judged.has(uri.toString()) ? found.filter(isProblem) : [])).length;
}

function isProblem({ source, severity }: Diagnostic): boolean {
  return source === 'Hoplens' && severity <= DiagnosticSeverity.Warning;
}
