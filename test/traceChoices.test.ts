import { expect, test } from 'vitest';
import { formattedTrace } from '../server/features/textTrace.ts';
import { trace } from '../server/features/trace.ts';
import { traceChoices } from '../server/features/traceChoices.ts';
import { crowd, workspaceOf } from './workbench/panelAnswers.ts';

const profile = '/w/other.yaml';
const workspace = workspaceOf(crowd(2, 1, 'Local'));
workspace.put(profile, 'apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: other }\n');
const asked = { uri: '/w/web.yaml', target: 'svc/web', from: 'internet' };

test('what is offered is of the nodes, pods and Services that the trace meets, and reads as it is offered', () => {
  const { whatIfs, profiles } = traceChoices(workspace, asked, { defaultFrom: '' });
  expect(whatIfs.map(({ text }) => text)).toMatchInlineSnapshot(`
    [
      "node/node-1=down",
      "node/node-1=drained",
      "node/node-1=just-drained",
      "svc/web.externalTrafficPolicy=Cluster",
      "svc/web.internalTrafficPolicy=Local",
      "pod/web-0=not-ready",
      "pod/web-0=terminating",
      "pod/web-0=gone",
      "kube-proxy=nftables",
      "kube-proxy=ipvs",
      "kube-proxy=cilium",
    ]
  `);
  expect(profiles.map(({ name }) => name)).toEqual(['other', 'crowd']);
  for (const { text } of whatIfs) expect(trace(workspace, { ...asked, whatIf: [text] }).kind).toBe('trace');
});

test('another profile is gone by, and named', () => {
  const answer = trace(workspace, { ...asked, profile });
  expect(answer).toMatchObject({ kind: 'trace', profile: 'other' });
});

test.each([
  ['text', /^1 hop|^2 hops from LB/],
  ['mermaid', /^flowchart LR\n/],
  ['json', /^\{\n {2}"version": 1,/],
] as const)('a trace is copied as %s', (format, expected) => {
  const answer = formattedTrace(workspace, { ...asked, format }, (uri) => uri.slice(3));
  expect(answer.kind === 'text' ? answer.text : answer.message).toMatch(expected);
});

test.each([
  [{ target: '???' }, /^Can't read the target/],
  [{ from: 'nobody/x' }, /nobody/],
  [{ whatIf: ['node/node-9=down'] }, /^There is no node node-9\.$/],
])('%j is refused in a sentence', (change, expected) => {
  const answer = trace(workspace, { ...asked, ...change });
  expect(answer.kind === 'unreadable' ? answer.message : '').toMatch(expected);
});
