import { expect, test } from 'vitest';
import { parseFile } from '../shared/manifest/parseFile.ts';
import { addingItem, addingKey, removing, type TextChange } from '../shared/manifest/textChanges.ts';
import type { FieldPath } from '../shared/manifest/value.ts';

/** A text's only document, changed. */
function changed(text: string, changesOf: (document: Parameters<typeof addingKey>[0]) => Changes): string | null {
  const [document] = parseFile('test', text).documents;
  const changes = document === undefined ? null : changesOf(document);
  if (changes === null) return null;
  return changes
    .toSorted((a, b) => b.start - a.start)
    .reduce((all, { start, end, text: added }) => all.slice(0, start) + added + all.slice(end), text);
}

type Changes = readonly TextChange[] | null;

const spec: FieldPath = ['spec'];

test.each<[what: string, before: string, path: FieldPath, after: string | null]>([
  ['block', 'spec:\n  a: 1\nkind: X\n', spec, 'spec:\n  a: 1\n  k: v\nkind: X\n'],
  ['block, as deep as its siblings', 'spec:\n    a: 1\n', spec, 'spec:\n    a: 1\n    k: v\n'],
  ['behind a comment', 'spec:\n  a: 1 # why\n# next\nx: 1\n', spec, 'spec:\n  a: 1 # why\n  k: v\n# next\nx: 1\n'],
  ['no line break at the end', 'spec:\n  a: 1', spec, 'spec:\n  a: 1\n  k: v'],
  ['Windows', 'spec:\r\n  a: 1\r\nx: 1\r\n', spec, 'spec:\r\n  a: 1\r\n  k: v\r\nx: 1\r\n'],
  ['behind a nested list', 'spec:\n  a:\n  - b\nx: 1\n', spec, 'spec:\n  a:\n  - b\n  k: v\nx: 1\n'],
  ['behind a block scalar', 'spec:\n  a: |\n    b\n\nx: 1\n', spec, 'spec:\n  a: |\n    b\n  k: v\n\nx: 1\n'],
  ['behind one that keeps its end', 'spec:\n  a: |+\n    b\n\nx: 1\n', spec, null],
  ['behind an empty value', 'spec:\n  a:\nx: 1\n', spec, 'spec:\n  a:\n  k: v\nx: 1\n'],
  ['in an item', 'l:\n  - a: 1\n  - b: 1\n', ['l', 0], 'l:\n  - a: 1\n    k: v\n  - b: 1\n'],
  ['flow', 'spec: { a: 1 }\n', spec, 'spec: { a: 1, k: v }\n'],
  ['flow, a comma at the end', 'spec: { a: 1, }\n', spec, 'spec: { a: 1, k: v }\n'],
  ['flow of several lines', 'spec: {\n  a: 1 # c\n}\n', spec, 'spec: {\n  a: 1, # c\n  k: v\n}\n'],
  ['flow that closes behind its last', 'spec: {\n  a: 1 }\n', spec, 'spec: {\n  a: 1, k: v }\n'],
  ['empty', 'spec: {}\n', spec, 'spec: { k: v }\n'],
  ['null', 'spec: null # none\n', spec, 'spec: { k: v } # none\n'],
  ['nothing behind the key', 'spec: # none\nx: 1\n', spec, 'spec: # none\n  k: v\nx: 1\n'],
  ['nothing in a flow map', '{ spec: , x: 1 }\n', spec, null],
  ['not there', 'x: 1\n', spec, 'x: 1\nspec:\n  k: v\n'],
  ['not there, two deep', 'x: 1\n', ['spec', 'l'], 'x: 1\nspec:\n  l:\n    k: v\n'],
  ['not there, in flow', 'x: { a: 1 }\n', ['x', 'l'], 'x: { a: 1, l: { k: v } }\n'],
  ['an item that is not there', 'l: []\n', ['l', 0], null],
  ['a scalar in its place', 'spec: 1\n', spec, null],
  ['a list in its place', 'spec: [1]\n', spec, null],
  ['there already', 'spec: { k: 1 }\n', spec, null],
  ['an alias', 'a: &a { b: 1 }\nspec: *a\n', spec, null],
  ['a merge key', 'a: &a { b: 1 }\nspec:\n  <<: *a\n', spec, null],
  ['JSON', '{"spec": {"a": 1}}', spec, '{"spec": {"a": 1, "k": "v"}}'],
  ['JSON, empty', '{"spec": {}}', spec, '{"spec": { "k": "v" }}'],
  ['JSON, not there', '{"x": 1}', spec, '{"x": 1, "spec": { "k": "v" }}'],
  [
    'JSON of several lines',
    '{\n  "spec": {\n    "a": 1\n  }\n}\n',
    spec,
    '{\n  "spec": {\n    "a": 1,\n    "k": "v"\n  }\n}\n',
  ],
  ['JSON, an item', '{"items":[{"a":{"b":1}}]}', ['items', 0, 'a'], '{"items":[{"a":{"b":1, "k": "v"}}]}'],
])('a new key: %s', (_, before, path, after) => {
  expect(changed(before, (document) => addingKey(document, { path, key: 'k', value: 'v' }))).toBe(after);
});

