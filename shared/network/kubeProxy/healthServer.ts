import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { endpointsOfPort } from '../../cluster/lookups.ts';
import { type Family, familyOf, isIn } from '../../cluster/address.ts';
import { type ClusterNode, isLocalTo } from '../../cluster/node.ts';
import type { Service } from '../../cluster/service.ts';
import { itemsAt, textAt, valueAt } from '../../manifest/value.ts';
import { isWatched, nodePortRanges } from './proxiedPort.ts';

/**
 * What kube-proxy's health server answers on a node for a Service that has one: a LoadBalancer under policy Local.
 * It counts the addresses of the node's ready endpoints, over all ports; terminating ones don't count, though traffic
 * may still reach them. Null for a Service without a health server.
 * Each family's kube-proxy has a server of its own, at the node's addresses of that family.
 * Source: kubernetes/kubernetes pkg/proxy/healthcheck/service_health.go, pkg/proxy/endpointschangetracker.go
 * `LocalReadyEndpoints` (1.36).
 */
export function healthAnswer(
  model: ClusterModel,
  service: Service,
  node: Pick<ClusterNode, 'name'>,
  family: Family,
): HealthAnswer | null {
  if (!hasHealthServer(service) || !service.ipFamilies.includes(family)) return null;
  const endpoints = service.ports.flatMap((port) => endpointsOfPort(model, service, port, family));
  const localEndpoints = new Set(
    endpoints.filter((each) => each.ready && !each.isHeadless && each.node === node.name).map(({ address }) => address),
  ).size;
  return { localEndpoints, status: localEndpoints > 0 ? 200 : 503 };
}

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly localEndpoints: number;
}

/** Whether the health servers of Services listen at this address of the node: at those that take nodePort traffic. */
export function healthServerListensAt({ profile }: ClusterModel, node: ClusterNode, address: string): boolean {
  const ranges = nodePortRanges(profile.kubeProxy, node, familyOf(address));
  return isLocalTo(node, address) && (ranges?.some((range) => isIn(address, range)) ?? true);
}

/**
 * The port of kube-proxy's own health, by which load balancers under policy Cluster can tell a node that is about to
 * leave.
 */
export const proxyHealthPort = 10256;

/**
 * What kube-proxy says of itself: `/livez` is always well here, `/healthz` refuses traffic for a node that is being
 * deleted. Null for any other path. Source: pkg/proxy/healthcheck/proxy_health.go `NodeEligible` (1.36).
 */
export function proxyHealth({ manifest }: Pick<ClusterNode, 'manifest'>, path: string): 200 | 503 | null {
  if (path === '/livez') return 200;
  if (path !== '/healthz') return null;
  const isLeaving =
    valueAt(manifest?.value, 'metadata', 'deletionTimestamp') !== undefined ||
    itemsAt(manifest?.value, 'spec', 'taints').some((each) => textAt(each, 'key') === 'ToBeDeletedByClusterAutoscaler');
  return isLeaving ? 503 : 200;
}

export function hasHealthServer(service: Service): boolean {
  const { type, externalTrafficPolicy, healthCheckNodePort } = service;
  return (
    type === 'LoadBalancer' && externalTrafficPolicy === 'Local' && healthCheckNodePort !== null && isWatched(service)
  );
}
