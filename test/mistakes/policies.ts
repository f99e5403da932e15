import { podsOfManifest } from '../../shared/cluster/lookups.ts';
import { fieldOf } from '../../shared/manifest/manifest.ts';
import { valueAt } from '../../shared/manifest/value.ts';
import { isolating } from '../../shared/network/policy/policiesOf.ts';
import { groupsOfPolicy } from '../../shared/network/policy/selected.ts';
import { type Mistake, more } from './mistake.ts';

/** In NetworkPolicies, and in what they are for. */
export const inPolicies: readonly Mistake[] = [
  {
    name: 'NetworkPolicy: egress rules, and policyTypes lists Ingress alone',
    kinds: ['NetworkPolicy'],
    rules: ['policy-type-missing'],
    least: 'warning',
    *places({ manifest, value: written }) {
      const [first, second] = [0, 1].map((index) => valueAt(written, 'spec', 'policyTypes', index));
      if (valueAt(written, 'spec', 'egress') === undefined && first === 'Ingress' && second === undefined)
        yield { change: more(manifest, ['spec'], 'egress: [{ to: [{ podSelector: {} }] }]') };
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
