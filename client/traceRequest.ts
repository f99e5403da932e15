import { type Disposable, l10n, ProgressLocation, Uri, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  type AskedInSet,
  type EntrySetsAnswer,
  entrySetsMethod,
  type OriginItem,
  plainDetails,
  type RequestDetails,
  type SetItem,
  setsMethod,
  type TargetItem,
  type TargetsAnswer,
  targetsMethod,
} from '../shared/insight/protocol.ts';
import { readTyped } from '../shared/trace/typedRequest.ts';
import type { AskedRequests } from './askedRequests.ts';
import { type Picked, pick, type PickItem, under } from './picker.ts';
import { placeName } from './placeName.ts';
import type { RequestToTrace } from './requestToTrace.ts';
import { ranked } from './targetRanking.ts';
import type { TracePanels } from './tracePanels.ts';

/** As many of the requests asked before as stand above what a set has. */
const mostRecent = 5;
/** As many items as a list has; whoever looks for something else types more of it. */
const mostListed = 500;

/** A target that was picked or typed; `from` is who asks for it usually. */
interface PickedTarget {
  readonly target: string;
  readonly from: string;
  readonly details: RequestDetails | null;
}

/**
 * `Hoplens: Trace request`: in which set, if none is in front; to what; who asks; with which method and headers, if a
 * route wants some. What is given isn't asked for.
 */
export class TraceRequest implements Disposable {
  readonly #client: BaseLanguageClient;
  readonly #panels: TracePanels;
  readonly #asked: AskedRequests;
  /** The last text editor in front: the panel, or a view, may have the focus. */
  #front = window.activeTextEditor?.document.uri.toString();
  readonly #listener = window.onDidChangeActiveTextEditor((editor) => {
    if (editor !== undefined) this.#front = editor.document.uri.toString();
  });

  constructor(client: BaseLanguageClient, panels: TracePanels, asked: AskedRequests) {
    this.#client = client;
    this.#panels = panels;
    this.#asked = asked;
  }

  async run(given: Partial<RequestToTrace> = {}): Promise<void> {
    const { uri, target, from } = given;
    if (!this.#client.isRunning()) await this.#client.start();
    if (uri !== undefined && target !== undefined && from !== undefined)
      return this.#show({ ...given, uri, target, from });
    const set = await this.#setFor(given);
    if (set === null) return;
    const request = await this.#pickRequest(set, given);
    if (request !== null) await this.#show(request);
  }

  async #show(request: RequestToTrace): Promise<void> {
    this.#asked.note(request);
    await this.#panels.show(request);
  }

  /** The set of what is given, else of the editor in front, else one that is picked. */
  async #setFor({ uri, build }: Partial<RequestToTrace>): Promise<SetInHand | null> {
    const front = uri ?? window.activeTextEditor?.document.uri.toString() ?? this.#front;
    const inFront = front === undefined ? null : await this.#targets(front, build);
    if (front !== undefined && inFront !== null) return { uri: front, build, has: inFront };
    await this.#whenRead();
    const sets = await this.#client.sendRequest<SetItem[]>(setsMethod);
    const [only, ...others] = sets;
    if (only === undefined) {
      void window.showInformationMessage(
        l10n.t('There are no Kubernetes manifests here. Open one, or a folder that has some.'),
      );
      return null;
    }
    const picked = others.length === 0 ? only : await pickSet(sets);
    if (picked === null) return null;
    const has = await this.#targets(picked.uri, picked.build ?? undefined);
    if (has !== null) return { uri: picked.uri, build: picked.build ?? undefined, has };
    void window.showInformationMessage(l10n.t('These manifests are gone meanwhile.'));
    return null;
  }

  /** Sets are known when the workspace is read; somebody who doesn't wait gets those that there are. */
  async #whenRead(): Promise<void> {
    const isReading = async (): Promise<boolean> => {
      const { state } = await this.#client.sendRequest<EntrySetsAnswer>(entrySetsMethod);
      return state.kind === 'reading';
    };
    if (!(await isReading())) return;
    const title = l10n.t('Hoplens: reading manifests');
    await window.withProgress(
      { location: ProgressLocation.Notification, title, cancellable: true },
      async (_, token) => {
        while (!token.isCancellationRequested && (await isReading()))
          await new Promise((resolve) => setTimeout(resolve, 200));
      },
    );
  }

  #targets(uri: string, build: string | undefined): Promise<TargetsAnswer> {
    return this.#client.sendRequest<TargetsAnswer>(targetsMethod, { uri, build });
  }

  /** Step by step; going back loses nothing that was picked or typed. Null when it was dismissed. */
  async #pickRequest({ uri, build, has }: SetInHand, given: Partial<RequestToTrace>): Promise<RequestToTrace | null> {
    const fixed = given.target;
    let typed = fixed ?? '';
    for (;;) {
      const first: Picked<PickedTarget | RequestToTrace> =
        fixed === undefined
          ? await pickTarget(has, this.#asked.recent, (text) => (typed = text), typed)
          : { kind: 'picked', value: targetOf(has, fixed, given.details ?? null) };
      if (first.kind !== 'picked') return null;
      if ('uri' in first.value) return first.value;
      const behind = await this.#pickRest({ uri, build, has }, first.value, given.from);
      if (behind.kind === 'picked') return behind.value;
      if (behind.kind === 'dismissed' || fixed !== undefined) return null;
    }
  }

  /** Who asks, and with what, if a route wants something. */
  async #pickRest(
    { uri, build, has }: SetInHand,
    { target, from: usual, details: known }: PickedTarget,
    given: string | undefined,
  ): Promise<Picked<RequestToTrace>> {
    const wanted = wantedBy(has, target);
    for (;;) {
      const from = await pickOrigin(has.origins, given ?? usual);
      if (from.kind !== 'picked') return from;
      const details: Picked<RequestDetails> =
        known === null && wanted.some(isBeyondPlain)
          ? await pickDetails(wanted)
          : { kind: 'picked', value: known ?? wanted[0] ?? plainDetails };
      if (details.kind === 'back') continue;
      if (details.kind === 'dismissed') return details;
      const request = { uri, target, from: from.value, details: details.value };
      return { kind: 'picked', value: { ...request, ...(build === undefined ? {} : { build }) } };
    }
  }

  dispose(): void {
    this.#listener.dispose();
  }
}

