// Builds kustomizations and charts by their own code, as a WebAssembly module. It sees the texts that are put into it and
// nothing else: no process, no network, no disk, a clock that stands still and random numbers that are the same in each
// build. What is built, versions included, is in render/README.md.
import { ConsoleStdout, File, OpenFile, WASI } from '@bjorn3/browser_wasi_shim';

export interface KustomizeRequest {
  readonly kind: 'kustomize';
  /** The folder of the kustomization. */
  readonly root: string;
}

export interface HelmRequest {
  readonly kind: 'helm';
  /** The folder of the chart. */
  readonly chart: string;
  /** Values files beside the chart's own; the last wins. */
  readonly values: readonly string[];
  /** Values given as texts, after these (a HelmRelease's `spec.values`); a path is only a label. */
  readonly inline: readonly { readonly text: string; readonly path: string }[];
  /** As `--set` takes them; after all of these. */
  readonly set: readonly string[];
  readonly release: string;
  readonly namespace: string;
  readonly kubeVersion: string;
  /** Beside those that Helm itself knows. */
  readonly apiVersions: readonly string[];
}

export type RenderRequest = KustomizeRequest | HelmRequest;

export interface Rendered {
  /** In the order in which they are printed. */
  readonly objects: readonly RenderedObject[];
  /** The files that were read. */
  readonly read: readonly string[];
  /** The files and folders that were looked for and aren't there. */
  readonly missing: readonly string[];
  /** Why nothing was built. */
  readonly problem: RenderProblem | null;
  readonly warnings: readonly string[];
  /** Of a chart: where values come from, the strongest last. */
  readonly valuesFiles: readonly ValuesFile[];
  /** Of a chart: all values as they are merged, those of sub-charts under their names. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface RenderProblem {
  readonly kind: ProblemKind;
  /** In the words of kustomize or Helm, made plain. */
  readonly message: string;
  readonly path: string | null;
  /** From 1. */
  readonly line: number | null;
  /** From 1. */
  readonly column: number | null;
}

export type ProblemKind =
  | 'no-kustomization'
  | 'bad-kustomization'
  | 'missing-resource'
  | 'cycle'
  | 'remote-base'
  | 'outside-root'
  | 'patch-without-target'
  | 'patch-failed'
  | 'bad-yaml'
  | 'bad-resource'
  | 'duplicate-resource'
  | 'helm-in-kustomize'
  | 'plugin'
  | 'kustomize'
  | 'bad-chart'
  | 'missing-subchart'
  | 'bad-values'
  | 'values-schema'
  | 'template-syntax'
  | 'template-failed'
  | 'kube-version'
  | 'too-long'
  | 'too-much-memory'
  | 'too-deep'
  | 'sandbox';

export interface RenderedObject {
  /** One YAML document as printed, without `---`. */
  readonly text: string;
  /** Of kustomize: where the resource was read, or what generated it. */
  readonly origin: Origin | null;
  /**
   * Of kustomize: what it is in its source, before prefixes and the like. Where no namespace is written, it is `default`;
   * what belongs to none has an empty one.
   */
  readonly original: { readonly kind: string; readonly namespace: string; readonly name: string } | null;
  /** Of Helm: the template's file. */
  readonly template: string | null;
  /** Of Helm: which part of a template made which part of the text, in the text's order. */
  readonly spans: readonly Span[];
}

/** Paths are absolute where they are local. */
export interface Origin {
  readonly path: string | null;
  readonly repo: string | null;
  readonly ref: string | null;
  readonly configuredIn: string | null;
  /** The generator's kind. */
  readonly configuredBy: string | null;
}

export interface Span {
  /** Offsets in the object's text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** The template's file, and where the text or the action begins in it, from 1. */
  readonly template: string;
  readonly line: number;
  readonly column: number;
  /** The values that were read for it, by their paths in the top chart's values: `['sub', 'service', 'port']`. */
  readonly reads: readonly (readonly string[])[];
}

export interface ValuesFile {
  /** A file, or the label of an inline text. */
  readonly path: string;
  /** Under which path of the top chart's values its values are: a sub-chart's name. */
  readonly prefix: readonly string[];
}

export interface Sandbox {
  readonly put: (path: string, text: string) => void;
  readonly remove: (path: string) => void;
  /** Throws where the build takes the sandbox down: it is of no use any more. */
  readonly build: (request: RenderRequest) => Rendered;
  /** What it wrote to its standard error since the last build began. */
  readonly lastWords: () => readonly string[];
}

/** What the Go module exports. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly allocate: (size: number) => number;
  readonly put: (nameLength: number, length: number) => void;
  readonly remove: (length: number) => void;
  readonly build: (length: number) => number;
  readonly answer: () => number;
}

/** Noon of 1 January 2026: `now` says the same in each build. */
const standingClock = 1_767_268_800_000_000_000n;

/** WASI's numbers: https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#-clockid-variant */
const realtime = 0;
const success = 0;

export async function openSandbox(module: WebAssembly.Module): Promise<Sandbox> {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const warnings: string[] = [];
  const heard = ConsoleStdout.lineBuffered((line) => warnings.push(line));
  const wasi = new WASI(['render'], [], [new OpenFile(new File([])), heard, heard], { debug: false });
  const clock = wasi.wasiImport['clock_time_get'];
  let random = xorshift();
  const imports = {
    ...wasi.wasiImport,
    clock_time_get: (id: number, precision: bigint, at: number) => {
      // The other clocks only measure; Go's scheduler needs them to go on.
      if (id !== realtime) return clock?.(id, precision, at);
      new DataView(memory.buffer).setBigUint64(at, standingClock, true);
      return success;
    },
    random_get: (at: number, length: number) => {
      const bytes = new Uint8Array(memory.buffer, at, length);
      for (let i = 0; i < length; i++) bytes[i] = random();
      return success;
    },
  };
  const { exports } = await WebAssembly.instantiate(module, { wasi_snapshot_preview1: imports });
  const { memory, allocate, put, remove, build, answer } = exports as unknown as Exports;
  wasi.initialize({ exports: { ...exports, memory } });

  /** Writes texts one behind the other, for the call that follows; the length of each. */
  const write = (...texts: readonly string[]): readonly number[] => {
    const parts = texts.map((text) => encoder.encode(text));
    let at = allocate(parts.reduce((sum, { length }) => sum + length, 0)) >>> 0;
    for (const part of parts) {
      new Uint8Array(memory.buffer).set(part, at);
      at += part.length;
    }
    return parts.map(({ length }) => length);
  };
  return {
    put: (path, text) => {
      const [name = 0, length = 0] = write(path, text);
      put(name, name + length);
    },
    remove: (path) => {
      const [length = 0] = write(path);
      remove(length);
    },
    build: (request) => {
      random = xorshift();
      warnings.length = 0;
      const [asked = 0] = write(JSON.stringify(request));
      const length = build(asked);
      const at = answer() >>> 0;
      const answered: Rendered = JSON.parse(decoder.decode(new Uint8Array(memory.buffer, at, length)));
      return { ...answered, warnings: [...warnings] };
    },
    lastWords: () => warnings,
  };
}

/** Bytes that look random and are the same each time: https://www.jstatsoft.org/article/view/v008i14 */
function xorshift(): () => number {
  let state = 2_463_534_242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  };
}
