import { podNamed, podsOfManifest, selectedPods } from '../../shared/cluster/lookups.ts';
import { namedAddresses } from '../../shared/cluster/namedAddresses.ts';
import { readNetworkPolicy } from '../../shared/cluster/networkPolicy.ts';
import { fieldOf } from '../../shared/manifest/manifest.ts';
import { valueAt } from '../../shared/manifest/value.ts';
import { isolating } from '../../shared/network/policy/policiesOf.ts';
import { groupsOfPolicy } from '../../shared/network/policy/selected.ts';
import { again, line, type Mistake, more, type Spot, value } from './mistake.ts';

/** In NetworkPolicies. */
export const inPolicies: readonly Mistake[] = [
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
    name: "NetworkPolicy: shut for egress too, and pods go by others' names",
    kinds: ['NetworkPolicy'],
    rules: ['policy-shuts-out-dns'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete }) {
      const policy = readNetworkPolicy(manifest);
      const pods = groupsOfPolicy(model, policy).flatMap(({ pod, namespace }) => podNamed(model, namespace, pod) ?? []);
      const isNew = pods.every((pod) => isolating(model, pod, 'egress').length === 0);
      const isNaming = pods.some((pod) => namedAddresses(pod.manifest).length > 0);
      if (isComplete && isNew && isNaming && isIngressAlone(written) && policy.pods.labels.size > 0)
        yield {
          change: again(manifest, ['spec', 'policyTypes', 0], [[[], 'Egress']]),
          at: [fieldOf(manifest, 'spec'), fieldOf(manifest, 'spec', 'egress')],
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
