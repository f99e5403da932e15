import { type Because, written } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { unwatchedAt } from '../network/kubeProxy/proxiedPort.ts';
import type { Packet } from './trace.ts';
import type { OtherProxy } from './verdict.ts';

/** Whether a packet is for a Service that kube-proxy doesn't watch, and where that is written; null for any other. */
export function leftToAnother(
  model: ClusterModel,
  { destination }: Packet,
): { readonly leftTo: OtherProxy | null; readonly because: readonly Because[] } {
  const service = unwatchedAt(model, destination);
  if (service === null) return { leftTo: null, because: [] };
  const label = 'service.kubernetes.io/service-proxy-name';
  const proxyName = service.proxyName ?? '';
  return {
    leftTo: { service: service.name, proxyName },
    because: [
      written(service.manifest, proxyName === '' ? label : `${label}: ${proxyName}`, 'metadata', 'labels', label),
    ],
  };
}
