import type { Because } from '../../cluster/because.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { hostPort } from '../../cluster/address.ts';

/** One line of what kube-proxy programs: a rule, a set's or a map's element. */
export interface RuleLine {
  /** The iptables table that its chain is in; always `kube-proxy` in nftables. */
  readonly table: string;
  /** The chain, set or map that it stands in. */
  readonly chain: string;
  /** As `iptables-restore` or `nft -f` takes it. */
  readonly text: string;
  /** The fields that brought it about; none for what is always there. */
  readonly because: readonly Because[];
}

/**
 * kube-proxy sorts endpoints by their text. Source: kubernetes/kubernetes pkg/proxy/endpointslicecache.go `byEndpoint`.
 */
export function byText(endpoints: readonly Endpoint[]): Endpoint[] {
  return endpoints.toSorted((a, b) => {
    const [left, right] = [hostPort(a.address, a.port), hostPort(b.address, b.port)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
}

/** The endpoints of both policies, each once, in order. */
export function reachable(cluster: readonly Endpoint[], local: readonly Endpoint[]): Endpoint[] {
  return [
    ...new Map(
      [...cluster, ...local].map((endpoint) => [hostPort(endpoint.address, endpoint.port), endpoint]),
    ).values(),
  ];
}
