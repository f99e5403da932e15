import { isIn } from '../cluster/address.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Service } from '../cluster/service.ts';
import { kindOf } from '../network/loadBalancers/catalogue.ts';

/** RFC 1918 and RFC 6598: where nodes live. */
const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'];

/** Whether nodes may have addresses of some ranges, for all that is known: none of theirs is written. */
export function mayHoldNodes(model: ClusterModel, ranges: readonly string[]): boolean {
  const isGuess = model.assumptions.some(({ id }) => id === 'nodes');
  return isGuess && ranges.some((range) => privateRanges.some((each) => isIn(firstOf(range), each)));
}

/** Whether something says what stands before a Service: another balancer might hand on its clients' addresses. */
export function isBalancerKnown(model: ClusterModel, service: Service): boolean {
  return service.type !== 'LoadBalancer' || kindOf(model, service).by !== 'nothing';
}

/** The address that a range is written with. */
export function firstOf(range: string): string {
  return range.split('/', 1)[0] ?? '';
}
