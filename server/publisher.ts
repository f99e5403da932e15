import type { Diagnostic } from 'vscode-languageserver';
import type { Hint } from '../shared/insight/hints.ts';
import type { Lens } from '../shared/insight/lenses.ts';
import type { Finding } from '../shared/insight/rule.ts';
import type { Watch, Workspace } from '../shared/insight/workspace.ts';
import { slice } from './answering.ts';
import { diagnostic } from './features/diagnostics.ts';
import { GivenAnswers } from './givenAnswers.ts';

export interface PublisherOptions {
  readonly workspace: Workspace;
  /** Has the client know a file's diagnostics, which are others than before. */
  readonly say: (uri: string, diagnostics: readonly Diagnostic[]) => void;
  /** The version of an open document; null for a file that isn't open. */
  readonly versionOf: (uri: string) => number | null;
  /** The lenses, or the hints, of some open document are others than the ones that it was given. */
  readonly onLenses: () => void;
  readonly onHints: () => void;
  /** When the messages that wait are handled: an edit among them changes what is to be said. */
  readonly handled: () => Promise<void>;
  readonly guarded: (what: string, work: () => void) => void;
}

interface Watched {
  readonly findings: Watch<readonly Finding[]>;
  readonly isOpen: boolean;
}

/**
 * Sends diagnostics: those that differ from what was sent, the edited file's first, the others' after it in slices
 * between which requests and edits are heard. What is known of an open file is information too; of others, only what is
 * wrong.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #watched = new Map<string, Watched>();
  /** What was last sent of each file that has something, as text. */
  readonly #sent = new Map<string, string>();
  readonly #stale = new Set<string>();
  /** Of the documents whose editor asks for them, as they are now. */
  readonly lenses: GivenAnswers<readonly Lens[]>;
  readonly hints: GivenAnswers<readonly Hint[]>;
  #isScheduled = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    const { workspace, versionOf, onLenses, onHints } = options;
    const isOpen = (uri: string): boolean => versionOf(uri) !== null;
    this.lenses = new GivenAnswers({
      watch: (uri, onStale) => workspace.watchLenses(uri, onStale),
      isOpen,
      onOthers: onLenses,
    });
    this.hints = new GivenAnswers({
      watch: (uri, onStale) => workspace.watchHints(uri, onStale),
      isOpen,
      onOthers: onHints,
    });
  }

  /** Watches a file from now on, or as open or closed as it now is. */
  watch(uri: string): void {
    const isOpen = this.#options.versionOf(uri) !== null;
    const known = this.#watched.get(uri);
    if (known?.isOpen === isOpen) return;
    const { workspace } = this.#options;
    this.#watched.set(uri, {
      isOpen,
      findings: workspace.watchFindings(uri, isOpen ? 'with infos' : 'faults alone', () => this.#noteStale(uri)),
    });
    // The old watch goes when the new one is there, so that what both rest on stays.
    this.#stop(known);
    if (!isOpen) for (const given of [this.lenses, this.hints]) given.close(uri);
    this.#noteStale(uri);
  }

  /** Watches a file no more, and takes back what was sent of it. */
  forget(uri: string): void {
    this.#stop(this.#watched.get(uri));
    this.#watched.delete(uri);
    this.#stale.delete(uri);
    for (const given of [this.lenses, this.hints]) given.forget(uri);
    this.#send(uri, []);
  }

  /** Publishes after the messages that are waiting now; `first` before all else. */
  schedule(first: string | null = null): void {
    if (first !== null && this.#watched.has(first)) {
      this.#stale.delete(first);
      const others = [...this.#stale];
      this.#stale.clear();
      for (const uri of [first, ...others]) this.#stale.add(uri);
    }
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    void this.#options.handled().then(() => {
      this.#isScheduled = false;
      this.#options.guarded('Diagnostics', () => this.#publishSlice());
    });
  }

  #noteStale(uri: string): void {
    this.#stale.add(uri);
    this.schedule();
  }

  #publishSlice(): void {
    const end = performance.now() + slice;
    this.#options.workspace.settle();
    for (const uri of this.#stale) {
      this.#stale.delete(uri);
      const watched = this.#watched.get(uri);
      if (watched !== undefined) this.#options.guarded('Diagnostics', () => this.#send(uri, watched.findings.get()));
      if (performance.now() < end) continue;
      this.schedule();
      return;
    }
    // Open documents whose lenses came out otherwise ask for them again when they are told.
    for (const given of [this.lenses, this.hints]) if (!given.compare(end)) this.schedule();
  }

  /** Has a file watched no more, and one thing said of it instead. */
  sayInstead(uri: string, diagnostics: readonly Diagnostic[]): void {
    this.forget(uri);
    this.#say(uri, diagnostics);
  }

  /** What is found in a file as it is now, before it would be said unasked. */
  now(uri: string): void {
    const watched = this.#watched.get(uri);
    if (watched === undefined) return;
    this.#stale.delete(uri);
    this.#send(uri, watched.findings.get());
  }

  #send(uri: string, findings: readonly Finding[]): void {
    this.#say(uri, findings.map(diagnostic));
  }

  #say(uri: string, diagnostics: readonly Diagnostic[]): void {
    const text = diagnostics.length === 0 ? '' : JSON.stringify(diagnostics);
    if ((this.#sent.get(uri) ?? '') === text) return;
    if (text === '') this.#sent.delete(uri);
    else this.#sent.set(uri, text);
    this.#options.say(uri, diagnostics);
  }

  #stop(watched: Watched | undefined): void {
    watched?.findings.stop();
  }
}
