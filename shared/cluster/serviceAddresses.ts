import { families, type Family, familyOf } from './address.ts';
import { sameItems } from './listChanges.ts';
import { once } from './once.ts';
import type { Profile } from './profile.ts';
import { needsHealthCheckPort, type Service, type ServicePort } from './service.ts';
import { balancerClaim, type Claim, clusterAddressClaim, familyClaimName, nodePortClaim } from './standIns.ts';

/**
 * What a Service lacks that the API server and the cloud would assign: cluster addresses, load balancer addresses,
 * nodePorts. It is filled with stand-ins, marked as such: each stands for the real, unknown one.
 */
export interface Lacking {
  readonly service: Service;
  /** The families that the Service gets. */
  readonly families: readonly Family[];
  readonly clusterIPs: readonly Family[];
  readonly balancerAddresses: readonly Family[];
  readonly nodePorts: readonly ServicePort[];
  readonly lacksHealthCheckPort: boolean;
  /** All that the stand-ins depend on: two that are equal are given the same. */
  readonly signature: string;
}

const known = new WeakMap<Service, { readonly profile: Profile; readonly lacking: Lacking }>();

/** What a Service as written lacks, found once for a profile. */
export function lackingOf(service: Service, profile: Profile): Lacking {
  const before = known.get(service);
  if (before?.profile === profile) return before.lacking;
  const lacking = findLacking(service, profile);
  known.set(service, { profile, lacking });
  return lacking;
}

function findLacking(service: Service, profile: Profile): Lacking {
  const families = familiesOf(service, profile);
  const hasNone = service.headless || service.type === 'ExternalName';
  const isBalanced = service.type === 'LoadBalancer';
  const wantsNodePorts = service.type === 'NodePort' || (isBalanced && service.allocatesNodePorts);
  const clusterIPs = hasNone
    ? []
    : families.filter((family) => !service.clusterIPs.some((each) => familyOf(each) === family));
  const balancerAddresses =
    isBalanced && !service.isPending && service.loadBalancerAddresses.length === 0 ? families : [];
  const nodePorts = wantsNodePorts ? service.ports.filter(({ nodePort }) => nodePort === null) : [];
  const lacksHealthCheckPort = needsHealthCheckPort(service) && service.healthCheckNodePort === null;
  const signature = [
    fullNameOf(service),
    clusterIPs.join(),
    balancerAddresses.join(),
    nodePorts.map(portKey).join(),
    lacksHealthCheckPort,
    service.clusterIPs.join(),
    writtenNodePorts(service).join(),
  ].join('|');
  return { service, families, clusterIPs, balancerAddresses, nodePorts, lacksHealthCheckPort, signature };
}

/** Stand-ins by the names of their claims. */
export interface ServiceStandIns {
  readonly clusterIPs: ReadonlyMap<string, string>;
  readonly balancerAddresses: ReadonlyMap<string, string>;
  readonly nodePorts: ReadonlyMap<string, string>;
}

export function clusterAddressClaims({ service, clusterIPs }: Lacking, profile: Profile): Claim[] {
  return clusterIPs.map((family) => clusterAddressClaim(fullNameOf(service), family, profile));
}

export function balancerClaims({ service, balancerAddresses }: Lacking): Claim[] {
  return balancerAddresses.map((family) => balancerClaim('service', fullNameOf(service), family));
}

export function nodePortClaims(lacking: Lacking, profile: Profile): Claim[] {
  return wantedBy(lacking).nodePorts.map((name) => nodePortClaim(name, profile));
}

/** The nodePorts that a Service says itself, its health check's among them. */
export function writtenNodePorts({ ports, healthCheckNodePort }: Service): string[] {
  const all = [...ports.map(({ nodePort }) => nodePort), healthCheckNodePort];
  return all.flatMap((each) => (each === null ? [] : [String(each)]));
}

const filled = new WeakMap<Lacking, { readonly given: readonly string[]; readonly service: Service }>();

/** The Service with its stand-ins; the same value for as long as it is given the same. */
export function withStandIns(lacking: Lacking, standIns: ServiceStandIns): Service {
  const before = filled.get(lacking);
  const given = givenTo(lacking, standIns);
  if (before !== undefined && sameItems(before.given, given)) return before.service;
  const service = fill(lacking, standIns);
  filled.set(lacking, { given, service });
  return service;
}

