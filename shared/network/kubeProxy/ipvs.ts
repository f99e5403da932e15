import { isIn } from '../../cluster/address.ts';
import { type Because, written } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { addressOfFamily, type ClusterNode } from '../../cluster/node.ts';
import { isServiceAddress, isDetectedAsLocal, portAt, type PortOnNode, portOnNode } from './proxiedPort.ts';
import {
  type ArrivingPacket,
  forwarded,
  type MasqueradeReason,
  type PacketAtPort,
  type PacketPath,
  rangesOf,
  type ServiceMatch,
  type Treatment,
} from './treatment.ts';

/**
 * What kube-proxy in ipvs mode does to a packet. Every Service address is the node's own (device kube-ipvs0), and the
 * kernel's virtual servers pick the endpoint in turn. It differs from iptables mode. Policy Local means the local
 * endpoints alone, even for pods. If there is none it means all of them, and a client outside then gets replies from an
 * address that it didn't ask. The virtual server itself refuses for a Service without endpoints. A port that no Service
 * has at such an address is rejected. The node asks from the Service's address.
 * Source: kubernetes/kubernetes pkg/proxy/ipvs/proxier.go `syncProxyRules`, `syncEndpoint`, `writeIptablesRules`
 * (1.36); linux net/netfilter/ipvs/ip_vs_core.c `ip_vs_leave`.
 */
export function treatByIpvs(
  model: ClusterModel,
  node: ClusterNode,
  packet: ArrivingPacket,
  path: PacketPath,
): Treatment {
  const met = portAt(model, node, packet.protocol, packet.destination);
  const because: Because[] = [{ kind: 'profile', text: 'kubeProxy.mode: ipvs', field: model.profile.field }];
  if (met === null)
    return isServiceAddress(model, packet.destination.address)
      ? { kind: 'rejected', reason: 'no-such-port', match: null, because }
      : { kind: 'untouched' };
  const port = portOnNode(model, met.port, node);
  const match: ServiceMatch = { service: port.service, port: port.port, entry: met.entry };
  if (met.entry === 'loadBalancer' && isRefused(port, node, packet, path))
    return { kind: 'denied', reason: 'source-ranges', match, because: [rangesOf(port.service)] };
  const field = met.entry === 'clusterIP' ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  const policy = written(port.service.manifest, `${field}: ${port.service[field]}`, 'spec', field);
  const isLocal = met.entry === 'clusterIP' ? port.internalPolicyLocal : port.externalPolicyLocal;
  const chosen = isLocal && port.local.length > 0 ? 'local' : 'cluster';
  if (port[chosen].length === 0)
    return {
      kind: 'rejected',
      reason: port.hasAny ? 'no-local-endpoints' : 'no-endpoints',
      match,
      because: [port.hasAny ? policy : written(port.service.manifest, 'selector', 'spec', 'selector')],
    };
  const asked: PacketAtPort = { model, node, packet, port, match };
  return forwarded(asked, chosen, masqueradeFor(asked, isLocal, path), [policy]);
}

function masqueradeFor(
  { model, node, packet, match }: PacketAtPort,
  isLocal: boolean,
  path: PacketPath,
): MasqueradeReason | null {
  if (match.entry !== 'clusterIP') return isLocal ? null : 'external-traffic';
  if (model.profile.kubeProxy.masqueradeAll) return 'masquerade-all';
  return path === 'own' || isDetectedAsLocal(model, node, packet.source) === false
    ? 'cluster-address-from-outside'
    : null;
}

/** A node's own traffic is judged by the node's address, though it carries the balancer's. */
function isRefused(
  { sourceRanges, family }: PortOnNode,
  node: ClusterNode,
  { source }: ArrivingPacket,
  path: PacketPath,
): boolean {
  const judged = path === 'own' ? (addressOfFamily(node, family) ?? source) : source;
  return sourceRanges.length > 0 && !sourceRanges.some((range) => isIn(judged, range));
}
