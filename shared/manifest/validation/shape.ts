import type { Value } from '../value.ts';
import type { Faults } from './fieldError.ts';
import type { Path } from '../value.ts';

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
 * What the decoder has against a value: fields of another type, and fields that the API doesn't have. A null is as good as a
 * field that isn't there.
 */
export function judgeShape(value: Value, shape: Shape, path: Path, faults: Faults): void {
  if (shape === 'anything' || (value.kind === 'scalar' && value.value === null)) return;
  if (typeof shape === 'string') {
    if (shape === 'texts by name') judgeTexts(value, path, faults);
    else if (!isScalarOf(value, shape))
      faults.add('WrongType', path, `is ${described(value)}; it must be ${wanted[shape]}`);
  } else if ('list' in shape) {
    if (value.kind !== 'list') return faults.add('WrongType', path, `is ${described(value)}; it must be a list`);
    for (const [index, item] of value.items.entries()) judgeShape(item, shape.list, [...path, index], faults);
  } else {
    if (value.kind !== 'map')
      return faults.add('WrongType', path, `is ${described(value)}; it must be a map of fields`);
    for (const [name, { value: field }] of value.entries) {
      const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
      if (known === undefined) faults.unknown([...path, name], Object.keys(shape.fields));
      else judgeShape(field, known, [...path, name], faults);
    }
  }
}

function judgeTexts(value: Value, path: Path, faults: Faults): void {
  if (value.kind !== 'map')
    return faults.add('WrongType', path, `is ${described(value)}; it must be a map of names to texts`);
  for (const [name, { value: text }] of value.entries) {
    if (!(text.kind === 'scalar' && (typeof text.value === 'string' || text.value === null)))
      faults.add('WrongType', [...path, name], `is ${described(text)}; it must be a text: put it in quotes`);
  }
}

const wanted = {
  text: 'a text',
  integer: 'a whole number',
  boolean: 'true or false',
  'integer or text': 'a whole number or a text',
} as const;

function isScalarOf(value: Value, shape: keyof typeof wanted): boolean {
  if (value.kind !== 'scalar') return false;
  const isInteger = typeof value.value === 'number' && Number.isInteger(value.value);
  switch (shape) {
    case 'text':
      return typeof value.value === 'string';
    case 'integer':
      return isInteger;
    case 'boolean':
      return typeof value.value === 'boolean';
    case 'integer or text':
      return isInteger || typeof value.value === 'string';
    default:
      return shape satisfies never;
  }
}

function described(value: Value): string {
  if (value.kind !== 'scalar') return value.kind === 'list' ? 'a list' : 'a map';
  if (typeof value.value === 'string') return `the text ${JSON.stringify(value.value)}`;
  return typeof value.value === 'number' ? `the number ${value.value}` : `${value.value}`;
}
