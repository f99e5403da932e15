import { expect, test } from 'vitest';
import { fieldAt, parseFile, siteOfField } from '../shared/manifest/parseFile.ts';
import type { Field } from '../shared/manifest/manifest.ts';
import type { FieldPath } from '../shared/manifest/value.ts';

const text = `--- # a
apiVersion: v1
kind: ConfigMap
metadata: &m { name: a, 'uid':"b
c" }
data: !!map
  yes: &x !!str 010
  8: *x
  "q": >
    e

    f
  <<: { g: h, q: i }
  list:
  - j
  -
  - k: [l, m: n,
o]
  8: last
`;

/** The text at a field's key or value. */
function shown(part: Field['part'], ...path: FieldPath): string {
  const file = parseFile('a.yaml', text);
  const [manifest] = file.manifests;
  if (manifest === undefined) throw new Error('no manifest');
  const { start, end } = siteOfField(file, { object: manifest.key, path, part })?.range ?? { start: null, end: null };
  if (start === null) return '';
  const lines = text.split('\n').slice(start.line, end.line + 1);
  lines.push((lines.pop() ?? '').slice(0, end.character));
  return [(lines.shift() ?? '').slice(start.character), ...lines].join('\n');
}

test.each<[FieldPath, string, string]>([
  [['metadata'], 'metadata', '{ name: a, \'uid\':"b\nc" }'],
  [['metadata', 'uid'], "'uid'", '"b\nc"'],
  [['data', 'true'], 'yes', '010'],
  [['data', '8'], '8', 'last'],
  [['data', 'q'], 'q', 'i'],
  [['data', 'g'], 'g', 'h'],
  [['data', 'list', 0], 'j', 'j'],
  [['data', 'list', 1], '', ''],
  [['data', 'list', 2, 'k', 1, 'm'], 'm', 'n'],
  [['data', 'list', 2, 'k', 2], 'o', 'o'],
  [['data', 'list', 7], '- j\n  -\n  - k: [l, m: n,\no]', '- j\n  -\n  - k: [l, m: n,\no]'],
])('%j stands where it is written', (path, key, value) => {
  expect([shown('key', ...path), shown('value', ...path)]).toEqual([key, value]);
});

test.each<[line: number, character: number, path: FieldPath | null]>([
  [0, 2, null],
  [2, 8, ['kind']],
  [4, 0, ['metadata', 'uid']],
  [6, 3, ['data', 'true']],
  [7, 5, ['data', '8']],
  [10, 2, ['data', 'q']],
  [17, 0, ['data', 'list', 2, 'k', 2]],
])('what stands at %i:%i is known by its path', (line, character, path) => {
  expect(fieldAt(parseFile('a.yaml', text), { line, character })?.path ?? null).toEqual(path);
});
