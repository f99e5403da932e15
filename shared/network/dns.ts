import { type ClusterModel, indexOfModel } from '../cluster/clusterModel.ts';
import { serviceNamed } from '../cluster/lookups.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service } from '../cluster/service.ts';

/**
 * Cluster DNS as a pod sees it: names of Services and of the pods behind headless ones, tried along the search list
 * that the kubelet writes (`ndots:5`).
 * Source: kubernetes/dns docs/specification.md (1.1.0); pkg/kubelet/network/dns/dns.go.
 */
export type Resolution =
  | { readonly kind: 'service'; readonly service: Service; readonly name: string }
  | { readonly kind: 'pod'; readonly service: Service; readonly pod: Pod; readonly name: string }
  | { readonly kind: 'none'; readonly tried: readonly string[] };

export function resolveInCluster(model: ClusterModel, host: string, namespace: string): Resolution {
  const domain = model.profile.clusterDomain;
  const search = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain];
  const absolute = host.endsWith('.');
  const bare = host.replace(/\.$/, '').toLowerCase();
  const searched = search.map((suffix) => `${bare}.${suffix}`);
  const isLong = bare.split('.').length > 5;
  const tried = absolute ? [bare] : isLong ? [bare, ...searched] : [...searched, bare];
  for (const name of tried) {
    const found = lookUp(model, name);
    if (found !== null) return found;
  }
  return { kind: 'none', tried };
}

const podsByHostname = indexOfModel(
  ({ pods }) => pods,
  ({ hostname, subdomain, namespace, waits }: Pod) =>
    hostname === null || subdomain === null || waits !== null ? [] : [`${hostname}.${subdomain}.${namespace}`],
);

function lookUp(model: ClusterModel, name: string): Resolution | null {
  const suffix = `.svc.${model.profile.clusterDomain}`;
  if (!name.endsWith(suffix)) return null;
  const labels = name.slice(0, -suffix.length).split('.');
  const [service, namespace] = labels.slice(-2);
  const found = serviceNamed(model, namespace ?? '', service ?? '');
  if (found === undefined) return null;
  if (labels.length === 2) return { kind: 'service', service: found, name };
  if (labels.length === 3 && found.headless) {
    const [pod] = podsByHostname(model).get(labels.join('.'));
    if (pod !== undefined) return { kind: 'pod', service: found, pod, name };
  }
  return null;
}
