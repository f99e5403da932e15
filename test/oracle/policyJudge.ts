import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MapValue } from '../../shared/manifest/value.ts';
import { clusterPoliciesOf, networkPoliciesOf } from '../../shared/network/policy/policiesOf.ts';
import { probed } from '../policy/probes.ts';
import { clusterOf } from '../scene.ts';
import { shrink } from '../shrink.ts';
import { buildJudge, isJudgeBuilt, JudgeProgram, type JudgeSource, said } from './judgeProgram.ts';
import type { PolicyProbe, PolicySet } from './randomPolicySet.ts';

/**
 * `npm run oracle -- cyclonus COUNT` and `-- kube-network-policies COUNT`: random policies from a seed. Another engine
 * says which connections they let through; beside it stands the trace of the same connection. SEED=N starts elsewhere,
 * REPLAY=FILE asks a printed set again, KEEP=1 keeps the answers for the tests that run without Go.
 */
export interface PolicyEngine {
  readonly name: string;
  readonly version: string;
  readonly source: JudgeSource;
  readonly setOf: (seed: number) => PolicySet;
  /** The question, as its program takes it; `allowed` answers it, one for each probe. */
  readonly question: (set: PolicySet) => object;
  /** Of each probe, in which way the engine is known to read it otherwise than the API says; null where it isn't. */
  readonly misreads: (set: PolicySet) => readonly (string | null)[];
}

const keptFile = join(import.meta.dirname, 'policyJudge.json');
const mostKept = 300;

export const buildEngine = ({ source }: PolicyEngine): string | null => buildJudge(source);

export const isEngineBuilt = ({ source }: PolicyEngine): boolean => isJudgeBuilt(source);

/** An engine that runs. A letter for each connection: `a` if it is allowed, `d` if not, `-` where it isn't asked. */
export class PolicyJudge {
  readonly #engine: PolicyEngine;
  readonly #program: JudgeProgram<{ readonly allowed?: readonly boolean[] }>;

  constructor(engine: PolicyEngine) {
    this.#engine = engine;
    this.#program = new JudgeProgram(engine.source);
  }

  async letters(set: PolicySet): Promise<string> {
    if (set.probes.length === 0) return '';
    const allowed = said((await this.#program.ask(this.#engine.question(set))).allowed);
    const misreads = this.#engine.misreads(set);
    return allowed.map((each, index) => (typeof misreads[index] === 'string' ? '-' : each ? 'a' : 'd')).join('');
  }

  close(): void {
    this.#program.close();
  }
}

export function ownAnswers({ objects, probes }: PolicySet): string[] {
  const model = clusterOf(objects);
  return probes.map((probe) => probed(model, { ...probe, expect: 'allow' }));
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

const policyKinds: readonly unknown[] = [
  'NetworkPolicy',
  'ClusterNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
];

/** What the API server would refuse is read by each as it likes. */
function isTaken(objects: readonly MapValue[]): boolean {
  const model = clusterOf(objects);
  const taken = networkPoliciesOf(model).length + clusterPoliciesOf(model).length;
  return taken === objects.filter(({ kind }) => policyKinds.includes(kind)).length;
}

/** The smallest set of which the connection still ends so on both sides. */
async function smallest(judge: PolicyJudge, { objects }: PolicySet, of: Difference): Promise<PolicySet> {
  const probes = [of.probe];
  const smaller = await shrink(objects, async (candidate) => {
    const set = { objects: candidate, probes };
    if (!isTaken(candidate)) return false;
    const [left] = differences(set, ownAnswers(set), await judge.letters(set));
    return left !== undefined && left.ours === of.ours && left.theirs === of.theirs;
  });
  return { objects: smaller, probes };
}

interface Kept {
  readonly version: string;
  /** By seed; a letter for each connection. */
  readonly answers: readonly (readonly [seed: number, letters: string])[];
}

function allKept(): Readonly<Record<string, Kept>> {
  return existsSync(keptFile) ? JSON.parse(readFileSync(keptFile, 'utf8')) : {};
}

export function keptOf({ name, version }: PolicyEngine): Kept {
  return allKept()[name] ?? { version, answers: [] };
}

function keep({ name, version }: PolicyEngine, answers: Kept['answers']): void {
  const texts = Object.entries({ ...allKept(), [name]: { version, answers } })
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([engine, kept]) =>
        `"${engine}": { "version": "${kept.version}", "answers": [\n` +
        `${kept.answers.map((each) => JSON.stringify(each)).join(',\n')}\n] }`,
    );
  writeFileSync(keptFile, `{ ${texts.join(',\n')} }\n`);
}

/** Asks random sets; the exit status. */
export async function askEngine(engine: PolicyEngine, count: number): Promise<number> {
  const { name, version } = engine;
  const problem = buildEngine(engine);
  if (problem !== null) {
    console.log(`skipped: the judge could not be built: ${problem}`);
    return problem.startsWith('Go is not') ? 0 : 1;
  }
  const judge = new PolicyJudge(engine);
  if (process.env.REPLAY !== undefined) {
    const set: PolicySet = JSON.parse(readFileSync(process.env.REPLAY, 'utf8'));
    const found = differences(set, ownAnswers(set), await judge.letters(set));
    judge.close();
    console.log(found.length === 0 ? 'they agree' : JSON.stringify(found, null, 1));
    return found.length === 0 ? 0 : 1;
  }
  const first = Number(process.env.SEED ?? 1);
  const kept: [number, string][] = [];
  const misread = new Map<string, number>();
  let [agreed, all] = [0, ''];
  for (let seed = first; seed < first + count; seed++) {
    const set = engine.setOf(seed);
    const letters = await judge.letters(set);
    all += letters;
    for (const each of engine.misreads(set)) if (each !== null) misread.set(each, (misread.get(each) ?? 0) + 1);
    const [one] = differences(set, ownAnswers(set), letters);
    if (one === undefined) {
      agreed++;
      if (kept.length < mostKept) kept.push([seed, letters]);
      continue;
    }
    const small = await smallest(judge, set, one);
    console.log(
      `seed ${seed}: ${one.probe.from} to ${one.probe.to}, ${one.probe.protocol} ${one.probe.port}\n` +
        `  Hoplens: ${one.ours}\n  ${name}: ${one.theirs}\n` +
        `The smallest set that shows it, for REPLAY=FILE npm run oracle -- ${name}:\n${JSON.stringify(small)}\n` +
        `Or SEED=${seed} npm run oracle -- ${name} 1`,
    );
    break;
  }
  judge.close();
  if (process.env.KEEP === '1') keep(engine, kept);
  const of = (letter: string): number => all.split(letter).length - 1;
  console.log(
    `${agreed} of ${count} random sets agree with ${name} ${version} (seeds ${first} to ${first + count - 1}): ` +
      `${of('a')} connections allowed, ${of('d')} denied, ${of('-')} left out where it is known to misread them`,
  );
  for (const [why, often] of misread) console.log(`${often} left out: ${why}`);
  return agreed === count ? 0 : 1;
}
