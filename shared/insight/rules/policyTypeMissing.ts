import type { NetworkPolicy, PolicyRule } from '../../cluster/networkPolicy.ts';
import { fieldOf, keyFieldOf } from '../../manifest/manifest.ts';
import { isList, itemsAt, valueAt } from '../../manifest/value.ts';
import { adding, addingItem } from '../fixes.ts';
import type { Fix } from '../rule.ts';
import { rule, type Yielded } from '../rule.ts';

/**
 * A section whose direction the policy isn't for. Without `policyTypes` a policy is for Ingress, and for Egress only
 * if `egress` has a rule: an empty list is none.
 * Source: kubernetes/kubernetes pkg/apis/networking/v1/defaults.go `SetDefaults_NetworkPolicy` (1.36).
 */
export const policyTypeMissing = rule({
  id: 'policy-type-missing',
  topic: 'policies',
  severity: 'warning',
  meaning: 'The section does nothing: it neither isolates the pods in its direction nor lets anything through.',
  remedy: 'List the direction in `policyTypes`, or take the section away.',
  details:
    'It speaks of rules under a direction that `policyTypes` leaves out, and of `egress: []` without `policyTypes`, ' +
    'which leaves outgoing traffic alone and isolates the pods for incoming traffic. A lone rule `{}` lets through ' +
    'all, as it is without it: of that nothing is said.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-resource',
  about: 'NetworkPolicy',
  *check(policy): Generator<Yielded> {
    const { manifest, name } = policy;
    const types = itemsAt(manifest.value, 'spec', 'policyTypes');
    for (const direction of ['ingress', 'egress'] as const)
      if (!policy.isolates[direction] && policy[direction].some(isLimiting))
        yield {
          message:
            `NetworkPolicy ${name} has ${direction} rules, but policyTypes lists ${types.join(' and ')} alone: the ` +
            `rules do nothing, and whatever ${comes[direction]} its pods is let through.`,
          at: keyFieldOf(manifest, 'spec', direction),
          fixes: addingItem(
            `Add ${typeOf[direction]} to policyTypes`,
            manifest,
            typeOf[direction],
            'spec',
            'policyTypes',
          ),
        };
    const egress = valueAt(manifest.value, 'spec', 'egress');
    if (types.length > 0 || !isList(egress) || egress.length > 0) return;
    const isOfIngress = policy.ingress.length > 0;
    yield {
      severity: isOfIngress ? 'info' : 'warning',
      message:
        `NetworkPolicy ${name} has egress: [] without policyTypes, so it isn't for Egress: whatever leaves its pods ` +
        `is let through${isOfIngress ? '' : ', and nothing is let in to them'}.`,
      at: fieldOf(manifest, 'spec', 'egress'),
      fixes: isOfIngress ? typesOf(policy, ['Ingress', 'Egress']) : typesOf(policy, ['Egress']),
    };
  },
  bad: {
    says: "so it isn't for Egress: whatever leaves its pods is let through, and nothing is let in to them",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-egress }
spec:
  podSelector: {}
  egress: []
          ~~
`,
  },
  also: [
    {
      says: 'has egress rules, but policyTypes lists Ingress alone',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress: [{}]
  egress:
  ~~~~~~
    - to: [{ podSelector: {} }]
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-egress }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress: []
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ingress-alone }
spec:
  podSelector: {}
  policyTypes: [Ingress]
  egress: [{}]
`,
});

const typeOf = { ingress: 'Ingress', egress: 'Egress' } as const;
const comes = { ingress: 'comes to', egress: 'leaves' } as const;

/** Whether a rule lets through less than would come through without any. */
function isLimiting({ peers, ports }: PolicyRule): boolean {
  return peers !== null || ports !== null;
}

function typesOf({ manifest }: NetworkPolicy, types: readonly string[]): Fix[] {
  const text = `[${types.join(', ')}]`;
  return adding(`Write policyTypes: ${text}`, manifest, { key: 'policyTypes', text }, 'spec');
}
