import type { Endpoint } from '../cluster/endpoints.ts';
import { isExternallyAccessible, type Service } from '../cluster/service.ts';

/**
 * Which of a Service port's endpoints a node's kube-proxy uses.
 * Source: kubernetes/kubernetes pkg/proxy/topology.go `CategorizeEndpoints` (1.35). Left out so far: zone and node hints.
 */
export interface UsableEndpoints {
  /** For traffic under policy Cluster; every ready one, else every one that terminates but still serves. */
  readonly cluster: readonly Endpoint[];
  /** For traffic under policy Local: the same, of those on this node. */
  readonly local: readonly Endpoint[];
  /** Whether any node could use any endpoint: none at all is rejected, none here is dropped. */
  readonly hasAny: boolean;
}

export function usableEndpoints(endpoints: readonly Endpoint[], service: Service, node: string): UsableEndpoints {
  const internalLocal = service.internalTrafficPolicy === 'Local';
  const external = isExternallyAccessible(service);
  const usesCluster = !internalLocal || external;
  const usesLocal = internalLocal || external && service.externalTrafficPolicy === 'Local';
  const ready = endpoints.filter((each) => each.ready);
  const draining = endpoints.filter((each) => each.serving && each.terminating);
  const cluster = usesCluster ? (ready.length > 0 ? ready : draining) : [];
  if (!usesLocal) return { cluster, local: [], hasAny: cluster.length > 0 };
  const here = (each: Endpoint): boolean => each.node === node;
  const localReady = ready.filter(here);
  return { cluster, local: localReady.length > 0 ? localReady : draining.filter(here), hasAny: ready.length > 0 || draining.length > 0 };
}
