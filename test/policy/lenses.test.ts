import { expect, test } from 'vitest';
import { helpFor } from '../../shared/insight/fieldHelp.ts';
import { lensOf } from '../../shared/insight/lenses.ts';
import { usualOrigin } from '../../server/features/trace.ts';
import type { FieldPath } from '../../shared/manifest/value.ts';
import { cluster } from '../scene.ts';

const shop = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: ingress-nginx, labels: { team: edge } }
---
${workload('web', 'shop', 3)}
---
${workload('api', 'shop', 2)}
---
${workload('controller', 'ingress-nginx', 1)}
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
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

function policy(spec: string, name = 'policy'): string {
  return `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name}, namespace: shop }
spec: ${spec}`;
}

const web = 'podSelector: { matchLabels: { app: web } }';

/** The lens over the first policy: its parts, and what a click asks. */
function lens(yaml: string, isComplete = true): string {
  const model = cluster(shop + yaml);
  const manifest = model.manifests.find(({ kind }) => kind === 'NetworkPolicy');
  const found = manifest === undefined ? null : lensOf({ model, isComplete }, manifest);
  if (found === null) return '';
  const { way, notes, ask } = found;
  const asked = ask === null ? [] : [`(${ask.target.text} from ${usualOrigin(ask)})`];
  return [way, ...notes, ...asked].join(' | ');
}

const lenses: readonly (readonly [says: string, yaml: string])[] = [
  [
    'isolates 3 pods for ingress | lets in: ingress-nginx, api → http | ' +
      '(svc/web.shop from deploy/controller.ingress-nginx)',
    policy(`{ ${web}, ingress: [{ from: [{ namespaceSelector: { matchLabels: { team: edge } } },
      { podSelector: { matchLabels: { app: api } } }], ports: [{ port: http }] }] }`),
  ],
  ['isolates 3 pods for ingress | lets in nobody | (svc/web.shop from pod.shop)', policy(`{ ${web} }`)],
  [
    'isolates 5 pods for ingress and egress | lets in: everybody | lets out to nobody | (svc/web.shop from pod.shop)',
    policy('{ podSelector: {}, policyTypes: [Ingress, Egress], ingress: [{}] }'),
  ],
  [
    'isolates 2 pods for egress | lets out to: web → 8080; everybody → UDP 53, 53 | ' +
      '(svc/web.shop from deploy/api.shop)',
    policy(`{ podSelector: { matchLabels: { app: api } }, policyTypes: [Egress], egress: [
      { to: [{ ${web} }], ports: [{ port: 8080 }] },
      { ports: [{ port: 53, protocol: UDP }, { port: 53 }] }] }`),
  ],
  [
    'isolates 3 pods for ingress | lets in: 10.0.0.0/8 except 10.1.0.0/16, app=wet (no pod here), all of shop, ' +
      '1 more | (svc/web.shop from deploy/api.shop)',
    policy(`{ ${web}, ingress: [{ from: [
      { ipBlock: { cidr: 10.0.0.0/8, except: [10.1.0.0/16] } }, { podSelector: { matchLabels: { app: wet } } },
      { podSelector: {} },
      { namespaceSelector: { matchLabels: { team: edge } }, podSelector: { matchLabels: { app: controller } } }] }] }`),
  ],
  [
    'isolates 3 pods for ingress | lets in nobody | open allows more | (svc/web.shop from pod.shop)',
    policy(`{ ${web} }`) + policy('{ podSelector: {}, ingress: [{}] }', 'open'),
  ],
  [
    'isolates 3 pods for ingress | lets in nobody | (svc/web.shop from pod.shop)',
    policy(`{ ${web} }`) +
      policy('{ podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { app: wbe } } }] }] }', 'idle'),
  ],
  ['isolates no pod', policy('{ podSelector: { matchLabels: { app: wbe } } }')],
  ['isolates no pod', policy('{ podSelector: { matchLabels: { app: null } } }')],
  [
    'isolates no pod of these files',
    `${policy('{ podSelector: { matchLabels: { prometheus: k8s } } }')}
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: { name: k8s, namespace: shop }`,
  ],
  ['enforces nothing: the API server refuses it', policy(`{ ${web}, ingress: [{ from: [{}] }] }`)],
  ['enforces nothing: the API server refuses it', policy(`{ ${web}, ingres: [{ from: [{}] }] }`)],
  [
    "isolates nobody: its pods are on their nodes' network",
    `${policy('{ podSelector: { matchLabels: { app: agent } } }')}
---
apiVersion: v1
kind: Pod
metadata: { name: agent, namespace: shop, labels: { app: agent } }
spec: { hostNetwork: true, containers: [{ name: agent }] }`,
  ],
];

