import type { FieldPath } from '../value.ts';

/** What the API server has against a field: its path, the kind of fault, and what is wrong in words. */
export interface FieldError {
  readonly path: FieldPath;
  readonly kind: FieldErrorKind;
  /** Of the field: `must be between 1 and 65535`. */
  readonly detail: string;
  /** Of an unknown field: the fields that the API has in its place; of a value: those that it can be. */
  readonly known?: readonly string[];
  /** Of a wrong type: the field takes a text, and a number, true or false is there for want of quotes. */
  readonly isUnquoted?: true;
  /** Of a wrong type: the field takes a number, and one is there in quotes. */
  readonly isQuoted?: true;
  /** The fault is in the path's last key and not in what stands there. */
  readonly isAboutKey?: true;
  /** Where the fault shows when its own field isn't written. */
  readonly shownAt?: FieldPath;
}

/**
 * The API server's own kinds (k8s.io/apimachinery pkg/util/validation/field), and two of its decoder: a field of
 * another type than the API's, and a field that the API doesn't have (refused by `kubectl`'s strict validation).
 */
export type FieldErrorKind =
  | 'Required'
  | 'Invalid'
  | 'NotSupported'
  | 'Forbidden'
  | 'Duplicate'
  | 'TooMany'
  | 'TooLong'
  | 'WrongType'
  | 'UnknownField';

/** `spec.ports[0].nodePort`, `metadata.annotations[example.com/x]`: as the API server prints a path. */
export function pathText(path: FieldPath): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number' || !/^[\w-]*$/.test(step) ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`,
    '',
  );
}

/** A pod's forty fields help nobody. */
const mostListed = 16;

/** Gathers errors; each method names the fault. */
export class Faults {
  readonly errors: FieldError[] = [];

  add(kind: FieldErrorKind, path: FieldPath, detail: string, shownAt?: FieldPath): void {
    this.errors.push({ kind, path, detail, ...(shownAt === undefined ? {} : { shownAt }) });
  }

  /** A number, true or false where the field takes a text. */
  unquoted(path: FieldPath, written: string): void {
    this.errors.push({
      kind: 'WrongType',
      path,
      detail: `is ${written}; it must be a text: put it in quotes`,
      isUnquoted: true,
    });
  }

  /** A number in quotes where the field takes a number. */
  quoted(path: FieldPath, written: string): void {
    this.errors.push({
      kind: 'WrongType',
      path,
      detail: `is ${written}; it must be a number: write it without quotes`,
      isQuoted: true,
    });
  }

  unknown(path: FieldPath, known: readonly string[]): void {
    const listed = known.length > mostListed ? '' : `; known here: ${known.join(', ')}`;
    this.errors.push({ kind: 'UnknownField', path, detail: `is no field of the API${listed}`, known });
  }

  /** One `Invalid` for each thing that a format has against the value. */
  invalid(path: FieldPath, details: readonly string[]): void {
    for (const detail of details) this.add('Invalid', path, detail);
  }

  /** The same for what a format has against the path's last key. */
  invalidKey(path: FieldPath, details: readonly string[]): void {
    for (const detail of details) {
      const said = detail.startsWith('must ') ? `the key ${detail}` : `the key's ${detail}`;
      this.errors.push({ kind: 'Invalid', path, detail: said, isAboutKey: true });
    }
  }

  notNegative(path: FieldPath, value: number | undefined): void {
    if (value !== undefined && value < 0) this.add('Invalid', path, `is ${value}; it must not be negative`);
  }

  oneOf(
    path: FieldPath,
    value: string,
    supported: readonly string[],
    kind: 'NotSupported' | 'Invalid' = 'NotSupported',
  ): void {
    if (!supported.includes(value))
      this.errors.push({
        kind,
        path,
        detail: `is ${JSON.stringify(value)}; it can be ${supported.join(', ')}`,
        known: supported,
      });
  }
}
