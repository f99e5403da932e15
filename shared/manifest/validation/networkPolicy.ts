import ipaddr from 'ipaddr.js';
import { type FieldPath, integerAt, itemsAt, textAt, textOf, type Value, valueAt } from '../value.ts';
import type { Faults } from './fieldError.ts';
import { addressRange, containerPortName, portNumber } from './formats.ts';
import { judgeLabelSelector } from './labelSelector.ts';
import { isWritten } from './shape.ts';

const protocols = ['TCP', 'UDP', 'SCTP'];
const directions = [
  { rules: 'ingress', peers: 'from' },
  { rules: 'egress', peers: 'to' },
];

/**
 * What the API server has against a NetworkPolicy.
 * Source: kubernetes/kubernetes pkg/apis/networking/validation `ValidateNetworkPolicySpec` (1.36).
 */
export function judgeNetworkPolicy(object: Value, kubernetesMinor: number, faults: Faults): void {
  const spec = valueAt(object, 'spec');
  judgeLabelSelector(valueAt(spec, 'podSelector'), ['spec', 'podSelector'], faults);
  for (const { rules, peers } of directions)
    for (const [index, rule] of itemsAt(spec, rules).entries()) {
      const path = ['spec', rules, index];
      for (const [at, port] of itemsAt(rule, 'ports').entries()) judgePort(port, [...path, 'ports', at], faults);
      for (const [at, peer] of itemsAt(rule, peers).entries())
        judgePeer(peer, [...path, peers, at], kubernetesMinor, faults);
    }
  const types = itemsAt(spec, 'policyTypes').map((each) => textOf(each) ?? '');
  if (types.length > directions.length)
    return faults.add('Invalid', ['spec', 'policyTypes'], 'may not have more than two');
  for (const [index, type] of types.entries())
    faults.oneOf(['spec', 'policyTypes', index], type, ['Ingress', 'Egress']);
}

/** Source: there, `ValidateNetworkPolicyPort`. */
function judgePort(port: Value, path: FieldPath, faults: Faults): void {
  faults.oneOf([...path, 'protocol'], textAt(port, 'protocol') ?? 'TCP', protocols);
  const number = valueAt(port, 'port');
  const end = integerAt(port, 'endPort');
  const endPath = [...path, 'endPort'];
  if (typeof number === 'number') {
    faults.invalid([...path, 'port'], portNumber(number));
    if (end !== undefined && end < number)
      faults.add('Invalid', endPath, `is ${end}; it must not be less than the port, ${number}`);
    if (end !== undefined) faults.invalid(endPath, portNumber(end));
    return;
  }
  if (isWritten(number)) faults.invalid([...path, 'port'], containerPortName(textOf(number) ?? ''));
  if (end !== undefined) faults.add('Invalid', endPath, "may only be set beside a port's number");
}

/** Source: there, `ValidateNetworkPolicyPeer`, `ValidateIPBlock`. */
function judgePeer(peer: Value, path: FieldPath, kubernetesMinor: number, faults: Faults): void {
  const selectors = ['podSelector', 'namespaceSelector'].filter((each) => isWritten(valueAt(peer, each)));
  for (const each of selectors) judgeLabelSelector(valueAt(peer, each), [...path, each], faults);
  const block = valueAt(peer, 'ipBlock');
  if (isWritten(block)) judgeBlock(block, [...path, 'ipBlock'], kubernetesMinor, faults);
  if (selectors.length === 0 && !isWritten(block))
    faults.add('Required', path, 'must have a podSelector, a namespaceSelector or an ipBlock');
  if (selectors.length > 0 && isWritten(block))
    faults.add('Forbidden', path, `may not have both an ipBlock and a ${selectors.join(' or a ')}`);
}

function judgeBlock(block: Value, path: FieldPath, kubernetesMinor: number, faults: Faults): void {
  const range = textAt(block, 'cidr') ?? '';
  if (range === '') return faults.add('Required', [...path, 'cidr'], 'is required');
  faults.invalid([...path, 'cidr'], addressRange(kubernetesMinor)(range));
  const whole = readRange(range);
  if (whole === null) return;
  for (const [index, except] of itemsAt(block, 'except').entries()) {
    const text = textOf(except) ?? '';
    const own = [...path, 'except', index];
    faults.invalid(own, addressRange(kubernetesMinor)(text));
    const part = readRange(text);
    if (part !== null && !isWithin(part, whole))
      faults.add('Invalid', own, `must be a part of ${range}, and less than the whole`);
  }
}

type Range = ReturnType<typeof ipaddr.parseCIDR>;

/** Loosely, as older releases read it; null for what is no range. */
function readRange(text: string): Range | null {
  if (addressRange(0)(text).length > 0) return null;
  return ipaddr.parseCIDR(text.includes(':') ? text : text.replaceAll(/\b0+(?=\d)/g, ''));
}

function isWithin([address, bits]: Range, [whole, wholeBits]: Range): boolean {
  return address.kind() === whole.kind() && bits > wholeBits && address.match([whole, wholeBits]);
}
