import { isBuilt } from '../../shared/built/builtSet.ts';
import type { PlacedEntryPoint, EntrySet } from '../../shared/insight/entrySets.ts';
import type {
  EntryPointItem,
  EntryPointsAnswer,
  EntrySetItem,
  EntrySetsAnswer,
  WorkspaceState,
} from '../../shared/insight/protocol.ts';
import type { Watch, Workspace } from '../../shared/insight/workspace.ts';
import { type ObjectKey, uriOf } from '../../shared/manifest/manifest.ts';
import { slice } from '../answering.ts';
import { usualOrigin } from './trace.ts';

/**
 * What the view of entry points shows. What it asked for is kept at hand, object by object: after an edit only what the
 * edit can have changed is traced again, and only when the view asks.
 */
export class EntryPointsView {
  readonly #workspace: Workspace;
  /** When the messages that wait are handled. */
  readonly #handled: () => Promise<void>;
  readonly #asked = new Map<string, AskedSet>();
  #sets: Watch<readonly EntrySet[]> | null = null;

  constructor(workspace: Workspace, handled: () => Promise<void>) {
    this.#workspace = workspace;
    this.#handled = handled;
  }

  /** The sets, each with a number that is another once something in it may be. */
  sets(underWay: Exclude<WorkspaceState, { kind: 'ready' }> | null): EntrySetsAnswer {
    this.#sets ??= this.#workspace.watchEntrySets(() => undefined);
    const sets = this.#sets.get();
    const roots = new Set(sets.map(({ root }) => root));
    for (const [root, asked] of this.#asked) if (!roots.has(root)) this.#forget(root, asked);
    return {
      state: underWay ?? readyState(this.#workspace, sets),
      sets: sets.map(({ root, kind, label, place, problem, entry }): EntrySetItem => ({
        root,
        kind,
        label,
        place,
        problem: problem === null ? null : { message: problem, uri: entry ?? place },
        revision: this.#asked.get(root)?.revision ?? 0,
      })),
    };
  }

  /** The ways into a set. Between its objects edits and other requests are heard. */
  async entries(root: string): Promise<EntryPointsAnswer> {
    if (this.#sets?.get().every((each) => each.root !== root) !== false) return null;
    const asked = this.#asked.get(root) ?? this.#ask(root);
    const { revision } = asked;
    const entries: EntryPointItem[] = [];
    let end = performance.now() + slice;
    for (const key of [...this.#keysOf(asked), null]) {
      entries.push(
        ...this.#watchOf(root, asked, key)
          .get()
          .map((each) => itemOf(each, root)),
      );
      if (performance.now() < end) continue;
      await this.#handled();
      end = performance.now() + slice;
    }
    // Whatever was meanwhile changed has another number: the view asks again.
    return { revision, entries };
  }

  #ask(root: string): AskedSet {
    const asked: AskedSet = {
      revision: 1,
      objects: this.#workspace.watchEntryObjects(root, () => asked.revision++),
      points: new Map(),
    };
    this.#asked.set(root, asked);
    return asked;
  }

  /** The objects of a set as they are now; what was watched of others is let go. */
  #keysOf({ objects, points }: AskedSet): readonly ObjectKey[] {
    const keys = objects.get();
    const now = new Set<ObjectKey | null>(keys);
    for (const [key, watch] of points) {
      if (key === null || now.has(key)) continue;
      watch.stop();
      points.delete(key);
    }
    return keys;
  }

  #watchOf(root: string, asked: AskedSet, key: ObjectKey | null): Watch<readonly PlacedEntryPoint[]> {
    const known = asked.points.get(key);
    if (known !== undefined) return known;
    const watch = this.#workspace.watchEntryPoints(root, key, () => asked.revision++);
    asked.points.set(key, watch);
    return watch;
  }

  #forget(root: string, { objects, points }: AskedSet): void {
    objects.stop();
    for (const watch of points.values()) watch.stop();
    this.#asked.delete(root);
  }
}

interface AskedSet {
  revision: number;
  readonly objects: Watch<readonly ObjectKey[]>;
  readonly points: Map<ObjectKey | null, Watch<readonly PlacedEntryPoint[]>>;
}

/** Why a view without sets is empty: only then somebody wants to know. */
function readyState(workspace: Workspace, sets: readonly EntrySet[]): WorkspaceState {
  if (sets.length > 0) return { kind: 'ready', manifests: 0, remoteCharts: 0 };
  const manifests = workspace.ask(() => workspace.uris().flatMap((uri) => workspace.file(uri)?.manifests ?? []));
  const releases = manifests.filter(({ kind }) => kind === 'HelmRelease' || kind === 'HelmChart');
  return { kind: 'ready', manifests: manifests.length, remoteCharts: releases.length };
}

function itemOf({ kind, name, outcome, way, notes, ask, site, at }: PlacedEntryPoint, root: string): EntryPointItem {
  const own = uriOf(at.object);
  return {
    kind,
    name,
    outcome,
    way,
    notes,
    request:
      ask === null
        ? null
        : {
            uri: site?.uri ?? own,
            target: ask.target.text,
            from: usualOrigin(ask),
            details: ask.details,
            ...(isBuilt(own) ? { build: root } : {}),
          },
    place: site === null ? null : { uri: site.uri, line: site.range.start.line },
  };
}
