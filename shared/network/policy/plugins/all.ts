import type { PolicyEnforcer } from '../../../cluster/profile.ts';
import type { PolicyPlugin } from '../policyPlugin.ts';
import { antrea } from './antrea.ts';
import { awsVpc } from './awsVpc.ts';
import { azureNpm } from './azureNpm.ts';
import { calico, calicoEbpf, canal } from './calico.ts';
import { ciliumAlone, ciliumBesideKubeProxy, gkeDataplaneV2 } from './cilium.ts';
import { kindnet, kubeNetworkPolicies } from './kubeNetworkPolicies.ts';
import { kubeRouter } from './kubeRouter.ts';
import { noPolicyPlugin } from './none.ts';
import { ovnKubernetes } from './ovnKubernetes.ts';
import { weave } from './weave.ts';

/** All of them, in the order in which documents list them. */
export const policyPlugins: readonly PolicyPlugin[] = [
  calico,
  canal,
  calicoEbpf,
  ciliumAlone,
  ciliumBesideKubeProxy,
  gkeDataplaneV2,
  antrea,
  ovnKubernetes,
  awsVpc,
  azureNpm,
  kubeRouter,
  kubeNetworkPolicies,
  kindnet,
  weave,
  noPolicyPlugin,
];

/** By its name in a profile; Cilium is another where kube-proxy runs beside it. */
export function policyPluginNamed(id: PolicyEnforcer, isCiliumAlone: boolean): PolicyPlugin {
  switch (id) {
    case 'calico':
      return calico;
    case 'calico-ebpf':
      return calicoEbpf;
    case 'cilium':
      return isCiliumAlone ? ciliumAlone : ciliumBesideKubeProxy;
    case 'antrea':
      return antrea;
    case 'ovn-kubernetes':
      return ovnKubernetes;
    case 'aws-vpc':
      return awsVpc;
    case 'azure-npm':
      return azureNpm;
    case 'gke-dataplane-v2':
      return gkeDataplaneV2;
    case 'kube-router':
      return kubeRouter;
    case 'kube-network-policies':
      return kubeNetworkPolicies;
    case 'weave':
      return weave;
    case 'none':
      return noPolicyPlugin;
    default:
      return id satisfies never;
  }
}
