import { type FieldPath, itemsAt, textOf, type Value, valueAt } from '../value.ts';
import { type FieldError, Faults } from './fieldError.ts';
import { address } from './formats.ts';

/**
 * Where a status holds addresses. The API server takes a status only from those who write one, and refuses it with an
 * address that is none; `kubectl apply` of a manifest leaves it out.
 * Source: kubernetes/kubernetes pkg/apis/core/validation `ValidateLoadBalancerStatus`, `validatePodIPs`,
 * `validateHostIPs`; pkg/apis/networking/validation `ValidateIngressLoadBalancerStatus` (1.36).
 */
export function validateStatus(kind: string, value: Value): readonly FieldError[] {
  const faults = new Faults();
  for (const path of addressPaths(kind, value)) {
    const text = textOf(valueAt(value, ...path));
    if (text !== undefined && text !== '') faults.invalid(path, address(anyForm)(text));
  }
  return faults.errors;
}

/** What an older release has written still stands, in whatever form. */
const anyForm = 0;

function addressPaths(kind: string, value: Value): FieldPath[] {
  const listed = (...list: readonly string[]): FieldPath[] =>
    itemsAt(value, 'status', ...list).map((_, index) => ['status', ...list, index, 'ip']);
  switch (kind) {
    case 'Service':
    case 'Ingress':
      return listed('loadBalancer', 'ingress');
    case 'Pod':
      return [['status', 'podIP'], ...listed('podIPs'), ['status', 'hostIP'], ...listed('hostIPs')];
    default:
      return [];
  }
}
