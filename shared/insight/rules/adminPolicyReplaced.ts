import { type ClusterNetworkPolicy, readClusterNetworkPolicy } from '../../cluster/clusterNetworkPolicy.ts';
import type { PolicyPort } from '../../cluster/networkPolicy.ts';
import { fieldOf, keyFieldOf } from '../../manifest/manifest.ts';
import { plainText } from '../../manifest/textChanges.ts';
import { type FieldPath, itemsAt, textAt } from '../../manifest/value.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { type Fix, type FixEdit, rule } from '../rule.ts';

/** Source: kubernetes-sigs/network-policy-api CHANGELOG.md (v0.2.0, v0.3.0), site-src/implementations.md. */
export const adminPolicyReplaced = rule({
  id: 'admin-policy-replaced',
  topic: 'policies',
  severity: 'info',
  meaning: 'Nobody enforces the policy where the cluster has what replaced it.',
  remedy: 'Write a ClusterNetworkPolicy: tier Admin for an AdminNetworkPolicy, tier Baseline for a Baseline one.',
  details: `
The network policy API has AdminNetworkPolicy and BaselineAdminNetworkPolicy up to v0.1.7. Since v0.2.0 (April 2026)
ClusterNetworkPolicy is in their place: Allow is Accept, ports are protocols, 25 rules and not 100. Releases of network
plug-ins read one or the other. Where the profile names a plug-in that reads none of the older kinds, it is a warning.
`,
  link: 'https://network-policy-api.sigs.k8s.io/npeps/npep-285-combine-crds/',
  about: 'object',
  *check(manifest, { model }) {
    const policy = readClusterNetworkPolicy(manifest);
    if (policy === null || policy.kind === 'ClusterNetworkPolicy') return;
    const { plugin, said } = chosenPlugin(model.profile);
    const isIdle = said !== null && !plugin.enforces.includes(policy.kind);
    const until =
      said !== null && plugin.adminUntil !== null ? ` ${plugin.title} reads it up to ${plugin.adminUntil}.` : '';
    yield {
      severity: isIdle ? 'warning' : 'info',
      message:
        (isIdle ? `${policy.kind} ${policy.name} does nothing: ${plugin.title} enforces none. ` : '') +
        `Since v0.2.0 of the network policy API (April 2026) ClusterNetworkPolicy of tier ${policy.tier} is in the ` +
        `place of ${policy.kind}.${until}`,
      at: fieldOf(manifest, 'kind'),
      fixes: rewritten(policy),
    };
  },
  bad: {
    says: 'Since v0.2.0 of the network policy API (April 2026) ClusterNetworkPolicy of tier Admin is in the place',
    yaml: `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
      ~~~~~~~~~~~~~~~~~~
metadata: { name: shop }
spec:
  priority: 10
  subject: { namespaces: {} }
  ingress:
    - action: Allow
      from: [{ namespaces: {} }]
      ports: [{ portNumber: { port: 80 } }, { portRange: { protocol: UDP, start: 1, end: 9 } }]
    - action: Deny
      from: [{ namespaces: {} }]
`,
  },
  also: [
    {
      says: 'BaselineAdminNetworkPolicy default does nothing: Cilium beside kube-proxy enforces none.',
      yaml: `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: BaselineAdminNetworkPolicy
      ~~~~~~~~~~~~~~~~~~~~~~~~~~
metadata: { name: default }
spec:
  subject: { namespaces: {} }
  egress: [{ action: Deny, to: [{ networks: [0.0.0.0/0] }] }]
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: prod }
spec: { podNetwork: { policies: cilium } }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: shop }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: {} }
  ingress:
    - action: Accept
      from: [{ namespaces: {} }]
      protocols: [{ tcp: { destinationPort: { number: 80 } } }]
`,
});

/** The most rules that a ClusterNetworkPolicy has in a direction, and entries in a list. */
const most = 25;

/** The same as a ClusterNetworkPolicy; none where that has no room for it. */
function rewritten(policy: ClusterNetworkPolicy): Fix[] {
  const { manifest, kind, tier } = policy;
  const rules = [...policy.ingress, ...policy.egress];
  const isTooLong =
    policy.ingress.length > most ||
    policy.egress.length > most ||
    rules.some(({ peers, ports }) => peers.length > most || (ports?.length ?? 0) > most);
  if (isTooLong) return [];
  const set = (text: string, ...path: FieldPath): FixEdit => ({
    kind: 'replace',
    at: fieldOf(manifest, ...path),
    text,
  });
  const add = (key: string, text: string, ...path: FieldPath): FixEdit => ({
    kind: 'add',
    at: fieldOf(manifest, ...path),
    key,
    text,
  });
  return [
    {
      title: `Make it a ClusterNetworkPolicy of tier ${tier}`,
      edits: [
        set('policy.networking.k8s.io/v1beta1', 'apiVersion'),
        set('ClusterNetworkPolicy', 'kind'),
        add('tier', tier, 'spec'),
        ...(kind === 'BaselineAdminNetworkPolicy' ? [add('priority', '0', 'spec')] : []),
        ...rules.flatMap(({ ports, at }): FixEdit[] => [
          ...(textAt(manifest.value, ...at, 'action') === 'Allow' ? [set('Accept', ...at, 'action')] : []),
          ...(itemsAt(manifest.value, ...at, 'ports').length === 0 || ports === null
            ? []
            : [
                { kind: 'remove' as const, at: keyFieldOf(manifest, ...at, 'ports') },
                add('protocols', `[${ports.map(protocolText).join(', ')}]`, ...at),
              ]),
        ]),
      ],
    },
  ];
}

function protocolText({ protocol, port, endPort }: PolicyPort): string {
  if (typeof port === 'string') return `{ destinationNamedPort: ${plainText(port)} }`;
  const own = endPort === null ? `number: ${port}` : `range: { start: ${port}, end: ${endPort} }`;
  return `{ ${(protocol ?? 'TCP').toLowerCase()}: { destinationPort: { ${own} } } }`;
}
