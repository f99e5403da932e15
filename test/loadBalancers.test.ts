import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kindOf, loadBalancerKinds } from '../shared/network/loadBalancers/catalogue.ts';
import { lossWindowSeconds, type Probe } from '../shared/network/loadBalancers/loadBalancerKind.ts';
import { readService } from '../shared/cluster/service.ts';
import { clusterOf, traceIn } from './scene.ts';

function cluster(provider: string, policy: string, annotations: Readonly<Record<string, string>> = {}): ReturnType<typeof clusterOf> {
  return clusterOf([
    { apiVersion: 'hoplens.dev/v1alpha1', kind: 'ClusterProfile', metadata: { name: provider }, spec: { loadBalancer: { provider }, nodes: { count: 2 }, podNetwork: { cni: 'aws-vpc' } } },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', annotations }, spec: { type: 'LoadBalancer', externalTrafficPolicy: policy, selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }] }, status: { loadBalancer: { ingress: [{ ip: '203.0.113.80' }] } } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web-0', labels: { app: 'web' } }, spec: { nodeName: 'node-1', containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] } },
  ]);
}

/** One line of a path: what the target is sent, what the pod sees, how the reply comes back. */
function lines(provider: string, policy: string, annotations?: Readonly<Record<string, string>>): string[] {
  return traceIn(cluster(provider, policy, annotations), 'svc/web').paths.map(({ probability, hops, seenBy, reply, verdict }) =>
    `${probability.toFraction()} → ${hops[1]?.to.name} at ${hops[1]?.packet.destination.address}:${hops[1]?.packet.destination.port}, ${verdict.kind === 'delivered' ? `pod sees ${seenBy.at(-1)?.source}, reply ${reply.map(({ to }) => to.name).join(' → ')}` : verdict.reason}`);
}

test('every kind of load balancer, under policy Local: where it sends, whom the pod sees, how the reply comes back', () => {
  expect(Object.fromEntries(loadBalancerKinds.map(({ id }) => [id, lines(id, 'Local')]))).toMatchInlineSnapshot(`
    {
      "aws-classic": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
      ],
      "aws-nlb": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 198.51.100.7, reply node-1 → web → client",
      ],
      "aws-nlb-ip": [
        "1 → web-0 at 10.244.1.2:8080, pod sees 203.0.113.80, reply web → client",
      ],
      "azure": [
        "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
      ],
      "cilium-bgp": [
        "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
      ],
      "cilium-l2": [
        "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
      ],
      "cloud-provider-kind": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
      ],
      "digitalocean": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
      ],
      "gce": [
        "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
      ],
      "gce-internal": [
        "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
      ],
      "generic": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 198.51.100.7, reply node-1 → web → client",
      ],
      "hetzner": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
      ],
      "klipper": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
      ],
      "kube-vip": [
        "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
      ],
      "linode": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
      ],
      "metallb-bgp": [
        "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
      ],
      "metallb-l2": [
        "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
      ],
      "minikube": [
        "1 → node-1 at 203.0.113.80:80, pod sees 198.51.100.7, reply node-1 → client",
      ],
      "oci": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
      ],
      "openstack": [
        "1 → node-1 at 192.168.0.11:30080, pod sees 203.0.113.80, reply node-1 → web → client",
      ],
    }
  `);
});

test('annotations change it', () => {
  expect([
    lines('azure', 'Local', { 'service.beta.kubernetes.io/azure-disable-load-balancer-floating-ip': 'true' }),
    lines('aws-nlb-ip', 'Local', { 'service.beta.kubernetes.io/aws-load-balancer-target-group-attributes': 'preserve_client_ip.enabled=true' }),
  ]).toMatchInlineSnapshot(`
    [
      [
        "1 → node-1 at 192.168.0.11:30080, pod sees 198.51.100.7, reply node-1 → web → client",
      ],
      [
        "1 → web-0 at 10.244.1.2:8080, pod sees 198.51.100.7, reply web → client",
      ],
    ]
  `);
});

test.each([
  ['an annotation', { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-type': 'external', 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip' } }, {}, 'aws-nlb-ip', 'annotation'],
  ['a class', {}, { loadBalancerClass: 'io.cilium/l2-announcer' }, 'cilium-l2', 'class'],
  ['nothing', {}, {}, 'generic', 'nothing'],
] as const)('known by %s', (_, metadata, spec, id, by) => {
  const model = clusterOf([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', ...metadata }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec } }]);
  const [service] = model.services;
  if (service === undefined) throw new Error('no Service');
  const chosen = kindOf(model, service);
  expect([chosen.kind.id, chosen.by]).toEqual([id, by]);
});

test("known by a node's providerID", () => {
  const model = clusterOf([{ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { providerID: 'hcloud://1' } }, { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }]);
  const [service] = model.services;
  expect(service === undefined ? null : kindOf(model, service)).toMatchObject({ kind: { id: 'hetzner' }, by: 'node' });
});

test('docs/load-balancers.md has the table', () => {
  const [service] = clusterOf([{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } }]).services;
  if (service === undefined) throw new Error('no Service');
  const probe = (each: Probe | null): string => (each === null ? '–' : `${each.asks}, every ${each.everySeconds} s, out after ${each.failures}: up to ${lossWindowSeconds(each)} s`);
  const rows = loadBalancerKinds.map(({ id, title, behaviour, annotations, sources }) => {
    const { target, source, nodes, reply, health } = behaviour(readService(service.manifest));
    return `| \`${id}\` | ${title} | ${target} | ${source} | ${nodes} | ${reply} | ${probe(health.cluster)} | ${probe(health.local)} | ${annotations.map(({ name }) => `\`${name}\``).join('<br>') || '–'} | ${sources.map((each, index) => (each.startsWith('https:') && !each.includes(' ') ? `[${index + 1}](${each})` : each)).join(', ')} |`;
  });
  const table = ['| provider | what | sends to | target sees | nodes | reply | health check, Cluster | health check, Local | annotations | sources |', '|---|---|---|---|---|---|---|---|---|---|', ...rows].join('\n');
  const file = join(import.meta.dirname, '..', 'docs', 'load-balancers.md');
  const text = readFileSync(file, 'utf8');
  const expected = text.replace(/<!-- kinds -->[^]*<!-- \/kinds -->/, `<!-- kinds -->\n${table}\n<!-- /kinds -->`);
  if (process.env.UPDATE === '1') writeFileSync(file, expected);
  expect(process.env.UPDATE === '1' ? expected : text).toBe(expected);
});
