import { isList, isMap, isScalar, keysAt, type FieldPath, textOf, type Value } from '../value.ts';
import type { Faults } from './fieldError.ts';

/** The type of a field, as the API's decoder takes it. */
export type Shape =
  | 'text'
  | 'integer'
  | 'boolean'
  | 'integer or text'
  | 'texts by name'
  | 'anything'
  | { readonly list: Shape }
  | { readonly fields: Readonly<Record<string, Shape>> };

/**
 * What the decoder has against a value: fields of another type, and fields that the API lacks. A null counts as a field
 * that is not there.
 */
export function judgeShape(value: Value, shape: Shape, path: FieldPath, faults: Faults): void {
  if (shape === 'anything' || value === null) return;
  if (typeof shape === 'string') {
    if (shape === 'texts by name') judgeTexts(value, path, faults);
    else if (shape === 'text' && isUnquoted(value)) faults.unquoted(path, described(value));
    else if (!isScalarOf(value, shape))
      faults.add('WrongType', path, `is ${described(value)}; it must be ${wanted[shape]}`);
  } else if ('list' in shape) {
    if (!isList(value)) return faults.add('WrongType', path, `is ${described(value)}; it must be a list`);
    for (const [index, item] of value.entries()) judgeShape(item, shape.list, [...path, index], faults);
  } else {
    if (!isMap(value)) return faults.add('WrongType', path, `is ${described(value)}; it must be a map of fields`);
    for (const name of keysAt(value)) {
      const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
      if (known === undefined) faults.unknown([...path, name], Object.keys(shape.fields));
      else judgeShape(value[name] ?? null, known, [...path, name], faults);
    }
  }
}

function judgeTexts(value: Value, path: FieldPath, faults: Faults): void {
  if (!isMap(value)) return faults.add('WrongType', path, `is ${described(value)}; it must be a map of names to texts`);
  for (const name of keysAt(value)) {
    const text = value[name] ?? null;
    if (isUnquoted(text)) faults.unquoted([...path, name], described(text));
    else if (!isScalar(text)) faults.add('WrongType', [...path, name], `is ${described(text)}; it must be a text`);
  }
}

/** The entries of a map of texts; a null is the empty text, as the API's decoder takes it. */
export function textEntries(value: Value | undefined): readonly (readonly [string, string])[] {
  return isMap(value) ? keysAt(value).map((name) => [name, textOf(value[name]) ?? '']) : [];
}

/** A number, true or false: what stays of a text when its quotes are forgotten. */
function isUnquoted(value: Value): boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

const wanted = {
  text: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  'integer or text': 'a whole number or a text',
} as const;

function isScalarOf(value: Value, shape: keyof typeof wanted): boolean {
  const isInteger = typeof value === 'number' && Number.isInteger(value);
  switch (shape) {
    case 'text':
      return typeof value === 'string';
    case 'integer':
      return isInteger;
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer or text':
      return isInteger || typeof value === 'string';
    default:
      return shape satisfies never;
  }
}

export function described(value: Value): string {
  if (!isScalar(value)) return isList(value) ? 'a list' : 'a map';
  if (typeof value === 'string') return `the text ${JSON.stringify(value)}`;
  return typeof value === 'number' ? `the number ${value}` : `${value}`;
}
