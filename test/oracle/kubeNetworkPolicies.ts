import { join } from 'node:path';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { matchesLabels } from '../../shared/cluster/labelSelector.ts';
import type { Pod } from '../../shared/cluster/pod.ts';
import type { MapValue } from '../../shared/manifest/value.ts';
import { type Direction, isolating, networkPoliciesOf } from '../../shared/network/policy/policiesOf.ts';
import { readOrigin } from '../../shared/trace/readRequest.ts';
import { clusterOf } from '../scene.ts';
import { seededRandom } from '../seededRandom.ts';
import type { PolicyEngine } from './policyJudge.ts';
import { type PolicySet, randomPolicySet } from './randomPolicySet.ts';

/** kube-network-policies' own evaluation of a packet: NetworkPolicies, AdminNetworkPolicies and the baseline. */
export const kubeNetworkPolicies: PolicyEngine = {
  name: 'kube-network-policies',
  version: 'v0.8.0',
  source: {
    folder: join(import.meta.dirname, 'kube-network-policies'),
    name: 'oracle-kube-network-policies',
    flags: ['-ldflags=-checklinkname=0'],
  },
  setOf: (seed) => randomPolicySet(seededRandom(seed), { withAdmin: true }),
  question: ({ objects, probes }) => {
    const model = clusterOf(objects);
    const of = (kind: string): MapValue[] => objects.filter((each) => each.kind === kind);
    return {
      namespaces: of('Namespace'),
      pods: of('Pod'),
      policies: of('NetworkPolicy'),
      admin: of('AdminNetworkPolicy'),
      baseline: of('BaselineAdminNetworkPolicy'),
      packets: probes.map(({ from, to, port, protocol }) => ({
        source: podNamed(model, from)?.address ?? from,
        destination: podNamed(model, to)?.address ?? to,
        port,
        protocol,
      })),
    };
  },
  misreads,
};

function podNamed(model: ClusterModel, who: string): Pod | null {
  const found = readOrigin(who, model);
  return found.kind === 'read' && found.value.kind === 'pod' ? found.value.pod : null;
}

/**
 * It never comes to the baseline where a NetworkPolicy selects the pod, be it one that isolates for the other direction
 * alone (pkg/networkpolicy/controller.go, `evaluatePacket`).
 */
function misreads({ objects, probes }: PolicySet): boolean[] {
  const model = clusterOf(objects);
  const hasBaseline = objects.some(({ kind }) => kind === 'BaselineAdminNetworkPolicy');
  const isOpen = (who: string, direction: Direction): boolean => {
    const pod = podNamed(model, who);
    if (pod === null) return false;
    const selecting = networkPoliciesOf(model).filter(
      ({ namespace, pods }) => namespace === pod.namespace && matchesLabels(pods, pod.labels),
    );
    return selecting.length > 0 && isolating(model, pod, direction).length === 0;
  };
  return probes.map(({ from, to }) => hasBaseline && (isOpen(from, 'egress') || isOpen(to, 'ingress')));
}
