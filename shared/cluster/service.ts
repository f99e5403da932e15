import { type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { booleanAt, integerAt, itemsAt, textAt, textOf, textsAt, valueAt } from '../manifest/value.ts';
import { canonicalAddress, type Family, familyOf, readAddresses } from './address.ts';

/**
 * A Service with the API server's defaults applied.
 * Source: kubernetes/kubernetes pkg/apis/core/v1/defaults.go `SetDefaults_Service` and
 * pkg/registry/core/service/storage/alloc.go.
 */
export interface Service {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly name: string;
  readonly type: ServiceType;
  readonly headless: boolean;
  /** As written or assigned, the primary first; empty for headless and ExternalName. */
  readonly clusterIPs: readonly string[];
  /** The primary one; null for headless and ExternalName. */
  readonly clusterIP: string | null;
  /** The families that are written, or that the written addresses have; empty where the API server chooses. */
  readonly ipFamilies: readonly Family[];
  readonly ipFamilyPolicy: 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';
  readonly selector: ReadonlyMap<string, string> | null;
  readonly ports: readonly ServicePort[];
  readonly externalTrafficPolicy: TrafficPolicy;
  readonly internalTrafficPolicy: TrafficPolicy;
  readonly clientIPAffinitySeconds: number | null;
  readonly externalIPs: readonly string[];
  readonly externalName: string | null;
  readonly sourceRanges: readonly string[];
  readonly loadBalancerAddresses: readonly string[];
  /** Those with `ipMode: Proxy`, at which kube-proxy leaves packets alone. */
  readonly proxiedAddresses: readonly string[];
  /** Whether this is the API server's own copy, and says that no load balancer has given the Service an address yet. */
  readonly isPending: boolean;
  /**
   * Whether the load balancer's status gives a name instead of an address:
   * kube-proxy then has no address to answer for.
   */
  readonly hasHostname: boolean;
  readonly healthCheckNodePort: number | null;
  readonly trafficDistribution: TrafficDistribution | null;
  readonly publishNotReadyAddresses: boolean;
  readonly allocatesNodePorts: boolean;
  /**
   * The proxy that its label `service.kubernetes.io/service-proxy-name` leaves it to: kube-proxy doesn't watch such a
   * Service. Null without the label; an empty value is a label too.
   * Source: kubernetes/kubernetes cmd/kube-proxy/app/server.go `Run`, the Services' label selector (1.36).
   */
  readonly proxyName: string | null;
  readonly assigned: { readonly clusterIP: boolean; readonly loadBalancerAddress: boolean };
}

const serviceTypes = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;
export type ServiceType = (typeof serviceTypes)[number];
/** `PreferClose` is the old name of `PreferSameZone`. */
export type TrafficDistribution = 'PreferClose' | 'PreferSameZone' | 'PreferSameNode';
export type TrafficPolicy = 'Cluster' | 'Local';
export type Protocol = 'TCP' | 'UDP' | 'SCTP';

export interface ServicePort {
  readonly index: number;
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly targetPort: number | string;
  readonly nodePort: number | null;
  /** The nodePort isn't written: this one stands for whatever the API server will assign. */
  readonly nodePortAssigned: boolean;
}

/** Its value names the proxy that a Service is left to. */
export const proxyNameLabel = 'service.kubernetes.io/service-proxy-name';

const services = new WeakMap<Manifest, Service>();

/** Reads a Service, once. Addresses and nodePorts that aren't written stay null; `assignAddresses` fills them. */
export function readService(manifest: Manifest): Service {
  const known = services.get(manifest) ?? read(manifest);
  services.set(manifest, known);
  return known;
}

function read(manifest: Manifest): Service {
  const spec = valueAt(manifest.value, 'spec');
  // In another case the API server refuses it, but it is clear which is meant.
  const typeText = textAt(spec, 'type')?.toLowerCase();
  const type = serviceTypes.find((each) => each.toLowerCase() === typeText) ?? 'ClusterIP';
  const addresses = itemsAt(spec, 'clusterIPs').flatMap((each) => textOf(each) ?? []);
  const clusterIP = textAt(spec, 'clusterIP') ?? addresses[0] ?? null;
  const distribution = textAt(spec, 'trafficDistribution');
  const headless = clusterIP === 'None' && type !== 'ExternalName';
  const hasAddresses = !headless && type !== 'ExternalName' && clusterIP !== null && clusterIP !== '';
  const clusterIPs = hasAddresses ? [...new Set([clusterIP, ...addresses].map(canonicalAddress))] : [];
  const ingress = itemsAt(manifest.value, 'status', 'loadBalancer', 'ingress');
  const written = readAddresses(ingress.flatMap((each) => textAt(each, 'ip') ?? []));
  const familyTexts = itemsAt(spec, 'ipFamilies').map(textOf);
  const policy = textAt(spec, 'ipFamilyPolicy');
  const selector = emptyAsNull(textsAt(spec, 'selector'));
  const requested = textAt(spec, 'loadBalancerIP');
  const isPending = type === 'LoadBalancer' && ingress.length === 0 && isFromServer(manifest);
  return {
    manifest,
    namespace: namespaceOf(manifest),
    name: manifest.name,
    type,
    headless,
    clusterIPs,
    clusterIP: clusterIPs[0] ?? null,
    ipFamilies: [
      ...new Set([
        ...familyTexts.filter((each): each is Family => each === 'IPv4' || each === 'IPv6'),
        ...clusterIPs.map(familyOf),
      ]),
    ],
    ipFamilyPolicy:
      policy === 'PreferDualStack' || policy === 'RequireDualStack'
        ? policy
        : policy === undefined && headless && selector === null
          ? 'RequireDualStack'
          : 'SingleStack',
    selector,
    ports: itemsAt(spec, 'ports').map((item, index): ServicePort => {
      // The API server refuses a number in quotes, but it is clear which is meant.
      const port = integerAt(item, 'port') ?? (Number.parseInt(textAt(item, 'port') ?? '', 10) || 0);
      const protocol = textAt(item, 'protocol');
      const target = valueAt(item, 'targetPort');
      const targetPort = typeof target === 'number' || typeof target === 'string' ? target : port;
      return {
        index,
        name: textAt(item, 'name') ?? '',
        protocol: protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP',
        port,
        targetPort: targetPort === 0 || targetPort === '' || (headless && target === undefined) ? port : targetPort,
        nodePort: type === 'NodePort' || type === 'LoadBalancer' ? (integerAt(item, 'nodePort') ?? null) : null,
        nodePortAssigned: false,
      };
    }),
    externalTrafficPolicy: textAt(spec, 'externalTrafficPolicy') === 'Local' ? 'Local' : 'Cluster',
    internalTrafficPolicy: textAt(spec, 'internalTrafficPolicy') === 'Local' ? 'Local' : 'Cluster',
    clientIPAffinitySeconds:
      textAt(spec, 'sessionAffinity') === 'ClientIP'
        ? (integerAt(spec, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds') ?? 10800)
        : null,
    externalIPs: readAddresses(itemsAt(spec, 'externalIPs').flatMap((each) => textOf(each) ?? [])),
    externalName: type === 'ExternalName' ? (textAt(spec, 'externalName') ?? '') : null,
    sourceRanges:
      type === 'LoadBalancer'
        ? itemsAt(spec, 'loadBalancerSourceRanges').flatMap((each) => textOf(each)?.trim() ?? [])
        : [],
    loadBalancerAddresses:
      type !== 'LoadBalancer' || isPending ? [] : written.length > 0 ? written : readAddresses([requested ?? '']),
    proxiedAddresses: readAddresses(
      ingress.flatMap((each) => (textAt(each, 'ipMode') === 'Proxy' ? (textAt(each, 'ip') ?? []) : [])),
    ),
    isPending,
    hasHostname: ingress.some((each) => textAt(each, 'hostname') !== undefined),
    healthCheckNodePort: integerAt(spec, 'healthCheckNodePort') ?? null,
    trafficDistribution:
      distribution === 'PreferClose' || distribution === 'PreferSameZone' || distribution === 'PreferSameNode'
        ? distribution
        : null,
    publishNotReadyAddresses: booleanAt(spec, 'publishNotReadyAddresses') ?? false,
    allocatesNodePorts: booleanAt(spec, 'allocateLoadBalancerNodePorts') ?? true,
    proxyName: manifest.labels.get(proxyNameLabel) ?? null,
    assigned: { clusterIP: false, loadBalancerAddress: false },
  };
}

/**
 * Whether a Service with a load balancer's status was read from the API server. `kubectl create --dry-run` prints an
 * empty status too, but only the server gives an object its uid and resource version, and a Service all its cluster
 * addresses.
 */
function isFromServer({ value }: Manifest): boolean {
  if (valueAt(value, 'status', 'loadBalancer') === undefined) return false;
  return (
    ['uid', 'resourceVersion', 'creationTimestamp'].some((field) => (textAt(value, 'metadata', field) ?? '') !== '') ||
    itemsAt(value, 'spec', 'clusterIPs').length > 0 ||
    (textAt(value, 'spec', 'clusterIP') ?? '') !== ''
  );
}

export function isService({ kind, apiVersion }: Manifest): boolean {
  return kind === 'Service' && apiVersion === 'v1';
}

/** Whether two Services have a port in common: of one protocol and number. */
export function isPortShared(a: Pick<Service, 'ports'>, b: Pick<Service, 'ports'>): boolean {
  return a.ports.some((port) => b.ports.some((each) => each.port === port.port && each.protocol === port.protocol));
}

/** Whether load balancers ask nodes for its endpoints (`service.NeedsHealthCheck`). */
export function needsHealthCheckPort({ type, externalTrafficPolicy }: Service): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

/** Whether packets from outside the cluster may enter through it at all (kube-proxy's `ExternallyAccessible`). */
export function isExternallyAccessible({ type, externalIPs }: Service): boolean {
  return type === 'NodePort' || type === 'LoadBalancer' || externalIPs.length > 0;
}

/** `namespace/name:port`, kube-proxy's own way to name a service port (`ServicePortName.String`). */
export function servicePortName({ namespace, name }: Service, port: ServicePort): string {
  return port.name === '' ? `${namespace}/${name}` : `${namespace}/${name}:${port.name}`;
}

function emptyAsNull(texts: ReadonlyMap<string, string> | undefined): ReadonlyMap<string, string> | null {
  return texts === undefined || texts.size === 0 ? null : texts;
}
