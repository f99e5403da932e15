import { familyOf, hostPort, isIn, ofFamily } from '../cluster/address.ts';
import { type Because, written } from '../cluster/because.ts';
import { type ClusterModel, eachOfModel, indexOfModel } from '../cluster/clusterModel.ts';
import { nodeNamed, podAt, podsWith, writtenOnes } from '../cluster/lookups.ts';
import { once } from '../cluster/once.ts';
import type { Endpoint } from '../cluster/endpoints.ts';
import { type ClusterNode, isLocalTo, leadsOut } from '../cluster/node.ts';
import type { ContainerPort, Pod } from '../cluster/pod.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { waitingFor } from '../cluster/waiting.ts';
import { gatewayAt } from '../network/gateway/gatewayProxy.ts';
import { controllerAt } from '../network/ingressController.ts';
import { chainNames } from '../network/kubeProxy/chainNames.ts';
import {
  hasHealthServer,
  healthAnswer,
  healthServerListensAt,
  proxyHealth,
  proxyHealthPort,
} from '../network/kubeProxy/healthServer.ts';
import { unwatchedAt } from '../network/kubeProxy/proxiedPort.ts';
import { unwatchedListings } from '../network/kubeProxy/unwatchedListings.ts';
import { walkRules } from '../network/kubeProxy/walk.ts';
import { kubeProxy } from '../network/kubeProxy/kubeProxy.ts';
import {
  type Choice,
  ownAddress,
  type PacketPath,
  type ServiceMatch,
  type Treatment,
} from '../network/kubeProxy/treatment.ts';
import {
  delivered,
  endpointOf,
  endpointParty,
  ends,
  type Flight,
  hopTo,
  placeOf,
  rewrittenBy,
  shared,
} from './flight.ts';
import { routeAtGateway } from './gatewayWalk.ts';
import { routeAtController } from './ingressWalk.ts';
import { proxied, type ProxyInPod } from './proxyWalk.ts';
import { spread } from '../network/spread.ts';
import { type Packet, type Party, type Path, podName, type Rewrite } from './trace.ts';
import type { Ended, OtherProxy } from './verdict.ts';

/**
 * What happens at nodes and pods: kube-proxy's treatment, host ports, the node's own listeners. Without names every
 * node is one of them; without an address each is asked at its own, of the client's family.
 */
export function arriveAtAnyNode(
  model: ClusterModel,
  flight: Flight,
  because: Because,
  { names, address }: { readonly names?: readonly string[]; readonly address?: string } = {},
): Path[] {
  const wanted = names === undefined ? null : new Set(names);
  const nodes = model.nodes.filter(({ name }) => wanted === null || wanted.has(name));
  return spread(nodes).flatMap(({ item: node, share }) => {
    const packet = {
      ...flight.packet,
      destination: { ...flight.packet.destination, address: address ?? ownAddress(node, flight.packet.source) },
    };
    return arriveAtNode(model, shared({ ...flight, packet }, share), node, [because]);
  });
}

export function nodeParty({ name, address }: ClusterNode): Party {
  return { kind: 'node', name, address };
}

/** Why a node has its address: its manifest, the profile, or the assumption that it is there. */
function addressOf({ name, address, manifest }: ClusterNode, { profile }: ClusterModel): Because {
  const text = `${name} has address ${address}`;
  if (manifest !== null) return written(manifest, text, 'status', 'addresses');
  if (profile.nodes !== null || profile.nodeCount !== null) return { kind: 'profile', text, field: profile.field };
  return { kind: 'assumption', text, assumption: 'nodes' };
}

/** A pod as it is reached at one of its addresses. */
function podParty(pod: Pod, reached: string): Party {
  return { kind: 'pod', name: podName(pod), address: pod.addresses.includes(reached) ? reached : pod.address };
}

export function arriveAtNode(
  model: ClusterModel,
  flight: Flight,
  node: ClusterNode,
  because: readonly Because[] = [],
): Path[] {
  const arrived = hopTo(flight, nodeParty(node), { because: because.length > 0 ? because : [addressOf(node, model)] });
  if (!node.ready) return lostAt(arrived, node);
  // IPv6 has no such check: there the packet is taken like others.
  if (familyOf(arrived.packet.source) === 'IPv4' && node.addresses.includes(arrived.packet.source))
    return ends(arrived, { kind: 'dropped', reason: 'own-source', node: node.name });
  const treatment = kubeProxy(model, node, arrived.packet);
  if (treatment.kind !== 'untouched')
    return followTreatment(model, arrived, treatment, { node, sender: null, way: 'arriving' });
  return isLocalTo(node, arrived.packet.destination.address)
    ? atNodeItself(model, arrived, node)
    : routedOn(model, arrived, node);
}

