import { sha256 } from '@noble/hashes/sha2.js';
import type { Endpoint } from '../cluster/endpoints.ts';
import { type Service, type ServicePort, servicePortName } from '../cluster/service.ts';

/**
 * The names that kube-proxy gives to its iptables chains: the first 16 characters of the base-32 SHA-256 of the service
 * port's name, its protocol in lower case and, for endpoint chains, `address:port`.
 * Source: kubernetes/kubernetes pkg/proxy/iptables/proxier.go `portProtoHash`, `servicePortEndpointChainName` (1.35).
 */
export type ServiceChainPrefix = 'KUBE-SVC-' | 'KUBE-SVL-' | 'KUBE-EXT-' | 'KUBE-FW-';

export function serviceChain(prefix: ServiceChainPrefix, service: Service, port: ServicePort): string {
  return prefix + hash(servicePortName(service, port) + port.protocol.toLowerCase());
}

export function endpointChain(service: Service, port: ServicePort, endpoint: Pick<Endpoint, 'address' | 'port'>): string {
  return `KUBE-SEP-${hash(`${servicePortName(service, port)}${port.protocol.toLowerCase()}${hostPort(endpoint.address, endpoint.port)}`)}`;
}

/** `address:port`, IPv6 addresses in brackets. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 base 32 of the first ten bytes: sixteen characters. */
function hash(text: string): string {
  const digest = sha256(new TextEncoder().encode(text));
  let bits = 0n;
  for (const byte of digest.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let name = '';
  for (let shift = 75n; shift >= 0n; shift -= 5n) name += alphabet[Number((bits >> shift) & 31n)];
  return name;
}
