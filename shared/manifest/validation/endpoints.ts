import { type FieldPath, integerAt, itemsAt, textAt, type Value } from '../value.ts';
import type { Faults } from './fieldError.ts';
import { address, dnsLabel, dnsSubdomain, endpointAddress, portNumber, qualifiedName } from './formats.ts';

/**
 * What the API server has against Endpoints.
 * Source: kubernetes/kubernetes pkg/apis/core/validation `ValidateEndpointsCreate` (1.36).
 */
export function judgeEndpoints(object: Value, kubernetesMinor: number, faults: Faults): void {
  for (const [index, subset] of itemsAt(object, 'subsets').entries()) {
    const path = ['subsets', index];
    const lists = ['addresses', 'notReadyAddresses'];
    if (lists.every((list) => itemsAt(subset, list).length === 0))
      faults.add('Required', path, 'must have `addresses` or `notReadyAddresses`');
    for (const list of lists)
      for (const [at, each] of itemsAt(subset, list).entries())
        judgeAddress(each, [...path, list, at], kubernetesMinor, faults);
    const ports = itemsAt(subset, 'ports');
    for (const [at, port] of ports.entries()) judgePort(port, [...path, 'ports', at], ports.length > 1, faults);
  }
}

function judgeAddress(value: Value, path: FieldPath, kubernetesMinor: number, faults: Faults): void {
  const ip = textAt(value, 'ip') ?? '';
  faults.invalid([...path, 'ip'], [...address(kubernetesMinor)(ip), ...endpointAddress(ip)]);
  const hostname = textAt(value, 'hostname') ?? '';
  if (hostname !== '') faults.invalid([...path, 'hostname'], dnsLabel(hostname));
  const node = textAt(value, 'nodeName');
  if (node !== undefined) faults.invalid([...path, 'nodeName'], dnsSubdomain(node));
}

function judgePort(port: Value, path: FieldPath, needsName: boolean, faults: Faults): void {
  const name = textAt(port, 'name') ?? '';
  if (name !== '') faults.invalid([...path, 'name'], dnsLabel(name));
  else if (needsName) faults.add('Required', [...path, 'name'], 'is required where there are several ports');
  faults.invalid([...path, 'port'], portNumber(integerAt(port, 'port') ?? 0));
  faults.oneOf([...path, 'protocol'], textAt(port, 'protocol') || 'TCP', ['SCTP', 'TCP', 'UDP']);
  const appProtocol = textAt(port, 'appProtocol');
  if (appProtocol !== undefined) faults.invalid([...path, 'appProtocol'], qualifiedName(appProtocol));
}