function lostAt(flight: Flight, { name }: ClusterNode): Path[] {
  return ends(flight, { kind: 'dropped', reason: 'node-not-ready', node: name });
}

/** Addressed to somebody else: the node routes it on. */
function routedOn(model: ClusterModel, flight: Flight, node: ClusterNode): Path[] {
  const { address } = flight.packet.destination;
  const pod = podAt(model, address);
  if (pod !== null) return intoPod(model, flight, pod, { from: node });
  const { leftTo, because } = leftToAnother(model, flight);
  if (model.profile.serviceCidrs.some((cidr) => isIn(address, cidr)))
    return ends(
      flight,
      { kind: 'dropped', reason: 'cluster-address', address, by: { kind: 'node', node: node.name }, leftTo },
      because,
    );
  return ends(flight, { kind: 'dropped', reason: 'nobody-answers', node: node.name, address, leftTo }, because);
}

/** Whether the packet is for a Service that kube-proxy doesn't watch, and where that is written; null for any other. */
function leftToAnother(
  model: ClusterModel,
  { packet }: Flight,
): { readonly leftTo: OtherProxy | null; readonly because: readonly Because[] } {
  const service = unwatchedAt(model, packet.destination);
  if (service === null) return { leftTo: null, because: [] };
  const label = 'service.kubernetes.io/service-proxy-name';
  const proxyName = service.proxyName ?? '';
  return {
    leftTo: { service: service.name, proxyName },
    because: [
      written(service.manifest, proxyName === '' ? label : `${label}: ${proxyName}`, 'metadata', 'labels', label),
    ],
  };
}

/** Where a packet starts: on a node, or in a pod there. */
interface Start {
  /** Null where it isn't known. */
  readonly node: ClusterNode | null;
  readonly pod: Pod | null;
}

/**
 * A packet leaves a pod or a node: its own node's kube-proxy meets it before anyone else. `outside` takes what leaves
 * the cluster.
 */
export function leavePod(
  model: ClusterModel,
  flight: Flight,
  { node, pod }: Start,
  outside: (flight: Flight) => Path[],
): Path[] {
  if (node === null) {
    const [target] = podsWith(model, flight.packet.destination.address);
    return target === undefined
      ? ends(flight, { kind: 'unknown', reason: 'outside-cluster', met: 'at-start' })
      : intoPod(model, flight, target);
  }
  const isOwn = pod === null || pod.hostNetwork;
  const way: PacketPath = isOwn ? 'own' : 'from-pod';
  const treatment = kubeProxy(model, node, flight.packet, way);
  if (treatment.kind !== 'untouched') return followTreatment(model, flight, treatment, { node, sender: pod, way });
  const { address } = flight.packet.destination;
  const target = podAt(model, address);
  if (target !== null) return intoPod(model, flight, target, { from: node });
  const other = isLocalTo(node, address) ? node : nodeWith(model, address);
  if (other === node) return atNodeItself(model, flight, node);
  if (other?.ready === false) return lostAt(hopTo(flight, nodeParty(other), { crossesNodes: true }), other);
  if (other !== undefined) {
    const { leaving, rewrites } = outOfPodNetwork(model, flight, node, isOwn);
    const arrived = hopTo(leaving, nodeParty(other), {
      crossesNodes: true,
      rewrites,
      because: [addressOf(other, model)],
    });
    const there = kubeProxy(model, other, arrived.packet);
    return there.kind === 'untouched'
      ? atNodeItself(model, arrived, other)
      : followTreatment(model, arrived, there, { node: other, sender: null, way: 'arriving' });
  }
  if (model.profile.podNetwork.cidrs.some((cidr) => isIn(address, cidr)))
    return ends(flight, { kind: 'unroutable', reason: 'pod-address', address, from: 'inside' });
  if (model.profile.serviceCidrs.some((cidr) => isIn(address, cidr))) {
    const { leftTo, because } = leftToAnother(model, flight);
    return ends(
      flight,
      { kind: 'dropped', reason: 'cluster-address', address, by: { kind: 'own-node' }, leftTo },
      because,
    );
  }
  return outside(outOfPodNetwork(model, flight, node, isOwn).leaving);
}

/**
 * What the CNI plugin does to a pod's packet to an address outside the pod network: where that isn't routable, it gets
 * the node's address.
 */
