import ipaddr from 'ipaddr.js';

/** The two families of addresses; kube-proxy runs one proxier for each. */
export const families = ['IPv4', 'IPv6'] as const;
export type Family = (typeof families)[number];

/** By its look: IPv6 addresses and ranges have a colon. */
export function familyOf(address: string): Family {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}

/** Those of a family, in their order. */
export function ofFamily(addresses: readonly string[], family: Family): string[] {
  return addresses.filter((each) => familyOf(each) === family);
}

export function isAddress(text: string): boolean {
  return text.includes(':')
    ? ipaddr.IPv6.isValid(text)
    : ipaddr.IPv4.isValidFourPartDecimal(text.replaceAll(/\b0+(?=\d)/g, ''));
}

/**
 * An address as kube-proxy and the kernel print it: IPv6 shortened as RFC 5952 asks, IPv4 without the leading zeros
 * that old API servers took (they are decimal, never octal). Unreadable text comes back as it is.
 * Source: k8s.io/utils/net `ParseIPSloppy`.
 */
export function canonicalAddress(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.includes(':')) return trimmed.replaceAll(/\b0+(?=\d)/g, '');
  if (!ipaddr.IPv6.isValid(trimmed)) return trimmed;
  const parsed = ipaddr.IPv6.parse(trimmed);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String();
}

/** A range as kube-proxy prints it: the canonical first address and the length; null where it can't be read. */
export function canonicalRange(text: string): string | null {
  const [address = '', length = ''] = text.trim().split('/');
  const cidr = `${canonicalAddress(address)}/${length}`;
  if (!ipaddr.isValidCIDR(cidr)) return null;
  const first =
    familyOf(cidr) === 'IPv4' ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return `${canonicalAddress(first.toString())}/${Number(length)}`;
}

/** The address at an offset from a range's first. */
export function addressIn(cidr: string, offset: number): string {
  const plain = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\//.exec(cidr);
  if (plain !== null) {
    const sum =
      Number(plain[1]) * 2 ** 24 + Number(plain[2]) * 2 ** 16 + Number(plain[3]) * 2 ** 8 + Number(plain[4]) + offset;
    return [24, 16, 8, 0].map((bits) => Math.floor(sum / 2 ** bits) % 256).join('.');
  }
  const [address] = ipaddr.parseCIDR(cidr);
  const bytes = address.toByteArray();
  let carry = offset;
  for (let index = bytes.length - 1; index >= 0 && carry > 0; index--) {
    const sum = (bytes[index] ?? 0) + carry;
    bytes[index] = sum % 256;
    carry = Math.floor(sum / 256);
  }
  return canonicalAddress(ipaddr.fromByteArray(bytes).toString());
}

/** A range's first address and its last. */
export function endsOfRange(cidr: string): { readonly first: string; readonly last: string } {
  const { IPv4, IPv6 } = ipaddr;
  const [first, last] =
    familyOf(cidr) === 'IPv4'
      ? [IPv4.networkAddressFromCIDR(cidr), IPv4.broadcastAddressFromCIDR(cidr)]
      : [IPv6.networkAddressFromCIDR(cidr), IPv6.broadcastAddressFromCIDR(cidr)];
  return { first: canonicalAddress(first.toString()), last: canonicalAddress(last.toString()) };
}

/** Whether an address lies in a range; false where either can't be read or their families differ. */
export function isIn(address: string, cidr: string): boolean {
  if (!ipaddr.isValid(address) || !ipaddr.isValidCIDR(cidr)) return false;
  const parsed = ipaddr.parse(address);
  const range = ipaddr.parseCIDR(cidr);
  return parsed.kind() === range[0].kind() && parsed.match(range);
}

/**
 * The numbered part of a range that a node is given: its (index + 1)th of that prefix length;
 * the whole range where that is too small.
 */
export function partOfRange(cidr: string, index: number, length: number): string {
  const [, whole] = ipaddr.parseCIDR(cidr);
  const bits = familyOf(cidr) === 'IPv4' ? 32 : 128;
  if (whole > length) return cidr;
  const offset = (BigInt(index) + 1n) << BigInt(bits - length);
  const bytes = ipaddr.parseCIDR(cidr)[0].toByteArray();
  let carry = offset;
  for (let at = bytes.length - 1; at >= 0 && carry > 0n; at--) {
    const sum = BigInt(bytes[at] ?? 0) + (carry & 255n);
    bytes[at] = Number(sum & 255n);
    carry = (carry >> 8n) + (sum >> 8n);
  }
  return `${canonicalAddress(ipaddr.fromByteArray(bytes).toString())}/${length}`;
}

/** `address:port`, IPv6 addresses in brackets. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
