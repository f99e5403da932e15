import type { Cni, Profile } from '../../cluster/profile.ts';
import { policyPluginNamed } from './plugins/all.ts';
import { awsVpc } from './plugins/awsVpc.ts';
import { azureNpm } from './plugins/azureNpm.ts';
import { calico, calicoEbpf, canal } from './plugins/calico.ts';
import { ciliumAlone, ciliumBesideKubeProxy } from './plugins/cilium.ts';
import { antrea } from './plugins/antrea.ts';
import { kindnet, kubeNetworkPolicies } from './plugins/kubeNetworkPolicies.ts';
import { enforcingNothing } from './plugins/none.ts';
import { ovnKubernetes } from './plugins/ovnKubernetes.ts';
import { commonReading, type PolicyPlugin } from './policyPlugin.ts';

/** By whose reading policies are judged. */
export interface ChosenPlugin {
  readonly plugin: PolicyPlugin;
  /** The profile's field that says it; null where it is assumed. */
  readonly said: 'podNetwork.policies' | 'podNetwork.cni' | null;
  /** Where it is assumed, or where it is open how packets go between nodes, what it might be as well. */
  readonly others: readonly PolicyPlugin[];
}

/**
 * `podNetwork.policies` says it, else the plug-in that makes the pod network, unless there is a choice with that one;
 * else it is assumed.
 */
export function chosenPlugin(profile: Pick<Profile, 'podNetwork' | 'kubeProxy'>): ChosenPlugin {
  const { plugin, said, others } = chosenByName(profile);
  return { plugin, said, others: [...others, ...otherWays(profile, plugin)] };
}

function chosenByName({ podNetwork, kubeProxy }: Pick<Profile, 'podNetwork' | 'kubeProxy'>): ChosenPlugin {
  const { cni, isCniWritten, policies } = podNetwork;
  const isCiliumAlone = kubeProxy.mode === 'cilium';
  if (policies !== null)
    return { plugin: policyPluginNamed(policies, isCiliumAlone), said: 'podNetwork.policies', others: [] };
  const cilium = isCiliumAlone ? ciliumAlone : ciliumBesideKubeProxy;
  const own = isCniWritten ? pluginOf(cni, isCiliumAlone) : null;
  if (own !== null) return { plugin: own, said: 'podNetwork.cni', others: [] };
  // Nothing but Cilium runs in this mode.
  if (isCiliumAlone) return { plugin: ciliumAlone, said: null, others: [] };
  if (isCniWritten && cni === 'aws-vpc') return { plugin: awsVpc, said: null, others: [calico, cilium] };
  if (isCniWritten && cni === 'azure') return { plugin: azureNpm, said: null, others: [calico, cilium] };
  return { plugin: commonReading, said: null, others: isCniWritten ? unlike : unlikeOnTheirNetworks };
}

/** Those that read policies otherwise than most do. */
const unlike: readonly PolicyPlugin[] = [
  calicoEbpf,
  ciliumBesideKubeProxy,
  antrea,
  ovnKubernetes,
  awsVpc,
  kubeNetworkPolicies,
];

/** The same, each on the network that it makes by default. */
const unlikeOnTheirNetworks: readonly PolicyPlugin[] = unlike.map((each) =>
  each === ciliumBesideKubeProxy || each === antrea ? { ...each, betweenNodes: 'tunnel' } : each,
);

/** The same plug-in with packets between nodes sent the other way, where the profile leaves that open. */
function otherWays({ podNetwork }: Pick<Profile, 'podNetwork'>, plugin: PolicyPlugin): PolicyPlugin[] {
  const { cni, isCniWritten, encapsulation } = podNetwork;
  if (encapsulation !== null || plugin.enforces.length === 0) return [];
  if (!isCniWritten) {
    const title = plugin.id === null ? 'a network of tunnels (VXLAN, IPIP)' : `${plugin.title} with a tunnel`;
    return [{ ...plugin, title, betweenNodes: 'tunnel' }];
  }
  switch (cni) {
    case 'calico':
      return [{ ...plugin, title: `${plugin.title} with a tunnel (VXLAN, IPIP)`, betweenNodes: 'tunnel' }];
    case 'flannel':
    case 'canal':
    case 'cilium':
    case 'antrea':
      return [{ ...plugin, title: `${plugin.title} without a tunnel`, betweenNodes: 'no tunnel' }];
    case 'bridge':
    case 'ptp':
    case 'ovn-kubernetes':
    case 'kube-router':
    case 'kindnet':
    case 'weave':
    case 'aws-vpc':
    case 'azure':
    case 'gke-dataplane-v2':
    case 'kubenet':
      return [];
    default:
      return cni satisfies never;
  }
}

/** Who enforces policies where this makes the pod network; null where that is a choice, or another's affair. */
function pluginOf(cni: Cni, isCiliumAlone: boolean): PolicyPlugin | null {
  switch (cni) {
    case 'calico':
    case 'cilium':
    case 'antrea':
    case 'ovn-kubernetes':
    case 'kube-router':
    case 'weave':
    case 'gke-dataplane-v2':
      return policyPluginNamed(cni, isCiliumAlone);
    case 'canal':
      return canal;
    case 'kindnet':
      return kindnet;
    case 'flannel':
      return enforcingNothing('Flannel');
    case 'kubenet':
      return enforcingNothing('kubenet');
    case 'bridge':
    case 'ptp':
    case 'aws-vpc':
    case 'azure':
      return null;
    default:
      return cni satisfies never;
  }
}
