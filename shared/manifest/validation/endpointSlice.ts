import { itemsAt, type FieldPath, textAt, textOf, type Value, valueAt } from '../value.ts';
import { type FieldError, Faults } from './fieldError.ts';
import {
  address,
  canonicalForm,
  dnsLabel,
  dnsSubdomain,
  endpointAddress,
  type Format,
  fullyQualifiedName,
  labelValue,
  qualifiedName,
} from './formats.ts';
import { judgeBeginning, judgeMetadata, judgeName } from './metadata.ts';
import { judgeShape } from './shape.ts';

const most = { endpoints: 1000, ports: 20_000, addresses: 100, hints: 8 };

/**
 * What the API server has against an EndpointSlice when it is created; empty for one that it takes.
 * Source: kubernetes/kubernetes pkg/apis/discovery/validation/validation.go `ValidateEndpointSliceCreate` (1.36).
 */
export function validateEndpointSlice(value: Value, kubernetesMinor: number): readonly FieldError[] {
  const faults = new Faults();
  judgeShape(value, 'discovery.EndpointSlice', [], faults);
  if (faults.errors.some(({ kind }) => kind === 'WrongType')) return faults.errors;
  judgeName(value, dnsSubdomain, faults);
  judgeBeginning(value, dnsSubdomain, faults);
  judgeMetadata(valueAt(value, 'metadata'), faults, 'standard or qualified');
  const type = textAt(value, 'addressType') ?? '';
  if (type === '') faults.add('Required', ['addressType'], 'is required: IPv4, IPv6 or FQDN');
  else faults.oneOf(['addressType'], type, ['FQDN', 'IPv4', 'IPv6']);
  judgePorts(value, faults);
  const endpoints = itemsAt(value, 'endpoints');
  if (endpoints.length > most.endpoints)
    faults.add('TooMany', ['endpoints'], `has ${endpoints.length}; at most ${most.endpoints} are taken`);
  else
    for (const [index, endpoint] of endpoints.entries())
      judgeEndpoint(endpoint, ['endpoints', index], { type, kubernetesMinor }, faults);
  return faults.errors;
}

function judgePorts(value: Value, faults: Faults): void {
  const ports = itemsAt(value, 'ports');
  if (ports.length > most.ports)
    return faults.add('TooMany', ['ports'], `has ${ports.length}; at most ${most.ports} are taken`);
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const name = textAt(port, 'name') ?? '';
    if (name !== '') faults.invalid(['ports', index, 'name'], dnsLabel(name));
    if (names.has(name)) faults.add('Duplicate', ['ports', index, 'name'], `${JSON.stringify(name)} is there twice`);
    names.add(name);
    faults.oneOf(['ports', index, 'protocol'], textAt(port, 'protocol') ?? 'TCP', ['SCTP', 'TCP', 'UDP']);
    const appProtocol = textAt(port, 'appProtocol');
    if (appProtocol !== undefined) faults.invalid(['ports', index, 'appProtocol'], qualifiedName(appProtocol));
  }
}

/** By what a slice's addresses are judged: the slice's type, and the API server's release. */
interface AddressRules {
  readonly type: string;
  readonly kubernetesMinor: number;
}

function judgeEndpoint(endpoint: Value, path: FieldPath, rules: AddressRules, faults: Faults): void {
  const addresses = itemsAt(endpoint, 'addresses').map((each) => textOf(each) ?? '');
  if (addresses.length === 0) faults.add('Required', [...path, 'addresses'], 'must contain at least 1 address');
  else if (addresses.length > most.addresses)
    faults.add('TooMany', [...path, 'addresses'], `has ${addresses.length}; at most ${most.addresses} are taken`);
  for (const [index, text] of addresses.entries()) judgeAddress(text, [...path, 'addresses', index], rules, faults);
  const node = textAt(endpoint, 'nodeName');
  if (node !== undefined) faults.invalid([...path, 'nodeName'], dnsSubdomain(node));
  const hostname = textAt(endpoint, 'hostname');
  if (hostname !== undefined) faults.invalid([...path, 'hostname'], dnsLabel(hostname));
  judgeHints(valueAt(endpoint, 'hints', 'forZones'), [...path, 'hints', 'forZones'], labelValue, faults);
  judgeHints(valueAt(endpoint, 'hints', 'forNodes'), [...path, 'hints', 'forNodes'], dnsSubdomain, faults);
}

function judgeAddress(text: string, path: FieldPath, { type, kubernetesMinor }: AddressRules, faults: Faults): void {
  if (type === 'FQDN' && text === '') return faults.add('Required', path, 'is empty');
  if (type === 'FQDN') return faults.invalid(path, fullyQualifiedName(text));
  if (type !== 'IPv4' && type !== 'IPv6') return;
  const isCanonicalOnly = type === 'IPv6' && kubernetesMinor >= canonicalSince;
  const strict = address(type === 'IPv6' ? strictIPv6 : kubernetesMinor)(text);
  const problems = strict.length === 0 && isCanonicalOnly ? canonicalForm(text) : strict;
  if (problems.length > 0) return faults.invalid(path, problems);
  // The API server names the list here, not the address.
  if (text.includes(':') !== (type === 'IPv6')) faults.add('Invalid', path.slice(0, -1), `must be an ${type} address`);
  faults.invalid(path, endpointAddress(text));
}

/** IPv6 addresses of slices were never taken loosely. */
const strictIPv6 = Number.POSITIVE_INFINITY;
/** The release since which they have one form only (k8s.io/apimachinery pkg/util/validation `IsValidIP`, 0.33). */
const canonicalSince = 33;

function judgeHints(hints: Value | undefined, path: FieldPath, format: Format<string>, faults: Faults): void {
  const names = itemsAt(hints).map((each) => textAt(each, 'name') ?? '');
  if (names.length > most.hints)
    return faults.add('TooMany', path, `has ${names.length}; at most ${most.hints} are taken`);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) faults.add('Duplicate', [...path, index, 'name'], `${name} is there twice`);
    faults.invalid([...path, index, 'name'], format(name));
  }
}
