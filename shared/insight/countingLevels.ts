import { type Cell, type Graph, type Input, KeyedFamily } from '../cluster/derived.ts';
import { sameEntries, sameMembers } from '../cluster/listChanges.ts';
import { folderOf } from '../manifest/fileNames.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { isManifestSets, readManifestSets } from '../manifest/writtenSets.ts';
import { ByFile, nearest } from './byFile.ts';
import { layered, type Levels, noLevels, readLevels } from './levels.ts';
import type { Finding } from './rule.ts';

/** How grave somebody takes findings to be, besides what files say. */
export interface ChosenLevels {
  /** Where no file of the workspace says it: in and beneath each folder; the empty text for all of them. */
  readonly under: ReadonlyMap<string, Levels>;
  /** Whatever the files say. */
  readonly over: Levels;
}

/** How grave findings are taken to be, folder by folder. */
export class CountingLevels {
  readonly #graph: Graph;
  readonly #written: ByFile;
  readonly #chosen: Input<ChosenLevels>;
  /** What the files say, by their folders. */
  readonly #byFolder: Cell<ReadonlyMap<string, readonly Manifest[]>>;
  readonly #at: KeyedFamily<Levels>;
  readonly #raised: Cell<ReadonlySet<string>>;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#written = new ByFile(graph);
    this.#chosen = graph.input<ChosenLevels>({ under: new Map(), over: noLevels });
    this.#byFolder = graph.derived(() => Map.groupBy(this.#written.get().values(), ({ uri }) => folderOf(uri)), {
      eager: true,
    });
    this.#at = new KeyedFamily(graph, (folder) => this.#countingIn(folder), { same: sameEntries });
    this.#raised = graph.derived(() => this.#raisedRules(), {
      eager: true,
      same: sameMembers,
    });
  }

  choose(chosen: ChosenLevels): void {
    const { under, over } = this.#graph.untracked(() => this.#chosen.get());
    if (!sameEntries(under, chosen.under, sameEntries) || !sameEntries(over, chosen.over)) this.#chosen.set(chosen);
  }

  /** What a file holds now. */
  note(uri: string, manifests: readonly Manifest[]): void {
    this.#written.note(uri, manifests.find(saysLevels) ?? null);
  }

  /** Findings of a file, as grave as is said there; without those that are off. */
  taken(uri: string, findings: readonly Finding[]): readonly Finding[] {
    const levels = this.#at.get(folderOf(uri));
    if (levels.size === 0) return findings;
    return findings.flatMap((finding) => {
      const severity = levels.get(finding.rule) ?? finding.severity;
      return severity === 'off' ? [] : [severity === finding.severity ? finding : { ...finding, severity }];
    });
  }

  /** Whether somebody, somewhere, takes a rule's findings for faults. */
  isRaised(rule: string): boolean {
    return this.#raised.get().has(rule);
  }

  /** The command's, then the nearest file's, then the settings'. */
  #countingIn(folder: string): Levels {
    const { under, over } = this.#chosen.get();
    const byFolder = this.#byFolder.get();
    const layers: Levels[] = [over];
    for (let at = folder; byFolder.size > 0; at = folderOf(at)) {
      for (const manifest of byFolder.get(at) ?? []) layers.push(levelsOf(manifest));
      if (!at.includes('/')) break;
    }
    return layered([...layers, nearest(under, folder) ?? noLevels]);
  }

  #raisedRules(): ReadonlySet<string> {
    const { under, over } = this.#chosen.get();
    const all = [...under.values(), over, ...[...this.#written.get().values()].map(levelsOf)];
    return new Set(
      all.flatMap((each) => [...each].flatMap(([id, level]) => (level === 'error' || level === 'warning' ? [id] : []))),
    );
  }
}

function saysLevels(manifest: Manifest): boolean {
  return isManifestSets(manifest) && readManifestSets(manifest).levels.length > 0;
}

function levelsOf(manifest: Manifest): Levels {
  return readLevels(readManifestSets(manifest).levels.map(({ rule, level }) => [rule, level] as const));
}
