import { expect, test } from 'vitest';
import { helpFor } from '../../shared/insight/fieldHelp.ts';
import type { FieldPath } from '../../shared/manifest/value.ts';
import { cluster } from '../scene.ts';

const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: edge, labels: { team: edge } }
---
${workload('web', 'shop', 2)}
---
${workload('api', 'shop', 1)}
---
${workload('proxy', 'edge', 1)}
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
`;

function workload(name: string, namespace: string, replicas: number): string {
  return `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, namespace: ${namespace} }
spec:
  replicas: ${replicas}
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: ${name}, ports: [{ name: http, containerPort: 8080 }] }] }`;
}

function policy(kind: string, name: string, spec: string): string {
  const apiVersion =
    kind === 'NetworkPolicy'
      ? 'networking.k8s.io/v1'
      : `policy.networking.k8s.io/${kind === 'ClusterNetworkPolicy' ? 'v1alpha2' : 'v1alpha1'}`;
  const namespace = kind === 'NetworkPolicy' ? ', namespace: shop' : '';
  return `
---
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: ${name}${namespace} }
spec: ${spec}`;
}

/** What a hover on a field of the object `under-test`, or `default`, says, without its title and its link. */
function hover(yaml: string, path: FieldPath): string {
  const model = cluster(shop + yaml);
  const manifest = model.manifests.find(({ name }) => name === 'under-test' || name === 'default');
  const help = manifest === undefined ? null : helpFor({ model, isComplete: true }, manifest, ['spec', ...path]);
  return help?.markdown.split('\n\n').slice(1, -1).join(' ') ?? '';
}

function hovers(yaml: string, paths: readonly FieldPath[]): string {
  return paths.map((path) => `${path.join('.')}: ${hover(yaml, path)}`).join('\n');
}

test('a ClusterNetworkPolicy says at each field what it means now', () => {
  const yaml =
    policy(
      'ClusterNetworkPolicy',
      'under-test',
      `
  tier: Admin
  priority: 10
  subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }
  ingress:
    - name: edge
      action: Accept
      from:
        - pods:
            namespaceSelector: { matchLabels: { team: edge } }
            podSelector: { matchLabels: { app: proxy } }
      protocols:
        - tcp: { destinationPort: { number: 8080 } }
        - destinationNamedPort: http
    - { action: Pass, from: [{ namespaces: { matchLabels: { tenant: a } } }] }
    - { action: Deny, from: [{ namespaces: {} }] }
  egress:
    - { action: Deny, to: [{ networks: [192.168.0.0/24, 203.0.113.0/24] }] }
    - { action: Accept, to: [{ nodes: { matchLabels: { role: edge } } }, { domainNames: ["*.example.com"] }] }`,
    ) +
    policy(
      'ClusterNetworkPolicy',
      'other',
      `{ tier: Admin, priority: 10, subject: { namespaces: {} },
        ingress: [{ action: Deny, from: [{ namespaces: {} }] }] }`,
    );
  const rule = ['ingress', 0];
  const paths: FieldPath[] = [
    ['tier'],
    ['priority'],
    ['subject'],
    ['subject', 'namespaces', 'matchLabels'],
    ['ingress'],
    [...rule, 'name'],
    [...rule, 'from'],
    [...rule, 'from', 0, 'pods', 'podSelector'],
    [...rule, 'from', 0, 'pods', 'namespaceSelector'],
    [...rule, 'protocols'],
    [...rule, 'protocols', 0, 'tcp', 'destinationPort', 'number'],
    [...rule, 'protocols', 1, 'destinationNamedPort'],
    ['ingress', 1, 'action'],
    ['ingress', 2, 'action'],
    ['egress', 0, 'to', 0, 'networks', 1],
    ['egress', 1, 'to', 0, 'nodes'],
    ['egress', 1, 'to', 1, 'domainNames'],
  ];
  expect(hovers(yaml, paths)).toMatchInlineSnapshot(`
    "tier: Judged before all NetworkPolicies: what its rules accept or deny is settled, whatever these say. What no rule here takes goes on to the next policy of the tier, then to the NetworkPolicies.
    priority: The lowest number comes first, of 0 to 1000. Of tier Admin, for pods that it is for too: - of the same priority: other (10); where they disagree, either may win
    subject: For 3 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53), of namespace shop. Pods on their nodes' network are nobody's subject.
    subject.namespaces.matchLabels: 1 namespace: shop. It means 3 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53).
    ingress: For 3 pods, the first rule that takes a packet decides: 1. accepts proxy.edge → 8080, http
    2. passes on namespaces with tenant=a \\(no pod here\\)
    3. denies all pods What none of them takes goes on to the next policy of the tier, then to the NetworkPolicies.
    ingress.0.name: Lets it in, whatever NetworkPolicies say. Means 1 pod: proxy\\-0.edge (10.244.1.220), of namespace edge.
    ingress.0.from: Means 1 pod: proxy\\-0.edge (10.244.1.220), of namespace edge.
    ingress.0.from.0.pods.podSelector: Means 1 pod: proxy\\-0.edge (10.244.1.220), of namespace edge.
    ingress.0.from.0.pods.namespaceSelector: 1 namespace: edge. It means 1 pod: proxy\\-0.edge (10.244.1.220).
    ingress.0.protocols: TCP port \`8080\` of the pod that gets the packet, behind any Service. It is declared by web (\`http\`), api (\`http\`). Port \`http\` of the pod that gets the packet, behind any Service. It is 8080 in web, 8080 in api.
    ingress.0.protocols.0.tcp.destinationPort.number: TCP port \`8080\` of the pod that gets the packet, behind any Service. It is declared by web (\`http\`), api (\`http\`).
    ingress.0.protocols.1.destinationNamedPort: Port \`http\` of the pod that gets the packet, behind any Service. It is 8080 in web, 8080 in api.
    ingress.1.action: Leaves it to the NetworkPolicies: no further rule of tier Admin is asked. What the rule before it takes, never comes here. Means no pod, of no namespace of these files.
    ingress.2.action: Drops it on its way in, whatever NetworkPolicies allow. What one of the 2 rules before it takes, never comes here. Means 4 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53), proxy\\-0.edge (10.244.1.220), of namespaces shop, edge.
    egress.0.to.0.networks.1: Whoever has an address of \`192.168.0.0/24\`. Now these have such an address: 3 nodes: node\\-1 (192.168.0.11), node\\-2 (192.168.0.12), node\\-3 (192.168.0.13). Whoever has an address of \`203.0.113.0/24\`. No pod and no node has such an address now.
    egress.1.to.0.nodes: Means no node, by their own addresses. Whether node\\-1, node\\-2, node\\-3 is meant isn't known: no Node in these files says its labels.
    egress.1.to.1.domainNames: Whoever outside the cluster is called \`*.example.com\`. Which addresses that are isn't in these files: where it depends on them, a trace ends as unknown."
  `);
});

