import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { clusterModelOf } from '../../../shared/network/assumed.ts';
import { isProfile, readProfile } from '../../../shared/cluster/profile.ts';
import { parseFile } from '../../../shared/manifest/parseFile.ts';
import { portOnNode, proxiedPorts } from '../../../shared/network/kubeProxy/proxiedPort.ts';

/** One case of kube-proxy's own table, as facts: what is there, and what each policy may use. */
interface Case {
  readonly test: string;
  /** Whether the feature PreferSameTrafficDistribution is on. */
  readonly preferSame: boolean;
  readonly node: string;
  readonly zone: string | null;
  readonly service: {
    readonly externalPolicyLocal: boolean;
    readonly internalPolicyLocal: boolean;
    readonly nodePort: number | null;
  };
  readonly endpoints: readonly {
    readonly at: string;
    readonly zoneHints?: readonly string[];
    readonly nodeHints?: readonly string[];
    readonly ready?: boolean;
    readonly serving?: boolean;
    readonly terminating?: boolean;
    readonly local?: boolean;
  }[];
  readonly cluster: readonly string[];
  readonly local: readonly string[];
  readonly all: readonly string[];
  readonly hasAny: boolean;
}

const table: { version: string; file: string; cases: readonly Case[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'endpointSelection.json'), 'utf8'),
);

/**
 * The case as the manifests that would bring it about: a Node, a Service, an EndpointSlice, a profile with the version.
 */
function manifestsFor({ preferSame, node, zone, service, endpoints }: Case): object[] {
  const name = node === '' ? 'this-node' : node;
  return [
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'case' },
      spec: { kubernetesVersion: preferSame ? '1.36' : '1.33' },
    },
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: zone === null || zone === '' ? {} : { 'topology.kubernetes.io/zone': zone } },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        type: service.nodePort === null ? 'ClusterIP' : 'NodePort',
        ports: [{ port: 80, nodePort: service.nodePort ?? undefined }],
        externalTrafficPolicy: service.externalPolicyLocal ? 'Local' : undefined,
        internalTrafficPolicy: service.internalPolicyLocal ? 'Local' : undefined,
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      ports: [{ name: '', port: 80, protocol: 'TCP' }],
      endpoints: endpoints.map(
        ({
          at,
          zoneHints = [],
          nodeHints = [],
          ready = false,
          serving = false,
          terminating = false,
          local = false,
        }) => ({
          addresses: [at.split(':')[0]],
          nodeName: local ? name : 'another-node',
          conditions: { ready, serving, terminating },
          hints: {
            forZones: zoneHints.map((each) => ({ name: each })),
            forNodes: nodeHints.map((each) => ({ name: each })),
          },
        }),
      ),
    },
  ];
}

test(`every case of ${table.file} (${table.version}) is here`, () => expect(table.cases).toHaveLength(32));

test.each(table.cases)('$test', (each) => {
  const { manifests } = parseFile(
    'case.json',
    JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifestsFor(each) }),
  );
  const profile = manifests.find(isProfile);
  if (profile === undefined) throw new Error('no profile');
  const model = clusterModelOf(manifests, readProfile(profile).profile);
  const [service] = model.services;
  const [node] = model.nodes;
  if (service === undefined || node === undefined) throw new Error('no Service or no Node');
  const [port] = proxiedPorts(model, 'IPv4');
  if (port === undefined) throw new Error('no port');
  const { cluster, local, hasAny } = portOnNode(model, port, node);
  const names = (endpoints: typeof cluster): string[] =>
    endpoints.map(({ address, port }) => `${address}:${port}`).toSorted();
  expect({
    cluster: names(cluster),
    local: names(local),
    all: [...new Set([...names(cluster), ...names(local)])].toSorted(),
    hasAny,
  }).toEqual({
    cluster: each.cluster.toSorted(),
    local: each.local.toSorted(),
    all: each.all.toSorted(),
    hasAny: each.hasAny,
  });
});