interface SetInHand {
  readonly uri: string;
  readonly build: string | undefined;
  readonly has: AskedInSet;
}

async function pickSet(sets: readonly SetItem[]): Promise<SetItem | null> {
  const known = sets.map((set) => {
    const place = placeName(set.place);
    return { label: set.label ?? place, description: set.label === null ? '' : place, value: set };
  });
  const picked = await pick<SetItem>({
    title: l10n.t('Trace request: through which manifests?'),
    placeholder: l10n.t('Each is what would be applied together'),
    step: 'first',
    items: (typed) => orNothing(ranked(known, typed).slice(0, mostListed), typed),
  });
  return picked.kind === 'picked' ? picked.value : null;
}

function pickTarget(
  has: AskedInSet,
  recent: readonly RequestToTrace[],
  note: (typed: string) => void,
  typed: string,
): Promise<Picked<PickedTarget | RequestToTrace>> {
  // Of several requests for one URL, what they want besides is asked for behind it.
  const distinct = [...new Map(has.targets.toReversed().map((each) => [each.target, each])).values()].toReversed();
  const known = distinct.map(({ target, description, from }) => ({
    label: target,
    description,
    value: { target, from, details: null },
  }));
  const before = recent.map((request) => ({
    label: request.target,
    description: [l10n.t('from {0}', request.from), workspace.asRelativePath(Uri.parse(request.uri))].join(' · '),
    value: request,
  }));
  return pick<PickedTarget | RequestToTrace>({
    title: l10n.t('Trace request: to what?'),
    placeholder: l10n.t('A name, a URL, svc/NAME, ADDRESS:PORT or a curl line'),
    step: 'first',
    typed,
    items: (text) => {
      note(text);
      const asked = ranked(before, text).slice(0, mostRecent);
      const found = ranked(known, text).slice(0, mostListed);
      return [
        ...under<PickedTarget | RequestToTrace>(l10n.t('asked before'), asked),
        ...under<PickedTarget | RequestToTrace>(l10n.t('in these manifests'), found),
        ...typedItems(text, { has, isFound: asked.length + found.length > 0 }),
      ];
    },
  });
}

