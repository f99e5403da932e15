import { podsOfManifest, selectedPods } from '../../shared/cluster/lookups.ts';
import { isNetworkPolicy, readNetworkPolicy } from '../../shared/cluster/networkPolicy.ts';
import { fieldOf } from '../../shared/manifest/manifest.ts';
import { valueAt } from '../../shared/manifest/value.ts';
import { isolating } from '../../shared/network/policy/policiesOf.ts';
import { groupsOfPolicy } from '../../shared/network/policy/selected.ts';
import { line, type Mistake, more, type Spot, value } from './mistake.ts';

/** In NetworkPolicies. */
export const inPolicies: readonly Mistake[] = [
  {
    name: 'NetworkPolicy: egress: [] without policyTypes',
    kinds: ['NetworkPolicy'],
    rules: ['policy-type-missing'],
    least: 'info',
    *places({ manifest, value: written }) {
      if (hasNoEgress(written) && valueAt(written, 'spec', 'policyTypes') === undefined)
        yield { change: more(manifest, ['spec'], 'egress: []'), at: [fieldOf(manifest, 'spec', 'egress')] };
    },
  },
  {
    name: 'NetworkPolicy: ingress rules, and policyTypes lists another',
    kinds: ['NetworkPolicy'],
    rules: ['policy-type-missing'],
    least: 'warning',
    *places({ manifest, value: written, model }) {
      const policy = readNetworkPolicy(manifest);
      const isLimiting = policy.ingress.some(({ peers, ports }) => peers !== null || ports !== null);
      const isOfNobody = groupsOfPolicy(model, policy).length === 0;
      if (isLimiting && isOfNobody && isIngressAlone(written))
        yield {
          change: value(manifest, ['spec', 'policyTypes', 0], 'Egress'),
          at: [fieldOf(manifest, 'spec', 'ingress')],
        };
    },
  },
  {
    name: 'NetworkPolicy: egress rules, and policyTypes lists Ingress alone',
    kinds: ['NetworkPolicy'],
    rules: ['policy-type-missing'],
    least: 'warning',
    *places({ manifest, value: written }) {
      if (hasNoEgress(written) && isIngressAlone(written))
        yield {
          change: more(manifest, ['spec'], 'egress: [{ to: [{ podSelector: {} }] }]'),
          at: [fieldOf(manifest, 'spec', 'egress')],
        };
    },
  },
  {
    name: "NetworkPolicy: pods let out to others, and not to the cluster's DNS",
    kinds: ['NetworkPolicy'],
    rules: ['policy-shuts-out-dns'],
    least: 'info',
    *places({ manifest, value: written, ...spot }) {
      if (isFreeForEgress(spot, manifest) && valueAt(written, 'spec', 'policyTypes') === undefined)
        yield {
          change: more(manifest, ['spec'], 'egress: [{ to: [{ podSelector: {} }] }]'),
          at: [fieldOf(manifest, 'spec', 'egress')],
        };
    },
  },
  {
    name: 'NetworkPolicy: an except that the entry beside it lets through',
    kinds: ['NetworkPolicy'],
    rules: ['policy-except-allowed'],
    least: 'warning',
    *places({ manifest, value: written }) {
      const entries = '[{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] } }, { ipBlock: { cidr: 10.0.0.0/8 } }]';
      if (hasNoEgress(written) && valueAt(written, 'spec', 'policyTypes') === undefined)
        yield {
          change: more(manifest, ['spec'], `egress: [{ to: ${entries} }]`),
          at: [fieldOf(manifest, 'spec', 'egress')],
        };
    },
  },
  {
    name: 'NetworkPolicy: the cluster address of the API server as a block',
    kinds: ['NetworkPolicy'],
    rules: ['policy-block-of-services'],
    least: 'info',
    *places({ manifest, value: written }) {
      if (hasNoEgress(written) && valueAt(written, 'spec', 'policyTypes') === undefined)
        yield {
          change: more(manifest, ['spec'], 'egress: [{ to: [{ ipBlock: { cidr: 10.96.0.1/32 } }] }]'),
          at: [fieldOf(manifest, 'spec', 'egress')],
        };
    },
  },
  {
    name: 'NetworkPolicy: a dash too many between the selectors of an entry',
    kinds: ['NetworkPolicy'],
    rules: ['policy-peers-apart'],
    least: 'info',
    *places({ manifest, model, isComplete }) {
      const { ingress, namespace } = readNetworkPolicy(manifest);
      for (const { kind, at, ...rest } of isComplete ? ingress.flatMap(({ peers }) => peers ?? []) : []) {
        if (kind !== 'pods' || !('pods' in rest) || rest.namespaces === null || rest.pods.labels.size === 0) continue;
        if (selectedPods(model, { namespace, selector: rest.pods.labels }).length > 0) continue;
        const path = [...at, 'podSelector'];
        yield { change: line(manifest, path, (text) => text.replace(/ {2}(?=podSelector:)/, '- ')) };
      }
    },
  },
  {
    name: 'hostNetwork: true, under a NetworkPolicy',
    kinds: ['Deployment', 'StatefulSet'],
    rules: ['policy-for-host-network'],
    least: 'warning',
    *places({ manifest, model, isComplete }) {
      const [pod] = podsOfManifest(model, manifest);
      if (!isComplete || pod === undefined || pod.containers.some(({ ports }) => ports.length > 0)) return;
      const alone = isolating(model, pod, 'ingress').filter((each) => groupsOfPolicy(model, each).length === 1);
      if (alone.length > 0)
        yield {
          change: more(manifest, ['spec', 'template', 'spec'], 'hostNetwork: true'),
          at: alone.map((each) => fieldOf(each.manifest, 'spec', 'podSelector')),
        };
    },
  },
];

function hasNoEgress(written: Spot['value']): boolean {
  return valueAt(written, 'spec', 'egress') === undefined;
}

function isIngressAlone(written: Spot['value']): boolean {
  return (
    valueAt(written, 'spec', 'policyTypes', 0) === 'Ingress' && valueAt(written, 'spec', 'policyTypes', 1) === undefined
  );
}

/** Whether a policy is for pods that no other isolates for egress. */
function isFreeForEgress(
  { model, isComplete }: Pick<Spot, 'model' | 'isComplete'>,
  manifest: Spot['manifest'],
): boolean {
  if (!isComplete || !isNetworkPolicy(manifest)) return false;
  const policy = readNetworkPolicy(manifest);
  const pods = groupsOfPolicy(model, policy).flatMap(({ pod, namespace }) =>
    selectedPods(model, { namespace, selector: policy.pods.labels }).filter(({ name }) => name === pod),
  );
  return pods.length > 0 && pods.every((pod) => isolating(model, pod, 'egress').length === 0);
}
