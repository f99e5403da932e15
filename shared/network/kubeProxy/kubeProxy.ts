import { isIn } from '../../cluster/address.ts';
import { type Because, written } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { addressOfFamily, type ClusterNode, isLocalTo } from '../../cluster/node.ts';
import { treatByCilium } from './cilium.ts';
import { treatByIpvs } from './ipvs.ts';
import {
  isClusterIP,
  isDetectedAsLocal,
  portAt,
  portOnNode,
  type PortOnNode,
  portWithNodePort,
} from './proxiedPort.ts';
import {
  type ArrivingPacket,
  type Choice,
  forwarded,
  type PacketAtPort,
  type PacketPath,
  rangesOf,
  refused,
  type ServiceMatch,
  type Treatment,
} from './treatment.ts';

/**
 * In iptables mode the refusals for want of endpoints stand where packets come in and pass through. For outside
 * addresses they don't stand where the node's own packets go out: those leave the node.
 */
export function kubeProxy(
  model: ClusterModel,
  node: ClusterNode,
  packet: ArrivingPacket,
  path: PacketPath = 'arriving',
): Treatment {
  switch (model.profile.kubeProxy.mode) {
    case 'iptables':
    case 'nftables':
      return treatByRules(model, node, packet, path);
    case 'ipvs':
      return treatByIpvs(model, node, packet, path);
    case 'cilium':
      return treatByCilium(model, node, packet, path);
    default:
      return model.profile.kubeProxy.mode satisfies never;
  }
}

function treatByRules(model: ClusterModel, node: ClusterNode, packet: ArrivingPacket, path: PacketPath): Treatment {
  const met = portAt(model, node, packet.protocol, packet.destination);
  if (met === null) return closedNodePort(model, node, packet) ?? withoutService(model, packet);
  const port = portOnNode(model, met.port, node);
  const match: ServiceMatch = { service: port.service, port: port.port, entry: met.entry };
  const isNftables = model.profile.kubeProxy.mode === 'nftables';
  const denied = met.entry === 'loadBalancer' && isRefusedByRanges(port, node, packet);
  // nftables checks the ranges before it looks for endpoints, iptables where it would forward.
  if (denied && (port.hasAny || isNftables))
    return { kind: 'denied', reason: 'source-ranges', match, because: [rangesOf(port.service)] };
  if (
    !port.hasAny &&
    path === 'own' &&
    !isNftables &&
    (met.entry === 'externalIP' || met.entry === 'loadBalancer') &&
    !isLocalTo(node, packet.destination.address)
  )
    return { kind: 'untouched' };
  if (!port.hasAny) return refused(port, match, 'externalTrafficPolicy');
  const asked: PacketAtPort = { model, node, packet, port, match };
  const treatment = met.entry === 'clusterIP' ? fromInside(asked) : fromOutside(asked);
  return path !== 'own' && treatment.kind === 'forwarded'
    ? { ...treatment, choices: treatment.choices.map((choice) => stayingOnNode(choice, node)) }
    : treatment;
}

/**
 * A packet from elsewhere for a pod on this node's own network never leaves the node,
 * and only what leaves is masqueraded.
 */
function stayingOnNode(choice: Choice, node: ClusterNode): Choice {
  return choice.masquerade !== null && isLocalTo(node, choice.endpoint.address)
    ? { ...choice, masquerade: null }
    : choice;
}

/** The cluster address: the internal policy, and a masquerade for who isn't one of the cluster's pods. */
function fromInside(asked: PacketAtPort): Treatment {
  const { model, node, packet, port, match } = asked;
  const policy = written(
    port.service.manifest,
    `internalTrafficPolicy: ${port.service.internalTrafficPolicy}`,
    'spec',
    'internalTrafficPolicy',
  );
  if (!port.hasInternal) return refused(port, match, 'internalTrafficPolicy');
  const isForeign = isDetectedAsLocal(model, node, packet.source) === false;
  const masquerade = model.profile.kubeProxy.masqueradeAll
    ? 'masquerade-all'
    : isForeign
      ? 'cluster-address-from-outside'
      : null;
  return forwarded(asked, port.internalPolicyLocal ? 'local' : 'cluster', masquerade, [policy]);
}

/**
 * Any other address: the external policy. Under Local,
 * what starts inside the cluster is short-circuited to every endpoint.
 */
function fromOutside(asked: PacketAtPort): Treatment {
  const { model, node, packet, port, match } = asked;
  const policy = written(
    port.service.manifest,
    `externalTrafficPolicy: ${port.service.externalTrafficPolicy}`,
    'spec',
    'externalTrafficPolicy',
  );
  if (!port.externalPolicyLocal) return forwarded(asked, 'cluster', 'external-traffic', [policy]);
  if (isDetectedAsLocal(model, node, packet.source) === true) return forwarded(asked, 'cluster', null, [policy]);
  if (isLocalTo(node, packet.source)) return forwarded(asked, 'cluster', 'external-traffic', [policy]);
  if (!port.hasExternal) return refused(port, match, 'externalTrafficPolicy');
  return forwarded(asked, 'local', null, [policy]);
}

/** A node within the ranges may also ask from the balancer's own address, which some balancers make the node's. */
function isRefusedByRanges(
  { sourceRanges, loadBalancerVIPs, family }: PortOnNode,
  node: ClusterNode,
  { source }: ArrivingPacket,
): boolean {
  if (sourceRanges.length === 0 || sourceRanges.some((range) => isIn(source, range))) return false;
  const own = addressOfFamily(node, family);
  return !(loadBalancerVIPs.includes(source) && own !== null && sourceRanges.some((range) => isIn(own, range)));
}

/**
 * In iptables mode a nodePort without endpoints is refused at every address of the node, even at those that take no
 * nodePort traffic: that rule looks at no address.
 */
function closedNodePort(
  model: ClusterModel,
  node: ClusterNode,
  { protocol, destination }: ArrivingPacket,
): Treatment | null {
  if (model.profile.kubeProxy.mode !== 'iptables' || !isLocalTo(node, destination.address)) return null;
  const met = portWithNodePort(model, protocol, destination);
  if (met === null) return null;
  const port = portOnNode(model, met, node);
  if (port.hasExternal) return null;
  const match: ServiceMatch = { service: port.service, port: port.port, entry: 'nodePort' };
  return refused(port, match, 'externalTrafficPolicy');
}

/**
 * nftables mode guards the cluster addresses themselves; iptables mode lets such packets pass, to be lost on the way.
 */
function withoutService(model: ClusterModel, { destination }: ArrivingPacket): Treatment {
  if (model.profile.kubeProxy.mode !== 'nftables') return { kind: 'untouched' };
  const because: Because[] = [{ kind: 'profile', text: 'kubeProxy.mode: nftables', field: model.profile.field }];
  if (isClusterIP(model, destination.address))
    return { kind: 'rejected', reason: 'no-such-port', match: null, because };
  return model.profile.serviceCidrs.some((range) => isIn(destination.address, range))
    ? { kind: 'dropped', reason: 'cluster-address', match: null, because }
    : { kind: 'untouched' };
}
