import { expect, test } from 'vitest';
import { isFault } from '../../shared/insight/rule.ts';
import { Workspace } from '../../shared/insight/workspace.ts';

const cluster = (spec: string): string => `
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: p }
spec: { tier: Admin, priority: 1, ${spec} }`;
const older = (spec: string): string => `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
metadata: { name: default }
spec: { ${spec} }`;
const standard = (spec: string): string => `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p }
spec: { ${spec} }`;
const all = 'subject: { namespaces: {} }';
const selecting = (expression: string): string => `subject: { namespaces: { matchExpressions: [${expression}] } }`;

const unreadable = 'policy-selector-unreadable: spec.subject.namespaces.matchExpressions[0]';
const refused = 'refused-by-api-server: spec.';
const byCrd = 'refused-by-crd: spec.';

/** What nobody can read is told at its field, by the one rule that knows who refuses it. */
test.each<[string, readonly string[]]>([
  [cluster(selecting('{ key: a, operator: in, values: [b] }')), [`${unreadable}.operator: is "in"`]],
  [cluster(selecting('{ key: a, operator: NotIn }')), [`${unreadable}.values: must be specified`]],
  [cluster(selecting('{ key: a, operator: NotIn, values: [] }')), [`${unreadable}.values: must be specified`]],
  [cluster(selecting('{ key: a, operator: Exists, values: [b] }')), [`${unreadable}.values: may not be`]],
  [cluster(selecting('{ key: a b, operator: Exists }')), [`${unreadable}.key: `]],
  [cluster(selecting('{ key: a, operator: NotIn, values: [b c] }')), [`${unreadable}.values[0]: `]],
  [cluster(selecting(`{ key: a, operator: In, values: ['-${'b'.repeat(64)}'] }`)), [`${unreadable}.values[0]: `]],
  [cluster(selecting('{ operator: Exists }')), [`${byCrd}subject.namespaces.matchExpressions[0].key: must be written`]],
  [cluster(selecting('{ key: a, operator: Exists }')), []],
  [
    cluster(`${all}, egress: [{ action: Deny, to: [{ nodes: { matchLabels: { a: b c } } }] }]`),
    ['policy-selector-unreadable: spec.egress[0].to[0].nodes.matchLabels.a: '],
  ],
  [
    older(
      `${all}, ingress: [{ action: Deny, from: [{ namespaces: { matchExpressions: [{ key: a, operator: Is }] } }] }]`,
    ),
    ['policy-selector-unreadable: spec.ingress[0].from[0].namespaces.matchExpressions[0].operator: is "Is"'],
  ],
  [cluster(`${all}, egress: [{ action: Deny, to: [{ networks: [10.0.0.0/33] }] }]`), [`${byCrd}egress[0].to[0].netw`]],
  [
    cluster(`${all}, ingress: [{ action: deny, from: [{ namespaces: {} }] }]`),
    [`${byCrd}ingress[0].action: is "deny"`],
  ],
  [
    standard('podSelector: { matchExpressions: [{ key: a, operator: in, values: [b] }] }'),
    [`${refused}podSelector.matchExpressions[0].operator: is "in"`],
  ],
  [
    standard('podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: 10.0.0.0/33 } }] }]'),
    [`${refused}ingress[0].from[0].ipBlock.cidr: `],
  ],
  [
    standard(
      'podSelector: {}, egress: [{ to: [{ namespaceSelector: { matchExpressions: ' +
        '[{ key: a, operator: Exists, values: [b] }] } }] }]',
    ),
    [`${refused}egress[0].to[0].namespaceSelector.matchExpressions[0].values: may not be`],
  ],
  [standard('podSelector: {}, policyTypes: [ingress]'), [`${refused}policyTypes[0]: is "ingress"`]],
])('%s', (yaml, expected) => {
  const workspace = new Workspace();
  workspace.put('set/policy.yaml', yaml);
  const found = workspace.findings('set/policy.yaml').filter(isFault);
  expect(found.map(({ rule, message }, index) => `${rule}: ${message}`.slice(0, expected[index]?.length))).toEqual(
    expected,
  );
});

/** What is refused is told where the lens says so; what may be filled in before that, neither says. */
test.each([
  ['"<img onerror=alert(1) src=x>"', true],
  ['Web_x', true],
  ['"<name>"', false],
  ['"${NAME}"', false],
])('a policy named %s', (name, isRefused) => {
  const workspace = new Workspace();
  workspace.put('set/policy.yaml', standard('podSelector: {}').replace('name: p', `name: ${name}`));
  const [lens] = workspace.lenses('set/policy.yaml');
  expect(lens?.way.includes('refuses')).toBe(isRefused);
  const rules = workspace.findings('set/policy.yaml').map(({ rule }) => rule);
  expect(rules).toEqual(isRefused ? ['refused-by-api-server'] : []);
});