test.each(lenses)('%s', (says, yaml) => {
  expect(lens(yaml)).toBe(says);
});

test('a policy for the whole cluster says whom it is for, and what its rules do', () => {
  const model = cluster(`${shop}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: { name: shut }
spec:
  tier: Admin
  priority: 10
  subject: { namespaces: { matchLabels: { kubernetes.io/metadata.name: shop } } }
  ingress:
    - action: Accept
      from: [{ namespaces: { matchLabels: { team: edge } } }]
      protocols: [{ tcp: { destinationPort: { number: 8080 } } }]
    - { action: Deny, from: [{ namespaces: {} }] }
  egress:
    - { action: Deny, to: [{ networks: [10.0.0.0/8] }] }`);
  const manifest = model.manifests.find(({ kind }) => kind === 'ClusterNetworkPolicy');
  const found = manifest === undefined ? null : lensOf({ model, isComplete: true }, manifest);
  expect([found?.way, ...(found?.notes ?? []), found?.ask?.target.text, found?.ask?.from]).toEqual([
    'for 5 pods, tier Admin, priority 10',
    'in: accepts ingress-nginx → 8080; denies all pods',
    'out: denies 10.0.0.0/8',
    'svc/web.shop',
    'deploy/controller.ingress-nginx',
  ]);
});

test('without all manifests, a selector without pods says so of these files', () => {
  expect(lens(policy('{ podSelector: { matchLabels: { app: wbe } } }'), false)).toBe('isolates no pod of these files');
});

test('hostile names are cut and shown as they are', () => {
  const name = '\u202e<img onerror=alert(1)>'.padEnd(10_000, 'x');
  const evil = `\n---${workload('evil', 'shop', 1).replace('name: evil,', `name: ${JSON.stringify(name)},`)}`;
  const said = lens(
    policy(`{ ${web}, ingress: [{ from: [{ podSelector: { matchLabels: { app: evil } } }] }] }`) + evil,
  );
  expect(said).toContain('lets in: \\u202e<img');
  expect(said.length).toBeLessThan(20_400);
});

const hovered = policy(`
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress]
  ingress:
    - from:
        - namespaceSelector: { matchLabels: { team: edge } }
          podSelector: { matchLabels: { app: controller } }
        - ipBlock: { cidr: 192.168.0.0/24, except: [192.168.0.12/32, 192.168.0.128/25] }
      ports:
        - port: http
        - { port: 80, protocol: TCP }
        - { port: 9000, endPort: 9009 }
  egress:
    - to: [{ podSelector: {} }]`);

/** What a hover on a field says, without its title and its link. */
function hover(...path: FieldPath): string {
  const model = cluster(shop + hovered);
  const manifest = model.manifests.find(({ kind }) => kind === 'NetworkPolicy');
  const help = manifest === undefined ? null : helpFor({ model, isComplete: true }, manifest, ['spec', ...path]);
  return help?.markdown.split('\n\n').slice(1, -1).join(' ') ?? '';
}

const from = ['ingress', 0, 'from'];

