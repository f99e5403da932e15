import { expect, test } from 'vitest';
import { verdictSentence } from '../../shared/trace/verdictText.ts';
import { cluster, traceIn, verdictOf } from '../scene.ts';

const pods = `
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { team: shop } }
---
apiVersion: v1
kind: Node
metadata: { name: node-1, labels: { role: edge } }
status: { addresses: [{ type: InternalIP, address: 192.168.0.11 }, { type: ExternalIP, address: 198.51.100.20 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec: { nodeName: node-1, containers: [{ name: web, ports: [{ name: http, containerPort: 8080 }] }] }
status: { podIP: 10.244.0.5 }
---
apiVersion: v1
kind: Pod
metadata: { name: cli, namespace: shop, labels: { app: cli } }
spec: { nodeName: node-1, containers: [{ name: cli }] }
status: { podIP: 10.244.0.6 }
---
apiVersion: v1
kind: Pod
metadata: { name: far, namespace: elsewhere, labels: { app: far } }
spec: { nodeName: node-1, containers: [{ name: far }] }
status: { podIP: 10.244.0.7 }
---
apiVersion: v1
kind: Pod
metadata: { name: host, namespace: shop, labels: { app: host } }
spec: { nodeName: node-1, hostNetwork: true, containers: [{ name: host, ports: [{ containerPort: 9100 }] }] }
`;

/** Of tier Admin and priority 10 for all pods, unless it says otherwise. */
function policy(name: string, spec: string, kind = 'ClusterNetworkPolicy'): string {
  const version = kind === 'ClusterNetworkPolicy' ? 'v1beta1' : 'v1alpha1';
  const own = /\bpriority:/.test(spec) || kind === 'BaselineAdminNetworkPolicy' ? spec : `priority: 10, ${spec}`;
  const tiered = /\btier:/.test(own) || version === 'v1alpha1' ? own : `tier: Admin, ${own}`;
  const subject = /\bsubject:/.test(tiered) ? tiered : `subject: { namespaces: {} }, ${tiered}`;
  return `---
apiVersion: policy.networking.k8s.io/${version}
kind: ${kind}
metadata: { name: ${name} }
spec: { ${subject} }
`;
}

/** How a request ends, and what it says. */
function said(policies: string, from: string, to: string): string {
  const verdict = verdictOf(cluster(pods + policies), to, from);
  return `${verdict.kind}: ${verdictSentence(verdict)}`;
}

const anybody = 'from: [{ namespaces: {} }]';
const web = '10.244.0.5:8080';

