import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kindOf, loadBalancerKinds } from '../shared/network/loadBalancers/catalogue.ts';
import { lossWindowSeconds, type Probe } from '../shared/network/loadBalancers/loadBalancerKind.ts';
import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import { readService } from '../shared/cluster/service.ts';
import { example, sceneOf } from './examples/example.ts';
import { clusterOf, oneFile, traceIn } from './scene.ts';

function cluster(provider: string, annotations: Readonly<Record<string, string>> = {}): ReturnType<typeof clusterOf> {
  return clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: provider },
      spec: { loadBalancer: { provider }, nodes: { count: 2 }, podNetwork: { cni: 'aws-vpc' } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', annotations },
      spec: {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        selector: { app: 'web' },
        ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }],
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.80' }] } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web-0', labels: { app: 'web' } },
      spec: { nodeName: 'node-1', containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] },
    },
  ]);
}

/** One line of a path: what the target is sent, what the pod sees, how the reply comes back. */
function lines(model: ClusterModel): string[] {
  return traceIn(model, 'svc/web').paths.map(({ probability, hops, seenBy, reply, verdict }) => {
    const sent = hops[1]?.packet.destination;
    const end =
      verdict.kind === 'delivered'
        ? `pod sees ${seenBy.at(-1)?.source}, reply ${reply.map(({ to }) => to.name).join(' → ')}`
        : verdict.reason;
    return `${probability.toFraction()} → ${hops[1]?.to.name} at ${sent?.address}:${sent?.port}, ${end}`;
  });
}

/** What the rule says of the node without a pod, behind what it says of every kind. */
function warnings(row: string): string[] {
  const workspace = example(row);
  return workspace
    .uris()
    .flatMap((uri) => workspace.findings(uri))
    .map(
      ({ rule, severity, message }) => `${rule} (${severity}) ${message.replace(/^.*no pod of it runs there/, '…')}`,
    );
}