test('each field says what it selects now', () => {
  const said = [
    ['podSelector'],
    ['policyTypes'],
    from,
    [...from, 0, 'podSelector'],
    [...from, 0, 'namespaceSelector'],
    [...from, 1, 'ipBlock', 'cidr'],
    [...from, 1, 'ipBlock', 'except', 0],
    ['ingress', 0, 'ports', 0, 'port'],
    ['ingress', 0, 'ports', 1, 'port'],
    ['ingress', 0, 'ports', 2, 'endPort'],
    ['egress', 0, 'to'],
  ].map((path) => `${path.join('.')}: ${hover(...path)}`);
  expect(said.join('\n')).toMatchInlineSnapshot(`
    "podSelector: Selects 3 pods: web\\-0.shop (10.244.1.186), web\\-1.shop (10.244.2.112), web\\-2.shop (10.244.3.242) of namespace shop.
    policyTypes: Isolates 3 pods for ingress, and lets in controller.ingress\\-nginx, 192.168.0.0/24 except 2 ranges → http, 80, 9000\\-9009. What another policy allows passes too. Leaves egress alone: \`policyTypes\` lacks \`Egress\`, so the rules under \`egress\` do nothing.
    ingress.0.from: Lets in 1 pod: controller\\-0.ingress\\-nginx (10.244.1.217), and addresses of \`192.168.0.0/24\`. Any of its 2 entries is enough.
    ingress.0.from.0.podSelector: Means 1 pod: controller\\-0.ingress\\-nginx (10.244.1.217), of the namespaces that stand beside it: ingress\\-nginx.
    ingress.0.from.0.namespaceSelector: 1 namespace: ingress\\-nginx. With the \`podSelector\` beside it, it means 1 pod: controller\\-0.ingress\\-nginx (10.244.1.217). Nobody from outside the cluster is in a namespace.
    ingress.0.from.1.ipBlock.cidr: Whoever is seen with an address of \`192.168.0.0/24\`, but for \`192.168.0.12/32\`, \`192.168.0.128/25\`. Now these have such an address: 2 nodes: node\\-1 (192.168.0.11), node\\-3 (192.168.0.13). Which plug-in runs isn't said (\`podNetwork.policies\`). Others read it otherwise:
    - Cilium beside kube-proxy: pods and nodes are never meant by an address
    ingress.0.from.1.ipBlock.except.0: Not meant by this entry. It denies nobody: another entry, rule or policy may still allow them.
    - \`192.168.0.12/32\`: Now these have such an address: 1 node: node\\-2 (192.168.0.12).
    - \`192.168.0.128/25\`: No pod and no node has such an address now.
    ingress.0.ports.0.port: TCP port \`http\` of the pod that gets the packet, behind any Service. It is 8080 in web.
    ingress.0.ports.1.port: TCP port \`80\` of the pod that gets the packet, behind any Service. None of the 3 pods that it is about declares it. Port 80 of Service web leads to \`http\`.
    ingress.0.ports.2.endPort: TCP ports 9000 to 9009, both among them: 10 ports.
    egress.0.to: Does nothing: \`policyTypes\` lacks \`Egress\`."
  `);
});

/** The lens over Service web of another set. */
function serviceLens(yaml: string, type = 'ClusterIP'): string {
  const model = cluster(
    shop.replace('spec: { selector: { app: web }', `spec: { type: ${type}, selector: { app: web }`) + yaml,
  );
  const manifest = model.manifests.find(({ kind }) => kind === 'Service');
  const found = manifest === undefined ? null : lensOf({ model, isComplete: true }, manifest);
  const notes = found?.notes.filter((each) => !each.startsWith('~')) ?? [];
  return [found?.way, ...notes, ...(found?.ask ? [usualOrigin(found.ask)] : [])].join(' | ');
}

const office = `{ ${web}, ingress: [{ from: [{ ipBlock: { cidr: 198.51.100.0/24 } }] }] }`;
const ofApi = `{ ${web}, ingress: [{ from: [{ podSelector: { matchLabels: { app: api } } }] }] }`;

test.each([
  ['1 hop from pod, no SNAT | → 3 pods | others denied by policy | deploy/api.shop', policy(ofApi), 'ClusterIP'],
  ['1 hop from pod, denied by policy | pod.shop', policy(`{ ${web} }`), 'ClusterIP'],
  ['2 hops from LB, denied by policy | internet', policy(ofApi), 'LoadBalancer'],
  ['2 hops from LB, SNAT applied, 2/3 denied by policy | → 3 pods | internet', policy(office), 'LoadBalancer'],
  [
    '1 hop from pod, no SNAT | → 3 pods | others denied by policy | deploy/api.shop',
    policy('{ podSelector: {}, policyTypes: [Egress] }') +
      policy('{ podSelector: { matchLabels: { app: api } }, policyTypes: [Egress], egress: [{}] }', 'api-out'),
    'ClusterIP',
  ],
  [
    'denied on the way out by policy | pod.shop',
    policy('{ podSelector: {}, policyTypes: [Egress] }') +
      '\n---\napiVersion: v1\nkind: Pod\nmetadata: { name: client, namespace: shop }\n' +
      'spec: { containers: [{ name: a }] }',
    'ClusterIP',
  ],
])('over a Service: %s', (says, yaml, type) => {
  expect(serviceLens(yaml, type)).toBe(says);
});
