import { readFileSync } from 'node:fs';
import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import type { Protocol } from '../shared/cluster/service.ts';
import { requestAnswer, type RequestAnswer } from '../shared/trace/outcomes.ts';
import { readOrigin, readTarget } from '../shared/trace/readRequest.ts';
import { traceRequest } from '../shared/trace/traceRequest.ts';
import { readInput, UnusableInput } from './input.ts';
import { modelsThatKnow, protocolNamed, readHeaders, theOne } from './trace.ts';

export interface RequestsOptions {
  /** JSON lines; `-` is standard input. */
  readonly requests: string;
  readonly files: readonly string[];
  /** Who asks, how, and with what headers, where a line doesn't say. */
  readonly from: string;
  readonly method: string;
  readonly protocol: string;
  readonly headers: readonly string[];
  readonly profile: string | undefined;
  readonly assume: readonly string[];
}

/** A line that can't be read, or be asked: what is wrong with it. Lines count from 1. */
interface Unanswered {
  readonly line: number;
  readonly target: string | null;
  readonly error: string;
}

/**
 * `hoplens trace --requests FILE`: a line of JSON for each line of JSON, in order. 0 where every request is delivered
 * on every path, 1 where some path is not, 2 where a line can't be read; all others are answered.
 */
export function requests(options: RequestsOptions): number {
  if (options.requests === '-' && options.files.includes('-'))
    throw new UnusableInput("--requests and -f can't both be standard input.");
  const lines = textOf(options.requests).split('\n');
  const input = readInput(options.files, options.profile);
  const models = modelsThatKnow(input, options.assume);
  const usual = usualOf(options);
  let status = 0;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const answer = answerTo(line, index + 1, { models, from: options.from, usual });
    process.stdout.write(`${JSON.stringify(answer)}\n`);
    if ('error' in answer) status = 2;
    else if (status === 0 && answer.outcomes.some(({ verdict }) => verdict !== 'delivered')) status = 1;
  }
  return status;
}

function textOf(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    throw new UnusableInput(`There is no file ${path} to read requests from.`);
  }
}

interface Asking {
  readonly usual: Usual;
  readonly models: ReturnType<typeof modelsThatKnow>;
  readonly from: string;
}

function answerTo(text: string, line: number, { models, from, usual }: Asking): RequestAnswer | Unanswered {
  const asked = readLine(text, usual);
  if (typeof asked === 'string') return { line, target: null, error: asked };
  const failed = (error: string): Unanswered => ({ line, target: asked.target, error });
  const target = readTarget(asked.target);
  if (target.kind === 'unreadable') return failed(target.message);
  const origins = models.of(target.value).map(({ scene, model }) => ({
    scene,
    model,
    origin: originOf(model, asked.from ?? from),
  }));
  const traces = origins.flatMap(({ scene, model, origin }) =>
    origin.kind === 'unreadable'
      ? []
      : [
          {
            scene,
            trace: traceRequest(model, {
              from: origin.value,
              target: target.value,
              protocol: asked.protocol,
              method: asked.method,
              headers: asked.headers,
            }),
          },
        ],
  );
  const [first] = origins;
  if (first === undefined) return failed(models.unknown(target.value));
  if (traces.length === 0 && first.origin.kind === 'unreadable') return failed(first.origin.message);
  try {
    return requestAnswer(asked.target, theOne(traces, asked.target).trace);
  } catch (error) {
    if (error instanceof UnusableInput) return failed(error.message);
    throw error;
  }
}

/** Who asks, read once for each name and model. */
function originOf(model: ClusterModel, who: string): ReturnType<typeof readOrigin> {
  let known = origins.get(model);
  if (known === undefined) origins.set(model, (known = new Map()));
  const before = known.get(who);
  if (before !== undefined) return before;
  const read = readOrigin(who, model);
  known.set(who, read);
  return read;
}

const origins = new WeakMap<ClusterModel, Map<string, ReturnType<typeof readOrigin>>>();

interface AskedLine {
  readonly target: string;
  readonly from: string | null;
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly protocol: Protocol;
}

const known = ['target', 'from', 'method', 'headers', 'protocol'];

/** What a line has that doesn't say otherwise. */
interface Usual {
  readonly method: string;
  readonly protocol: string;
  readonly headers: ReadonlyMap<string, string>;
}

function usualOf({ method, protocol, headers }: RequestsOptions): Usual {
  if (!/^[A-Za-z-]+$/.test(method))
    throw new UnusableInput(`--method takes an HTTP method such as GET, not ${JSON.stringify(method)}.`);
  if (protocolNamed(protocol) === undefined)
    throw new UnusableInput(`--protocol can be tcp, udp or sctp, not ${protocol}.`);
  return { method, protocol, headers: readHeaders(headers) };
}

/** A line's request, or what is wrong with it. */
function readLine(text: string, usual: Usual): AskedLine | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return `This line is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return 'A request is a JSON object, such as {"target": "http://shop.example.com/"}.';
  const given = new Map(Object.entries(value));
  const stranger = [...given.keys()].find((name) => !known.includes(name));
  if (stranger !== undefined) return `A request has no ${JSON.stringify(stranger)}; it can have ${known.join(', ')}.`;
  const [target, from = null, method = usual.method, headers = {}, protocol = usual.protocol] = known.map((name) =>
    given.get(name),
  );
  if (typeof target !== 'string') return 'A request needs a "target", such as "http://shop.example.com/".';
  if (from !== null && typeof from !== 'string') return '"from" is who asks, as text, such as "pod/web-0".';
  if (typeof method !== 'string' || !/^[A-Za-z-]+$/.test(method)) return '"method" is an HTTP method, such as "GET".';
  const carried = typeof protocol === 'string' ? protocolNamed(protocol.toLowerCase()) : undefined;
  if (carried === undefined) return '"protocol" can be tcp, udp or sctp.';
  const entries = typeof headers === 'object' && headers !== null ? Object.entries(headers) : null;
  if (entries === null || Array.isArray(headers) || !entries.every(([, each]) => typeof each === 'string'))
    return '"headers" is an object of texts, such as {"x-canary": "always"}.';
  return {
    target,
    from,
    method: method.toUpperCase(),
    headers: new Map([...usual.headers, ...entries.map(([name, each]) => [name.toLowerCase(), String(each)] as const)]),
    protocol: carried,
  };
}