test(
  'every kind of load balancer has an example: how it is known, where it sends, whom the pod sees, how the reply ' +
    'comes back, what the rule says',
  () => {
    const known = loadBalancerKinds.map(({ id }) => {
      const { model } = sceneOf(`load-balancers/${id}`);
      const [service] = model.services;
      if (service === undefined) throw new Error(`no Service in the example of ${id}`);
      const { kind, by } = kindOf(model, service);
      expect(kind.id).toBe(id);
      return [id, [`known by ${by}`, ...lines(model), ...warnings(`load-balancers/${id}`)]];
    });
    expect(Object.fromEntries(known)).toMatchInlineSnapshot(`
      {
        "aws-classic": [
          "known by node",
          "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 60 s after a change, by its defaults, packets are lost.",
          "local-policy-hidden (info) AWS Classic Load Balancer asks in its own name and says no client's address: Service web's pods see the load balancer, in spite of Local.",
        ],
        "aws-nlb": [
          "known by annotation",
          "1 → node-1 at 192.168.0.11:30080, pod sees 198.51.100.7, reply node-1 → web → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 30 s after a change, by its defaults, packets are lost.",
        ],
        "aws-nlb-ip": [
          "known by annotation",
          "1 → web-0 at 10.244.1.177:8080, pod sees 203.0.113.80, reply web → client",
          "local-policy-drops (info) …. The load balancer sends straight to pods; only who picks such a node by hand loses packets.",
        ],
        "azure": [
          "known by node",
          "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 10 s after a change, by its defaults, packets are lost.",
        ],
        "cilium-bgp": [
          "known by class",
          "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. Such nodes don't announce the load balancer's address; only who picks one by hand loses packets.",
        ],
        "cilium-l2": [
          "known by class",
          "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. Such nodes don't announce the load balancer's address; only who picks one by hand loses packets.",
        ],
        "cloud-provider-kind": [
          "known by node",
          "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; until it notices a change, packets are lost.",
          "local-policy-hidden (info) cloud-provider-kind asks in its own name and says no client's address: Service web's pods see the load balancer, in spite of Local.",
        ],
        "digitalocean": [
          "known by node",
          "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 9 s after a change, by its defaults, packets are lost.",
          "local-policy-hidden (info) DigitalOcean Load Balancer asks in its own name and says no client's address: Service web's pods see the load balancer, in spite of Local.",
        ],
        "gce": [
          "known by node",
          "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 24 s after a change, by its defaults, packets are lost.",
        ],
        "gce-internal": [
          "known by annotation",
          "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 24 s after a change, by its defaults, packets are lost.",
        ],
        "generic": [
          "known by nothing",
          "1 → node-1 at 192.168.0.11:30080, pod sees 198.51.100.7, reply node-1 → web → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; until it notices a change, packets are lost.",
        ],
        "hetzner": [
          "known by node",
          "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 45 s after a change, by its defaults, packets are lost.",
          "local-policy-hidden (info) Hetzner Cloud Load Balancer asks in its own name and says no client's address: Service web's pods see the load balancer, in spite of Local.",
        ],
        "klipper": [
          "known by node",
          "1 → node-1 at 192.168.0.11:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. Such nodes don't announce the load balancer's address; only who picks one by hand loses packets.",
        ],
        "kube-vip": [
          "known by annotation",
          "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. Such nodes don't announce the load balancer's address; only who picks one by hand loses packets.",
        ],
        "linode": [
          "known by node",
          "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 10 s after a change, by its defaults, packets are lost.",
          "local-policy-hidden (info) Linode NodeBalancer asks in its own name and says no client's address: Service web's pods see the load balancer, in spite of Local.",
        ],
        "metallb-bgp": [
          "known by profile",
          "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. Such nodes don't announce the load balancer's address; only who picks one by hand loses packets.",
        ],
        "metallb-l2": [
          "known by annotation",
          "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. Such nodes don't announce the load balancer's address; only who picks one by hand loses packets.",
        ],
        "minikube": [
          "known by profile",
          "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
          "local-policy-drops (info) …. Such nodes don't announce the load balancer's address; only who picks one by hand loses packets.",
        ],
        "oci": [
          "known by node",
          "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 30 s after a change, by its defaults, packets are lost.",
          "local-policy-hidden (info) Oracle Cloud load balancer asks in its own name and says no client's address: Service web's pods see the load balancer, in spite of Local.",
        ],
        "oci-nlb": [
          "known by annotation",
          "1 → node-1 at 192.168.0.11:30080, pod sees 198.51.100.7, reply node-1 → web → client",
          "local-policy-drops (info) …. The load balancer's health check on port 30967 leaves them out; for up to 30 s after a change, by its defaults, packets are lost.",
        ],
        "openstack": [
          "known by node",
          "1/2 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
          "1/2 → node-2 at 192.168.0.12:30080, no-local-endpoints",
          "local-policy-drops (warning) …, and the load balancer checks no node, so packets go there all the same.",
          "local-policy-hidden (info) OpenStack Octavia asks in its own name and says no client's address: Service web's pods see the load balancer, in spite of Local.",
        ],
      }
    `);
  },
);

test('annotations change it', () => {
  expect([
    lines(cluster('azure', { 'service.beta.kubernetes.io/azure-disable-load-balancer-floating-ip': 'true' })),
    lines(
      cluster('aws-nlb-ip', {
        'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes': 'preserve_client_ip.enabled=true',
      }),
    ),
  ]).toMatchInlineSnapshot(`
    [
      [
        "1 → node-1 at 192.168.0.11:30080, pod sees 198.51.100.7, reply node-1 → web → client",
      ],
      [
        "1 → web-0 at 10.244.1.82:8080, pod sees 198.51.100.7, reply web → client",
      ],
    ]
  `);
});

