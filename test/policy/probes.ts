import { isAddress } from '../../shared/cluster/address.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { nodeNamed } from '../../shared/cluster/lookups.ts';
import type { Protocol } from '../../shared/cluster/service.ts';
import { readOrigin } from '../../shared/trace/readRequest.ts';
import { follow } from '../follow.ts';

/** A question to policies alone, past every Service: may `from` open a connection to `to` at a port? */
export interface Probe {
  /** `pod/NAME.NAMESPACE`, a workload, `node/NAME` or an address; both of them. */
  readonly from: string;
  readonly to: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly expect: 'allow' | 'deny';
}

/** What the trace says of a probe: `allow`, `deny`, or how it ends else. */
export function probed(model: ClusterModel, { from, to, port, protocol }: Probe): string {
  const origin = readOrigin(from, model);
  if (origin.kind === 'unreadable') return origin.message;
  const host = addressOf(model, to);
  if (host === null) return `there is no ${to}`;
  const target = { kind: 'socket', host, port } as const;
  const { paths } = follow(model, { from: origin.value, target, protocol, method: 'GET', headers: new Map() });
  const ends = paths.map(({ verdict }) =>
    verdict.kind === 'denied' ? 'deny' : reaches(verdict) ? 'allow' : JSON.stringify(verdict),
  );
  return [...new Set(ends)].join(', ');
}

/** Whoever is outside, or on a node's own network, is reached once the packet has left the pod. */
function reaches(verdict: { readonly kind: string; readonly reason?: string }): boolean {
  return verdict.kind === 'delivered' || verdict.reason === 'outside-cluster' || verdict.reason === 'nothing-listens';
}

function addressOf(model: ClusterModel, whom: string): string | null {
  if (isAddress(whom)) return whom;
  const node = whom.startsWith('node/') ? nodeNamed(model, whom.slice(5)) : undefined;
  if (node !== undefined) return node.address;
  const found = readOrigin(whom, model);
  return found.kind === 'read' && found.value.kind === 'pod' ? found.value.pod.address : null;
}
