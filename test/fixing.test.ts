import { expect, test } from 'vitest';
import { codeActions, fixAll } from '../server/features/codeAction.ts';
import { edited, safeFixes } from '../shared/insight/fixing.ts';
import type { Finding } from '../shared/insight/rule.ts';
import { oneFile } from './scene.ts';

const web = `apiVersion: v2
kind: Service
metadata: { name: web, labels: { version: 1.10 }, annotations: { a: true } } # as it was
spec: { externalTrafficPolicy: Local, ports: [{ port: 80 }] }
`;

/** A text with all safe fixes made, again and again. */
function mended(text: string): string {
  const { made, edits } = safeFixes(oneFile(text).findings('test.yaml'), () => true);
  return made.length === 0 ? text : mended(edited(text, edits.get('test.yaml') ?? []));
}

test('what can be meant in one way alone is mended, and nothing else is touched', () => {
  expect(mended(web)).toBe(`apiVersion: v1
kind: Service
metadata: { name: web, labels: { version: "1.10" }, annotations: { a: "true" } } # as it was
spec: { externalTrafficPolicy: Local, ports: [{ port: 80 }] }
`);
});

test('of a policy the words of the API are mended, and never whom it lets through', () => {
  const policy = (types: string, port: string): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: default }
spec:
  podSelector: { matchLabels: { app: wbe } }
  policyTypes: [${types}]
  ingress: [{ ports: [{ port: ${port} }] }]
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: default, labels: { app: web } }
spec: { containers: [{ name: web, image: web }] }
`;
  expect(mended(policy('ingress', '80, protocol: tcp'))).toBe(policy('Ingress', '80, protocol: TCP'));
});

test.each<[what: string, value: string, env: string]>([
  ['an anchor that is used elsewhere', '&n 3', '*n'],
  ['a tag', '3', '!!int "5"'],
])('what has %s is left alone', (_, replicas, env) => {
  const text = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web, env: [{ name: WORKERS, value: ${env} }] }] }
`;
  expect(mended(text)).toBe(text);
});

test('an anchor that nobody uses keeps nothing from being mended', () => {
  expect(mended(web.replace('true', '&a true'))).toContain('a: &a "true"');
});

/** A finding whose fix puts texts in the place of characters of the first line. */
function finding(name: string, ...edits: readonly (readonly [start: number, end: number, text: string])[]): Finding {
  const at = (start: number, end: number): Finding['site'] => ({
    uri: name,
    range: { start: { line: 0, character: start }, end: { line: 0, character: end } },
  });
  const placed = edits.map(([start, end, text]) => ({ site: at(start, end), text }));
  const fixes = [{ title: name, isSafe: true, edits: placed }];
  return { rule: 'r', severity: 'error', message: '', site: at(0, 1), related: [], fixes };
}

test.each<[what: string, findings: readonly Finding[], text: string]>([
  ['beside each other', [finding('f', [0, 1, 'A']), finding('f', [2, 3, 'C'])], 'AbCdef'],
  ['next to each other', [finding('f', [0, 1, 'A']), finding('f', [1, 2, 'B'])], 'ABcdef'],
  ['overlapping: the first', [finding('f', [0, 2, 'A']), finding('f', [1, 3, 'B'])], 'Acdef'],
  ['at one place: the first', [finding('f', [1, 1, 'X']), finding('f', [1, 1, 'Y'])], 'aXbcdef'],
  ['the same: once', [finding('f', [1, 1, 'X']), finding('f', [1, 1, 'X'], [3, 3, 'Y'])], 'aXbcYdef'],
  ['whole or not at all', [finding('f', [1, 2, 'X']), finding('f', [1, 1, 'Z'], [4, 4, 'Y'])], 'aXcdef'],
  ['in another file: not', [finding('g', [0, 1, 'A'])], 'abcdef'],
])('fixes %s', (_, findings, text) => {
  expect(edited('abcdef', safeFixes(findings, (uri) => uri === 'f').edits.get('f') ?? [])).toBe(text);
});

/** What is refused for its version is told nothing else. */
const quoteless = web.replace('v2', 'v1');

test('an editor is offered to fix all alike in a file, and all when it saves', () => {
  const workspace = oneFile(quoteless);
  const at = { line: 2, character: (quoteless.split('\n')[2] ?? '').indexOf('1.10') };
  const here = codeActions(workspace, 'test.yaml', { start: at, end: at }, { hasSnippets: true });
  expect(here.map(({ title }) => title)).toEqual([
    'Put it in quotes',
    'Fix all of quotes-missing in this file',
    'Ignore quotes-missing here',
  ]);
  const [all, ...others] = fixAll(workspace, 'test.yaml');
  expect(others).toEqual([]);
  const edits = (all?.edit?.changes?.['test.yaml'] ?? []).map(({ range, newText }) => ({ range, text: newText }));
  expect(edited(quoteless, edits)).toBe(mended(quoteless));
});

test('the reason of an ignore is where the cursor goes', () => {
  const at = { line: 2, character: (quoteless.split('\n')[2] ?? '').indexOf('1.10') };
  const [ignore] = codeActions(oneFile(quoteless), 'test.yaml', { start: at, end: at }, { hasSnippets: true }).slice(
    -1,
  );
  expect(ignore?.edit?.documentChanges).toEqual([
    {
      textDocument: { uri: 'test.yaml', version: null },
      edits: [
        {
          range: { start: { line: 2, character: 0 }, end: { line: 2, character: 0 } },
          snippet: { kind: 'snippet', value: '# hoplens-ignore quotes-missing: ${1:reason}\n' },
        },
      ],
    },
  ]);
});
