import { familyOf, isIn } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { nodeNamed, nodeReachedAt, podAt, podsWith } from '../../cluster/lookups.ts';
import { addressTowards, type ClusterNode, isLocalTo } from '../../cluster/node.ts';
import type { Pod } from '../../cluster/pod.ts';
import { kubeProxy } from '../../network/kubeProxy/kubeProxy.ts';
import type { PacketPath } from '../../network/kubeProxy/treatment.ts';
import { spread } from '../../network/spread.ts';
import { ends, type Flight, goesOn, hopTo, type Moves, shared } from '../flight.ts';
import { leftToAnother } from '../leftToAnother.ts';
import { endpointsFor, proxied, speaking } from '../proxying.ts';
import { throughGate } from '../policyGate.ts';
import type { Beyond, Station } from '../station.ts';
import { endpointOf, endpointParty, intoPod, toItself, toNode } from '../towards.ts';
import { atNodeItself } from '../nodeItself.ts';
import { outOfPodNetwork, treated } from '../treated.ts';

// How packets leave a pod, or a process on a node. All that do pass here.

/** To an address: the sender's own node treats the packet before anyone else. */
export function leaving(
  model: ClusterModel,
  flight: Flight,
  { node, pod, beyond }: Extract<Station, { kind: 'leaving' }>,
): Moves {
  const { address } = flight.packet.destination;
  if (pod !== null && isOwnAddress(pod, address)) return [toItself(flight, pod)];
  if (node === null) {
    const [target] = podsWith(model, address);
    return target === undefined
      ? ends(flight, { kind: 'unknown', reason: 'outside-cluster', met: 'at-start' })
      : outOf(model, flight, pod, (out) => [intoPod(out, target)]);
  }
  const isOwn = pod === null || pod.hostNetwork;
  const way: PacketPath = isOwn ? 'own' : 'from-pod';
  const treatment = kubeProxy(model, node, flight.packet, way);
  if (treatment.kind !== 'untouched') return treated(model, flight, treatment, { node, sender: pod, way });
  return outOf(model, flight, pod, (out) => untreated(model, out, { node, pod, beyond }));
}

/** One on its node's network shares that node's addresses with all of its processes. */
function isOwnAddress({ hostNetwork, addresses }: Pod, address: string): boolean {
  return !hostNetwork && addresses.includes(address);
}

/** Through the gate of the pod that sends it; a node's own process has none. */
function outOf(model: ClusterModel, flight: Flight, pod: Pod | null, goOn: (flight: Flight) => Moves): Moves {
  return pod === null ? goOn(flight) : throughGate(model, flight, { pod, direction: 'egress', service: null }, goOn);
}

/** Where no Service is meant. */
function untreated(
  model: ClusterModel,
  flight: Flight,
  { node, pod, beyond }: { readonly node: ClusterNode; readonly pod: Pod | null; readonly beyond: Beyond },
): Moves {
  const { address } = flight.packet.destination;
  const isOwn = pod === null || pod.hostNetwork;
  const target = podAt(model, address);
  if (target !== null) return [intoPod(flight, target, { from: node })];
  const other = isLocalTo(node, address) ? node : nodeReachedAt(model, address);
  if (other === node) return atNodeItself(model, flight, node);
  const out = outOfPodNetwork(model, flight, node, isOwn);
  if (other !== undefined) return [toNode(model, out.leaving, other, { crossesNodes: true, rewrites: out.rewrites })];
  if (model.profile.podNetwork.cidrs.some((cidr) => isIn(address, cidr)))
    return ends(flight, { kind: 'unroutable', reason: 'pod-address', address, from: 'inside' });
  if (model.profile.serviceCidrs.some((cidr) => isIn(address, cidr))) {
    const { leftTo, because } = leftToAnother(model, flight.packet);
    return ends(
      flight,
      { kind: 'dropped', reason: 'cluster-address', address, by: { kind: 'own-node' }, leftTo },
      because,
    );
  }
  return outside(model, out.leaving, node, beyond);
}

/** Out of the cluster, as far as its nodes can tell. */
function outside(model: ClusterModel, flight: Flight, node: ClusterNode, beyond: Beyond): Moves {
  switch (beyond) {
    case 'world':
      return goesOn(flight, { kind: 'world' });
    case 'own-node':
      return [toNode(model, flight, node)];
    case 'unknown': {
      const { address } = flight.packet.destination;
      return ends(flight, { kind: 'unknown', reason: 'outside-cluster', address, met: 'by-proxy' });
    }
    default:
      return beyond satisfies never;
  }
}

/**
 * From a proxy's pod straight to one of a Service's endpoints, each equally often; those that it can't speak to are
 * none.
 */
export function sending(
  model: ClusterModel,
  flight: Flight,
  { pod, service, port, because }: Extract<Station, { kind: 'sending' }>,
): Moves {
  const node = nodeNamed(model, pod.node);
  return spread(endpointsFor(model, pod, service, port)).flatMap(({ item: endpoint, share }) => {
    const destination = { address: endpoint.address, port: endpoint.port };
    const family = familyOf(endpoint.address);
    const own = node === undefined || !pod.hostNetwork ? undefined : addressOn(node, endpoint);
    const from = speaking(flight, own === undefined ? pod.addresses : [own], family);
    const sent = proxied(shared(from, share), { destination, request: from.http, because });
    if (endpoint.pod === pod && isOwnAddress(pod, endpoint.address)) return [toItself(sent, pod)];
    const at = endpoint.node ?? endpoint.pod?.node ?? null;
    const crossesNodes = node !== undefined && at !== null && node.name !== at;
    const station = { kind: 'pod', pod: endpoint.pod, node: at, service, masquerade: null } as const;
    return outOf(model, sent, pod, (out) => [
      hopTo(out, endpointParty(endpoint, service), station, { crossesNodes, because: [endpointOf(service)] }),
    ]);
  });
}

function addressOn(node: ClusterNode, { pod, address }: Endpoint): string | undefined {
  return pod === null ? undefined : addressTowards(node, pod, familyOf(address));
}
