import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLabelSelector } from '../../shared/cluster/labelSelector.ts';
import {
  integerAt,
  isList,
  isMap,
  itemsAt,
  type MapValue,
  textAt,
  textsAt,
  type Value,
} from '../../shared/manifest/value.ts';
import { networkPoliciesOf } from '../../shared/network/policy/policiesOf.ts';
import { probed } from '../policy/probes.ts';
import { clusterOf } from '../scene.ts';
import { seededRandom } from '../seededRandom.ts';
import { shrink } from '../shrink.ts';
import { buildJudge, isJudgeBuilt, JudgeProgram, said } from './judgeProgram.ts';
import { type PolicyProbe, type PolicySet, randomPolicySet } from './randomPolicySet.ts';

/**
 * `npm run oracle -- cyclonus COUNT`: random NetworkPolicies from a seed. cyclonus' own matcher says which connections
 * they let through; beside it stands the trace of the same connection. SEED=N starts elsewhere, REPLAY=FILE asks a
 * printed set again, KEEP=1 keeps the answers for the tests that run without Go.
 */
const source = { folder: join(import.meta.dirname, 'cyclonus'), name: 'oracle-cyclonus' };
const keptFile = join(import.meta.dirname, 'cyclonus.json');
const version = 'v0.5.6';
const mostKept = 300;

export const buildCyclonus = (): string | null => buildJudge(source);

export const isCyclonusBuilt = (): boolean => isJudgeBuilt(source);

export const policySetOf = (seed: number): PolicySet => randomPolicySet(seededRandom(seed));

function policiesIn(objects: readonly MapValue[]): MapValue[] {
  return objects.filter(({ kind }) => kind === 'NetworkPolicy');
}

/** Whether each connection comes through; null where cyclonus is known to misread the set for it. */
type Answers = readonly (boolean | null)[];

export class Cyclonus {
  readonly #judge = new JudgeProgram<{ readonly allowed?: readonly boolean[] }>(source);

