import { familyOf, hostPort, ofFamily } from '../cluster/address.ts';
import { written } from '../cluster/because.ts';
import { type ClusterModel, eachOfModel, indexOfModel } from '../cluster/clusterModel.ts';
import { writtenOnes } from '../cluster/lookups.ts';
import { type ClusterNode, isLoopback } from '../cluster/node.ts';
import { once } from '../cluster/once.ts';
import type { ContainerPort, Pod } from '../cluster/pod.ts';
import type { Service } from '../cluster/service.ts';
import {
  hasHealthServer,
  healthAnswer,
  healthServerListensAt,
  proxyHealth,
  proxyHealthPort,
} from '../network/kubeProxy/healthServer.ts';
import { ends, type Flight, hopTo, type Moves, rewrittenBy } from './flight.ts';
import { leftToAnother } from './leftToAnother.ts';
import type { BalancedPort } from './station.ts';
import { placeOf, podParty, toNodeBalancer } from './towards.ts';
import type { Rewrite } from './trace.ts';

/** A port that a pod takes on its node: its own on the node's network, or a hostPort. */
interface PortOnHost {
  readonly pod: Pod;
  readonly container: number;
  readonly port: ContainerPort;
}

const portsOnHost = once((pod: Pod): readonly PortOnHost[] =>
  pod.waits !== null
    ? []
    : pod.containers.flatMap(({ ports }, container) =>
        ports.filter(({ hostPort }) => pod.hostNetwork || hostPort !== null).map((port) => ({ pod, container, port })),
      ),
);

const allPortsOnHosts = eachOfModel(({ pods }) => pods, portsOnHost);
const hostPorts = indexOfModel(allPortsOnHosts, ({ pod, port }: PortOnHost) => [
  `${pod.node} ${port.protocol} ${pod.hostNetwork ? port.port : port.hostPort}`,
]);

/**
 * Addressed to the node itself and to nothing of kube-proxy's: a load balancer's process, a hostPort, a pod on the
 * host's network, or nothing.
 */
export function atNodeItself(model: ClusterModel, flight: Flight, node: ClusterNode): Moves {
  const { protocol, destination } = flight.packet;
  const [balanced] = portsOnNodes(model).get(`${protocol} ${destination.address} ${destination.port}`);
  if (balanced !== undefined) return toNodeBalancer(flight, node, balanced);
  const taken = hostPorts(model)
    .get(`${node.name} ${protocol} ${destination.port}`)
    .find(({ pod }) => pod.hostNetwork || ofFamily(pod.addresses, familyOf(destination.address)).length > 0);
  if (taken !== undefined) return atHostPort(flight, taken);
  const health = healthCheckAt(model, flight, node);
  if (health !== null) return health;
  const { leftTo, because } = leftToAnother(model, flight.packet);
  const [service] = writtenOnes(servicesByPort(model).get(String(destination.port)));
  const facts = { node: node.name, port: destination.port, service: service?.name ?? null };
  if (leftTo === null && !isOnlyKubeProxys(model, flight))
    return ends(flight, { kind: 'unknown', reason: 'node-process', ...facts });
  return ends(flight, { kind: 'refused', reason: 'nothing-listens', at: 'node', ...facts, leftTo }, because);
}

/**
 * Whether nobody but kube-proxy is taken to listen there: at nodePorts, health checks' ports, on the loopback. What
 * else runs on a node (the kubelet, sshd, an API server) no manifest says.
 */
function isOnlyKubeProxys(model: ClusterModel, { packet: { protocol, destination } }: Flight): boolean {
  const { address, port } = destination;
  const { from, to } = model.profile.nodePortRange;
  return (
    (port >= from && port <= to) ||
    isLoopback(address) ||
    (protocol === 'TCP' && (port === proxyHealthPort || servicesByHealthPort(model).get(String(port)).length > 0))
  );
}

/** Of those with `ipMode: Proxy`: kube-proxy has the others itself. Without a nodePort there is nothing to send to. */
const proxiedOnes = once((service: Service): readonly BalancedPort[] =>
  service.proxiedAddresses.length === 0
    ? []
    : service.ports.filter(({ nodePort }) => nodePort !== null).map((port) => ({ service, port })),
);

const portsOnNodes = indexOfModel(
  ({ services }) => services.flatMap(proxiedOnes),
  ({ service: { loadBalancerAddresses, proxiedAddresses }, port: { protocol, port } }: BalancedPort) =>
    [...new Set(loadBalancerAddresses)]
      .filter((each) => proxiedAddresses.includes(each))
      .map((address) => `${protocol} ${address} ${port}`),
);

function atHostPort(flight: Flight, { pod, container, port }: PortOnHost): Moves {
  const { destination } = flight.packet;
  const text = pod.hostNetwork ? 'hostNetwork: true' : `hostPort: ${port.hostPort}`;
  const because = written(pod.manifest, text, ...containerPath(pod), 'containers', container);
  const station = { kind: 'pod', pod, node: pod.node, service: null, masquerade: null } as const;
  if (pod.hostNetwork) return [hopTo(flight, podParty(pod, destination.address), station, { because: [because] })];
  const [address = pod.address] = ofFamily(pod.addresses, familyOf(destination.address));
  const to = { address, port: port.port };
  const rewrite: Rewrite = {
    kind: 'DNAT',
    from: hostPort(destination.address, destination.port),
    to: hostPort(to.address, to.port),
    by: 'CNI-HOSTPORT-DNAT',
    chains: ['CNI-HOSTPORT-DNAT'],
    because: [because],
  };
  const rewritten = rewrittenBy(flight, {
    rewrites: [rewrite],
    because: [because],
    packet: { ...flight.packet, destination: to },
  });
  return [hopTo(rewritten, podParty(pod, address), station, { because: [placeOf(pod)] })];
}

const servicesByPort = indexOfModel(
  ({ services }) => services,
  ({ ports }: Service) => [...new Set(ports.map(({ port }) => String(port)))],
);

const servicesByHealthPort = indexOfModel(
  ({ services }) => services,
  (service: Service) => (hasHealthServer(service) ? [String(service.healthCheckNodePort)] : []),
);

/** kube-proxy's own health server for a Service under policy Local. */
function healthCheckAt(model: ClusterModel, flight: Flight, node: ClusterNode): Moves | null {
  const {
    protocol,
    destination: { address, port },
  } = flight.packet;
  if (protocol !== 'TCP') return null;
  if (port === proxyHealthPort) {
    const own = proxyHealth(node, flight.http?.path ?? '/healthz');
    return own === null
      ? null
      : ends(flight, { kind: 'answered', reason: 'health-check', status: own, of: 'kube-proxy', node: node.name });
  }
  if (!healthServerListensAt(model, node, address)) return null;
  const [service] = servicesByHealthPort(model).get(String(port));
  const answer = service === undefined ? null : healthAnswer(model, service, node, familyOf(address));
  if (service === undefined || answer === null) return null;
  const { status, localEndpoints } = answer;
  const health = { status, of: 'service', node: node.name, service: service.name, localEndpoints } as const;
  return ends(flight, { kind: 'answered', reason: 'health-check', ...health }, [
    written(service.manifest, `healthCheckNodePort: ${port}`, 'spec', 'healthCheckNodePort'),
  ]);
}

function containerPath(pod: Pod): string[] {
  return pod.manifest.kind === 'Pod'
    ? ['spec']
    : pod.manifest.kind === 'CronJob'
      ? ['spec', 'jobTemplate', 'spec', 'template', 'spec']
      : ['spec', 'template', 'spec'];
}