test('an AdminNetworkPolicy and the Baseline one do so too', () => {
  const admin = policy(
    'AdminNetworkPolicy',
    'under-test',
    `
  priority: 5
  subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: api } } } }
  ingress:
    - action: Allow
      from: [{ namespaces: {} }]
      ports:
        - portNumber: { protocol: UDP, port: 53 }
        - portRange: { protocol: TCP, start: 8000, end: 8090 }`,
  );
  const baseline =
    policy(
      'BaselineAdminNetworkPolicy',
      'default',
      `{ subject: { namespaces: {} },
        ingress: [{ action: Deny, from: [{ namespaces: {} }], ports: [{ namedPort: http }] }] }`,
    ) + policy('NetworkPolicy', 'p', '{ podSelector: { matchLabels: { app: web } } }');
  expect(
    `${hovers(admin, [
      ['subject', 'pods', 'podSelector'],
      ['priority'],
      ['ingress', 0, 'action'],
      ['ingress', 0, 'ports', 0, 'portNumber', 'port'],
      ['ingress', 0, 'ports', 1, 'portRange', 'end'],
    ])}\n${hovers(baseline, [['subject'], ['ingress'], ['ingress', 0, 'ports', 0, 'namedPort']])}`,
  ).toMatchInlineSnapshot(`
    "subject.pods.podSelector: For 1 pod: api\\-0.shop (10.244.1.53), of namespaces shop, edge. Pods on their nodes' network are nobody's subject.
    priority: The lowest number comes first, of 0 to 1000. Of tier Admin, for pods that it is for too: - no other policy
    ingress.0.action: Lets it in, whatever NetworkPolicies say. Means 4 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53), proxy\\-0.edge (10.244.1.220), of namespaces shop, edge.
    ingress.0.ports.0.portNumber.port: UDP port \`53\` of the pod that gets the packet, behind any Service. The pod that it is about doesn't declare it.
    ingress.0.ports.1.portRange.end: TCP ports 8000 to 8090, both among them: 91 ports.
    subject: For 4 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53), proxy\\-0.edge (10.244.1.220), of namespaces shop, edge. Pods on their nodes' network are nobody's subject.
    ingress: For 4 pods, the first rule that takes a packet decides: 1. denies all pods → http What none of them takes is let through.
    ingress.0.ports.0.namedPort: Port \`http\` of the pod that gets the packet, behind any Service. It is 8080 in web, 8080 in api, 8080 in proxy."
  `);
});

const office = policy(
  'NetworkPolicy',
  'under-test',
  `
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress, Egress]
  ingress: [{ from: [{ ipBlock: { cidr: 203.0.113.0/24 } }] }]
  egress: [{ to: [{ ipBlock: { cidr: 10.0.0.0/8 } }] }]`,
);

function profile(spec: string): string {
  return `\n---\napiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: p }\nspec: ${spec}`;
}

const inward: FieldPath = ['ingress', 0, 'from', 0, 'ipBlock', 'cidr'];
const outward: FieldPath = ['egress', 0, 'to', 0, 'ipBlock', 'cidr'];