  async answers({ objects, probes }: PolicySet): Promise<Answers> {
    const policies = policiesIn(objects);
    const traffic = probes.map((probe) => trafficOf(objects, probe));
    const allowed = probes.length === 0 ? [] : said((await this.#judge.ask({ policies, traffic })).allowed);
    return traffic.map((each, index) => (isMisread(policies, each) ? null : allowed[index] === true));
  }

  close(): void {
    this.#judge.close();
  }
}

export function ownAnswers({ objects, probes }: PolicySet): string[] {
  const model = clusterOf(objects);
  return probes.map((probe) => probed(model, { ...probe, expect: 'allow' }));
}

/** Of each connection a letter: what cyclonus says of it, `-` where it isn't asked. */
export function lettersOf(answers: Answers): string {
  return answers.map((each) => (each === null ? '-' : each ? 'a' : 'd')).join('');
}

export interface Difference {
  readonly probe: PolicyProbe;
  readonly ours: string;
  readonly theirs: string;
}

export function differences({ probes }: PolicySet, ours: readonly string[], theirs: string): Difference[] {
  return probes.flatMap((probe, index): Difference[] => {
    const own = ours[index] ?? '';
    const their = theirs[index] === 'a' ? 'allow' : 'deny';
    return theirs[index] === '-' || own === their ? [] : [{ probe, ours: own, theirs: their }];
  });
}

interface Party {
  readonly ip: string;
  /** Null for somebody outside the cluster. */
  readonly internal: {
    readonly podLabels: Labels;
    readonly namespaceLabels: Labels;
    readonly namespace: string;
  } | null;
}

type Labels = Readonly<Record<string, string>>;

interface Traffic {
  readonly source: Party;
  readonly destination: Party;
  readonly resolvedPort: number;
  readonly resolvedPortName: string;
  readonly protocol: string;
}

/** A connection as cyclonus has it: with everything that policies may ask of it. */
function trafficOf(objects: readonly MapValue[], { from, to, port, protocol }: PolicyProbe): Traffic {
  const named = itemsAt(podNamed(objects, to), 'spec', 'containers')
    .flatMap((container) => itemsAt(container, 'ports'))
    .find((each) => integerAt(each, 'containerPort') === port && textAt(each, 'protocol') === protocol);
  return {
    source: partyOf(objects, from),
    destination: partyOf(objects, to),
    resolvedPort: port,
    resolvedPortName: textAt(named, 'name') ?? '',
    protocol,
  };
}

function partyOf(objects: readonly MapValue[], whom: string): Party {
  const pod = podNamed(objects, whom);
  if (pod === undefined) return { ip: whom, internal: null };
  const namespace = textAt(pod, 'metadata', 'namespace') ?? '';
  const own = objects.find((each) => each.kind === 'Namespace' && textAt(each, 'metadata', 'name') === namespace);
  return {
    ip: textAt(pod, 'status', 'podIP') ?? '',
    internal: { podLabels: labelsOf(pod), namespace, namespaceLabels: labelsOf(own) },
  };
}

function podNamed(objects: readonly MapValue[], whom: string): MapValue | undefined {
  return objects.find(
    (each) =>
      each.kind === 'Pod' &&
      `pod/${textAt(each, 'metadata', 'name')}.${textAt(each, 'metadata', 'namespace')}` === whom,
  );
}

function labelsOf(object: Value | undefined): Labels {
  return Object.fromEntries(textsAt(object, 'metadata', 'labels') ?? []);
}

/**
 * cyclonus takes a key that isn't there for one that `NotIn` doesn't match, and for one with an empty value
 * (pkg/kube/labelselector.go); k8s.io/apimachinery/pkg/labels/selector.go does neither. Where that may matter to a
 * connection, it isn't asked.
 */
function isMisread(policies: readonly MapValue[], { source: one, destination: other }: Traffic): boolean {
  const within = [one.internal, other.internal].filter((each) => each !== null);
  const concerning = policies.filter((each) =>
    within.some(({ namespace }) => namespace === (textAt(each, 'metadata', 'namespace') ?? 'default')),
  );
  return ['podSelector', 'namespaceSelector'].some((field) =>
    selectorsIn(concerning, field).some((selector) =>
      within.some(({ podLabels, namespaceLabels }) =>
        lacks(selector, field === 'podSelector' ? podLabels : namespaceLabels),
      ),
    ),
  );
}

/** All that a field of this name holds, however deep. */
function selectorsIn(value: Value, field: string): Value[] {
  if (isList(value)) return value.flatMap((each) => selectorsIn(each, field));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => (key === field ? [each] : selectorsIn(each, field)));
}

function lacks(selector: Value, has: Labels): boolean {
  const { labels, expressions } = readLabelSelector(selector);
  return (
    [...labels].some(([key, value]) => value === '' && !Object.hasOwn(has, key)) ||
    expressions.some(({ key, operator }) => operator === 'NotIn' && !Object.hasOwn(has, key))
  );
}

/** The smallest set of which the connection still ends so on both sides. */
async function smallest(judge: Cyclonus, { objects }: PolicySet, of: Difference): Promise<PolicySet> {
  const probes = [of.probe];
  const smaller = await shrink(objects, async (candidate) => {
    const set = { objects: candidate, probes };
    // What the API server would refuse is read by each as it likes.
    if (networkPoliciesOf(clusterOf(candidate)).length !== policiesIn(candidate).length) return false;
    const [left] = differences(set, ownAnswers(set), lettersOf(await judge.answers(set)));
    return left !== undefined && left.ours === of.ours && left.theirs === of.theirs;
  });
  return { objects: smaller, probes };
}

interface Kept {
  readonly version: string;
  /** By seed; a letter for each connection. */
  readonly answers: readonly (readonly [seed: number, letters: string])[];
}

export function keptOfCyclonus(): Kept {
  return JSON.parse(readFileSync(keptFile, 'utf8'));
}

function keep(answers: Kept['answers']): void {
  const lines = answers.map((each) => JSON.stringify(each)).join(',\n');
  writeFileSync(keptFile, `{ "version": "${version}", "answers": [\n${lines}\n] }\n`);
}

/** Asks random sets; the exit status. */
export async function askCyclonus(count: number): Promise<number> {
  const problem = buildCyclonus();
  if (problem !== null) {
    console.log(`skipped: the judge could not be built: ${problem}`);
    return problem.startsWith('Go is not') ? 0 : 1;
  }
  const judge = new Cyclonus();
  if (process.env.REPLAY !== undefined) {
    const set: PolicySet = JSON.parse(readFileSync(process.env.REPLAY, 'utf8'));
    const found = differences(set, ownAnswers(set), lettersOf(await judge.answers(set)));
    judge.close();
    console.log(found.length === 0 ? 'they agree' : JSON.stringify(found, null, 1));
    return found.length === 0 ? 0 : 1;
  }
  const first = Number(process.env.SEED ?? 1);
  const kept: [number, string][] = [];
  let [agreed, allowed, denied, unasked] = [0, 0, 0, 0];
  for (let seed = first; seed < first + count; seed++) {
    const set = policySetOf(seed);
    const answers = await judge.answers(set);
    const letters = lettersOf(answers);
    allowed += answers.filter((each) => each === true).length;
    denied += answers.filter((each) => each === false).length;
    unasked += answers.filter((each) => each === null).length;
    const [one] = differences(set, ownAnswers(set), letters);
    if (one === undefined) {
      agreed++;
      if (kept.length < mostKept) kept.push([seed, letters]);
      continue;
    }
    const small = await smallest(judge, set, one);
    console.log(
      `seed ${seed}: ${one.probe.from} to ${one.probe.to}, ${one.probe.protocol} ${one.probe.port}\n` +
        `  Hoplens: ${one.ours}\n  cyclonus: ${one.theirs}\n` +
        `The smallest set that shows it, for REPLAY=FILE npm run oracle -- cyclonus:\n${JSON.stringify(small)}\n` +
        `Or SEED=${seed} npm run oracle -- cyclonus 1`,
    );
    break;
  }
  judge.close();
  if (process.env.KEEP === '1') keep(kept);
  console.log(
    `${agreed} of ${count} random sets agree with cyclonus ${version} (seeds ${first} to ${first + count - 1}): ` +
      `${allowed} connections allowed, ${denied} denied, ${unasked} left out where cyclonus misreads a selector`,
  );
  return agreed === count ? 0 : 1;
}
