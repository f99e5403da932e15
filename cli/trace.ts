import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import { serviceNamed } from '../shared/cluster/lookups.ts';
import { once } from '../shared/cluster/once.ts';
import type { Protocol } from '../shared/cluster/service.ts';
import { readWhatIf, withWhatIf } from '../shared/cluster/whatIf.ts';
import type { Scene } from '../shared/insight/scene.ts';
import { readOrigin, readTarget } from '../shared/trace/readRequest.ts';
import { type End, endsOf } from '../shared/trace/ends.ts';
import type { Trace } from '../shared/trace/graph.ts';
import type { PlaceOf, Request, Target } from '../shared/trace/trace.ts';
import { traceJson, traceJsonText } from '../shared/trace/traceJson.ts';
import { traceMermaid } from '../shared/trace/traceMermaid.ts';
import { traceRequest } from '../shared/trace/traceRequest.ts';
import { traceText } from '../shared/trace/traceText.ts';
import { colouredTrace } from './colour.ts';
import { type CommandInput, type InputOptions, nameOfSet, readInput, scenesOf, typedPlace } from './input.ts';
import { UnusableInput } from './unusableInput.ts';

export interface TraceOptions extends InputOptions {
  readonly target: string;
  readonly from: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly protocol: string;
  readonly format: string;
  /** Whether each path lists the rules that it met. */
  readonly rules: boolean;
  /** What to assume otherwise than written. */
  readonly assume: readonly string[];
}

const formats = {
  text: (trace: Trace, placeOf: PlaceOf) => colouredTrace(traceText(trace, placeOf)),
  json: (trace: Trace, placeOf: PlaceOf) => traceJsonText(traceJson(trace, placeOf)),
  mermaid: traceMermaid,
};

const protocols = new Map([
  ['tcp', 'TCP'],
  ['udp', 'UDP'],
  ['sctp', 'SCTP'],
] as const);

export function protocolNamed(typed: string): Protocol | undefined {
  return [...protocols].find(([name]) => name === typed)?.[1];
}

/** What `--protocol` says. */
export function readProtocol(typed: string): Protocol {
  const protocol = protocolNamed(typed);
  if (protocol === undefined)
    throw new UnusableInput(`--protocol can be ${[...protocols.keys()].join(', ')}, not ${typed}.`);
  return protocol;
}

export function isMethod(typed: string): boolean {
  return /^[A-Za-z-]+$/.test(typed);
}

/** What `--method` says. */
export function readMethod(typed: string): string {
  if (!isMethod(typed))
    throw new UnusableInput(`--method takes an HTTP method such as GET, not ${JSON.stringify(typed)}.`);
  return typed.toUpperCase();
}

/** `hoplens trace`: 0 where every path is delivered, 1 where some path is not. */
export async function trace(options: TraceOptions): Promise<number> {
  const format = Object.entries(formats).find(([name]) => name === options.format)?.[1];
  if (format === undefined)
    throw new UnusableInput(`--format can be ${Object.keys(formats).join(', ')}, not ${options.format}.`);
  const asked = {
    target: options.target,
    from: options.from,
    protocol: readProtocol(options.protocol),
    method: readMethod(options.method),
    headers: readHeaders(options.headers),
  };
  const input = await readInput(options);
  const found = traceOf(modelsThatKnow(input, options.assume), asked, { withRules: options.rules });
  process.stdout.write(format(found, (field) => typedPlace(input.workspace, field)));
  return endsOf(found.graph).every(({ verdict }) => verdict.kind === 'delivered') ? 0 : 1;
}

/** A request, its target and who asks as somebody typed them. */
export interface AskedRequest extends Omit<Request, 'target' | 'from'> {
  readonly target: string;
  readonly from: string;
}

/** The trace of a request in the set in which it leads anywhere. One that can't be asked is unusable input. */
export function traceOf(models: KnowingModels, asked: AskedRequest, { withRules = false } = {}): Trace {
  const target = readTarget(asked.target);
  if (target.kind === 'unreadable') throw new UnusableInput(target.message);
  const origins = models
    .of(target.value)
    .map(({ scene, model }) => ({ scene, model, origin: originsOf(model)(asked.from) }));
  const traces = origins.flatMap(({ scene, model, origin }) =>
    origin.kind === 'unreadable'
      ? []
      : [
          {
            scene,
            trace: traceRequest(model, { ...asked, from: origin.value, target: target.value }, { withRules }),
          },
        ],
  );
  const [first] = origins;
  if (first === undefined) throw new UnusableInput(models.unknown(target.value));
  if (traces.length === 0 && first.origin.kind === 'unreadable') throw new UnusableInput(first.origin.message);
  return theOne(traces, asked.target, models.nameOf).trace;
}