/** What was typed as a request of its own, if it can be read; why not, if nothing else was found. */
function typedItems(
  text: string,
  { has, isFound }: { readonly has: AskedInSet; readonly isFound: boolean },
): readonly PickItem<PickedTarget>[] {
  if (text.trim() === '') return [];
  const read = readTyped(text);
  if (read.kind === 'unreadable') {
    if (isFound) return [];
    const [, what = read.message, rest = ''] = /^(.*?): (.*)$/s.exec(read.message) ?? [];
    return [{ label: what, detail: rest, value: null }];
  }
  if (read.details === null && has.targets.some(({ target }) => target === read.target)) return [];
  const { method = '', headers = {} } = read.details ?? {};
  const besides = [method, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  return under(l10n.t('as typed'), [
    {
      label: read.target,
      description: besides.filter((each) => each !== '').join(' · '),
      value: targetOf(has, read.target, read.details),
    },
  ]);
}

/** Who asks for it usually, as far as the set says. */
function targetOf({ targets }: AskedInSet, target: string, details: RequestDetails | null): PickedTarget {
  const known = targets.find((each) => each.target === target);
  return { target, from: known?.from ?? 'internet', details };
}

function pickOrigin(origins: readonly OriginItem[], usual: string): Promise<Picked<string>> {
  const ordered = [...origins].sort((a, b) => Number(b.from === usual) - Number(a.from === usual));
  const known = ordered.map(({ from, description }) => ({ label: from, description, value: from }));
  if (!known.some(({ value }) => value === usual)) known.unshift({ label: usual, description: '', value: usual });
  return pick<string>({
    title: l10n.t('Trace request: who asks?'),
    placeholder: l10n.t('A pod, a workload, a node, or an address'),
    step: 'later',
    items: (typed) => {
      const found = ranked(known, typed).slice(0, mostListed);
      const text = typed.trim();
      const isAddress = /^\d+\.\d+\.\d+\.\d+$|^[0-9a-f:]*:[0-9a-f:.]*$/i.test(text);
      return orNothing(
        [...found, ...(isAddress ? under(l10n.t('as typed'), [{ label: text, value: text }]) : [])],
        typed,
      );
    },
  });
}

/** The methods and headers that a set's routes want of requests for a URL, each once. */
function wantedBy({ targets }: AskedInSet, target: string): readonly RequestDetails[] {
  const wanted = targets.filter((each) => each.target === target).map((each: TargetItem) => each.details);
  return [...new Map(wanted.map((each) => [JSON.stringify(each), each])).values()];
}

function isBeyondPlain({ method, headers }: RequestDetails): boolean {
  return method !== 'GET' || Object.keys(headers).length > 0;
}

function pickDetails(wanted: readonly RequestDetails[]): Promise<Picked<RequestDetails>> {
  const all = wanted.some((each) => !isBeyondPlain(each)) ? wanted : [...wanted, plainDetails];
  const known = all.map((details) => ({
    label: detailsText(details),
    description: isBeyondPlain(details) ? l10n.t('as a route wants it') : '',
    value: details,
  }));
  return pick<RequestDetails>({
    title: l10n.t('Trace request: with which method and headers?'),
    placeholder: l10n.t("A route asks for them. Others as curl takes them: -X POST -H 'x-canary: always'"),
    step: 'later',
    items: (typed) => {
      const read = typed.trim().startsWith('-') ? readTyped(`curl ${typed} http://any/`) : null;
      if (read?.kind === 'request' && read.details !== null)
        return [{ label: detailsText(read.details), value: read.details }];
      return orNothing(ranked(known, typed), typed);
    },
  });
}

function detailsText({ method, headers }: RequestDetails): string {
  return [method, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join(' · ');
}

function orNothing<T>(items: readonly PickItem<T>[], typed: string): readonly PickItem<T>[] {
  if (items.length > 0) return items;
  return [{ label: l10n.t('Nothing here is called {0}', JSON.stringify(typed)), value: null }];
}
