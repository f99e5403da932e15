import { canonicalRange, families, type Family, familyOf, isIn, ofFamily } from '../../cluster/address.ts';
import { type ClusterModel, eachOfModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { endpointsOfPort, writtenOnes } from '../../cluster/lookups.ts';
import { once } from '../../cluster/once.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { addressOfFamily, type ClusterNode, isLocalTo } from '../../cluster/node.ts';
import type { KubeProxyConfiguration } from '../../cluster/profile.ts';
import {
  isExternallyAccessible,
  type Protocol,
  type Service,
  type ServicePort,
  servicePortName,
} from '../../cluster/service.ts';
import { type UsableEndpoints, usableEndpoints } from './endpointSelection.ts';

/**
 * One port of one Service as kube-proxy of one family knows it: the addresses of that family at which it takes packets.
 * Source: kubernetes/kubernetes pkg/proxy/serviceport.go `newBaseServiceInfo` (1.36).
 */
export interface ProxiedPort {
  readonly service: Service;
  readonly port: ServicePort;
  readonly family: Family;
  /** `namespace/name:port`. */
  readonly name: string;
  readonly clusterIP: string;
  readonly externalIPs: readonly string[];
  /** The load balancer's addresses that nodes answer for (`ipMode: VIP`). */
  readonly loadBalancerVIPs: readonly string[];
  /** Canonical; empty where anyone may, as also a range of length 0 says. */
  readonly sourceRanges: readonly string[];
  readonly internalPolicyLocal: boolean;
  readonly externalPolicyLocal: boolean;
  /** Whether anything but the cluster address leads to it. */
  readonly isExternal: boolean;
}

/** What one node's kube-proxy makes of a port: its endpoints, and whether inside and outside traffic find one. */
export interface PortOnNode extends ProxiedPort, UsableEndpoints {
  readonly hasInternal: boolean;
  readonly hasExternal: boolean;
}

/** By which of its addresses a packet met a Service. */
export type EntryKind = 'clusterIP' | 'nodePort' | 'loadBalancer' | 'externalIP';

/** One address, or the nodePort, at which a port takes packets. */
interface Door {
  readonly port: ProxiedPort;
  readonly entry: EntryKind;
  readonly keys: readonly string[];
}

const doorsOf = once((service: Service): readonly Door[] =>
  families.flatMap((family) => proxiedPortsOf(service, family).flatMap(doorsOfPort)),
);

function doorsOfPort(port: ProxiedPort): Door[] {
  const { protocol, port: number, nodePort } = port.port;
  const at = (address: string, entry: EntryKind): Door => ({
    port,
    entry,
    keys: [
      `${protocol} ${address} ${number}`,
      `at ${address}`,
      ...(entry === 'clusterIP' ? [`clusterIP ${address}`] : []),
    ],
  });
  return [
    at(port.clusterIP, 'clusterIP'),
    ...port.externalIPs.map((each) => at(each, 'externalIP')),
    ...port.loadBalancerVIPs.map((each) => at(each, 'loadBalancer')),
    ...(nodePort === null
      ? []
      : [{ port, entry: 'nodePort' as const, keys: [nodePortKey(port.family, protocol, nodePort)] }]),
  ];
}

function nodePortKey(family: Family, protocol: Protocol, nodePort: number): string {
  return `nodePort ${family} ${protocol} ${nodePort}`;
}

const allDoors = eachOfModel(({ services }) => services, doorsOf);
const doors = indexOfModel(allDoors, ({ keys }: Door) => keys);

/** Whether kube-proxy (and Cilium in its place) watches the Service at all: a label can give it to another proxy. */
export function isWatched({ proxyName }: Service): boolean {
  return proxyName === null;
}

/** The ports of one Service in a family; none where it lacks the family, or where kube-proxy doesn't watch it. */
export function proxiedPortsOf(service: Service, family: Family): ProxiedPort[] {
  const clusterIP = service.clusterIPs.find((each) => familyOf(each) === family);
  if (clusterIP === undefined || !isWatched(service)) return [];
  const externalIPs = ofFamily(service.externalIPs, family);
  const loadBalancerVIPs = ofFamily(service.loadBalancerAddresses, family).filter(
    (each) => !service.proxiedAddresses.includes(each),
  );
  const ranges = ofFamily(service.sourceRanges, family).flatMap((each) => canonicalRange(each) ?? []);
  return service.ports.map((port) => ({
    service,
    port,
    family,
    clusterIP,
    externalIPs,
    loadBalancerVIPs,
    name: servicePortName(service, port),
    sourceRanges: ranges.some((each) => each.endsWith('/0')) ? [] : ranges,
    internalPolicyLocal: service.internalTrafficPolicy === 'Local',
    externalPolicyLocal: isExternallyAccessible(service) && service.externalTrafficPolicy === 'Local',
    isExternal: port.nodePort !== null || loadBalancerVIPs.length > 0 || externalIPs.length > 0,
  }));
}

/** Every port that kube-proxy of this family handles, of the Services that are written, in their order. */
export function proxiedPorts(model: ClusterModel, family: Family): readonly ProxiedPort[] {
  return writtenOnes(model.services).flatMap((service) => proxiedPortsOf(service, family));
}

/** The port's endpoints that kube-proxy watches. */
export function watchedEndpoints(
  model: ClusterModel,
  { service, port, family }: Pick<ProxiedPort, 'service' | 'port' | 'family'>,
): readonly Endpoint[] {
  return endpointsOfPort(model, service, port, family).filter(({ isHeadless }) => !isHeadless);
}

/** The port's endpoints as kube-proxy on this node sorts and uses them. */
export function portOnNode(
  model: ClusterModel,
  port: ProxiedPort,
  node: Pick<ClusterNode, 'name' | 'zone'>,
): PortOnNode {
  const usable = usableEndpoints(watchedEndpoints(model, port), port, node, model.profile.kubernetesMinor);
  const { hasAny, local } = usable;
  return {
    ...port,
    ...usable,
    hasInternal: hasAny && (!port.internalPolicyLocal || local.length > 0),
    hasExternal: hasAny && (!port.externalPolicyLocal || local.length > 0),
  };
}

/** The port that a packet with this destination meets on this node, and by which address; null for none. */
export function portAt(
  model: ClusterModel,
  node: ClusterNode,
  protocol: Protocol,
  { address, port }: { readonly address: string; readonly port: number },
): { readonly port: ProxiedPort; readonly entry: EntryKind } | null {
  const [addressed] = doors(model).get(`${protocol} ${address} ${port}`);
  if (addressed !== undefined) return addressed;
  const byNumber = portWithNodePort(model, protocol, { address, port });
  return byNumber !== null && takesNodePorts(model.profile.kubeProxy, node, address)
    ? { port: byNumber, entry: 'nodePort' }
    : null;
}

/** The port that has this nodePort, whichever addresses take it; null for none. */
export function portWithNodePort(
  model: ClusterModel,
  protocol: Protocol,
  { address, port }: { readonly address: string; readonly port: number },
): ProxiedPort | null {
  return doors(model).get(nodePortKey(familyOf(address), protocol, port))[0]?.port ?? null;
}

/** Every port that has something at this address, whichever number. */
export function proxiedPortsAt(model: ClusterModel, address: string): ProxiedPort[] {
  return [
    ...new Set(
      doors(model)
        .get(`at ${address}`)
        .map(({ port }) => port),
    ),
  ];
}

/** Whether it is some Service's address, of any kind but a node's. */
export function isServiceAddress(model: ClusterModel, address: string): boolean {
  return proxiedPortsAt(model, address).length > 0;
}

const unwatchedServices = eachOfModel(
  ({ services }) => services,
  (service: Service) => (isWatched(service) ? [] : [service]),
);
const unwatched = indexOfModel(
  unwatchedServices,
  ({ clusterIPs, externalIPs, loadBalancerAddresses, ports }: Service) => [
    ...new Set([
      ...[...clusterIPs, ...externalIPs, ...loadBalancerAddresses].flatMap((each) =>
        ports.map(({ port }) => `at ${each} ${port}`),
      ),
      ...ports.map(({ nodePort }) => `nodePort ${nodePort}`),
    ]),
  ],
);

/** The Service that would take a packet so addressed if kube-proxy watched it; null for none. */
export function unwatchedAt(
  model: ClusterModel,
  { address, port }: { readonly address: string; readonly port: number },
): Service | null {
  const [addressed] = unwatched(model).get(`at ${address} ${port}`);
  if (addressed !== undefined) return addressed;
  const [byNumber] = unwatched(model).get(`nodePort ${port}`);
  return byNumber !== undefined && model.nodes.some((node) => isLocalTo(node, address)) ? byNumber : null;
}

/** Whether some Service has this cluster address. */
export function isClusterIP(model: ClusterModel, address: string): boolean {
  return doors(model).get(`clusterIP ${address}`).length > 0;
}

/**
 * The addresses of the node, of one family, that take nodePort traffic; null for every address that the node has.
 * Source: pkg/proxy/util/nodeport_addresses.go; ranges of the other family alone leave this one unrestricted.
 */
export function nodePortRanges(
  { nodePortAddresses }: KubeProxyConfiguration,
  node: Pick<ClusterNode, 'addresses'>,
  family: Family,
): string[] | null {
  if (nodePortAddresses === 'primary') {
    const primary = addressOfFamily(node, family);
    return primary === null ? null : [`${primary}/${family === 'IPv4' ? 32 : 128}`];
  }
  const ranges = ofFamily(nodePortAddresses, family);
  return ranges.length === 0 || ranges.some((each) => each.endsWith('/0')) ? null : ranges;
}

/** Whether nodePorts answer on IPv4's loopback: only in iptables mode, and if kube-proxy's addresses include it. */
export function hasLocalhostNodePorts(
  configuration: KubeProxyConfiguration,
  node: Pick<ClusterNode, 'addresses'>,
): boolean {
  if (configuration.mode !== 'iptables' || !configuration.localhostNodePorts) return false;
  return (
    nodePortRanges(configuration, node, 'IPv4')?.some(
      (range) => range.startsWith('127.') || isIn('127.0.0.0', range),
    ) ?? true
  );
}

/** IPv6's loopback never takes them, IPv4's only with localhost nodePorts. */
export function takesNodePorts(configuration: KubeProxyConfiguration, node: ClusterNode, address: string): boolean {
  if (!isLocalTo(node, address) || address === '::1') return false;
  if (address.startsWith('127.') && !hasLocalhostNodePorts(configuration, node)) return false;
  return nodePortRanges(configuration, node, familyOf(address))?.some((range) => isIn(address, range)) ?? true;
}

/** The node's own addresses that take nodePort traffic, one by one; null for every address that is the node's. */
export function nodePortAddressesOf(
  configuration: KubeProxyConfiguration,
  node: ClusterNode,
  family: Family,
): string[] | null {
  const ranges = nodePortRanges(configuration, node, family);
  if (ranges === null) return null;
  const there = new Set([...node.addresses, ...node.gateways, ...node.tunnels]);
  const own = [...ofFamily([...there], family), family === 'IPv4' ? '127.0.0.1' : '::1'];
  return own.filter(
    (address) => ranges.some((range) => isIn(address, range)) && takesNodePorts(configuration, node, address),
  );
}

/**
 * The range of sources that kube-proxy on this node takes for the cluster's (or this node's) pods;
 * null where it can't tell any.
 */
export function localRanges(model: ClusterModel, node: ClusterNode, family: Family): string | null {
  const {
    kubeProxy: { detectLocal },
    podNetwork,
  } = model.profile;
  if (detectLocal === 'none') return null;
  return ofFamily(detectLocal === 'ClusterCIDR' ? podNetwork.cidrs : node.podCIDRs, family)[0] ?? null;
}

/** Whether a source lies in that range; null where there is none. */
export function isDetectedAsLocal(model: ClusterModel, node: ClusterNode, source: string): boolean | null {
  const range = localRanges(model, node, familyOf(source));
  return range === null ? null : isIn(source, range);
}
