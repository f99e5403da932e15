import type { SeededRandom } from '../seededRandom.ts';

/** A made-up cluster as JSON manifests: Services of all types and policies, with and without endpoints, in several zones. */
export function randomCluster(random: SeededRandom): object[] {
  const nodes = Array.from({ length: 1 + random.below(4) }, (_, index) => `node-${index + 1}`);
  const services = Array.from({ length: 1 + random.below(4) }, (_, index) => randomService(random, `svc-${index}`, index, nodes));
  return [
    {
      apiVersion: 'hoplens.dev/v1alpha1', kind: 'ClusterProfile', metadata: { name: 'random' },
      spec: { kubeProxy: { masqueradeAll: random.below(8) === 0 }, nodes: nodes.map((name) => ({ name, zone: `zone-${1 + random.below(2)}` })) },
    },
    ...services.flat(),
  ];
}

function randomService(random: SeededRandom, name: string, index: number, nodes: readonly string[]): object[] {
  const chance = (share: number): boolean => random.below(100) < share;
  const type = random.pick(['ClusterIP', 'NodePort', 'LoadBalancer']);
  const externalIPs = chance(25) ? [`192.0.2.${10 + index}`] : [];
  const isExternal = type !== 'ClusterIP' || externalIPs.length > 0;
  const ports = Array.from({ length: 1 + random.below(2) }, (_, at) => ({ name: at === 0 && chance(50) ? '' : `p${at}`, port: 80 + at, targetPort: 8080 + at, protocol: random.pick(['TCP', 'TCP', 'UDP', 'SCTP']) }));
  const named = ports.length > 1 ? ports.map((port, at) => ({ ...port, name: `p${at}` })) : ports;
  const spec = {
    type, externalIPs, ports: named,
    internalTrafficPolicy: chance(25) ? 'Local' : 'Cluster',
    ...(isExternal && chance(50) ? { externalTrafficPolicy: 'Local' } : {}),
    ...(chance(20) ? { sessionAffinity: 'ClientIP' } : {}),
    ...(type === 'LoadBalancer' && chance(30) ? { loadBalancerSourceRanges: [random.pick(['198.51.100.0/24', '192.168.0.0/16'])] } : {}),
    ...(type === 'LoadBalancer' && chance(15) ? { allocateLoadBalancerNodePorts: false } : {}),
  };
  const hints = random.pick(['none', 'none', 'zone', 'node', 'some']);
  const endpoints = Array.from({ length: random.below(5) }, (_, at) => {
    const node = random.below(nodes.length);
    const state = random.pick(['ready', 'ready', 'ready', 'terminating', 'down']);
    const hinted = hints === 'zone' || hints === 'node' || hints === 'some' && chance(50);
    return {
      addresses: [`10.244.${node + 1}.${10 + index * 10 + at}`], nodeName: nodes[node],
      conditions: { ready: state === 'ready', serving: state !== 'down', terminating: state === 'terminating' },
      hints: { forZones: hinted ? [{ name: `zone-${1 + random.below(2)}` }] : [], forNodes: hinted && hints === 'node' ? [{ name: random.pick(nodes) }] : [] },
    };
  });
  const slice = {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: `${name}-a`, labels: { 'kubernetes.io/service-name': name } }, addressType: 'IPv4',
    ports: named.map(({ name: port, targetPort, protocol }) => ({ name: port, port: targetPort, protocol })), endpoints,
  };
  return [{ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec }, slice];
}
