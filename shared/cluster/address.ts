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
  return text.includes(':') ? ipaddr.IPv6.isValid(text) : plainNumber(text.replaceAll(/\b0+(?=\d)/g, '')) !== null;
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

/** The same of what can be read, each once, in their order: what is no address at all is left out. */
export function readAddresses(texts: readonly string[]): string[] {
  const readable = texts.filter((each) => isAddress(each.trim()) && !each.includes('%'));
  return [...new Set(readable.map(canonicalAddress))];
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
  const plain = plainRange(cidr);
  if (plain !== null) return plainText(plain.written + offset);
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

/** The range of one address. */
export function hostRange(address: string): string {
  return `${address}/${familyOf(address) === 'IPv6' ? 128 : 32}`;
}

/** Whether an address lies in a range; false where either can't be read or their families differ. */
export function isIn(address: string, cidr: string): boolean {
  if (familyOf(address) !== familyOf(cidr)) return false;
  const number = plainNumber(address);
  const plain = number === null ? null : plainRange(cidr);
  if (number !== null && plain !== null) return number >= plain.first && number <= plain.last;
  const range = parsedRange(cidr);
  if (range === null || !ipaddr.isValid(address)) return false;
  return ipaddr.parse(address).match(range);
}

/** Whether all of a range lies in another; false where either can't be read. */
export function isRangeIn(range: string, cidr: string): boolean {
  const canonical = canonicalRange(range);
  if (canonical === null) return false;
  const { first, last } = endsOfRange(canonical);
  return isIn(first, cidr) && isIn(last, cidr);
}

/** As numbers: the address as it is written, and the range's ends. Null for what isn't a plain IPv4 range. */
const plainRange = remembered((cidr: string) => {
  const [address = '', length = '', more] = cidr.split('/');
  const written = plainNumber(address);
  if (written === null || more !== undefined || !/^(?:[0-9]|[12][0-9]|3[0-2])$/.test(length)) return null;
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(written / size) * size;
  return { written, first, last: first + size - 1 };
});

const parsedRange = remembered((cidr: string) => (ipaddr.isValidCIDR(cidr) ? ipaddr.parseCIDR(cidr) : null));

/** An IPv4 address in the usual form as a number; null for any other. */
function plainNumber(address: string): number | null {
  let number = 0;
  let part = -1;
  let parts = 0;
  for (let index = 0; index <= address.length; index++) {
    const code = index === address.length ? dot : address.charCodeAt(index);
    if (code === dot) {
      if (part < 0 || ++parts > 4) return null;
      number = number * 256 + part;
      part = -1;
      continue;
    }
    const digit = code - zero;
    if (digit < 0 || digit > 9 || part === 0) return null;
    part = part < 0 ? digit : part * 10 + digit;
    if (part > 255) return null;
  }
  return parts === 4 ? number : null;
}

const zero = 48;
const dot = 46;

function plainText(number: number): string {
  return `${(number >>> 24) & 255}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
}

/** What was read of a text, for as many texts as a cluster has ranges. */
function remembered<T>(read: (text: string) => T): (text: string) => T {
  const known = new Map<string, { readonly is: T }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.is;
    if (known.size >= 1000) known.clear();
    const is = read(text);
    known.set(text, { is });
    return is;
  };
}

/**
 * The numbered part of a range that a node is given: its (index + 1)th of that prefix length, counted from the start
 * again behind the last one; the whole range where it has but one.
 */
export function partOfRange(cidr: string, index: number, length: number): string {
  const parts = partsOfRange(cidr, length);
  if (parts <= 1) return cidr;
  const size = 2 ** ((familyOf(cidr) === 'IPv4' ? 32 : 128) - length);
  return `${addressIn(cidr, ((index + 1) % parts) * size)}/${length}`;
}

/** How many ranges of that prefix length a range has. */
export function partsOfRange(cidr: string, length: number): number {
  return Math.max(1, 2 ** (length - Number(cidr.slice(cidr.indexOf('/') + 1))));
}

/** `address:port`, IPv6 addresses in brackets. */
export function hostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
