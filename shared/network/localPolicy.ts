import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { ClusterNode } from '../cluster/node.ts';
import { isExternallyAccessible, type Service } from '../cluster/service.ts';
import { portOnNode, proxiedPortsOf } from './kubeProxy/proxiedPort.ts';

/**
 * The ready nodes on which what is sent to the Service's cluster address is dropped, under `internalTrafficPolicy:
 * Local`: they have no pod of it, while other nodes do. Source: KEP-2086; pkg/proxy/topology.go (1.36).
 */
export function nodesThatDropInside(model: ClusterModel, service: Service): ClusterNode[] {
  if (service.internalTrafficPolicy !== 'Local') return [];
  const [port] = proxiedPortsOf(service, service.ipFamilies[0] ?? 'IPv4');
  if (port === undefined) return [];
  return model.nodes.filter((node) => {
    const { hasAny, hasInternal } = portOnNode(model, port, node);
    return node.ready && hasAny && !hasInternal;
  });
}

/**
 * The ready nodes that drop external traffic for the Service: they have no local pod, while other nodes do. Empty under
 * policy Cluster, and if there are no endpoints at all (then it is rejected).
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