function outOfPodNetwork(
  { profile }: ClusterModel,
  flight: Flight,
  node: ClusterNode,
  isOwn: boolean,
): { readonly leaving: Flight; readonly rewrites: readonly Rewrite[] } {
  const { podNetwork, field } = profile;
  const { packet } = flight;
  if (isOwn || podNetwork.routable || podNetwork.cidrs.some((cidr) => isIn(packet.destination.address, cidr)))
    return { leaving: flight, rewrites: [] };
  const source = ownAddress(node, packet.destination.address);
  const rewrite: Rewrite = {
    kind: 'SNAT',
    from: packet.source,
    to: source,
    by: `${podNetwork.cni} CNI`,
    chains: [],
    because: [{ kind: 'profile', text: `podNetwork.cni: ${podNetwork.cni}`, field }],
  };
  return { leaving: { ...flight, packet: { ...packet, source }, sender: nodeParty(node) }, rewrites: [rewrite] };
}

/** The node that others reach at an address: its own ones, and its pod bridge's, to which its pod range leads. */
export function nodeWith({ nodes }: ClusterModel, address: string): ClusterNode | undefined {
  return nodes.find(({ addresses, gateways }) => addresses.includes(address) || gateways.includes(address));
}

/** The node whose kube-proxy treats the packet, and how the packet came there. */
interface TreatedAt {
  readonly node: ClusterNode;
  /** The pod that sends it from there, if one does. */
  readonly sender: Pod | null;
  readonly way: PacketPath;
}

function followTreatment(
  model: ClusterModel,
  flight: Flight,
  treatment: Exclude<Treatment, { kind: 'untouched' }>,
  at: TreatedAt,
): Path[] {
  if (treatment.kind !== 'forwarded') {
    const ended = consulting(model, flight, at, null);
    if (treatment.match !== null)
      return ends(ended, endedByService(model, flight, at.node, treatment), treatment.because);
    const { leftTo, because } = leftToAnother(model, flight);
    return ends(ended, endedWithoutService(model, flight, treatment, leftTo), [...because, ...treatment.because]);
  }
  return treatment.choices.flatMap((choice) =>
    forward(model, consulting(model, flight, at, choice.endpoint), { ...treatment, choice }, at),
  );
}

function endedByService(
  model: ClusterModel,
  { packet: { source } }: Flight,
  node: ClusterNode,
  treatment: Extract<Unforwarded, { match: ServiceMatch }>,
): Ended {
  const { service } = treatment.match;
  switch (treatment.reason) {
    case 'no-local-endpoints':
      return { kind: treatment.kind, reason: 'no-local-endpoints', node: node.name, service: service.name };
    case 'no-endpoints': {
      const [waiting = null] = waitingFor(model, service);
      const unwatched = unwatchedListings(model, service).map(({ text }) => text);
      return { kind: 'rejected', reason: 'no-endpoints', by: 'kube-proxy', service: service.name, waiting, unwatched };
    }
    case 'source-ranges':
      return { kind: 'denied', reason: 'source-ranges', source, service: service.name };
    default:
      return treatment satisfies never;
  }
}

function endedWithoutService(
  { profile }: ClusterModel,
  { packet }: Flight,
  { reason }: Extract<Unforwarded, { match: null }>,
  leftTo: OtherProxy | null,
): Ended {
  const { address, port } = packet.destination;
  return reason === 'no-such-port'
    ? { kind: 'rejected', reason, address, port, mode: profile.kubeProxy.mode, leftTo }
    : { kind: 'dropped', reason, address, by: { kind: 'nftables' }, leftTo };
}

/** What kube-proxy ends itself. */
type Unforwarded = Exclude<Treatment, { kind: 'untouched' | 'forwarded' }>;

/** With the rules that the packet meets on the node, if somebody asked for them. */
function consulting(
  model: ClusterModel,
  flight: Flight,
  { node, way: path }: TreatedAt,
  chosen: Endpoint | null,
): Flight {
  if (flight.consulted === null) return flight;
  const { met } = walkRules(model, { node, packet: flight.packet, path, chosen });
  return met.length === 0
    ? flight
    : { ...flight, consulted: [...flight.consulted, { at: nodeParty(node), rules: met }] };
}

