import { isList, isMap, isScalar, keysAt, type FieldPath, textOf, type Value } from '../value.ts';
import { apiTypes } from './apiTypes.ts';
import type { Faults } from './fieldError.ts';

/**
 * The name of a type of the API (`Container`, `apps.Deployment`), of a scalar, or `[T]`, `{T}`: a list of such, a map
 * of names to such.
 */
export type TypeName = string;

/** The scalars as the API's decoder takes them, each with what it must be. */
const scalars = {
  text: 'a text',
  int32: 'a whole number of 32 bits',
  int64: 'a whole number',
  boolean: 'true or false',
  'integer-or-text': 'a whole number or a text',
  base64: 'base64, without spaces',
  quantity: 'a quantity, such as 500m or 1Gi',
  time: 'a time, such as 2026-01-31T12:00:00Z',
} as const;

type Scalar = keyof typeof scalars;

type Type =
  | { readonly kind: 'anything' }
  | { readonly kind: 'scalar'; readonly scalar: Scalar }
  | { readonly kind: 'list'; readonly of: TypeName }
  | { readonly kind: 'map'; readonly of: TypeName }
  | { readonly kind: 'fields'; readonly fields: ReadonlyMap<string, TypeName> };

/** The lines of `apiTypes` by the type that each begins with. */
const definitions = new Map(
  apiTypes
    .trim()
    .split(/\n(?=\S)/)
    .map((line) => {
      const [name = '', ...fields] = line.split(/\s+/);
      return [name, fields];
    }),
);

const types = new Map<TypeName, Type>();

function typeOf(name: TypeName): Type {
  const known = types.get(name) ?? readType(name);
  types.set(name, known);
  return known;
}

function readType(name: TypeName): Type {
  if (name === 'anything') return { kind: 'anything' };
  if (isScalarName(name)) return { kind: 'scalar', scalar: name };
  if (name.startsWith('[')) return { kind: 'list', of: name.slice(1, -1) };
  if (name.startsWith('{')) return { kind: 'map', of: name.slice(1, -1) };
  const fields = definitions.get(name);
  if (fields === undefined) throw new Error(`no type ${name}`);
  return {
    kind: 'fields',
    fields: new Map(
      fields.map((field) => {
        const colon = field.indexOf(':');
        return [field.slice(0, colon), field.slice(colon + 1)];
      }),
    ),
  };
}

function isScalarName(name: string): name is Scalar {
  return Object.hasOwn(scalars, name);
}

/**
 * What the decoder has against a value: fields of another type, and fields that the API lacks. A null counts as a field
 * that is not there.
 */
export function judgeShape(value: Value, name: TypeName, path: FieldPath, faults: Faults): void {
  if (value === null) return;
  const type = typeOf(name);
  switch (type.kind) {
    case 'anything':
      return;
    case 'scalar':
      return judgeScalar(value, type.scalar, path, faults);
    case 'list':
      if (!isList(value)) return faults.add('WrongType', path, `is ${described(value)}; it must be a list`);
      for (const [index, item] of value.entries()) judgeShape(item, type.of, [...path, index], faults);
      return;
    case 'map':
      if (!isMap(value)) return faults.add('WrongType', path, `is ${described(value)}; it must be a map by name`);
      for (const key of keysAt(value)) judgeShape(value[key] ?? null, type.of, [...path, key], faults);
      return;
    case 'fields':
      if (!isMap(value)) return faults.add('WrongType', path, `is ${described(value)}; it must be a map of fields`);
      for (const key of keysAt(value)) {
        const known = type.fields.get(key);
        if (known === undefined) faults.unknown([...path, key], [...type.fields.keys()]);
        else judgeShape(value[key] ?? null, known, [...path, key], faults);
      }
      return;
    default:
      return type satisfies never;
  }
}

function judgeScalar(value: Value, scalar: Scalar, path: FieldPath, faults: Faults): void {
  if (scalar === 'text' && isUnquoted(value)) faults.unquoted(path, described(value));
  else if ((scalar === 'int32' || scalar === 'int64') && typeof value === 'string' && /^\d{1,9}$/.test(value))
    faults.quoted(path, described(value));
  // What stands there may be a password.
  else if (scalar === 'base64' && typeof value === 'string' && !isOf(value, scalar))
    faults.add('WrongType', path, 'is no base64');
  else if (!isOf(value, scalar)) faults.add('WrongType', path, `is ${described(value)}; it must be ${scalars[scalar]}`);
}

/** Whether a field is there for the decoder: one that is null is not. */
export function isWritten(value: Value | undefined): value is Exclude<Value, null> {
  return value !== undefined && value !== null;
}

/** The entries of a map of texts; a null is the empty text, as the API's decoder takes it. */
export function textEntries(value: Value | undefined): readonly (readonly [string, string])[] {
  return isMap(value) ? keysAt(value).map((name) => [name, textOf(value[name]) ?? '']) : [];
}

/** A number, true or false: what stays of a text when its quotes are forgotten. */
function isUnquoted(value: Value): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

/** Source: Go's encoding/base64 `StdEncoding`, which passes over line breaks. */
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
/** Source: k8s.io/apimachinery pkg/api/resource `ParseQuantity`, suffix.go (0.36). */
const quantity = /^[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$/;
/** Source: k8s.io/apimachinery pkg/apis/meta/v1 time.go (0.36): RFC 3339. */
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)$/;

function isOf(value: Value, scalar: Scalar): boolean {
  switch (scalar) {
    case 'text':
      return typeof value === 'string';
    case 'int32':
      return isInt32(value);
    case 'int64':
      return Number.isInteger(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer-or-text':
      return isInt32(value) || typeof value === 'string';
    case 'base64':
      return typeof value === 'string' && base64.test(value.replaceAll(/[\r\n]/g, ''));
    case 'quantity':
      return (typeof value === 'string' || typeof value === 'number') && quantity.test(String(value).trim());
    case 'time':
      return typeof value === 'string' && time.test(value);
    default:
      return scalar satisfies never;
  }
}

function isInt32(value: Value): boolean {
  return typeof value === 'number' && (value | 0) === value;
}

export function described(value: Value): string {
  if (!isScalar(value)) return isList(value) ? 'a list' : 'a map';
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  return typeof value === 'number' ? `the number ${value}` : `${value}`;
}
