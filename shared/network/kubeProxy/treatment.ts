import type Fraction from 'fraction.js';
import { familyOf } from '../../cluster/address.ts';
import { type Because, written } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { addressOfFamily, type ClusterNode } from '../../cluster/node.ts';
import type { Protocol, Service, ServicePort } from '../../cluster/service.ts';
import { spread } from '../spread.ts';
import { chainNames } from './chainNames.ts';
import type { EntryKind, PortOnNode } from './proxiedPort.ts';

/**
 * What kube-proxy on one node does to one packet, the first of its connection.
 * Source: kubernetes/kubernetes pkg/proxy/iptables/proxier.go and pkg/proxy/nftables/proxier.go, `syncProxyRules`
 * (1.36): where the two modes differ, the code here says so.
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
  readonly entry: EntryKind;
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

/** A packet on a node, and the Service's port that it asks for there. */
export interface PacketAtPort {
  readonly model: ClusterModel;
  readonly node: ClusterNode;
  readonly packet: ArrivingPacket;
  readonly port: PortOnNode;
  readonly match: ServiceMatch;
}

export function rangesOf({ manifest, sourceRanges }: Service): Because {
  return written(manifest, `loadBalancerSourceRanges: ${sourceRanges.join(', ')}`, 'spec', 'loadBalancerSourceRanges');
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

/** To one of the endpoints of a policy, with equal chances. */
export function forwarded(
  asked: PacketAtPort,
  policy: 'cluster' | 'local',
  masquerade: MasqueradeReason | null,
  because: readonly Because[],
): Treatment {
  const { model, port, match } = asked;
  const names = chainNames(model.profile.kubeProxy.mode);
  const common = names.towards(port, match.entry, policy);
  return {
    kind: 'forwarded',
    match,
    because,
    choices: spread(port[policy]).map(({ item: endpoint, share }) => ({
      endpoint,
      probability: share,
      masquerade: masquerade ?? (isHairpin(asked, endpoint) ? 'hairpin' : null),
      chains: [...common, ...names.endpoint(port, endpoint)],
    })),
  };
}

/** A pod that reaches itself. nftables mode looks only at the endpoints of its own node. */
function isHairpin({ model, node, packet }: PacketAtPort, endpoint: Endpoint): boolean {
  const { mode } = model.profile.kubeProxy;
  return endpoint.address === packet.source && (mode !== 'nftables' || endpoint.node === node.name);
}

/** The address of which a masquerade by a node takes this family's. */
export function ownAddress(node: ClusterNode, destination: string): string {
  return addressOfFamily(node, familyOf(destination)) ?? node.address;
}