test.each([
  ['a.b/c', 'a: 1\nb: 1', 'spec:\n  x: 1\n  a.b/c:\n    a: 1\n    b: 1\n'],
  ['on', '"true"', 'spec:\n  x: 1\n  "on": "true"\n'],
])('a new key %s: %s', (key, value, after) => {
  expect(changed('spec:\n  x: 1\n', (document) => addingKey(document, { path: spec, key, value }))).toBe(after);
});

test.each<[what: string, before: string, path: FieldPath, after: string | null]>([
  ['block', 'l:\n  - a: 1\n    b: 1\nx: 1\n', ['l'], 'l:\n  - a: 1\n    b: 1\n  - port: 80\n    name: web\nx: 1\n'],
  ['block, not indented', 'l:\n- a\n', ['l'], 'l:\n- a\n- port: 80\n  name: web\n'],
  ['flow', 'l: [a]\n', ['l'], 'l: [a, {"port":80,"name":"web"}]\n'],
  ['empty', 'l: []\n', ['l'], 'l: [{"port":80,"name":"web"}]\n'],
  ['not there', 'x: 1\n', ['s', 'l'], 'x: 1\ns:\n  l:\n    - port: 80\n      name: web\n'],
  ['a map in its place', 'l: {}\n', ['l'], null],
  ['JSON', '{"l":[1]}', ['l'], '{"l":[1, {"port":80,"name":"web"}]}'],
])('a new item: %s', (_, before, path, after) => {
  expect(changed(before, (document) => addingItem(document, path, 'port: 80\nname: web'))).toBe(after);
});

test.each<[what: string, before: string, path: FieldPath, after: string | null]>([
  ['block', 'a: 1\nb:\n  c: 1\n  d: 2 # two\nx: 1\n', ['b'], 'a: 1\nx: 1\n'],
  ['its comment goes, others stay', '# a\na: 1 # one\n# b\nb: 2\n', ['a'], '# a\n# b\nb: 2\n'],
  ['the last, without a line break', 'a: 1\nb: 2', ['b'], 'a: 1\n'],
  ['the only one', 's:\n  a: 1\nx: 1\n', ['s', 'a'], 's: {}\nx: 1\n'],
  ['the first of an item', 'l:\n  - a: 1\n    b: 1\n', ['l', 0, 'a'], 'l:\n  - b: 1\n'],
  ['the last of an item', 'l:\n  - a: 1\n    b: 1\n  - c\n', ['l', 0, 'b'], 'l:\n  - a: 1\n  - c\n'],
  ['an item', 'l:\n  - a: 1\n    b: 1\n  # c\n  - c\n', ['l', 0], 'l:\n  # c\n  - c\n'],
  ['the last item', 'l:\n- a\n- b: |\n    c\n\nx: 1\n', ['l', 1], 'l:\n- a\n\nx: 1\n'],
  ['the only item', 'l:\n  - a\n', ['l', 0], 'l: []\n'],
  ['flow, the first', 's: { a: 1, b: 2 }\n', ['s', 'a'], 's: { b: 2 }\n'],
  ['flow, the last', 's: { a: 1, b: 2 }\n', ['s', 'b'], 's: { a: 1 }\n'],
  ['flow, the only one', 's: { a: 1 }\n', ['s', 'a'], 's: {}\n'],
  ['flow, an item', 'l: [a, b, c]\n', ['l', 1], 'l: [a, c]\n'],
  ['flow, behind a comment', 's: {\n  a: 1, # one\n  b: 2\n}\n', ['s', 'b'], 's: {\n  a: 1, # one\n  \n}\n'],
  ['JSON, the last', '{\n  "a": 1,\n  "b": 2\n}\n', ['b'], '{\n  "a": 1\n}\n'],
  ['not there', 'a: 1\n', ['b'], null],
  ['twice', 'a: 1\na: 2\n', ['a'], null],
  ['an anchor', 'a: &a 1\nb: *a\n', ['a'], null],
  ['behind an alias', 'a: &a { b: 1, c: 1 }\ns: *a\n', ['s', 'b'], null],
])('without: %s', (_, before, path, after) => {
  expect(changed(before, (document) => removing(document, path))).toBe(after);
});