/** The names of a Service's claims. */
const wantedBy = once(({ service, clusterIPs, balancerAddresses, nodePorts, lacksHealthCheckPort }: Lacking) => {
  const name = fullNameOf(service);
  return {
    clusterIPs: clusterIPs.map((family) => familyClaimName(family, name)),
    balancerAddresses: balancerAddresses.map((family) => familyClaimName(family, name)),
    nodePorts: [
      ...nodePorts.map((port) => portClaimName(service, port)),
      ...(lacksHealthCheckPort ? [healthCheckClaimName(service)] : []),
    ],
  };
});

function givenTo(lacking: Lacking, standIns: ServiceStandIns): string[] {
  const wanted = wantedBy(lacking);
  const given: string[] = [];
  for (const name of wanted.clusterIPs) given.push(standIns.clusterIPs.get(name) ?? '');
  for (const name of wanted.balancerAddresses) given.push(standIns.balancerAddresses.get(name) ?? '');
  for (const name of wanted.nodePorts) given.push(standIns.nodePorts.get(name) ?? '');
  return given;
}

function fill(lacking: Lacking, given: ServiceStandIns): Service {
  const { service, families, clusterIPs: missing, balancerAddresses, nodePorts, lacksHealthCheckPort } = lacking;
  const wanted = wantedBy(lacking);
  const clusterIPs = [...service.clusterIPs, ...wanted.clusterIPs.flatMap((name) => given.clusterIPs.get(name) ?? [])];
  const external = wanted.balancerAddresses.flatMap((name) => given.balancerAddresses.get(name) ?? []);
  const loadBalancerAddresses = balancerAddresses.length > 0 ? external : service.loadBalancerAddresses;
  const health = lacksHealthCheckPort ? given.nodePorts.get(healthCheckClaimName(service)) : undefined;
  return {
    ...service,
    ...(balancerAddresses.length > 0 && service.hasHostname ? { proxiedAddresses: loadBalancerAddresses } : {}),
    ipFamilies: families,
    clusterIPs,
    clusterIP: clusterIPs[0] ?? null,
    loadBalancerAddresses,
    ports: service.ports.map((port) => {
      const number = nodePorts.includes(port) ? given.nodePorts.get(portClaimName(service, port)) : undefined;
      return number === undefined ? port : { ...port, nodePort: Number(number), nodePortAssigned: true };
    }),
    healthCheckNodePort: health === undefined ? service.healthCheckNodePort : Number(health),
    assigned: { clusterIP: missing.length > 0, loadBalancerAddress: balancerAddresses.length > 0 },
  };
}

/** A Service's port by its own name, else its number: what stays when ports are added before it. */
function portKey({ name, protocol, port }: ServicePort): string {
  return `${protocol}/${name === '' ? port : name}`;
}

function portClaimName(service: Service, port: ServicePort): string {
  return `${fullNameOf(service)} ${portKey(port)}`;
}

function healthCheckClaimName(service: Service): string {
  return `${fullNameOf(service)} (health check)`;
}

function fullNameOf({ namespace, name }: Service): string {
  return `${namespace}/${name}`;
}

/**
 * The families that the API server gives a Service: those written, else the cluster's first; under a dual-stack policy
 * both of the cluster's. A headless one without a selector takes both there, whatever the cluster has: it is given no
 * address.
 * Source: kubernetes/kubernetes pkg/registry/core/service/storage/alloc.go `initIPFamilyFields` (1.36).
 */
function familiesOf({ ipFamilies, ipFamilyPolicy, headless, selector }: Service, profile: Profile): Family[] {
  const clusters = [...new Set(profile.serviceCidrs.map(familyOf))];
  const first = ipFamilies.length > 0 ? [...ipFamilies] : clusters.slice(0, 1);
  const offered = headless && selector === null ? families : clusters;
  return ipFamilyPolicy === 'SingleStack' ? first : [...first, ...offered.filter((each) => !first.includes(each))];
}