function forward(
  model: ClusterModel,
  flight: Flight,
  {
    choice,
    match,
    because,
  }: { readonly choice: Choice; readonly match: ServiceMatch; readonly because: readonly Because[] },
  { node, sender }: TreatedAt,
): Path[] {
  const { endpoint } = choice;
  const { packet } = flight;
  const at = endpoint.node ?? endpoint.pod?.node ?? null;
  const isHere = at === node.name && !isRoutedOut(model, node, endpoint);
  const crossesNodes = at !== null && !isHere;
  const source = choice.masquerade === null ? packet.source : masqueradeSource(node, endpoint, isHere);
  const rewritten: Packet = { ...packet, source, destination: { address: endpoint.address, port: endpoint.port } };
  const rewrites: Rewrite[] = [
    {
      kind: 'DNAT',
      from: hostPort(packet.destination.address, packet.destination.port),
      to: hostPort(endpoint.address, endpoint.port),
      by: choice.chains.at(-1) ?? model.profile.kubeProxy.mode,
      chains: choice.chains,
      because: [
        written(
          match.service.manifest,
          `port ${match.port.port} → targetPort ${match.port.targetPort}`,
          'spec',
          'ports',
          match.port.index,
        ),
      ],
    },
  ];
  if (choice.masquerade !== null) {
    const { masquerade } = chainNames(model.profile.kubeProxy.mode);
    rewrites.push({
      kind: 'SNAT',
      from: packet.source,
      to: source,
      by: masquerade.at(-1) ?? model.profile.kubeProxy.mode,
      chains: masquerade,
      because,
    });
  }
  const weighted = shared(flight, choice.probability);
  // An endpoint on another node's own network is outside the pod network, and the CNI plugin treats the packet as such.
  const isLeaving =
    sender !== null && !sender.hostNetwork && choice.masquerade === null && !isLocalTo(node, endpoint.address);
  const { leaving, rewrites: further } = outOfPodNetwork(model, { ...weighted, packet: rewritten }, node, !isLeaving);
  rewrites.push(...further);
  const owner = choice.masquerade === null ? leaving.sender : nodeParty(node);
  const to = endpointParty(endpoint, match.service);
  const atNode = flight.hops.length > 0 && flight.at.kind === 'node' && sender === null;
  const ready = atNode
    ? rewrittenBy(weighted, { rewrites, because, packet: leaving.packet, sender: owner })
    : { ...weighted, packet: leaving.packet, sender: owner, because: [...weighted.because, ...because] };
  const picked = endpointOf(match.service, endpoint);
  const arrived = hopTo(ready, to, {
    crossesNodes,
    ...(atNode ? { because: [picked] } : { rewrites, because: [...because, picked] }),
  });
  const home = at === null ? null : nodeNamed(model, at);
  if (home?.ready === false) return lostAt(arrived, home);
  // Without a masquerade the reply goes straight to who asked; only the node that rewrote the packet could undo that.
  const isFromService = packet.source === packet.destination.address && !isLocalTo(node, packet.source);
  if ((atNode || isFromService) && crossesNodes && choice.masquerade === null && choice.returnsDirectly !== true)
    return ends(arrived, {
      kind: 'dropped',
      reason: 'reply-lost',
      endpoint: endpoint.podName ?? endpoint.address,
      node: node.name,
    });
  return atPod(
    model,
    choice.returnsDirectly === true
      ? { ...arrived, repliesTo: { to: arrived.hops[0]?.from ?? arrived.at, asked: packet.destination.address } }
      : arrived,
    endpoint.pod,
    match.service,
  );
}

/**
 * The address of the interface that the packet leaves by: towards a pod of the same node that is the pod bridge's,
 * towards another node it is the node's own. Tried on a real kernel; see docs/architecture.md.
 */
function masqueradeSource(node: ClusterNode, endpoint: Endpoint, isHere: boolean): string {
  const stays = isHere && !node.addresses.includes(endpoint.address);
  const own = ownAddress(node, endpoint.address);
  return stays ? (ofFamily(node.gateways, familyOf(endpoint.address))[0] ?? own) : own;
}

/**
 * Whether the node, which its slice says runs the endpoint, has no link to it: no pod of the node, and outside its
 * range.
 */
function isRoutedOut({ profile }: ClusterModel, node: ClusterNode, { address, pod }: Endpoint): boolean {
  return pod?.node !== node.name && leadsOut(node, profile, address);
}

/** As many proxies as a request may pass; more are a loop. */
const mostProxies = 6;

/**
 * Straight to a pod, past every Service. `from` is the node that sends it there, if one does; `service` is whose
 * endpoint it was chosen as, if it was.
 */
export function intoPod(
  model: ClusterModel,
  flight: Flight,
  pod: Pod,
  { from = null, service = null }: { readonly from?: ClusterNode | null; readonly service?: Service | null } = {},
): Path[] {
  const arrived = hopTo(flight, podParty(pod, flight.packet.destination.address), {
    crossesNodes: from !== null && from.name !== pod.node,
    because: [service === null ? placeOf(pod) : endpointOf(service)],
  });
  return atPod(model, arrived, pod, service);
}

