import { readFileSync } from 'node:fs';
import { requestAnswer, type RequestAnswer } from '../shared/trace/outcomes.ts';
import { type InputOptions, readInput } from './input.ts';
import { UnusableInput } from './unusableInput.ts';
import {
  type AskedRequest,
  isMethod,
  type KnowingModels,
  modelsThatKnow,
  protocolNamed,
  readHeaders,
  readMethod,
  readProtocol,
  traceOf,
} from './trace.ts';

export interface RequestsOptions extends InputOptions {
  /** JSON lines; `-` is standard input. */
  readonly requests: string;
  /** Who asks, how, and with what headers, where a line doesn't say. */
  readonly from: string;
  readonly method: string;
  readonly protocol: string;
  readonly headers: readonly string[];
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
export async function requests(options: RequestsOptions): Promise<number> {
  if (options.requests === '-' && options.files.includes('-'))
    throw new UnusableInput("--requests and -f can't both be standard input.");
  const lines = textOf(options.requests).split('\n');
  const input = await readInput(options);
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
  readonly models: KnowingModels;
  readonly from: string;
}

function answerTo(text: string, line: number, { models, from, usual }: Asking): RequestAnswer | Unanswered {
  const asked = readLine(text, usual);
  if (typeof asked === 'string') return { line, target: null, error: asked };
  try {
    return requestAnswer(asked.target, traceOf(models, { ...asked, from: asked.from ?? from }));
  } catch (error) {
    if (error instanceof UnusableInput) return { line, target: asked.target, error: error.message };
    throw error;
  }
}

interface AskedLine extends Omit<AskedRequest, 'from'> {
  readonly from: string | null;
}

const known = ['target', 'from', 'method', 'headers', 'protocol'];

/** What a line has that doesn't say otherwise. */
type Usual = Pick<AskedRequest, 'method' | 'protocol' | 'headers'>;

function usualOf({ method, protocol, headers }: RequestsOptions): Usual {
  return { method: readMethod(method), protocol: readProtocol(protocol), headers: readHeaders(headers) };
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
  if (typeof method !== 'string' || !isMethod(method)) return '"method" is an HTTP method, such as "GET".';
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
