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