test('an ipBlock says how the plug-in reads it', () => {
  const said = [
    '',
    profile('{ podNetwork: { cni: cilium } }'),
    profile('{ podNetwork: { cni: aws-vpc, policies: aws-vpc } }'),
    profile('{ podNetwork: { cni: calico } }'),
    profile('{ podNetwork: { cni: flannel } }'),
  ].map((each) => hovers(office + each, [inward, outward]));
  expect(said.join('\n\n')).toMatchInlineSnapshot(`
    "ingress.0.from.0.ipBlock.cidr: Whoever is seen with an address of \`203.0.113.0/24\`. No pod and no node has such an address now. Clients that come by Service web are masqueraded: these clients are known by their own address at the pod's own node, else by that of the node that they come in by. Which plug-in runs isn't said (\`podNetwork.policies\`). Others read it otherwise:
    - Calico eBPF: these clients are known by their own address still
    - Cilium beside kube-proxy: these clients are meant by no range but 0.0.0.0/0 and ::/0
    - Antrea: these clients are known by an address of the pods' range
    - OVN-Kubernetes: these clients are known by the gateway router's address, of 100.64.0.0/16
    - AWS VPC CNI with its agent: these clients are known by the node's address, and let in from the pod's own node
    - a network of tunnels (VXLAN, IPIP): these clients are known by their own address at the pod's own node, else by that of the node that they come in by, its tunnel's, of the pods' range
    egress.0.to.0.ipBlock.cidr: Whoever is seen with an address of \`10.0.0.0/8\`. Now these have such an address: 4 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53), proxy\\-0.edge (10.244.1.220); 3 nodes: node\\-1 (10.244.1.1), node\\-2 (10.244.2.1), node\\-3 (10.244.3.1). Which plug-in runs isn't said (\`podNetwork.policies\`). Others read it otherwise:
    - Cilium beside kube-proxy: pods and nodes are never meant by an address
    - AWS VPC CNI with its agent: what is sent to a Service has that one's address here, and is meant by that alone

    ingress.0.from.0.ipBlock.cidr: Whoever is seen with an address of \`203.0.113.0/24\`. No pod and no node has such an address now. Cilium beside kube-proxy (\`podNetwork.cni\`): clients that come by Service web are masqueraded: these clients are meant by no range but 0.0.0.0/0 and ::/0. How nodes send to each other's pods isn't said (\`podNetwork.encapsulation\`). It might be otherwise:
    - Cilium beside kube-proxy without a tunnel: these clients are meant by no range but 0.0.0.0/0 and ::/0 at the pod's own node, else by none
    egress.0.to.0.ipBlock.cidr: Whoever is seen with an address of \`10.0.0.0/8\`. These have such an address, and aren't meant: 4 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53), proxy\\-0.edge (10.244.1.220); 3 nodes: node\\-1 (10.244.1.1), node\\-2 (10.244.2.1), node\\-3 (10.244.3.1). Cilium beside kube-proxy (\`podNetwork.cni\`): pods and nodes are never meant by an address.

    ingress.0.from.0.ipBlock.cidr: Whoever is seen with an address of \`203.0.113.0/24\`. No pod and no node has such an address now. AWS VPC CNI with its agent (\`podNetwork.policies\`): clients that come by Service web are masqueraded: these clients are known by the node's address, and let in from the pod's own node.
    egress.0.to.0.ipBlock.cidr: Whoever is seen with an address of \`10.0.0.0/8\`. Now these have such an address: 4 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53), proxy\\-0.edge (10.244.1.220). AWS VPC CNI with its agent (\`podNetwork.policies\`): what is sent to a Service has that one's address here, and is meant by that alone.

    ingress.0.from.0.ipBlock.cidr: Whoever is seen with an address of \`203.0.113.0/24\`. No pod and no node has such an address now. Calico (\`podNetwork.cni\`): clients that come by Service web are masqueraded: these clients are known by their own address at the pod's own node, else by that of the node that they come in by. How nodes send to each other's pods isn't said (\`podNetwork.encapsulation\`). It might be otherwise:
    - Calico with a tunnel (VXLAN, IPIP): these clients are known by their own address at the pod's own node, else by that of the node that they come in by, its tunnel's, of the pods' range
    egress.0.to.0.ipBlock.cidr: Whoever is seen with an address of \`10.0.0.0/8\`. Now these have such an address: 4 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53), proxy\\-0.edge (10.244.1.220).

    ingress.0.from.0.ipBlock.cidr: Does nothing: Flannel (\`podNetwork.cni\`) enforces no NetworkPolicy. Whoever is seen with an address of \`203.0.113.0/24\`. No pod and no node has such an address now.
    egress.0.to.0.ipBlock.cidr: Does nothing: Flannel (\`podNetwork.cni\`) enforces no NetworkPolicy. Whoever is seen with an address of \`10.0.0.0/8\`. Now these have such an address: 4 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), api\\-0.shop (10.244.1.53), proxy\\-0.edge (10.244.1.220); 3 nodes: node\\-1 (10.244.1.1), node\\-2 (10.244.2.1), node\\-3 (10.244.3.1)."
  `);
});
