import { sha256 } from '@noble/hashes/sha2.js';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { base32 } from './base32.ts';
import type { ProxiedPort } from './proxiedPort.ts';

/**
 * The names that kube-proxy gives to its nftables chains: a prefix, the first 8 characters of the base-32 SHA-256 of
 * what follows, and that: `HASH-namespace/service/protocol/port`, cut where it gets longer than 240 characters.
 * Source: kubernetes/kubernetes pkg/proxy/nftables/proxier.go `servicePortChainNameBase`, `hashAndTruncate` (1.36).
 */
export type NftablesPrefix = 'service-' | 'local-' | 'external-' | 'firewall-';

export function nftablesServiceChain(prefix: NftablesPrefix, port: ProxiedPort): string {
  return prefix + hashed(baseOf(port));
}

/** Endpoints have chains only under session affinity; the set of the clients that stay with one is called alike. */
export function nftablesEndpointChain(
  prefix: 'endpoint-' | 'affinity-',
  port: ProxiedPort,
  { address, port: target }: Pick<Endpoint, 'address' | 'port'>,
): string {
  return prefix + hashed(`${baseOf(port)}__${address.replaceAll(':', '.')}/${target}`);
}

function baseOf({ service: { namespace, name }, port }: ProxiedPort): string {
  return `${namespace}/${name}/${port.protocol.toLowerCase()}/${port.name}`;
}

const longest = 240;

function hashed(name: string): string {
  const hash = base32(sha256(new TextEncoder().encode(name)).subarray(0, 5));
  const whole = `${hash}-${name}`;
  return whole.length > longest ? `${whole.slice(0, longest - 3)}...` : whole;
}
