// The host's side: starts the sandbox's worker when the first build is asked for, and cuts off what takes too long. The
// texts are kept here as well, so that a worker can be started anew.
import type { FromWorker, WorkerPort } from './protocol.ts';
import type { ProblemKind, Rendered, RenderRequest } from './sandbox.ts';

export interface Renderer {
  readonly put: (path: string, text: string) => void;
  readonly remove: (path: string) => void;
  /** Builds are made one after the other. A waiting one is replaced by a newer one of the same, whose answer it gets. */
  readonly build: (request: RenderRequest) => Promise<Rendered>;
  /** Ends the worker, which keeps a program running. What waits is never answered. */
  readonly stop: () => void;
}

export interface RendererHost {
  /** The compiled sandbox; asked for once, when the first build is. */
  readonly module: () => Promise<WebAssembly.Module>;
  readonly startWorker: () => WorkerPort;
  /** How long a build may take, by the clock; 20 s if nobody says. It is there for those that never end. */
  readonly mostMilliseconds?: number;
}

interface Asked {
  readonly key: string;
  request: RenderRequest;
  readonly answers: ((rendered: Rendered) => void)[];
}

/** A build takes a tenth of a second or two; on a busy machine, whose cores others have, ten times as long. */
const longestBuild = 20_000;

export function createRenderer({ module, startWorker, mostMilliseconds = longestBuild }: RendererHost): Renderer {
  const texts = new Map<string, string>();
  const waiting: Asked[] = [];
  let running: Asked | null = null;
  let worker: WorkerPort | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let compiled: Promise<WebAssembly.Module> | null = null;
  let isOpen = false;
  let isStopped = false;
  /** V8 compiles the module's functions when they are first called, and keeps them for the workers that come after. */
  let isWarm = false;

  const finish = (rendered: Rendered): void => {
    clearTimeout(timer);
    const done = running;
    running = null;
    for (const answer of done?.answers ?? []) answer(rendered);
    next();
  };
  const endWorker = (): void => {
    worker?.terminate();
    worker = null;
    isOpen = false;
  };
  const giveUp = (kind: ProblemKind, message: string): void => {
    endWorker();
    finish(nothing(kind, message));
  };
  const hear = (message: FromWorker): void => {
    if (message.kind === 'opened') {
      isOpen = true;
      startTimer();
    } else if (message.kind === 'built') {
      isWarm = true;
      finish(message.rendered);
    } else if (message.isMemory) giveUp('too-much-memory', 'the build takes more than 512 MB of memory');
    else if (/call stack/.test(message.why)) giveUp('too-deep', 'templates include each other too deeply');
    else giveUp('sandbox', `the build ends unexpectedly: ${message.why}`);
  };
  const startTimer = (): void => {
    timer = setTimeout(() => {
      if (isWarm) return giveUp('too-long', `the build takes longer than ${mostMilliseconds / 1000} s`);
      // On a busy machine a large chart may, the first time; what was compiled by now isn't compiled again.
      isWarm = true;
      endWorker();
      if (running !== null) waiting.unshift(running);
      next();
    }, mostMilliseconds);
  };
  const start = (sandbox: WebAssembly.Module): WorkerPort => {
    const started = startWorker();
    // What a worker says that has been given up counts no more.
    started.onMessage((message) => {
      if (worker === started) hear(message);
    });
    started.onError((why) => {
      if (worker === started) giveUp('sandbox', `the build ends unexpectedly: ${why}`);
    });
    started.post({ kind: 'open', module: sandbox });
    for (const [path, text] of texts) started.post({ kind: 'put', path, text });
    return started;
  };
  const next = (): void => {
    const asked = waiting.shift();
    if (asked === undefined || isStopped) return;
    running = asked;
    compiled ??= module();
    compiled.then(
      (sandbox) => {
        if (isStopped) return;
        worker ??= start(sandbox);
        worker.post({ kind: 'build', request: asked.request });
        if (isOpen) startTimer();
      },
      (error) => {
        compiled = null;
        giveUp(
          'sandbox',
          `kustomize and Helm can't be loaded: ${error instanceof Error ? error.message : String(error)}`,
        );
      },
    );
  };
  return {
    put: (path, text) => {
      if (texts.get(path) === text) return;
      texts.set(path, text);
      worker?.post({ kind: 'put', path, text });
    },
    remove: (path) => {
      if (texts.delete(path)) worker?.post({ kind: 'remove', path });
    },
    build: (request) =>
      new Promise((answer) => {
        const key = keyOf(request);
        const same = waiting.find((each) => each.key === key);
        if (same === undefined) waiting.push({ key, request, answers: [answer] });
        else {
          same.request = request;
          same.answers.push(answer);
        }
        if (running === null) next();
      }),
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      endWorker();
    },
  };
}

/** What makes two requests ask for the same, maybe with other texts. */
function keyOf(request: RenderRequest): string {
  if (request.kind === 'kustomize') return request.root;
  const { chart, values, inline, release, namespace } = request;
  return JSON.stringify([chart, values, inline.map(({ path }) => path), release, namespace]);
}

function nothing(kind: ProblemKind, message: string): Rendered {
  const problem = { kind, message, path: null, line: null, column: null };
  return { objects: [], read: [], missing: [], problem, warnings: [], valuesFiles: [], values: {} };
}
