import type Fraction from 'fraction.js';
import { familyOf, isIn } from '../../cluster/address.ts';
import { type Because, written } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { addressOfFamily, type ClusterNode, isLocalTo } from '../../cluster/node.ts';
import type { Protocol, Service, ServicePort } from '../../cluster/service.ts';
import { spread } from '../spread.ts';
import { chainNames } from './chainNames.ts';
import { treatByCilium } from './cilium.ts';
import { treatByIpvs } from './ipvs.ts';
import {
  type Entry,
  isClusterIP,
  isDetectedAsLocal,
  portAt,
  portOnNode,
  type PortOnNode,
  portWithNodePort,
} from './proxiedPort.ts';

/**
 * What kube-proxy on one node does to one packet, the first of its connection.
 * Source: kubernetes/kubernetes pkg/proxy/iptables/proxier.go and pkg/proxy/nftables/proxier.go, `syncProxyRules` (1.36):
 * where the two modes differ, the code here says so.
 */
export type Treatment =
  /** No service port's: the packet goes on as it is. */
  | { readonly kind: 'untouched' }
  | ({ readonly match: ServiceMatch; readonly because: readonly Because[] } & (
      | { readonly kind: 'dropped' | 'rejected'; readonly reason: 'no-local-endpoints' }
      | { readonly kind: 'rejected'; readonly reason: 'no-endpoints' }
      | { readonly kind: 'denied'; readonly reason: 'source-ranges' }
    ))
  /** Addressed to a cluster address, at a port that no Service has there. */
  | ({ readonly match: null; readonly because: readonly Because[] } & (
      | { readonly kind: 'rejected'; readonly reason: 'no-such-port' }
      | { readonly kind: 'dropped'; readonly reason: 'cluster-address' }
    ))
  | {
      readonly kind: 'forwarded';
      readonly match: ServiceMatch;
      readonly choices: readonly Choice[];
      readonly because: readonly Because[];
    };

export interface ServiceMatch {
  readonly service: Service;
  readonly port: ServicePort;
  readonly entry: Entry;
}

export interface Choice {
  readonly endpoint: Endpoint;
  readonly probability: Fraction;
  /** Why the source is masqueraded; null where it stays. */
  readonly masquerade: MasqueradeReason | null;
  /** The chains that the packet met, in order. */
  readonly chains: readonly string[];
  /** Whether the endpoint answers the client itself, under the address that the client asked (direct server return). */
  readonly returnsDirectly?: boolean;
}

/** Whether the packet comes to the node from elsewhere, from one of its own pods, or starts on the node itself. */
export type PacketPath = 'arriving' | 'from-pod' | 'own';

/** Article 002's three reasons, and the proxy's own switch. */
export type MasqueradeReason = 'external-traffic' | 'cluster-address-from-outside' | 'hairpin' | 'masquerade-all';

export interface ArrivingPacket {
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: { readonly address: string; readonly port: number };
}

/**
 * In iptables mode the refusals for want of endpoints stand
 * where packets come in and pass through, and for outside addresses not where the node's own go out: those leave the node.
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
  const treatment =
    met.entry === 'clusterIP'
      ? fromInside(model, node, packet, port, match)
      : fromOutside(model, node, packet, port, match);
  return path !== 'own' && treatment.kind === 'forwarded'
    ? { ...treatment, choices: treatment.choices.map((choice) => stayingOnNode(choice, node)) }
    : treatment;
}

/** A packet from elsewhere for a pod on this node's own network never leaves the node, and only what leaves is masqueraded. */
function stayingOnNode(choice: Choice, node: ClusterNode): Choice {
  return choice.masquerade !== null && isLocalTo(node, choice.endpoint.address)
    ? { ...choice, masquerade: null }
    : choice;
}

/** The cluster address: the internal policy, and a masquerade for who isn't one of the cluster's pods. */
function fromInside(
  model: ClusterModel,
  node: ClusterNode,
  packet: ArrivingPacket,
  port: PortOnNode,
  match: ServiceMatch,
): Treatment {
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
  return forwarded(model, node, packet, port, match, port.internalPolicyLocal ? 'local' : 'cluster', masquerade, [
    policy,
  ]);
}

