import { expect, test } from 'vitest';
import { parseFile, siteOfField } from '../shared/manifest/parseFile.ts';
import type { FieldPath } from '../shared/manifest/value.ts';
import { isList, isMap, type Value } from '../shared/manifest/value.ts';
import { offsetIn, lineStartsOf } from '../shared/manifest/position.ts';

const config = (name: string, data: unknown): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});
const tricky = {
  brackets: '}{]["items":[',
  quotes: 'a "quoted" \\" text\\',
  '"items"': '[',
  items: [{ deep: [1, { a: null }] }],
  'é😀': 'ü',
};
const list = (items: readonly unknown[], more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'List',
  ...more,
  items,
});

function pathsIn(value: Value, path: FieldPath = []): FieldPath[] {
  const children = isList(value)
    ? value.flatMap((each, index) => pathsIn(each, [...path, index]))
    : isMap(value)
      ? Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...path, key]))
      : [];
  return [path, ...children];
}

test.each<[name: string, text: string]>([
  ['one object', JSON.stringify(config('a', tricky), null, 2)],
  ['a List in one line', JSON.stringify(list([config('a', tricky), config('b', {})]))],
  ['a List in lines', JSON.stringify(list([config('a', tricky), config('b', tricky)], { metadata: tricky }), null, 2)],
  [
    'items before the kind',
    JSON.stringify({ items: [config('a', tricky), config('b', {})], kind: 'List', apiVersion: 'v1' }),
  ],
  ['something among the items that is no object', JSON.stringify(list([null, [1], 'x', config('a', tricky)]))],
  [
    'two lists of items, of which the last counts',
    `{"items":[${JSON.stringify(config('x', {}))}],"apiVersion":"v1","kind":"List","items" : [ ` +
      `${JSON.stringify(config('a', tricky))} ]}`,
  ],
  ['a text of more brackets than values nest', JSON.stringify(config('a', { script: '[[{'.repeat(200) }))],
  [
    'two keys of one name, of which the last counts',
    '{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"type":"x"},"spec":{"type":"y"}}',
  ],
  [
    'several objects in a line',
    [config('a', tricky), config('b', {}), config('c', [1])].map((each) => JSON.stringify(each)).join(' '),
  ],
  ['a mark of the byte order', `\ufeff${JSON.stringify(list([config('a', tricky)]), null, 1)}`],
])('every value of %s is where it stands', (_, text) => {
  const file = parseFile('test.json', text);
  const starts = lineStartsOf(text);
  expect(file.manifests).not.toEqual([]);
  for (const { key, value } of file.manifests) {
    for (const path of pathsIn(value)) {
      const range = siteOfField(file, { object: key, path, part: 'value' })?.range;
      if (range === undefined) throw new Error(`${path.join('.')} has no place`);
      const there = text.slice(offsetIn(starts, range.start), offsetIn(starts, range.end));
      expect(JSON.parse(there), path.join('.')).toEqual(path.reduce<unknown>((at, step) => Object(at)[step], value));
    }
  }
});
