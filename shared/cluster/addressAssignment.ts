import { addressIn, type Family, familyOf } from './address.ts';
import type { Profile } from './profile.ts';
import type { Service } from './service.ts';

/**
 * Fills in what the API server and the cloud would assign: cluster addresses, nodePorts, load balancer addresses.
 * Each starts from a hash of the Service's own name, so that an edit elsewhere doesn't move it; a clash takes the next
 * free one, in the order of the names. What was assigned is marked: it stands for the real, unknown one.
 */
export function assignAddresses(services: readonly Service[], profile: Profile): Service[] {
  const addresses = new Set(services.flatMap(({ clusterIPs }) => clusterIPs));
  const external = new Set(services.flatMap(({ loadBalancerAddresses }) => loadBalancerAddresses));
  const nodePorts = new Set(
    services.flatMap(({ ports }) => ports.map(({ protocol, nodePort }) => `${protocol}/${nodePort}`)),
  );
  for (const { nodePort } of profile.loadBalancers) nodePorts.add(`TCP/${nodePort}`);
  const { from, to } = profile.nodePortRange;
  const order = services
    .map((service, index) => ({ service, index }))
    .sort((a, b) =>
      nameOf(a.service) < nameOf(b.service) ? -1 : nameOf(a.service) > nameOf(b.service) ? 1 : a.index - b.index,
    );
  const result = [...services];
  for (const { service, index } of order) {
    const seed = hashOf(nameOf(service));
    let { loadBalancerAddresses } = service;
    const ipFamilies = familiesOf(service, profile);
    const missing =
      service.headless || service.type === 'ExternalName'
        ? []
        : ipFamilies.filter((family) => !service.clusterIPs.some((each) => familyOf(each) === family));
    const clusterIPs = [
      ...service.clusterIPs,
      ...missing.map((family) =>
        firstFree(addresses, (attempt) => addressIn(rangeOf(profile, family), 256 + ((seed + attempt) % 60_000))),
      ),
    ];
    const needsAddress = missing.length > 0;
    const needsExternal = service.type === 'LoadBalancer' && loadBalancerAddresses.length === 0;
    if (needsExternal)
      loadBalancerAddresses = ipFamilies.map((family) =>
        firstFree(external, (attempt) => balancerAddress(family, seed + attempt, attempt)),
      );
    const wantsNodePorts =
      service.type === 'NodePort' || (service.type === 'LoadBalancer' && service.allocatesNodePorts);
    const ports = service.ports.map((port) => {
      if (!wantsNodePorts || port.nodePort !== null) return port;
      const key = firstFree(
        nodePorts,
        (attempt) => `${port.protocol}/${from + ((seed + port.index + attempt) % (to - from + 1))}`,
      );
      return { ...port, nodePort: Number(key.slice(key.indexOf('/') + 1)), nodePortAssigned: true };
    });
    const needsHealthCheck =
      service.type === 'LoadBalancer' &&
      service.externalTrafficPolicy === 'Local' &&
      service.healthCheckNodePort === null;
    const health = needsHealthCheck
      ? Number(firstFree(nodePorts, (attempt) => `TCP/${from + ((seed + 7919 + attempt) % (to - from + 1))}`).slice(4))
      : service.healthCheckNodePort;
    result[index] = {
      ...service,
      ...(needsExternal && service.hasHostname ? { proxiedAddresses: loadBalancerAddresses } : {}),
      ipFamilies,
      clusterIPs,
      clusterIP: clusterIPs[0] ?? null,
      loadBalancerAddresses,
      ports,
      healthCheckNodePort: health,
      assigned: { clusterIP: needsAddress, loadBalancerAddress: needsExternal },
    };
  }
  return result;
}

/**
 * The families that the API server gives a Service: those written, else the cluster's first; under a dual-stack policy both
 * of the cluster's. Source: kubernetes/kubernetes pkg/registry/core/service/storage/alloc.go `initIPFamilyFields` (1.36).
 */
function familiesOf({ ipFamilies, ipFamilyPolicy }: Service, profile: Profile): Family[] {
  const clusters = profile.serviceCidrs.map(familyOf);
  const first = ipFamilies.length > 0 ? [...ipFamilies] : clusters.slice(0, 1);
  return ipFamilyPolicy === 'SingleStack' ? first : [...first, ...clusters.filter((each) => !first.includes(each))];
}

/** From the ranges for documentation (RFC 5737, RFC 3849); where those 240 are taken, from the one for benchmarks (RFC 2544). */
function balancerAddress(family: Family, number: number, attempt: number): string {
  if (family === 'IPv6') return addressIn('2001:db8:3::/112', 10 + (number % 60_000));
  return attempt < 240 ? `203.0.113.${10 + (number % 240)}` : addressIn('198.18.0.0/15', number % 130_000);
}

/** The range that Services' addresses of a family come from; one of kubeadm's defaults where the profile has none. */
function rangeOf({ serviceCidrs }: Profile, family: Family): string {
  return (
    serviceCidrs.find((each) => familyOf(each) === family) ?? (family === 'IPv4' ? '10.96.0.0/12' : 'fd00:10:96::/112')
  );
}

function nameOf({ namespace, name }: Service): string {
  return `${namespace}/${name}`;
}

/** Takes the first candidate that nobody has; after 100,000 tries, the last one tried. */
function firstFree(taken: Set<string>, candidate: (attempt: number) => string): string {
  for (let attempt = 0; ; attempt++) {
    const each = candidate(attempt);
    if (taken.has(each) && attempt < 100_000) continue;
    taken.add(each);
    return each;
  }
}

/** FNV-1a, 32 bits: spreads names, nothing more. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return hash;
}
