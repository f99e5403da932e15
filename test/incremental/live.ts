import { askablesIn, asksOf, objectOf, requestOf } from '../../shared/insight/asks.ts';
import { fieldHelpAt } from '../../shared/insight/fieldHelp.ts';
import type { Lens } from '../../shared/insight/lenses.ts';
import { reachability } from '../../shared/insight/reachability/reachability.ts';
import { reachLines } from '../../shared/insight/reachability/reachText.ts';
import { type Finding, isFault } from '../../shared/insight/rule.ts';
import { type Watch, Workspace } from '../../shared/insight/workspace.ts';
import type { Field } from '../../shared/manifest/manifest.ts';
import { traceRequest } from '../../shared/trace/traceRequest.ts';
import { traceText } from '../../shared/trace/traceText.ts';

/**
 * What stands in the files, and how they are looked at. Plain data: what fails is printed, made smaller, and run again.
 */
export interface State {
  readonly texts: Readonly<Record<string, string>>;
  readonly folders: readonly string[];
  readonly chosenProfile: string | null;
}

/** One change, as an editor or a branch of git makes it: files that come, go or are others, in this order. */
export interface Step {
  readonly files?: readonly { readonly uri: string; readonly text: string | null }[];
  readonly folders?: readonly string[];
  readonly chosenProfile?: string | null;
  /** A file that is opened, or closed if it is open. */
  readonly toggled?: string;
  /** Whether the next step comes before anything was published. */
  readonly isHurried: boolean;
}

export function afterStep(state: State, step: Step): State {
  const texts = { ...state.texts };
  for (const { uri, text } of step.files ?? []) {
    if (text === null) delete texts[uri];
    else texts[uri] = text;
  }
  return {
    texts,
    folders: step.folders ?? state.folders,
    chosenProfile: step.chosenProfile === undefined ? state.chosenProfile : step.chosenProfile,
  };
}

/** A workspace that lives through steps, watched as the server watches it. */
export interface Live {
  readonly workspace: Workspace;
  step(step: Step): void;
  /** What was last published of a file. */
  published(uri: string): Said & { readonly isOpen: boolean };
  stop(): void;
}

interface Watched {
  readonly findings: Watch<readonly Finding[]>;
  readonly lenses: Watch<readonly Lens[]> | null;
  said: Said;
}

/** What is published of a file, as text. */
interface Said {
  readonly findings: string;
  readonly lenses: string;
}

const nothing: Said = { findings: '', lenses: '' };

export function liveWorkspace(state: State): Live {
  const workspace = coldWorkspace(state);
  const watched = new Map<string, Watched>();
  const stale = new Set<string>();

  function watch(uri: string, isOpen: boolean): void {
    const known = watched.get(uri);
    const note = (): void => void stale.add(uri);
    workspace.noteEdited(uri, isOpen);
    const text = workspace.file(uri)?.text;
    if (text !== undefined) workspace.put(uri, text);
    watched.set(uri, {
      findings: workspace.watchFindings(uri, isOpen ? 'with infos' : 'faults alone', note),
      lenses: isOpen ? workspace.watchLenses(uri, note) : null,
      said: nothing,
    });
    known?.findings.stop();
    known?.lenses?.stop();
    note();
  }

  function forget(uri: string): void {
    const known = watched.get(uri);
    known?.findings.stop();
    known?.lenses?.stop();
    watched.delete(uri);
    stale.delete(uri);
  }

  function publish(): void {
    workspace.settle();
    for (const uri of stale) {
      stale.delete(uri);
      const known = watched.get(uri);
      if (known === undefined) continue;
      const lenses = JSON.stringify(known.lenses?.get() ?? []);
      known.said = { findings: JSON.stringify(known.findings.get()), lenses };
    }
  }

  // Every other file is open.
  for (const [index, uri] of Object.keys(state.texts).entries()) watch(uri, index % 2 === 0);
  publish();
  return {
    workspace,
    step({ files = [], folders, chosenProfile, toggled, isHurried }) {
      if (folders !== undefined) workspace.setFolders(folders);
      if (chosenProfile !== undefined) workspace.chooseProfiles(chosenOf(chosenProfile));
      for (const { uri, text } of files) {
        if (text === null) {
          workspace.remove(uri);
          forget(uri);
        } else {
          workspace.put(uri, text);
          if (!watched.has(uri)) watch(uri, false);
        }
      }
      const known = toggled === undefined ? undefined : watched.get(toggled);
      if (toggled !== undefined && known !== undefined) watch(toggled, known.lenses === null);
      if (!isHurried) publish();
    },
    published: (uri) => {
      publish();
      const known = watched.get(uri);
      return { isOpen: (known?.lenses ?? null) !== null, ...(known?.said ?? nothing) };
    },
    stop() {
      for (const uri of watched.keys()) forget(uri);
    },
  };
}

