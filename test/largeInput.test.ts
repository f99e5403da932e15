import { expect, test } from 'vitest';
import { parseFile, problemsOf } from '../shared/manifest/parseFile.ts';

test('a dump of 3,000 small pods is read without a problem', () => {
  const items = Array.from({ length: 3000 }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${index}`, uid: `uid-${index}`, labels: { app: 'shop', index: String(index) } },
    spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'example/main', ports: [{ containerPort: 80 }] }] },
    status: {
      podIP: `10.244.${index >> 8}.${index & 255}`,
      conditions: Array.from({ length: 20 }, () => ({ type: 'T' })),
    },
  }));
  const file = parseFile('dump.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, null, 1));
  expect(problemsOf(file)).toEqual([]);
  expect(file.manifests).toHaveLength(3000);
});

test('nested merge keys are refused with a message', () => {
  const lines = Array.from({ length: 25 }, (_, at) => `m${at + 1}: &m${at + 1} {<<: [*m${at}, *m${at}], k: *m${at}}`);
  const file = parseFile('bomb.yaml', ['apiVersion: v1', 'kind: Service', 'm0: &m0 {a: 1}', ...lines, ''].join('\n'));
  expect(problemsOf(file).map(({ code }) => code)).toEqual(['yaml-too-large']);
});

const many = (count: number, text: string): string => text.repeat(count);
const lines = (count: number, line: string): string => many(count, `    ${line}\n`);
const configMap = (data: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a, annotations: &x { k: v } }\ndata:\n${data}`;

test.each([
  ['a block scalar', configMap(`  s: |\n${lines(300, "echo -e '\\033[1;30m'")}`)],
  ['a folded one', configMap(`  s: >-\n${lines(300, '{ [ {')}`)],
  ['a double-quoted text of many lines', configMap(`  s: "${lines(300, '[[ \\" {')}    "\n`)],
  ['a single-quoted text', configMap(`  s: '${many(300, "[''")}'\n`)],
  ['a plain text', configMap(`  s: a${many(300, ' a[')}\n`)],
  ['a comment', configMap(`  s: a # ${many(300, '[')}\n`)],
  ['a text that is indented far', configMap(`  s: |\n    a\n${lines(300, many(300, ' ') + 'a')}`)],
  ['many lists beside each other', configMap(`  s: [${many(300, '[a], {b: c}, ')}]\n`)],
])('what stands in %s nests nothing', (_, yaml) => {
  const file = parseFile('a.yaml', yaml);
  expect(problemsOf(file)).toEqual([]);
  expect(file.manifests.map(({ name }) => name)).toEqual(['a']);
});

const steps = (count: number, key: string): string =>
  Array.from({ length: count }, (_, at) => `${many(at + 1, ' ')}${key}\n`).join('');

test.each([
  ['lists', `  s: ${many(20_000, '[')}`, 4],
  ['lists, each behind a text that seems to end it', `  s: ${many(20_000, '["]", ')}`, 4],
  ['the same in other quotes', `  s: ${many(20_000, "[']', ")}`, 4],
  ['maps', `  s: ${many(20_000, '{a: ')}`, 4],
  ['compact lists', `  s:\n  ${many(20_000, '- ')}`, 5],
  ['explicit keys', `  s:\n    ${many(20_000, '? ')}`, 5],
  ['maps, a level a line', steps(1000, 'a:'), null],
  ['maps with names', steps(1000, 'a: &b'), null],
  ['maps behind a text of many lines', `  s: "\n\n    "\n  t:\n${steps(1000, '   a:')}`, null],
])('%s without end are refused', (_, data, line) => {
  const problems = problemsOf(parseFile('a.yaml', configMap(data)));
  expect(problems.map(({ code }) => code)).toEqual(['yaml-too-deep']);
  if (line !== null) expect(problems[0]?.site.range.start.line).toBe(line);
});
