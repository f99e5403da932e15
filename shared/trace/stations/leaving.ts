import { familyOf, isIn } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { nodeNamed, podAt, podsWith } from '../../cluster/lookups.ts';
import { type ClusterNode, isLocalTo } from '../../cluster/node.ts';
import { kubeProxy } from '../../network/kubeProxy/kubeProxy.ts';
import type { PacketPath } from '../../network/kubeProxy/treatment.ts';
import { spread } from '../../network/spread.ts';
import { ends, type Flight, goesOn, hopTo, type Moves, shared } from '../flight.ts';
import { leftToAnother } from '../leftToAnother.ts';
import { endpointsFor, proxied, speaking } from '../proxying.ts';
import type { Beyond, Station } from '../station.ts';
import { endpointOf, endpointParty, intoPod, toNode } from '../towards.ts';
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
  if (node === null) {
    const [target] = podsWith(model, address);
    return target === undefined
      ? ends(flight, { kind: 'unknown', reason: 'outside-cluster', met: 'at-start' })
      : [intoPod(flight, target)];
  }
  const isOwn = pod === null || pod.hostNetwork;
  const way: PacketPath = isOwn ? 'own' : 'from-pod';
  const treatment = kubeProxy(model, node, flight.packet, way);
  if (treatment.kind !== 'untouched') return treated(model, flight, treatment, { node, sender: pod, way });
  const target = podAt(model, address);
  if (target !== null) return [intoPod(flight, target, { from: node })];
  const other = isLocalTo(node, address) ? node : nodeWith(model, address);
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

/** The node that others reach at an address: its own ones, and its pod bridge's, to which its pod range leads. */
function nodeWith({ nodes }: ClusterModel, address: string): ClusterNode | undefined {
  return nodes.find(({ addresses, gateways }) => addresses.includes(address) || gateways.includes(address));
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
    const from = speaking(flight, pod, familyOf(endpoint.address));
    const sent = proxied(shared(from, share), { destination, request: from.http, because });
    const at = endpoint.node ?? endpoint.pod?.node ?? null;
    const crossesNodes = node !== undefined && at !== null && node.name !== at;
    const station = { kind: 'pod', pod: endpoint.pod, node: at, service } as const;
    return hopTo(sent, endpointParty(endpoint, service), station, { crossesNodes, because: [endpointOf(service)] });
  });
}
