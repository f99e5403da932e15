import type { BuildPlan } from '../shared/built/builtSet.ts';
import type { Workspace } from '../shared/insight/workspace.ts';
import { type BuildFiles, Builder } from '../render/builder.ts';
import type { Renderer } from '../render/renderer.ts';

export interface BuildingOptions {
  readonly workspace: Workspace;
  /** Starts the sandbox; called when there is something to build for the first time. */
  readonly openRenderer: () => Renderer;
  readonly files: BuildFiles;
  readonly openUris: () => readonly string[];
  /** Sets are others now: these files are part of them. */
  readonly onBuilt: (uris: readonly string[]) => void;
  /** How many builds are left, of how many since nothing was left; null behind the last. */
  readonly onProgress: (progress: { readonly left: number; readonly all: number } | null) => void;
  /** Nothing can be built at all: what is there is judged as it stands. */
  readonly onFailed: () => void;
  readonly log: (message: string) => void;
}

/** What nobody looks at is built when nothing was typed for so long, in milliseconds: a build isn't interrupted. */
const pauseInTyping = 300;

/** As long as an answer about a file waits for what is being built of it, in milliseconds. */
const longestWait = 2_000;

/**
 * Keeps what kustomize and Helm build of the workspace up to date. A file that changed has the sets built anew that it
 * is part of, one after the other: what an open document shows first, then the others. Nothing here takes time of the
 * editor's thread but to hand over texts.
 */
export class Building {
  readonly #options: BuildingOptions;
  readonly #queue = new Set<string>();
  #builder: Builder | null = null;
  #known: readonly BuildPlan[] = [];
  #all = 0;
  #isRunning = false;
  /** When a source was last another. */
  #notedAt = 0;
  #wake: (() => void) | null = null;
  /** What is being built. */
  #current: string | null = null;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(options: BuildingOptions) {
    this.#options = options;
  }

  /** A file is another, came or went; null for no file in particular. */
  note(uri: string | null): void {
    const { workspace } = this.#options;
    const plans = workspace.ask(() => workspace.plans());
    if (plans !== this.#known) {
      const known = new Map(this.#known.map((plan) => [plan.root, plan]));
      const now = new Set(plans.map(({ root }) => root));
      const gone = [...known.keys()].filter((root) => !now.has(root));
      if (gone.length > 0) {
        const files = gone.flatMap((root) => this.#sourcesOf(root));
        workspace.forgetBuilds(gone);
        for (const root of gone) this.#queue.delete(root);
        this.#options.onBuilt(files);
      }
      for (const plan of plans) if (known.get(plan.root) !== plan) this.#queue.add(plan.root);
      this.#known = plans;
    }
    const resting = uri === null ? [] : plans.filter(({ root }) => this.#restsOn(root, uri));
    for (const { root } of resting) this.#queue.add(root);
    if (resting.length > 0) this.#notedAt = performance.now();
    this.#all = Math.max(this.#all, this.#queue.size);
    this.#wake?.();
    if (!this.#isRunning && this.#queue.size > 0) void this.#run();
  }

  /** Whether sets are built of a file. */
  isSource(uri: string): boolean {
    const { workspace } = this.#options;
    return workspace.ask(() => workspace.builtOf(uri)).length > 0;
  }

  /** When what an answer about a file speaks of is built, or it took too long. */
  async ready(uri: string): Promise<void> {
    const { workspace } = this.#options;
    const [first] = workspace.ask(() => workspace.builtOf(uri));
    const root = first?.plan.root;
    if (root === undefined || (!this.#queue.has(root) && this.#current !== root)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, longestWait);
      const waiting = this.#waiting.get(root) ?? new Set();
      this.#waiting.set(root, waiting);
      waiting.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #sourcesOf(root: string): readonly string[] {
    const { workspace } = this.#options;
    return workspace.ask(() => workspace.builtAt(root))?.sources ?? [];
  }

  /** Whether a file is part of a build, lies in its chart, or was looked for in vain. */
  #restsOn(root: string, uri: string): boolean {
    const { workspace } = this.#options;
    const set = workspace.ask(() => workspace.builtAt(root));
    if (set === null) return workspace.ask(() => workspace.rootsReaching(uri)).includes(root);
    const isInChart = set.plan.kind === 'chart' && uri.startsWith(`${set.plan.folder}/`);
    const isMissed = set.missed.some((each) => uri === each || uri.startsWith(`${each}/`));
    return isInChart || isMissed || set.sources.includes(uri) || set.plan.deployer === uri;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const { files, openRenderer, log } = this.#options;
    try {
      const builder = (this.#builder ??= new Builder(openRenderer(), files));
      for (let next = this.#next(); next !== null; next = this.#next()) {
        const { root, isWanted } = next;
        const rest = this.#notedAt + pauseInTyping - performance.now();
        if (!isWanted && rest > 0 && this.#sourcesOf(root).length > 0) {
          await this.#sleep(rest);
          continue;
        }
        const plan = this.#known.find((each) => each.root === root);
        // Taken out before it is built: what changes meanwhile has it built again.
        this.#queue.delete(root);
        this.#current = root;
        if (plan === undefined) continue;
        this.#options.onProgress({ left: this.#queue.size + 1, all: this.#all });
        await this.#build(builder, plan);
      }
    } catch (error) {
      this.#options.onFailed();
      log(`Building: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    } finally {
      this.#isRunning = false;
      this.#current = null;
      this.#all = 0;
      this.#options.onProgress(null);
    }
  }

  /** Waits, at most until a source is another: what somebody looks at isn't kept waiting. */
  async #sleep(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }

  async #build(builder: Builder, plan: BuildPlan): Promise<void> {
    const { workspace, onBuilt, log } = this.#options;
    const before = this.#sourcesOf(plan.root);
    try {
      const build = await builder.build(plan);
      // The plan may be gone by now.
      if (!this.#known.includes(plan)) return;
      workspace.putBuild(plan, build);
      onBuilt([...new Set([...before, ...build.sources])]);
    } catch (error) {
      log(`Building ${plan.label}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    } finally {
      if (!this.#queue.has(plan.root)) {
        for (const resolve of this.#waiting.get(plan.root) ?? []) resolve();
        this.#waiting.delete(plan.root);
      }
    }
  }

  /** What an open document speaks of first, before all else: its picked build, or its first before any is built. */
  #next(): { readonly root: string; readonly isWanted: boolean } | null {
    const { workspace, openUris } = this.#options;
    const wanted = workspace
      .ask(() =>
        openUris().flatMap((uri) => {
          const [set] = workspace.builtOf(uri);
          const [first] = workspace.rootsReaching(uri);
          return set?.plan.root ?? first ?? [];
        }),
      )
      .find((root) => this.#queue.has(root));
    const [first] = this.#queue;
    if (wanted !== undefined) return { root: wanted, isWanted: true };
    return first === undefined ? null : { root: first, isWanted: false };
  }
}
