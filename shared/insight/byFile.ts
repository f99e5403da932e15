import type { Graph, Input } from '../cluster/derived.ts';
import { folderOf } from '../manifest/fileNames.ts';
import type { Manifest } from '../manifest/manifest.ts';

/** The one manifest of a kind that a file may hold, by the file. */
export class ByFile {
  readonly #graph: Graph;
  readonly #kept: Input<ReadonlyMap<string, Manifest>>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#kept = graph.input(new Map());
  }

  get(): ReadonlyMap<string, Manifest> {
    return this.#kept.get();
  }

  /** What a file holds now; null for none. */
  note(uri: string, manifest: Manifest | null): void {
    const before = this.#graph.untracked(() => this.#kept.get());
    if ((before.get(uri) ?? null) === manifest) return;
    const changed = new Map(before);
    if (manifest === null) changed.delete(uri);
    else changed.set(uri, manifest);
    this.#kept.set(changed);
  }
}

/** What is said for the nearest folder; the empty text stands for all. */
export function nearest<T>(byFolder: ReadonlyMap<string, T>, folder: string): T | undefined {
  const isOne = byFolder.size === (byFolder.has('') ? 1 : 0);
  for (let at = folder; !isOne && at.includes('/'); at = folderOf(at)) {
    const found = byFolder.get(at);
    if (found !== undefined) return found;
  }
  return byFolder.get('');
}
