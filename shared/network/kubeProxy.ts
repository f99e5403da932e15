import type Fraction from 'fraction.js';
import { type Because, written } from '../cluster/because.ts';
import { type ClusterModel, endpointsFor } from '../cluster/clusterModel.ts';
import type { Endpoint } from '../cluster/endpoints.ts';
import { type ClusterNode, isIn } from '../cluster/node.ts';
import type { Protocol, Service, ServicePort } from '../cluster/service.ts';
import { usableEndpoints } from './endpointSelection.ts';
import { endpointChain, serviceChain } from './kubeProxyChains.ts';
import { spread } from './spread.ts';

/**
 * What kube-proxy on one node does to one packet.
 * Source: kubernetes/kubernetes pkg/proxy/iptables/proxier.go `syncProxyRules` (1.35); nftables mode decides alike.
 */
export type Treatment =
  /** No service port's: the packet goes on as it is. */
  | { readonly kind: 'untouched' }
  | { readonly kind: 'dropped' | 'rejected' | 'denied'; readonly reason: 'no-local-endpoints' | 'no-endpoints' | 'source-ranges'; readonly match: ServiceMatch; readonly because: readonly Because[] }
  | { readonly kind: 'forwarded'; readonly match: ServiceMatch; readonly choices: readonly Choice[]; readonly because: readonly Because[] };

export interface ServiceMatch {
  readonly service: Service;
  readonly port: ServicePort;
  readonly entry: 'clusterIP' | 'nodePort' | 'loadBalancer' | 'externalIP';
}

export interface Choice {
  readonly endpoint: Endpoint;
  readonly probability: Fraction;
  /** Why the source is masqueraded; null where it stays. */
  readonly masquerade: MasqueradeReason | null;
  /** The chains that the packet met, in order. */
  readonly chains: readonly string[];
}

/** Article 002's three reasons, and the proxy's own switch. */
export type MasqueradeReason = 'external-traffic' | 'cluster-address-from-outside' | 'hairpin' | 'masquerade-all';

export interface ArrivingPacket {
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: { readonly address: string; readonly port: number };
}

export function kubeProxy(model: ClusterModel, node: ClusterNode, packet: ArrivingPacket): Treatment {
  const match = matchService(model, packet, node.address);
  if (match === null) return { kind: 'untouched' };
  const { service, port, entry } = match;
  const { manifest } = service;
  const endpoints = endpointsFor(model, service).byPort[port.index] ?? [];
  const usable = usableEndpoints(endpoints, service, node, model.profile.kubernetesMinor);
  const fromPod = isIn(packet.source, model.profile.podNetwork.cidr);
  const fromThisNode = packet.source === node.address || packet.source === node.gateway;
  const selector = written(manifest, 'selector', 'spec', 'selector');
  if (!usable.hasAny) return { kind: 'rejected', reason: 'no-endpoints', match, because: [selector] };

  const svc = serviceChain('KUBE-SVC-', service, port);
  const svl = serviceChain('KUBE-SVL-', service, port);
  if (entry === 'clusterIP') {
    const isLocal = service.internalTrafficPolicy === 'Local';
    const policy = written(manifest, `internalTrafficPolicy: ${service.internalTrafficPolicy}`, 'spec', 'internalTrafficPolicy');
    const candidates = isLocal ? usable.local : usable.cluster;
    if (candidates.length === 0) return { kind: 'dropped', reason: 'no-local-endpoints', match, because: [policy] };
    const masquerade = model.profile.masqueradeAll ? 'masquerade-all' : fromPod ? null : 'cluster-address-from-outside';
    return forwarded(match, packet, candidates, masquerade, ['KUBE-SERVICES', isLocal ? svl : svc], [policy]);
  }

  if (entry === 'loadBalancer' && service.sourceRanges.length > 0) {
    const allowed = service.sourceRanges.some((range) => isIn(packet.source, range)) || fromThisNode && service.sourceRanges.some((range) => isIn(packet.destination.address, range));
    if (!allowed) return { kind: 'denied', reason: 'source-ranges', match, because: [written(manifest, `loadBalancerSourceRanges: ${service.sourceRanges.join(', ')}`, 'spec', 'loadBalancerSourceRanges')] };
  }
  const ext = serviceChain('KUBE-EXT-', service, port);
  const chains = entry === 'nodePort' ? ['KUBE-SERVICES', 'KUBE-NODEPORTS', ext] : ['KUBE-SERVICES', ...(service.sourceRanges.length > 0 && entry === 'loadBalancer' ? [serviceChain('KUBE-FW-', service, port)] : []), ext];
  const policy = written(manifest, `externalTrafficPolicy: ${service.externalTrafficPolicy}`, 'spec', 'externalTrafficPolicy');
  if (service.externalTrafficPolicy === 'Cluster') {
    if (usable.cluster.length === 0) return { kind: 'rejected', reason: 'no-endpoints', match, because: [selector] };
    return forwarded(match, packet, usable.cluster, 'external-traffic', [...chains, svc], [policy]);
  }
  // Under Local, what starts inside the cluster is short-circuited to every endpoint.
  if (fromPod || fromThisNode) {
    if (usable.cluster.length === 0) return { kind: 'rejected', reason: 'no-endpoints', match, because: [selector] };
    return forwarded(match, packet, usable.cluster, fromPod ? null : 'external-traffic', [...chains, svc], [policy]);
  }
  if (usable.local.length === 0) return { kind: 'dropped', reason: 'no-local-endpoints', match, because: [policy] };
  return forwarded(match, packet, usable.local, null, [...chains, svl], [policy]);
}

/** The service port that a packet addressed so would meet on a node with this address; null for none. */
export function matchService(model: ClusterModel, { protocol, destination }: ArrivingPacket, nodeAddress: string): ServiceMatch | null {
  for (const service of model.services) {
    if (service.headless || service.type === 'ExternalName') continue;
    for (const port of service.ports) {
      if (port.protocol !== protocol) continue;
      if (port.port === destination.port) {
        if (service.clusterIP === destination.address) return { service, port, entry: 'clusterIP' };
        if (service.externalIPs.includes(destination.address)) return { service, port, entry: 'externalIP' };
        if (service.loadBalancerAddresses.includes(destination.address)) return { service, port, entry: 'loadBalancer' };
      }
      if (port.nodePort !== null && port.nodePort === destination.port && destination.address === nodeAddress) return { service, port, entry: 'nodePort' };
    }
  }
  return null;
}

function forwarded(match: ServiceMatch, packet: ArrivingPacket, endpoints: readonly Endpoint[], masquerade: MasqueradeReason | null, chains: readonly string[], because: readonly Because[]): Treatment {
  return {
    kind: 'forwarded',
    match,
    because,
    choices: spread(endpoints).map(({ item: endpoint, share }) => ({
      endpoint,
      probability: share,
      masquerade: masquerade ?? (endpoint.address === packet.source ? 'hairpin' : null),
      chains: [...chains, endpointChain(match.service, match.port, endpoint)],
    })),
  };
}
