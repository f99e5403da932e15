import { type FieldPath, isList, type Value, valueAt } from '../manifest/value.ts';

/** Where the fields of a path are in a value: `spec.routes.*.services`, `*` for each item of a list. */
export function placesAt(value: Value | undefined, path: string): FieldPath[] {
  return placesOf(value, path.split('.'), []);
}

function placesOf(value: Value | undefined, steps: readonly string[], before: FieldPath): FieldPath[] {
  const [step, ...rest] = steps;
  if (value === undefined) return [];
  if (step === undefined) return [before];
  if (step !== '*') return placesOf(valueAt(value, step), rest, [...before, step]);
  return isList(value) ? value.flatMap((each, index) => placesOf(each, rest, [...before, index])) : [];
}
