import type { Watch } from '../shared/insight/workspace.ts';

/** How many files' answers are kept that nobody has open. */
const mostAsked = 50;

export interface GivenAnswersOptions<T> {
  /** Keeps an answer at hand, and says when it may be another. */
  readonly watch: (uri: string, onStale: () => void) => Watch<T>;
  readonly isOpen: (uri: string) => boolean;
  /** The answer of some open document is another than the one that it was given. */
  readonly onOthers: () => void;
}

/**
 * What an editor asks of a document and shows until it is told that it would be answered otherwise: lenses, hints. What
 * the last answers rest on is kept: the next question is likely of the same set.
 */
export class GivenAnswers<T> {
  readonly #options: GivenAnswersOptions<T>;
  readonly #asked = new Map<string, Watch<T>>();
  readonly #given = new Map<string, T>();
  readonly #stale = new Set<string>();

  constructor(options: GivenAnswersOptions<T>) {
    this.#options = options;
  }

  /** The answer for a document as it is now. */
  get(uri: string): T {
    const answer = this.#watchOf(uri).get();
    this.#stale.delete(uri);
    if (this.#options.isOpen(uri)) this.#given.set(uri, answer);
    return answer;
  }

  /** The editor shows it no more. */
  close(uri: string): void {
    this.#given.delete(uri);
  }

  forget(uri: string): void {
    this.close(uri);
    this.#stale.delete(uri);
    this.#asked.get(uri)?.stop();
    this.#asked.delete(uri);
  }

  /** Compares what is stale with what was given, until a moment in time; whether that was all. */
  compare(end: number): boolean {
    for (const uri of this.#stale) {
      this.#stale.delete(uri);
      const given = this.#given.get(uri);
      if (given !== undefined && this.#watchOf(uri).get() !== given) {
        this.#stale.clear();
        this.#options.onOthers();
        return true;
      }
      if (performance.now() >= end) return this.#stale.size === 0;
    }
    return true;
  }

  #watchOf(uri: string): Watch<T> {
    const { watch, isOpen } = this.#options;
    const own = this.#asked.get(uri) ?? watch(uri, () => this.#stale.add(uri));
    this.#asked.delete(uri);
    this.#asked.set(uri, own);
    for (const [oldest, its] of this.#asked) {
      if (this.#asked.size <= mostAsked) break;
      if (oldest === uri || isOpen(oldest)) continue;
      this.#asked.delete(oldest);
      its.stop();
    }
    return own;
  }
}