export function atPod(
  model: ClusterModel,
  flight: Flight,
  pod: Pod | null,
  service: { name: string; namespace: string } | null,
): Path[] {
  if (pod === null) return delivered(flight, pod, service);
  const home = nodeNamed(model, pod.node);
  if (home?.ready === false) return lostAt(flight, home);
  if (flight.proxies > mostProxies)
    return ends(flight, {
      kind: 'unknown',
      reason: 'proxy-loop',
      pod: podName(pod),
      proxies: flight.proxies + 1,
    });
  const proxy: ProxyInPod = {
    pod,
    toCluster: (leaving) =>
      leavePod(model, leaving, { node: nodeNamed(model, pod.node) ?? null, pod }, (outside) =>
        ends(outside, {
          kind: 'unknown',
          reason: 'outside-cluster',
          address: outside.packet.destination.address,
          met: 'by-proxy',
        }),
      ),
    atPod: (arrived, reached, whose) => atPod(model, arrived, reached, whose),
  };
  const gateway = gatewayAt(model, pod);
  if (gateway !== null) {
    const paths = routeAtGateway(model, flight, proxy, gateway);
    if (paths !== null) return paths;
  }
  const controller = flight.http === null ? null : controllerAt(model, pod);
  return controller === null ? delivered(flight, pod, service) : routeAtController(model, flight, proxy, controller);
}

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
function atNodeItself(model: ClusterModel, flight: Flight, node: ClusterNode): Path[] {
  const { protocol, destination } = flight.packet;
  const [balanced] = portsOnNodes(model).get(`${protocol} ${destination.address} ${destination.port}`);
  if (balanced !== undefined && flight.proxies <= mostProxies)
    return throughBalancerOnNode(model, flight, node, balanced);
  const taken = hostPorts(model)
    .get(`${node.name} ${protocol} ${destination.port}`)
    .find(({ pod }) => pod.hostNetwork || ofFamily(pod.addresses, familyOf(destination.address)).length > 0);
  if (taken !== undefined) return atHostPort(model, flight, taken);
  const health = healthCheckAt(model, flight, node);
  if (health !== null) return health;
  const { leftTo, because } = leftToAnother(model, flight);
  const [service] = writtenOnes(servicesByPort(model).get(String(destination.port)));
  return ends(
    flight,
    {
      kind: 'refused',
      reason: 'nothing-listens',
      at: 'node',
      node: node.name,
      port: destination.port,
      leftTo,
      service: service?.name ?? null,
    },
    because,
  );
}

/** A Service, and the port of it that a load balancer was asked for. */
export interface BalancedPort {
  readonly service: Service;
  readonly port: ServicePort;
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

/**
 * A load balancer at the node's own address, with `ipMode: Proxy`: kube-proxy leaves such an address alone, wherever
 * the client is. A process on the node takes the connection, and opens one of its own to the nodePort.
 * Source: kubernetes/kubernetes pkg/proxy/serviceport.go `newBaseServiceInfo` (1.36); KEP-1860.
 */
export function throughBalancerOnNode(
  model: ClusterModel,
  flight: Flight,
  node: ClusterNode,
  { service, port }: BalancedPort,
): Path[] {
  const { address } = flight.packet.destination;
  const party: Party = { ...nodeParty(node), address };
  const own = written(service.manifest, `${address} is ${node.name}'s own address`, 'status', 'loadBalancer');
  const isThere = flight.at.kind === 'node' && flight.at.name === node.name && flight.hops.length > 0;
  const there = isThere
    ? { ...rewrittenBy(flight, { because: [own] }), at: party }
    : hopTo(flight, party, { because: [own] });
  const sent = proxied(there, {
    destination: { address, port: port.nodePort ?? port.port },
    request: flight.http,
    because: [written(service.manifest, 'ipMode: Proxy', 'status', 'loadBalancer')],
    by: `load balancer ${service.name}`,
  });
  return leavePod(model, sent, { node, pod: null }, (outside) => arriveAtNode(model, outside, node));
}

function atHostPort(model: ClusterModel, flight: Flight, { pod, container, port }: PortOnHost): Path[] {
  const { destination } = flight.packet;
  const text = pod.hostNetwork ? 'hostNetwork: true' : `hostPort: ${port.hostPort}`;
  const because = written(pod.manifest, text, ...containerPath(pod), 'containers', container);
  if (pod.hostNetwork)
    return atPod(model, hopTo(flight, podParty(pod, destination.address), { because: [because] }), pod, null);
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
  return atPod(model, hopTo(rewritten, podParty(pod, address), { because: [placeOf(pod)] }), pod, null);
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
function healthCheckAt(model: ClusterModel, flight: Flight, node: ClusterNode): Path[] | null {
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
