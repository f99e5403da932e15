import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { ClusterNode } from '../cluster/node.ts';
import { isExternallyAccessible, type Service } from '../cluster/service.ts';
import { portOnNode, proxiedPortsOf } from './kubeProxy/proxiedPort.ts';

/**
 * The ready nodes on which external traffic for the Service is dropped for want of a local pod, while the Service has
 * endpoints elsewhere. Empty under policy Cluster, and where there are no endpoints at all (then it is rejected).
 */
export function nodesThatDrop(model: ClusterModel, service: Service): ClusterNode[] {
  if (service.externalTrafficPolicy !== 'Local' || !isExternallyAccessible(service)) return [];
  const port = proxiedPortsOf(service, service.ipFamilies[0] ?? 'IPv4')[0];
  if (port === undefined) return [];
  return model.nodes.filter((node) => {
    const { hasAny, hasExternal } = portOnNode(model, port, node);
    return node.ready && hasAny && !hasExternal;
  });
}
