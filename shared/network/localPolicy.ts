import { type ClusterModel, endpointsFor } from '../cluster/clusterModel.ts';
import type { ClusterNode } from '../cluster/node.ts';
import { isExternallyAccessible, type Service } from '../cluster/service.ts';
import { usableEndpoints } from './endpointSelection.ts';

/**
 * The ready nodes on which external traffic for the Service is dropped for want of a local pod, while the Service has
 * endpoints elsewhere. Empty under policy Cluster, and where there are no endpoints at all (then it is rejected).
 */
export function nodesThatDrop(model: ClusterModel, service: Service): ClusterNode[] {
  if (service.externalTrafficPolicy !== 'Local' || !isExternallyAccessible(service)) return [];
  const endpoints = endpointsFor(model, service).byPort[0] ?? [];
  if (endpoints.length === 0) return [];
  return model.nodes.filter((node) => {
    const usable = usableEndpoints(endpoints, service, node, model.profile.kubernetesMinor);
    return node.ready && usable.hasAny && usable.local.length === 0;
  });
}
