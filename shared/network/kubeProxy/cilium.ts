import { isIn } from '../../cluster/address.ts';
import { type Because, written } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { endpointsOfPort } from '../../cluster/lookups.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import type { Service } from '../../cluster/service.ts';
import { usableEndpoints } from './endpointSelection.ts';
import { type EntryKind, portAt, portWithNodePort, type PortOnNode, type ProxiedPort } from './proxiedPort.ts';
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
 * What Cilium does in kube-proxy's place. What starts on the node is translated at the socket, when it connects. So no
 * packet ever carries a Service's address, the source stays, and another node's nodePort is no hop. What comes from
 * outside is translated on the node's device. An endpoint on this node sees the client. One on another node sees the
 * node (SNAT, the default), or the client (DSR), and then replies straight to it. Cluster addresses aren't served to
 * the outside, and hints are not heeded, unless Cilium is told so.
 * Source: docs.cilium.io "Kubernetes Without kube-proxy" (1.18): socket load balancing, client source IP preservation,
 * DSR, `bpf.lbExternalClusterIP`, `loadBalancer.serviceTopology`; cilium/cilium pull request 12311 for policy Local
 * from inside.
 */
export function treatByCilium(
  model: ClusterModel,
  node: ClusterNode,
  packet: ArrivingPacket,
  path: PacketPath,
): Treatment {
  const met =
    path === 'arriving'
      ? portAt(model, node, packet.protocol, packet.destination)
      : atSocket(model, node, packet, path);
  if (met === null || (path === 'arriving' && met.entry === 'clusterIP')) return { kind: 'untouched' };
  const port = withoutHints(model, met.port, node);
  const { service } = port;
  const match: ServiceMatch = { service, port: port.port, entry: met.entry };
  const because: Because[] = [{ kind: 'profile', text: `kubeProxy.mode: cilium`, field: model.profile.field }];
  const isInside = met.entry === 'clusterIP';
  const policy = isInside ? 'internalTrafficPolicy' : 'externalTrafficPolicy';
  if (
    met.entry === 'loadBalancer' &&
    path === 'arriving' &&
    port.sourceRanges.length > 0 &&
    !port.sourceRanges.some((range) => isIn(packet.source, range))
  )
    return { kind: 'denied', reason: 'source-ranges', match, because: [rangesOf(service)] };
  if (!port.hasAny) return refused(port, match, policy);
  const isLocal = isInside ? port.internalPolicyLocal : port.externalPolicyLocal && path === 'arriving';
  if (isLocal && port.local.length === 0) return refused(port, match, policy);
  const field = written(service.manifest, `${policy}: ${service[policy]}`, 'spec', policy);
  const asked: PacketAtPort = { model, node, packet, port, match };
  const treatment = forwarded(asked, isLocal ? 'local' : 'cluster', null, [field, ...because]);
  if (treatment.kind !== 'forwarded') return treatment;
  const isDirect = returnsDirectly(model, service, packet);
  return {
    ...treatment,
    choices: treatment.choices.map((choice) =>
      path === 'arriving' ? fromDevice(choice, node, isDirect) : { ...choice, masquerade: null },
    ),
  };
}

/** An endpoint elsewhere: SNAT, or the reply's own way back. */
function fromDevice(choice: Choice, node: ClusterNode, isDirect: boolean): Choice {
  if (choice.endpoint.node === node.name) return { ...choice, masquerade: null };
  return isDirect
    ? { ...choice, masquerade: null, returnsDirectly: true }
    : { ...choice, masquerade: 'external-traffic' };
}

/** In hybrid mode TCP alone; an annotation on the Service decides otherwise. */
function returnsDirectly({ profile }: ClusterModel, { manifest }: Service, { protocol }: ArrivingPacket): boolean {
  const mode = manifest.annotations.get('service.cilium.io/forwarding-mode') ?? profile.kubeProxy.loadBalancerMode;
  return mode === 'dsr' || (mode === 'hybrid' && protocol === 'TCP');
}

/** At the socket every node's address takes nodePort traffic, and for the node's own processes the loopback's too. */
function atSocket(
  model: ClusterModel,
  node: ClusterNode,
  { protocol, destination }: ArrivingPacket,
  path: PacketPath,
): { readonly port: ProxiedPort; readonly entry: EntryKind } | null {
  const met = portAt(model, node, protocol, destination);
  if (met !== null) return met;
  const byNumber = portWithNodePort(model, protocol, destination);
  const isNode =
    model.nodes.some(({ addresses }) => addresses.includes(destination.address)) ||
    (path === 'own' && (destination.address.startsWith('127.') || destination.address === '::1'));
  return byNumber !== null && isNode ? { port: byNumber, entry: 'nodePort' } : null;
}

function withoutHints(model: ClusterModel, port: ProxiedPort, node: ClusterNode): PortOnNode {
  const endpoints = endpointsOfPort(model, port.service, port.port, port.family).map((each) => ({
    ...each,
    zoneHints: [],
    nodeHints: [],
  }));
  const usable = usableEndpoints(endpoints, port, node, model.profile.kubernetesMinor);
  return { ...port, ...usable, hasInternal: usable.hasAny, hasExternal: usable.hasAny };
}