test.each([
  {
    says: 'the rule that denies is named by its number',
    policies: policy(
      'lock',
      `ingress: [{ action: Deny, from: [{ pods: { podSelector: { matchLabels: { app: web } } } }] },
      { name: no one, action: Deny, ${anybody} }]`,
    ),
    from: 'pod/cli.shop',
    to: web,
    ends:
      'denied: ClusterNetworkPolicy lock, rule 2 "no one" denies 10.244.0.6 on TCP 8080 into web.shop. ' +
      'The network plug-in drops it.',
  },
  {
    says: 'of two priorities the lower number, whatever the order in the file',
    policies:
      policy('late', `priority: 20, ingress: [{ action: Deny, ${anybody} }]`) +
      policy('early', `priority: 9, ingress: [{ action: Accept, ${anybody} }]`),
    from: 'pod/cli.shop',
    to: web,
    ends: 'delivered: delivered',
  },
  {
    says: 'a tie that disagrees is decided by nobody',
    policies:
      policy('open', `ingress: [{ action: Accept, ${anybody} }]`) +
      policy('lock', `ingress: [{ action: Deny, ${anybody} }]`),
    from: 'pod/cli.shop',
    to: web,
    ends:
      "unknown: ClusterNetworkPolicy lock and ClusterNetworkPolicy open don't agree about it. Both have priority 10 " +
      "in tier Admin, and which of them wins isn't determined.",
  },
  {
    says: 'a tie of the same outcome is none: one passes it on to nobody, one accepts it',
    policies:
      policy('open', `ingress: [{ action: Accept, ${anybody} }]`) +
      policy('pass', `ingress: [{ action: Pass, ${anybody} }]`),
    from: 'pod/cli.shop',
    to: web,
    ends: 'delivered: delivered',
  },
  {
    says: 'equal priorities of two tiers are no tie',
    policies:
      policy('open', `ingress: [{ action: Accept, ${anybody} }]`) +
      policy('lock', `tier: Baseline, ingress: [{ action: Deny, ${anybody} }]`),
    from: 'pod/cli.shop',
    to: web,
    ends: 'delivered: delivered',
  },
  {
    says: 'a namespace whose labels nothing says',
    policies: policy('lock', 'ingress: [{ action: Deny, from: [{ namespaces: { matchLabels: { team: a } } }] }]'),
    from: 'pod/far.elsewhere',
    to: web,
    ends:
      "unknown: Whether ClusterNetworkPolicy lock lets it through can't be decided: " +
      'no Namespace elsewhere in these files has labels.',
  },
  {
    says: 'what nothing says matters only where it decides',
    policies: policy(
      'lock',
      `ingress: [{ action: Deny, from: [{ namespaces: { matchLabels: { team: a } } }] }, { action: Deny, ${anybody} }]`,
    ),
    from: 'pod/far.elsewhere',
    to: web,
    ends:
      'denied: ClusterNetworkPolicy lock, rule 2 denies 10.244.0.7 on TCP 8080 into web.shop. ' +
      'The network plug-in drops it.',
  },
  {
    says: 'a subject whose namespace nothing describes',
    policies: policy(
      'lock',
      `subject: { namespaces: { matchLabels: { team: a } } }, egress: [{ action: Deny, to: [{ namespaces: {} }] }]`,
    ),
    from: 'pod/far.elsewhere',
    to: web,
    ends:
      "unknown: Whether ClusterNetworkPolicy lock lets it through can't be decided: " +
      'no Namespace elsewhere in these files has labels.',
  },
  {
    says: 'a node by any address of its status',
    policies: policy('lock', 'egress: [{ action: Deny, to: [{ nodes: { matchLabels: { role: edge } } }] }]'),
    from: 'pod/cli.shop',
    to: '198.51.100.20:443',
    ends:
      'denied: ClusterNetworkPolicy lock, rule 1 denies cli.shop to 198.51.100.20 on TCP 443. ' +
      'The network plug-in drops it.',
  },
  {
    says: 'pods on a node’s network are its own',
    policies: policy('lock', 'egress: [{ action: Deny, to: [{ nodes: {} }] }]'),
    from: 'pod/cli.shop',
    to: '192.168.0.11:9100',
    ends:
      'denied: ClusterNetworkPolicy lock, rule 1 denies cli.shop to 192.168.0.11 on TCP 9100. ' +
      'The network plug-in drops it.',
  },
  {
    says: 'whose address a domain name is isn’t known, outside of the cluster',
    policies: policy(
      'names',
      `egress: [{ action: Accept, to: [{ domainNames: [api.example.com] }] },
        { action: Deny, to: [{ networks: [0.0.0.0/0] }] }]`,
    ),
    from: 'pod/cli.shop',
    to: '203.0.113.77:443',
    ends:
      "unknown: Whether ClusterNetworkPolicy names lets it through can't be decided: " +
      "the addresses of api.example.com aren't known.",
  },
  {
    says: 'a domain name is no pod',
    policies: policy(
      'names',
      `egress: [{ action: Accept, to: [{ domainNames: [api.example.com] }] },
        { action: Deny, to: [{ networks: [10.0.0.0/8] }] }]`,
    ),
    from: 'pod/cli.shop',
    to: web,
    ends:
      'denied: ClusterNetworkPolicy names, rule 2 denies cli.shop to 10.244.0.5 on TCP 8080. ' +
      'The network plug-in drops it.',
  },
  {
    says: 'an AdminNetworkPolicy, with its words, ports and names',
    policies: policy(
      'old',
      `ingress: [{ action: Allow, ${anybody}, ports: [{ portRange: { start: 1, end: 80 } }] },
      { action: Deny, ${anybody}, ports: [{ namedPort: http }] }]`,
      'AdminNetworkPolicy',
    ),
    from: 'pod/cli.shop',
    to: web,
    ends:
      'denied: AdminNetworkPolicy old, rule 2 denies 10.244.0.6 on TCP 8080 into web.shop. ' +
      'The network plug-in drops it.',
  },
  {
    says: 'a BaselineAdminNetworkPolicy, where no NetworkPolicy isolates',
    policies: policy('default', `ingress: [{ action: Deny, ${anybody} }]`, 'BaselineAdminNetworkPolicy'),
    from: 'pod/cli.shop',
    to: web,
    ends:
      'denied: BaselineAdminNetworkPolicy default, rule 1 denies 10.244.0.6 on TCP 8080 into web.shop. ' +
      'The network plug-in drops it.',
  },
  {
    says: 'what its CRD refuses enforces nothing',
    policies: policy('lock', `priority: 1500, ingress: [{ action: Deny, ${anybody} }]`),
    from: 'pod/cli.shop',
    to: web,
    ends: 'delivered: delivered',
  },
  {
    says: 'a peer of a release that nobody knows: a rule fails closed',
    policies: policy(
      'later',
      'ingress: [{ action: Accept, from: [{ users: {} }] }, { action: Pass, from: [{ users: {} }] }]',
    ).replace('v1beta1', 'v1'),
    from: 'pod/cli.shop',
    to: web,
    ends:
      'denied: ClusterNetworkPolicy later, rule 2 denies 10.244.0.6 on TCP 8080 into web.shop. ' +
      'The network plug-in drops it.',
  },
])('$says', ({ policies, from, to, ends }) => {
  expect(said(policies, from, to)).toBe(ends);
});

test('a trace rests on the rules that pass it on and the one that accepts it', () => {
  const model = cluster(
    pods +
      policy('pass', `ingress: [{ action: Pass, ${anybody} }]`) +
      policy('base', `tier: Baseline, ingress: [{ action: Accept, ${anybody} }]`),
  );
  const because = traceIn(model, web, 'pod/cli.shop').paths.flatMap((path) => path.because.map(({ text }) => text));
  expect(because.filter((text) => text.includes('Policy'))).toEqual([
    'ClusterNetworkPolicy pass, rule 1 passes it on',
    'ClusterNetworkPolicy base, rule 1 accepts it',
  ]);
});
