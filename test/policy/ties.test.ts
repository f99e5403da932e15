import { expect, test } from 'vitest';
import { Workspace } from '../../shared/insight/workspace.ts';

const pod = (name: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: ${name} } }
`;
const of = (app: string): string => `pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: ${app} } } }`;
const everybody = 'namespaces: {}';

/** A policy for a subject that accepts or denies what comes from somebody. */
const policy = (name: string, subject: string, action: string, from: string): string => `
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: ${name} }
spec: { tier: Admin, priority: 1, subject: { ${subject} }, ingress: [{ action: ${action}, from: [{ ${from} }] }] }
`;
const apart = Array.from({ length: 100 }, (_, index) => [
  pod(`x${index}`),
  policy(`b${index}`, of(`x${index}`), 'Deny', everybody),
]).flat();

test.each<[string, readonly string[], readonly string[]]>([
  ['nobody else', [policy('a', of('web'), 'Accept', everybody)], []],
  [
    'the later one tells, by name',
    [policy('b', everybody, 'Deny', of('db')), policy('a', of('web'), 'Accept', everybody)],
    ['b with a: db.shop → web.shop on TCP 80'],
  ],
  [
    'each of three, but the first',
    [
      policy('a', of('web'), 'Accept', everybody),
      policy('b', of('web'), 'Deny', everybody),
      policy('c', everybody, 'Deny', everybody),
    ],
    ['b with a: db.shop → web.shop on TCP 80', 'c with a: db.shop → web.shop on TCP 80'],
  ],
  [
    'for other pods, or from others',
    [
      policy('a', of('web'), 'Accept', everybody),
      policy('b', of('db'), 'Deny', everybody),
      policy('c', everybody, 'Deny', of('nobody')),
    ],
    [],
  ],
  [
    'behind a hundred that never meet',
    [...apart, policy('c', of('web'), 'Accept', of('db')), policy('d', everybody, 'Deny', of('db'))],
    ['d with c: db.shop → web.shop on TCP 80'],
  ],
])('%s', (_, policies, expected) => {
  const workspace = new Workspace();
  workspace.put('set/all.yaml', [pod('db'), pod('web'), ...policies].join('---'));
  const told = workspace.findings('set/all.yaml').filter(({ rule }) => rule === 'policy-tie');
  const words = /^ClusterNetworkPolicy (\w+), rule 1 and ClusterNetworkPolicy (\w+), rule 1 don't agree about (.*?)\. /;
  expect(told.map(({ message }) => message.replace(words, '$1 with $2: $3|').split('|')[0])).toEqual(expected);
});
