import { sha256 } from '@noble/hashes/sha2.js';
import { once } from '../../cluster/once.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { type Service, type ServicePort, servicePortName } from '../../cluster/service.ts';
import { hostPort } from '../../cluster/address.ts';
import { base32 } from './base32.ts';

/**
 * The names that kube-proxy gives to its iptables chains: the first 16 characters of the base-32 SHA-256 of the service
 * port's name, its protocol in lower case and, for endpoint chains, `address:port`.
 * Source: kubernetes/kubernetes pkg/proxy/iptables/proxier.go `portProtoHash`, `servicePortEndpointChainName` (1.35).
 */
export type ServiceChainPrefix = 'KUBE-SVC-' | 'KUBE-SVL-' | 'KUBE-EXT-' | 'KUBE-FW-';

export function serviceChain(prefix: ServiceChainPrefix, service: Service, port: ServicePort): string {
  return prefix + hashFor(service, servicePortName(service, port) + port.protocol.toLowerCase());
}

export function endpointChain(
  service: Service,
  port: ServicePort,
  endpoint: Pick<Endpoint, 'address' | 'port'>,
): string {
  const target = hostPort(endpoint.address, endpoint.port);
  return `KUBE-SEP-${hashFor(service, servicePortName(service, port) + port.protocol.toLowerCase() + target)}`;
}

/** A Service's chains are named again on each node, for each packet. */
const hashesFor = once((_service: Service) => new Map<string, string>());
const encoder = new TextEncoder();

function hashFor(service: Service, text: string): string {
  const known = hashesFor(service);
  let hash = known.get(text);
  if (hash === undefined) {
    hash = base32(sha256(encoder.encode(text)).subarray(0, 10));
    known.set(text, hash);
  }
  return hash;
}
