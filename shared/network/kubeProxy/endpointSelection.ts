import type { Endpoint } from '../../cluster/endpoints.ts';
import type { ClusterNode } from '../../cluster/node.ts';

/**
 * Which of a Service port's endpoints a node's kube-proxy uses.
 * Source: kubernetes/kubernetes pkg/proxy/topology.go `CategorizeEndpoints`, `topologyModeFromHints` (1.36).
 */
export interface UsableEndpoints {
  /**
   * For traffic under policy Cluster; every ready one that is meant for this node,
   * else every one that terminates but still serves.
   */
  readonly cluster: readonly Endpoint[];
  /** For traffic under policy Local: the same, of those on this node, hints aside. */
  readonly local: readonly Endpoint[];
  /** Whether any node could use any endpoint: none at all is rejected, none here is dropped. */
  readonly hasAny: boolean;
}

/** The release whose kube-proxy first heeds node hints (feature PreferSameTrafficDistribution, on by default since). */
const nodeHintsSince = 34;

/** What of a Service's port decides which endpoints it needs. */
export interface TrafficPolicies {
  readonly internalPolicyLocal: boolean;
  readonly externalPolicyLocal: boolean;
  readonly isExternal: boolean;
}

/** `kubernetesMinor`: the minor version of the node's kube-proxy. */
export function usableEndpoints(
  endpoints: readonly Endpoint[],
  { internalPolicyLocal, externalPolicyLocal, isExternal }: TrafficPolicies,
  node: Pick<ClusterNode, 'name' | 'zone'>,
  kubernetesMinor: number,
): UsableEndpoints {
  const ready = endpoints.filter((each) => each.ready);
  const draining = endpoints.filter((each) => each.serving && each.terminating);
  // Neither policy asks for every endpoint where all traffic is local.
  const usesCluster = !internalPolicyLocal || isExternal;
  const meant = ready.filter(meantFor(ready, node, kubernetesMinor >= nodeHintsSince));
  const cluster = usesCluster ? (ready.length > 0 ? meant : draining) : [];
  if (!internalPolicyLocal && !(externalPolicyLocal && isExternal))
    return { cluster, local: [], hasAny: cluster.length > 0 };
  const here = (each: Endpoint): boolean => each.node === node.name;
  const localReady = ready.filter(here);
  return {
    cluster,
    local: localReady.length > 0 ? localReady : draining.filter(here),
    hasAny: ready.length > 0 || draining.length > 0,
  };
}

/**
 * What the hints choose. Node hints count if every ready endpoint has one and any is for this node; else zone hints, by
 * the same test; else all endpoints are taken.
 */
function meantFor(
  ready: readonly Endpoint[],
  { name, zone }: Pick<ClusterNode, 'name' | 'zone'>,
  usesNodeHints: boolean,
): (endpoint: Endpoint) => boolean {
  const forNode = ({ nodeHints }: Endpoint): boolean => nodeHints.includes(name);
  const forZone = ({ zoneHints }: Endpoint): boolean => zone !== null && zoneHints.includes(zone);
  if (usesNodeHints && ready.every(({ nodeHints }) => nodeHints.length > 0) && ready.some(forNode)) return forNode;
  if (ready.every(({ zoneHints }) => zoneHints.length > 0) && ready.some(forZone)) return forZone;
  return () => true;
}
