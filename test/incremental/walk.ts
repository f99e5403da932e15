import { seededRandom } from '../seededRandom.ts';
import { afterStep, disagreement, liveWorkspace, type State, type Step } from './live.ts';
import { type Past, randomStep } from './randomStep.ts';
import { randomWorkspace } from './randomWorkspace.ts';

export interface Walk {
  readonly seed: number;
  readonly count: number;
  /** At every so many steps the live workspace is held against a cold one. */
  readonly every: number;
  readonly onStep?: (number: number) => void;
}

/** All that it takes to see a disagreement again. */
export interface Failure {
  readonly step: number;
  readonly message: string;
  readonly start: State;
  readonly steps: readonly Step[];
}

/** Random steps from a random workspace of 200 manifests; the first disagreement with a cold start, or null. */
export function walk({ seed, count, every, onStep }: Walk): Failure | null {
  const random = seededRandom(seed);
  const first = randomWorkspace(random, 200);
  const past: Past = { first, deleted: new Map() };
  const start: State = { texts: Object.fromEntries(first), folders: ['/work'], chosenProfile: null };
  const live = liveWorkspace(start);
  const steps: Step[] = [];
  let state = start;
  for (let number = 1; number <= count; number++) {
    const step = randomStep(random, state, past);
    steps.push(step);
    live.step(step);
    state = afterStep(state, step);
    onStep?.(number);
    if (number % every !== 0 && number !== count) continue;
    const message = disagreement(live, state, near(state, step));
    if (message !== null) return { step: number, message, start, steps };
  }
  live.stop();
  return null;
}

/** Whether the same steps from the same start disagree at their end. */
export function replayed({ start, steps }: Pick<Failure, 'start' | 'steps'>): string | null {
  const live = liveWorkspace(start);
  for (const step of steps) live.step(step);
  const end = steps.reduce(afterStep, start);
  return disagreement(live, end, Object.keys(end.texts));
}

/** The files that a step was about, and some from anywhere. */
function near({ texts }: State, { files = [] }: Step): string[] {
  const uris = Object.keys(texts);
  const anywhere = uris.filter((_, index) => index % 20 === files.length % 20);
  return [...new Set([...files.map(({ uri }) => uri).filter((uri) => texts[uri] !== undefined), ...anywhere])];
}