export function coldWorkspace({ texts, folders, chosenProfile }: State): Workspace {
  const workspace = new Workspace(folders);
  for (const [uri, text] of Object.entries(texts)) workspace.put(uri, text);
  workspace.chooseProfiles(chosenOf(chosenProfile));
  return workspace;
}

/**
 * The first thing of which the live workspace says something else than one that starts cold on the same texts; null if
 * there is none. Held against each other are the sets, what is published of every file, the traces and hovers of the
 * files that are near, and who reaches whom in their sets.
 */
export function disagreement(live: Live, state: State, near: readonly string[]): string | null {
  const fresh = coldWorkspace(state);
  return fresh.ask(() => {
    const sets = [live.workspace, fresh].map((each) => JSON.stringify(each.sets()));
    if (sets[0] !== sets[1]) return difference('the sets', sets[0], sets[1]);
    for (const uri of Object.keys(state.texts)) {
      const { isOpen, findings, lenses } = live.published(uri);
      const found = JSON.stringify(fresh.findings(uri).filter((each) => isOpen || isFault(each)));
      if (findings !== found) return difference(`what is found in ${uri}`, findings, found);
      if (!isOpen || isAsOfBefore(live.workspace, uri)) continue;
      const expected = JSON.stringify(fresh.lenses(uri));
      if (lenses !== expected) return difference(`the lenses of ${uri}`, lenses, expected);
    }
    for (const uri of near)
      for (const [what, said] of saidWhenAsked) {
        const [ours, theirs] = [live.workspace.ask(() => said(live.workspace, uri)), said(fresh, uri)];
        if (ours !== theirs) return difference(`${what} ${uri}`, ours, theirs);
      }
    for (const uri of oneOfEachSet(fresh, near)) {
      const [ours, theirs] = [live.workspace.ask(() => reachOf(live.workspace, uri)), reachOf(fresh, uri)];
      if (ours !== theirs) return difference(`who reaches whom in the set of ${uri}`, ours, theirs);
    }
    return null;
  });
}

type SaidOf = (workspace: Workspace, uri: string) => string;

const saidWhenAsked: readonly (readonly [what: string, SaidOf])[] = [
  ['the traces of', tracesOf],
  ['the hovers of', hoversOf],
];

/** So many sets, at most. */
const mostSets = 2;

function oneOfEachSet(workspace: Workspace, uris: readonly string[]): string[] {
  const scenes = new Map(uris.map((uri) => [workspace.sceneOf(uri), uri]));
  return [...scenes.values()].slice(0, mostSets);
}

/** Whether lenses go by texts that were there before: a cold start can't know those. */
function isAsOfBefore(workspace: Workspace, uri: string): boolean {
  return workspace.ask(() => {
    const scene = workspace.readableSceneOf(uri);
    return scene !== null && workspace.unreadIn(scene).length > 0;
  });
}

/** Two texts from a little before where they part. */
export function difference(what: string, live = '', cold = ''): string {
  const from = [...live].findIndex((character, index) => character !== cold[index]);
  const at = Math.max(0, (from === -1 ? live.length : from) - 120);
  return `${what}\n  live: …${live.slice(at, at + 400)}\n  cold: …${cold.slice(at, at + 400)}`;
}

/** The traces of all that is in a file, as text, with their places and the rules that they meet. */
export function tracesOf(workspace: Workspace, uri: string): string {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return 'unknown';
  const { model } = scene;
  const place = (field: Field): { readonly file: string; readonly line: number } | null => {
    const site = scene.siteOf(field);
    return site === null ? null : { file: site.uri, line: site.range.start.line + 1 };
  };
  const asks = askablesIn(model)
    .filter((askable) => objectOf(askable).manifest.uri === uri)
    .flatMap((askable) => asksOf(model, askable));
  return asks
    .map((asked) => traceText(traceRequest(model, requestOf(asked, { kind: 'internet' }), { withRules: true }), place))
    .join('\n');
}

/** Who may reach whom in the set of a file, as the editor's view has it. */
function reachOf(workspace: Workspace, uri: string): string {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return 'unknown';
  return JSON.stringify(reachLines(reachability(scene, { from: null, to: null, port: null }), 120));
}

/** What is said at each key of a file, and at the end of its line. */
function hoversOf(workspace: Workspace, uri: string): string {
  const [scene, file] = [workspace.sceneOf(uri), workspace.file(uri)];
  if (scene === null || file === null) return 'unknown';
  return file.text
    .split('\n')
    .flatMap((text, line) =>
      [text.search(/\w/), text.length - 2]
        .filter((character) => character >= 0)
        .map((character) => JSON.stringify(fieldHelpAt(scene, file, { line, character }))),
    )
    .join('\n');
}

function chosenOf(profile: string | null): ReadonlyMap<string, string> {
  return new Map(profile === null ? [] : [['', profile]]);
}