test.each([
  {
    what: 'an annotation',
    metadata: {
      annotations: {
        'service.beta.kubernetes.io/aws-load-balancer-type': 'external',
        'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip',
      },
    },
    spec: {},
    id: 'aws-nlb-ip',
    by: 'annotation',
  },
  {
    what: 'a class',
    metadata: {},
    spec: { loadBalancerClass: 'io.cilium/l2-announcer' },
    id: 'cilium-l2',
    by: 'class',
  },
  { what: 'nothing', metadata: {}, spec: {}, id: 'generic', by: 'nothing' },
] as const)('known by $what', ({ metadata, spec, id, by }) => {
  const model = clusterOf([
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', ...metadata },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
    },
  ]);
  const [service] = model.services;
  if (service === undefined) throw new Error('no Service');
  const chosen = kindOf(model, service);
  expect([chosen.kind.id, chosen.by]).toEqual([id, by]);
});

test("known by a node's providerID", () => {
  const model = clusterOf([
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { providerID: 'hcloud://1' } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    },
  ]);
  const [service] = model.services;
  expect(service === undefined ? null : kindOf(model, service)).toMatchObject({ kind: { id: 'hetzner' }, by: 'node' });
});

test('docs/load-balancers.md has the table', () => {
  const [service] = clusterOf([
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
    },
  ]).services;
  if (service === undefined) throw new Error('no Service');
  const probe = (each: Probe | null): string =>
    each === null
      ? '–'
      : `${each.asks}, every ${each.everySeconds} s, out after ${each.failures}: up to ${lossWindowSeconds(each)} s`;
  const linked = (source: string, index: number): string =>
    source.startsWith('https:') && !source.includes(' ') ? `[${index + 1}](${source})` : source;
  const rows = loadBalancerKinds.map(({ id, title, behaviour, annotations, sources }) => {
    const { target, source, nodes, reply, leavesOut, sourceRanges, health } = behaviour(readService(service.manifest));
    return (
      `| \`${id}\` | ${title} | ${target} | ${source} | ${nodes} | ${reply} | ${leavesOut} | ${sourceRanges} | ` +
      `${probe(health.cluster)} | ${probe(health.local)} | ` +
      `${annotations.map(({ name }) => `\`${name}\``).join('<br>') || '–'} | ` +
      `${sources.map(linked).join(', ')} |`
    );
  });
  const table = [
    '| provider | what | sends to | target sees | nodes | reply | what leaves out nodes without a pod | who ' +
      'keeps to source ranges | health check, Cluster | health check, Local | annotations | sources |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
  const file = join(import.meta.dirname, '..', 'docs', 'load-balancers.md');
  const text = readFileSync(file, 'utf8');
  const expected = text.replace(/<!-- kinds -->[^]*<!-- \/kinds -->/, `<!-- kinds -->\n${table}\n<!-- /kinds -->`);
  if (process.env.UPDATE === '1') writeFileSync(file, expected);
  expect(process.env.UPDATE === '1' ? expected : text).toBe(expected);
});

test.each([
  ['metalb-l2', ' Did you mean metallb-l2?'],
  ['aws', ' Did you mean aws-nlb-ip or aws-nlb or aws-classic?'],
  ['f5', ''],
])('a provider that nobody knows is told at its place: %s', (provider, question) => {
  const workspace = oneFile(`
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec:
  loadBalancer:
    provider: ${provider}
`);
  const known = loadBalancerKinds.map(({ id }) => id).join(', ');
  expect(workspace.findings('test.yaml').map(({ message, site }) => [message, site.range.start.line])).toEqual([
    [`loadBalancer.provider is ${provider}, which Hoplens doesn't know.${question} Known: ${known}.`, 6],
  ]);
});

test.each(loadBalancerKinds.map(({ id }) => id))('%s is known', (provider) => {
  const workspace = oneFile(`
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec: { loadBalancer: { provider: ${provider} } }
`);
  expect(workspace.findings('test.yaml')).toEqual([]);
});
