import { type ClusterModel, endpointsFor } from '../../cluster/clusterModel.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import type { Service } from '../../cluster/service.ts';

/**
 * What kube-proxy's health server answers on a node for a Service that has one: a LoadBalancer under policy Local.
 * It counts the addresses of the node's ready endpoints, over all ports; terminating ones don't count, though traffic may
 * still reach them. Null for a Service without a health server.
 * Source: kubernetes/kubernetes pkg/proxy/healthcheck/service_health.go, pkg/proxy/endpointschangetracker.go `LocalReadyEndpoints` (1.36).
 */
export function healthAnswer(model: ClusterModel, service: Service, node: Pick<ClusterNode, 'name'>): HealthAnswer | null {
  if (!hasHealthServer(service)) return null;
  const { byFamily } = endpointsFor(model, service);
  const [primary] = byFamily.keys();
  const endpoints = (primary === undefined ? [] : byFamily.get(primary) ?? []).flat();
  const localEndpoints = new Set(endpoints.filter((each) => each.ready && each.node === node.name).map(({ address }) => address)).size;
  return { localEndpoints, status: localEndpoints > 0 ? 200 : 503 };
}

export interface HealthAnswer {
  readonly status: 200 | 503;
  readonly localEndpoints: number;
}

export function hasHealthServer({ type, externalTrafficPolicy, healthCheckNodePort }: Service): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local' && healthCheckNodePort !== null;
}
