import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Service } from '../../cluster/service.ts';
import { itemsAt, textAt } from '../../manifest/value.ts';
import { ciliumBgp, ciliumL2, klipper, kubeVip, metallbBgp, metallbL2, minikube } from './announcers.ts';
import { awsClassic, awsNlb, awsNlbIp } from './aws.ts';
import { azure } from './azure.ts';
import { gce, gceInternal } from './gce.ts';
import { generic } from './generic.ts';
import { oci, ociNlb } from './oci.ts';
import type { Behaviour, LoadBalancerKind } from './loadBalancerKind.ts';
import { cloudProviderKind, digitalocean, hetzner, linode, openstack } from './proxies.ts';

/** Every kind that is known, the particular before the general: the first whose sign is there counts. */
export const loadBalancerKinds: readonly LoadBalancerKind[] = [
  awsNlbIp,
  awsNlb,
  awsClassic,
  gceInternal,
  gce,
  azure,
  digitalocean,
  hetzner,
  linode,
  ociNlb,
  oci,
  openstack,
  metallbL2,
  metallbBgp,
  ciliumL2,
  ciliumBgp,
  kubeVip,
  klipper,
  minikube,
  cloudProviderKind,
  generic,
];

/** Which kind a Service gets, and how that is known. */
export interface ChosenKind extends Known {
  /** How it forwards; where the profile says to what, there. */
  readonly behaviour: Behaviour;
}

interface Known {
  readonly kind: LoadBalancerKind;
  readonly by: 'profile' | 'class' | 'annotation' | 'node' | 'status' | 'nothing';
  /** What gave it away, in words. */
  readonly text: string;
}

/**
 * By the profile, else by what the manifests say: the Service's class and annotations before its status and the nodes;
 * else generic.
 */
export function kindOf(model: ClusterModel, service: Service): ChosenKind {
  const known = knownKind(model, service);
  const behaviour = known.kind.behaviour(service);
  const target = model.profile.loadBalancer.isTargetWritten ? model.profile.loadBalancer.target : behaviour.target;
  // kube-proxy meets a packet that is still addressed to the balancer, and judges its source.
  const sourceRanges =
    behaviour.sourceRanges === 'assumed' && target === 'address' ? 'kube-proxy' : behaviour.sourceRanges;
  return { ...known, behaviour: { ...behaviour, target, sourceRanges } };
}

function knownKind(model: ClusterModel, service: Service): Known {
  const { provider } = model.profile.loadBalancer;
  const named = loadBalancerKinds.find(({ id }) => id === provider);
  if (named !== undefined && named !== generic)
    return { kind: named, by: 'profile', text: `loadBalancer.provider: ${provider}` };
  const { annotations, value } = service.manifest;
  const className = textAt(value, 'spec', 'loadBalancerClass');
  const byClass =
    className === undefined
      ? undefined
      : loadBalancerKinds.find(({ signs }) => signs.loadBalancerClass?.test(className));
  if (byClass !== undefined)
    return { kind: refined(byClass, service), by: 'class', text: `loadBalancerClass: ${className}` };
  for (const kind of loadBalancerKinds) {
    const found = [...annotations].find(([name, text]) => kind.signs.annotation?.(name, text));
    if (found !== undefined) return { kind, by: 'annotation', text: `${found[0]}: ${found[1]}` };
  }
  const hostnames = itemsAt(value, 'status', 'loadBalancer', 'ingress').flatMap(
    (each) => textAt(each, 'hostname') ?? [],
  );
  const byHostname = loadBalancerKinds.find(({ signs }) => hostnames.some((each) => signs.hostname?.test(each)));
  if (byHostname !== undefined) return { kind: byHostname, by: 'status', text: `status: ${hostnames[0]}` };
  const providerIDs = model.nodes.flatMap(({ manifest }) => textAt(manifest?.value, 'spec', 'providerID') ?? []);
  const byNode = loadBalancerKinds.find(({ signs }) => providerIDs.some((each) => signs.providerID?.test(each)));
  if (byNode !== undefined) return { kind: byNode, by: 'node', text: `providerID: ${providerIDs[0]}` };
  return { kind: generic, by: 'nothing', text: 'nothing says which load balancer' };
}

/** A class that leaves the kind of target to an annotation. */
function refined(kind: LoadBalancerKind, { manifest: { annotations } }: Service): LoadBalancerKind {
  return kind === awsNlb && [...annotations].some(([name, value]) => awsNlbIp.signs.annotation?.(name, value))
    ? awsNlbIp
    : kind;
}
