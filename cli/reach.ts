import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import type { Protocol } from '../shared/cluster/service.ts';
import { reachJson } from '../shared/insight/reachability/reachJson.ts';
import { matrixLines } from '../shared/insight/reachability/reachMatrix.ts';
import type { LinkedLine } from '../shared/insight/reachability/pieces.ts';
import {
  type Question,
  type Reachability,
  reachability,
  readSomeone,
  type Someone,
} from '../shared/insight/reachability/reachability.ts';
import { reachLines } from '../shared/insight/reachability/reachText.ts';
import type { AskedPort } from '../shared/insight/reachability/workloads.ts';
import type { Read } from '../shared/trace/readRequest.ts';
import { bad, bold, dim, good } from './colour.ts';
import { type InputOptions, nameOfSet, readInput, scenesOf, typedPlace } from './input.ts';
import { protocolNamed } from './trace.ts';
import { UnusableInput } from './unusableInput.ts';

export interface ReachOptions extends InputOptions {
  /** WHO, as typed; without it, everybody. */
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly port: string | undefined;
  readonly format: string;
}

/** `hoplens reach`: who may reach whom, all pairs. */
export async function reach({ from, to, port, format, ...given }: ReachOptions): Promise<number> {
  if (format !== 'text' && format !== 'json' && format !== 'matrix')
    throw new UnusableInput(`--format can be text, json or matrix, not ${format}.`);
  const asked = port === undefined ? null : readPort(port);
  const input = await readInput(given);
  const scenes = scenesOf(input);
  if (scenes.length === 0) throw new UnusableInput('There are no YAML or JSON files in what was given.');
  const questions = scenes.map((scene) => ({ scene, question: questionOf(scene.model, { from, to, port: asked }) }));
  const [first] = questions;
  if (first?.question.kind === 'unreadable' && questions.every(({ question }) => question.kind === 'unreadable'))
    throw new UnusableInput(first.question.message);
  const sets = questions.flatMap(({ scene, question }) =>
    question.kind === 'unreadable'
      ? []
      : [{ set: nameOfSet(input, scene.set), reach: reachability(scene, question.value) }],
  );
  if (format === 'json') {
    const json = sets.map(({ set, reach: found }) => ({
      set,
      ...reachJson(found, (field) => typedPlace(input.workspace, field)),
    }));
    process.stdout.write(`${JSON.stringify({ version: 1, sets: json }, null, 1)}\n`);
    return 0;
  }
  const width = Math.max(narrowest, process.stdout.columns ?? usualWidth);
  const lines = format === 'matrix' ? matrixLines : reachLines;
  const asking = sets.filter(({ reach: { rows } }) => rows.length > 0);
  for (const [index, { set, reach: found }] of (asking.length === 0 ? sets.slice(0, 1) : asking).entries())
    print(found, lines, { width, title: asking.length > 1 ? `${index === 0 ? '' : '\n'}# ${set}` : null });
  return 0;
}

/** Of output that is no terminal. */
const usualWidth = 100;
const narrowest = 40;

function print(
  found: Reachability,
  lines: (found: Reachability, width: number) => readonly LinkedLine[],
  { width, title }: { readonly width: number; readonly title: string | null },
): void {
  if (title !== null) process.stdout.write(`${dim(title)}\n`);
  process.stdout.write(
    lines(found, width)
      .map((line) => `${coloured(line)}\n`)
      .join(''),
  );
}

function coloured({ kind, text }: LinkedLine): string {
  switch (kind) {
    case 'heading':
      return bold(text);
    case 'reaches':
      return good(text);
    case 'stopped':
      return bad(text);
    case 'partly':
      return text;
    case 'note':
      return dim(text);
    default:
      return kind satisfies never;
  }
}

/** `8080`, `53/udp` */
function readPort(typed: string): AskedPort {
  const [, number = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/([a-z]+))?$/i.exec(typed) ?? [];
  const named: Protocol | undefined = protocolNamed(protocol.toLowerCase());
  const port = Number(number);
  if (named === undefined || port < 1 || port > 65535)
    throw new UnusableInput(`--port takes a number from 1 to 65535, such as 8080 or 53/udp, not ${typed}.`);
  return { port, protocol: named };
}

function questionOf(
  model: ClusterModel,
  {
    from,
    to,
    port,
  }: { readonly from: string | undefined; readonly to: string | undefined; readonly port: AskedPort | null },
): Read<Question> {
  const who = from === undefined ? null : readSomeone(model, from);
  const whom = to === undefined ? null : readSomeone(model, to);
  if (who?.kind === 'unreadable') return who;
  if (whom?.kind === 'unreadable') return whom;
  if (whom?.value.kind === 'other' && port === null)
    return { kind: 'unreadable', message: `--to ${to} takes --port P as well: no manifest says what listens there.` };
  const read = (someone: Extract<Read<Someone>, { kind: 'read' }> | null): Someone | null => someone?.value ?? null;
  return { kind: 'read', value: { from: read(who), to: read(whom), port } };
}
