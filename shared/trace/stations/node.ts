import { familyOf, isIn } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { podAt } from '../../cluster/lookups.ts';
import { type ClusterNode, isLocalTo } from '../../cluster/node.ts';
import { kubeProxy } from '../../network/kubeProxy/kubeProxy.ts';
import { ends, type Flight, type Moves } from '../flight.ts';
import { leftToAnother } from '../leftToAnother.ts';
import { intoPod } from '../towards.ts';
import { atNodeItself } from '../nodeItself.ts';
import { treated } from '../treated.ts';

/** A packet that comes to a node from elsewhere: kube-proxy's treatment, the node itself, or on to a pod. */
export function atNode(model: ClusterModel, flight: Flight, node: ClusterNode): Moves {
  const { packet } = flight;
  if (!node.ready) return ends(flight, { kind: 'dropped', reason: 'node-not-ready', node: node.name });
  // IPv6 has no such check: there the packet is taken like others.
  if (familyOf(packet.source) === 'IPv4' && node.addresses.includes(packet.source))
    return ends(flight, { kind: 'dropped', reason: 'own-source', node: node.name });
  const treatment = kubeProxy(model, node, packet);
  if (treatment.kind !== 'untouched') return treated(model, flight, treatment, { node, sender: null, way: 'arriving' });
  return isLocalTo(node, packet.destination.address)
    ? atNodeItself(model, flight, node)
    : routedOn(model, flight, node);
}

/** Addressed to somebody else: the node routes it on. */
function routedOn(model: ClusterModel, flight: Flight, node: ClusterNode): Moves {
  const { address } = flight.packet.destination;
  const pod = podAt(model, address);
  if (pod !== null) return [intoPod(flight, pod, { from: node })];
  const { leftTo, because } = leftToAnother(model, flight.packet);
  if (model.profile.serviceCidrs.some((cidr) => isIn(address, cidr)))
    return ends(
      flight,
      { kind: 'dropped', reason: 'cluster-address', address, by: { kind: 'node', node: node.name }, leftTo },
      because,
    );
  return ends(flight, { kind: 'dropped', reason: 'nobody-answers', node: node.name, address, leftTo }, because);
}
