import type { Graph, Input } from '../cluster/derived.ts';
import type { ManifestSet } from '../manifest/manifestSet.ts';
import { linesOf, movedLines } from '../manifest/movedLines.ts';
import { type ParsedFile, problemsOf } from '../manifest/parseFile.ts';
import type { Position, Site } from '../manifest/position.ts';

/** A file that can't be read just now, and why. */
export interface UnreadNow {
  readonly uri: string;
  /** From 0. */
  readonly line: number;
  readonly message: string;
}

/** The set that a file is judged in: its root, and with what. */
export interface HomeSet {
  readonly root: string;
  readonly sets: readonly ManifestSet[];
}

interface Kept {
  readonly file: ParsedFile;
  readonly root: string;
  /** Where each of its lines stands now. */
  readonly lines: readonly number[];
}

/**
 * What files that somebody edits said when they could last be read. Between two keys a text is often no YAML, and then
 * its objects are gone. What is found goes by the texts as they are; lenses and traces, which a person looks at while
 * typing, go by the last readable text until there is another, and say so.
 */
export class LastReadable {
  readonly #graph: Graph;
  /** The files that somebody edits; of one that was just opened, the next text is the first. */
  readonly #edited = new Map<string, 'opened' | 'edited'>();
  readonly #kept = new Map<string, Input<Kept | null>>();
  /** The sets with such a file in them, by their roots, as they were with it. */
  readonly #homes = new Map<string, Input<readonly ManifestSet[] | null>>();
  readonly #unreadIn = new Map<string, Set<string>>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  /** Whether somebody edits a file. What nobody edits says what it says. */
  noteEdited(uri: string, isEdited: boolean): void {
    if (isEdited) this.#edited.set(uri, 'opened');
    else this.#edited.delete(uri);
    this.#forget(uri);
  }

  /** Hears of a file's new text before anybody else. `homeOf` is asked while all is as it was before. */
  note(uri: string, before: ParsedFile | null, now: ParsedFile | null, homeOf: () => HomeSet | null): void {
    const kept = this.#keptNow(uri);
    const state = this.#edited.get(uri);
    if (state === 'opened') this.#edited.set(uri, 'edited');
    if (now === null || before === null || state === 'opened') return this.#forget(uri);
    if (now === before) return;
    if (kept === null) {
      if (state === undefined || unreadDocuments(now) <= unreadDocuments(before)) return;
      const home = homeOf();
      if (home === null) return;
      const { root } = home;
      this.#keep(uri, { file: before, root, lines: movedLines(linesOf(before.text), before.text, now.text) }, home);
    } else if (unreadDocuments(now) <= unreadDocuments(kept.file)) this.#forget(uri);
    else this.#inputOf(this.#kept, uri).set({ ...kept, lines: movedLines(kept.lines, before.text, now.text) });
  }

  /** The file as it could last be read; null where it can be read now, and where it never could. */
  fileAt(uri: string): ParsedFile | null {
    return this.#inputOf(this.#kept, uri).get()?.file ?? null;
  }

  /** The set that such a file was judged in; null for any other file. */
  homeOf(uri: string): string | null {
    return this.#inputOf(this.#kept, uri).get()?.root ?? null;
  }

  /** A set as it was with such a file in it; null for one without any. */
  setAt(root: string): ManifestSet | null {
    return this.#inputOf(this.#homes, root).get()?.[0] ?? null;
  }

  /** Those files of a set. */
  unreadIn(root: string): readonly string[] {
    this.#inputOf(this.#homes, root).get();
    return [...(this.#unreadIn.get(root) ?? [])].toSorted();
  }

  /** Where a place of the last readable text stands now. */
  placedNow({ uri, range: { start, end } }: Site): Site {
    const lines = this.#inputOf(this.#kept, uri).get()?.lines ?? [];
    const placed = ({ line, character }: Position): Position => ({ line: lines[line] ?? line, character });
    return { uri, range: { start: placed(start), end: placed(end) } };
  }

  #keep(uri: string, kept: Kept, { root, sets }: HomeSet): void {
    const known = this.#graph.untracked(() => this.#inputOf(this.#homes, root).get());
    this.#unreadIn.set(root, (this.#unreadIn.get(root) ?? new Set()).add(uri));
    this.#inputOf(this.#kept, uri).set(kept);
    // Of several such files, the first has seen the set whole. A list of its own: readers hear of each file.
    this.#inputOf(this.#homes, root).set([...(known ?? sets)]);
  }

  #forget(uri: string): void {
    const kept = this.#keptNow(uri);
    if (kept === null) return;
    const { root } = kept;
    this.#inputOf(this.#kept, uri).set(null);
    const others = this.#unreadIn.get(root);
    others?.delete(uri);
    const home = this.#inputOf(this.#homes, root);
    if (others === undefined || others.size === 0) home.set(null);
    else home.set([...(this.#graph.untracked(() => home.get()) ?? [])]);
  }

  #keptNow(uri: string): Kept | null {
    return this.#graph.untracked(() => this.#kept.get(uri)?.get() ?? null);
  }

  #inputOf<T>(inputs: Map<string, Input<T | null>>, key: string): Input<T | null> {
    const input = inputs.get(key) ?? this.#graph.input<T | null>(null);
    inputs.set(key, input);
    return input;
  }
}

/** What keeps a file from being read. */
export function unreadNow(file: ParsedFile): UnreadNow {
  const [first] = problemsOf(file);
  return { uri: file.uri, line: first?.site.range.start.line ?? 0, message: first?.message ?? '' };
}

function unreadDocuments({ documents, hasProblems }: ParsedFile): number {
  return hasProblems
    ? documents.filter(({ content }) => content.value === null && content.problems.length > 0).length
    : 0;
}
