import { expect, test } from 'vitest';
import { type ParsedFile, parseFile, problemsOf, startOfObject } from '../shared/manifest/parseFile.ts';
import { seededRandom } from './seededRandom.ts';

/** Each manifest as `line kind/name`, each problem as `line code`. */
function read(text: string): string[] {
  const file = parseFile('test.yaml', text);
  return [
    ...file.manifests.map(({ key, kind, name }) => `${(startOfObject(file, key)?.line ?? NaN) + 1} ${kind}/${name}`),
    ...problemsOf(file).map(({ code, site }) => `${site.range.start.line + 1} ${code}`),
  ];
}

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\n`;

const podJson = (name: string): string => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"}}`;

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
  // As the API server sends lists. Source: k8s.io/apimachinery v0.36.4 unstructured/helpers.go `decodeToList`.
  [
    'a list of one kind, its items without',
    'apiVersion: v1\nkind: PodList\nitems:\n- metadata: { name: a }\n- kind: Service\n  metadata: { name: b }\n',
    ['4 Pod/a'],
  ],
  ['anchors and merge keys', `apiVersion: v1\nkind: Pod\nmetadata: &m { name: a }\nspec: { <<: *m }\n`, ['1 Pod/a']],
  [
    'a broken document harms no other',
    `${pod('a')}---\nkind: [\n---\n${pod('b')}`,
    ['1 Pod/a', '7 Pod/b', '5 yaml-syntax'],
  ],
  ['a template harms no other', `${pod('{{ .Values.name }}')}---\n${pod('b')}`, ['5 Pod/b', '3 yaml-template']],
  ['an ellipsis', `${pod('a')}...\n---\n${pod('b')}`, ['1 Pod/a', '6 Pod/b']],
  // kubectl splits before it reads, so a directive never stands before its document.
  ['a directive', `%YAML 1.1\n---\n${pod('a')}`, ['3 Pod/a', '1 yaml-syntax']],
  [
    'a separator that holds more',
    `${pod('a')}--- # b\n${pod('b')}--- c\n${pod('d')}`,
    ['1 Pod/a', '9 Pod/d', '8 yaml-syntax'],
  ],
  ['several documents as JSON', `${podJson('a')} ${podJson('b')}\n${podJson('c')}`, ['1 Pod/a', '1 Pod/b', '2 Pod/c']],
  ['JSON, then something else', `${podJson('a')}${podJson('b')}\nc`, ['1 Pod/a', '1 Pod/b', '2 yaml-syntax']],
  ['a text that goes on at the margin', `${pod('a')}data: "b\nc"\nmore: [d,\ne\n]\n`, ['1 Pod/a']],
  ['a key that comes twice', `${pod('a')}kind: Service\n`, ['1 Service/a', '4 yaml-duplicate-key']],
  [
    'the same in JSON',
    podJson('a').replace('"Pod"', '"Pod",\n"kind":"Service"'),
    ['1 Service/a', '2 yaml-duplicate-key'],
  ],
  ['two objects without a separator', pod('a') + pod('b'), ['1 Pod/b', '4 yaml-duplicate-key']],
  ['what is indented less than the first line', `  ${pod('a')}`, ['2 yaml-unread']],
  ['nesting thousands deep', `a: ${'['.repeat(4000)}`, ['1 yaml-too-deep']],
  ['nothing at all', '', []],
  ['comments alone', '# a\n---\n# b\n', []],
];

test.each(cases)('%s', (_, text, wanted) => expect(read(text)).toEqual(wanted));

test('an edited text falls into the documents that it would have without the edit before', () => {
  const random = seededRandom(1);
  const bits = [
    '---\n',
    '--- # a\n',
    '---#\n',
    '--- a\n',
    '# b\n',
    '\n',
    'a: b\n',
    '{"a":1}',
    '{"a":1}\n',
    '\ufeff',
    ' ',
    'c\n',
  ];
  const some = (count: number): string[] => Array.from({ length: count }, () => random.pick(bits));
  for (let round = 0; round < 3000; round++) {
    const parts = some(random.below(12));
    const edited = parts.toSpliced(random.below(parts.length + 1), random.below(3), ...some(random.below(3)));
    const text = edited.join('');
    const documentsIn = ({ documents }: ParsedFile) =>
      documents.map(({ at, text: own, from, form }) => [at, own, from, form]);
    const after = parseFile('a.yaml', text, parseFile('a.yaml', parts.join('')));
    expect(documentsIn(after), JSON.stringify([parts.join(''), text])).toEqual(documentsIn(parseFile('a.yaml', text)));
  }
});