/** Reads who asks of a model, once for each name. */
const originsOf = once((model: ClusterModel) => {
  const known = new Map<string, ReturnType<typeof readOrigin>>();
  return (who: string) => {
    const origin = known.get(who) ?? readOrigin(who, model);
    known.set(who, origin);
    return origin;
  };
});

function assuming(model: ClusterModel, text: string): ClusterModel {
  const read = readWhatIf(text, model);
  if (read.kind === 'unreadable') throw new UnusableInput(read.message);
  return withWhatIf(model, read.value);
}

export function readHeaders(typed: readonly string[]): Map<string, string> {
  return new Map(
    typed.map((each) => {
      const colon = each.indexOf(':');
      if (colon < 1) throw new UnusableInput(`--header takes NAME:VALUE, not ${JSON.stringify(each)}.`);
      return [each.slice(0, colon).trim().toLowerCase(), each.slice(colon + 1).trim()] as const;
    }),
  );
}

/** A set's model, with what is assumed otherwise than written. */
interface AssumedScene {
  readonly scene: Scene;
  readonly model: ClusterModel;
}

export interface KnowingModels {
  readonly of: (target: Target) => readonly AssumedScene[];
  /** How the set of a scene is called. */
  readonly nameOf: (scene: Scene) => string;
  /** What is said where there is none. */
  readonly unknown: (target: Target) => string;
}

/** The models of all that was given, and those of them that a target can be asked in. */
export function modelsThatKnow(input: CommandInput, assume: readonly string[]): KnowingModels {
  const scenes = scenesOf(input);
  if (scenes.length === 0) throw new UnusableInput('There are no YAML or JSON files in what was given.');
  const all = scenes.map((scene): AssumedScene => ({ scene, model: assume.reduce(assuming, scene.model) }));
  return {
    // A Service must be in some set; of the sets, those that hold it count.
    of: (target) =>
      target.kind === 'service'
        ? all.filter(({ model }) => serviceNamed(model, target.namespace, target.name) !== undefined)
        : all,
    nameOf: ({ set }) => nameOfSet(input, set),
    unknown: (target) => noSuchService(all, target),
  };
}

function noSuchService(all: readonly AssumedScene[], target: Target): string {
  const names = [
    ...new Set(
      all.flatMap(({ model }) =>
        model.services.map(({ name, namespace }) => `svc/${name}${namespace === 'default' ? '' : `.${namespace}`}`),
      ),
    ),
  ];
  const more = names.length > 5 ? `, and ${names.length - 5} more` : '';
  const offered =
    names.length === 0
      ? 'there is no Service at all'
      : `there ${names.length === 1 ? 'is' : 'are'} ${names.slice(0, 5).join(', ')}${more}`;
  return target.kind === 'service'
    ? `There is no Service ${target.name} in namespace ${target.namespace}; ${offered}.`
    : `There is nothing to trace in; ${offered}.`;
}

/** Of several sets, the one in which the target leads anywhere. */
function theOne(
  traces: readonly { scene: Scene; trace: Trace }[],
  target: string,
  nameOf: KnowingModels['nameOf'],
): { trace: Trace } {
  const [first] = traces;
  if (first === undefined) throw new UnusableInput('There is nothing to trace in.');
  const leading = traces.filter(({ trace }) => !endsOf(trace.graph).every(leadsNowhere));
  const taking = leading.filter(({ trace }) => !endsOf(trace.graph).every(isTakenByNoRule));
  const counting = taking.length > 0 ? taking : leading;
  const [found, other] = counting;
  if (found !== undefined && other !== undefined) {
    const roots = counting.map(({ scene }) => nameOf(scene));
    const some = `${roots.slice(0, 4).join(', ')}${roots.length > 4 ? ', …' : ''}`;
    throw new UnusableInput(`${target} is in ${counting.length} manifest sets (${some}); name one with -f or --set.`);
  }
  return found ?? first;
}

function leadsNowhere({ verdict }: End): boolean {
  return verdict.kind === 'unresolved' || verdict.kind === 'unknown';
}

/** A proxy answers that no rule takes it: of the set that has the rule, nobody would say so. */
function isTakenByNoRule({ verdict }: End): boolean {
  return verdict.kind === 'answered' && verdict.reason === 'no-matching-rule';
}
