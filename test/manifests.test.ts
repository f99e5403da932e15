import { expect, test } from 'vitest';
import { parseFile, problemsOf, startOfObject } from '../shared/manifest/parseFile.ts';

/** Each manifest as `line kind/name`, each problem as `line code`. */
function read(text: string): string[] {
  const file = parseFile('test.yaml', text);
  return [
    ...file.manifests.map(({ key, kind, name }) => `${(startOfObject(file, key)?.line ?? NaN) + 1} ${kind}/${name}`),
    ...problemsOf(file).map(({ code, site }) => `${site.range.start.line + 1} ${code}`),
  ];
}

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\n`;

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['several documents', `# first\n${pod('a')}---\n${pod('b')}`, ['2 Pod/a', '6 Pod/b']],
  ['Windows line ends', `${pod('a')}---\n${pod('b')}`.replaceAll('\n', '\r\n'), ['1 Pod/a', '5 Pod/b']],
  ['a byte order mark', `\ufeff${pod('a')}---\n${pod('b')}`, ['1 Pod/a', '5 Pod/b']],
  ['JSON', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}', ['1 Pod/a']],
  [
    'a List',
    'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: { name: a }\n' +
      '- apiVersion: v1\n  kind: Pod\n  metadata: { name: b }\n',
    ['4 Pod/a', '7 Pod/b'],
  ],
  ['anchors and merge keys', `apiVersion: v1\nkind: Pod\nmetadata: &m { name: a }\nspec: { <<: *m }\n`, ['1 Pod/a']],
  [
    'a broken document harms no other',
    `${pod('a')}---\nkind: [\n---\n${pod('b')}`,
    ['1 Pod/a', '7 Pod/b', '6 yaml-syntax'],
  ],
  ['a template harms no other', `${pod('{{ .Values.name }}')}---\n${pod('b')}`, ['5 Pod/b', '3 yaml-template']],
  ['an ellipsis and a directive', `%YAML 1.2\n---\n${pod('a')}...\n---\n${pod('b')}`, ['3 Pod/a', '8 Pod/b']],
  ['nesting thousands deep', `a: ${'['.repeat(4000)}`, ['1 yaml-too-deep']],
  ['nothing at all', '', []],
  ['comments alone', '# a\n---\n# b\n', []],
];

test.each(cases)('%s', (_, text, wanted) => expect(read(text)).toEqual(wanted));
