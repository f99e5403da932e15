/**
 * A value that takes its time, made step by step: between any two, others may have their turn. Each step says how much
 * is done, of 1.
 */
export type InSteps<T> = Generator<number, T, void>;

export function atOnce<T>(steps: InSteps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