/** Any other address: the external policy. Under Local, what starts inside the cluster is short-circuited to every endpoint. */
function fromOutside(
  model: ClusterModel,
  node: ClusterNode,
  packet: ArrivingPacket,
  port: PortOnNode,
  match: ServiceMatch,
): Treatment {
  const policy = written(
    port.service.manifest,
    `externalTrafficPolicy: ${port.service.externalTrafficPolicy}`,
    'spec',
    'externalTrafficPolicy',
  );
  if (!port.externalPolicyLocal)
    return forwarded(model, node, packet, port, match, 'cluster', 'external-traffic', [policy]);
  if (isDetectedAsLocal(model, node, packet.source) === true)
    return forwarded(model, node, packet, port, match, 'cluster', null, [policy]);
  if (isLocalTo(node, packet.source))
    return forwarded(model, node, packet, port, match, 'cluster', 'external-traffic', [policy]);
  if (!port.hasExternal) return refused(port, match, 'externalTrafficPolicy');
  return forwarded(model, node, packet, port, match, 'local', null, [policy]);
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

export function rangesOf({ manifest, sourceRanges }: Service): Because {
  return written(manifest, `loadBalancerSourceRanges: ${sourceRanges.join(', ')}`, 'spec', 'loadBalancerSourceRanges');
}

/**
 * In iptables mode a nodePort that has no endpoint is refused at every address of the node, even those that wouldn't take
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

/** For want of endpoints: none here is dropped, none at all is rejected. */
export function refused(
  port: PortOnNode,
  match: ServiceMatch,
  policy: 'internalTrafficPolicy' | 'externalTrafficPolicy',
): Treatment {
  const { manifest } = port.service;
  if (!port.hasAny)
    return {
      kind: 'rejected',
      reason: 'no-endpoints',
      match,
      because: [written(manifest, 'selector', 'spec', 'selector')],
    };
  return {
    kind: 'dropped',
    reason: 'no-local-endpoints',
    match,
    because: [written(manifest, `${policy}: ${port.service[policy]}`, 'spec', policy)],
  };
}

/** nftables mode guards the cluster addresses themselves; iptables mode lets such packets pass, to be lost on the way. */
function withoutService(model: ClusterModel, { destination }: ArrivingPacket): Treatment {
  if (model.profile.kubeProxy.mode !== 'nftables') return { kind: 'untouched' };
  const because: Because[] = [{ kind: 'profile', text: 'kubeProxy.mode: nftables', field: model.profile.field }];
  if (isClusterIP(model, destination.address))
    return { kind: 'rejected', reason: 'no-such-port', match: null, because };
  return model.profile.serviceCidrs.some((range) => isIn(destination.address, range))
    ? { kind: 'dropped', reason: 'cluster-address', match: null, because }
    : { kind: 'untouched' };
}

/** To one of the endpoints of a policy, with equal chances. */
export function forwarded(
  model: ClusterModel,
  node: ClusterNode,
  packet: ArrivingPacket,
  port: PortOnNode,
  match: ServiceMatch,
  policy: 'cluster' | 'local',
  masquerade: MasqueradeReason | null,
  because: readonly Because[],
): Treatment {
  const names = chainNames(model.profile.kubeProxy.mode);
  const common = names.towards(port, match.entry, policy);
  return {
    kind: 'forwarded',
    match,
    because,
    choices: spread(port[policy]).map(({ item: endpoint, share }) => ({
      endpoint,
      probability: share,
      masquerade: masquerade ?? (isHairpin(model, node, packet, endpoint) ? 'hairpin' : null),
      chains: [...common, ...names.endpoint(port, endpoint)],
    })),
  };
}

/** A pod that reaches itself. nftables mode looks only at the endpoints of its own node. */
function isHairpin(
  { profile }: ClusterModel,
  node: ClusterNode,
  { source }: ArrivingPacket,
  endpoint: Endpoint,
): boolean {
  return endpoint.address === source && (profile.kubeProxy.mode !== 'nftables' || endpoint.node === node.name);
}

/** The address of which a masquerade by a node takes this family's. */
export function ownAddress(node: ClusterNode, destination: string): string {
  return addressOfFamily(node, familyOf(destination)) ?? node.address;
}
