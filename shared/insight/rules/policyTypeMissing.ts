import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { NetworkPolicy, PolicyRule } from '../../cluster/networkPolicy.ts';
import { fieldOf, keyFieldOf } from '../../manifest/manifest.ts';
import { isList, itemsAt, valueAt } from '../../manifest/value.ts';
import { type Direction, isolating } from '../../network/policy/policiesOf.ts';
import { namesText } from '../../network/policy/policyText.ts';
import { adding, addingItem } from '../fixes.ts';
import { guardedBy } from '../policies/policyPods.ts';
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
  *check(policy, { model }): Generator<Yielded> {
    const { manifest, name } = policy;
    const types = itemsAt(manifest.value, 'spec', 'policyTypes');
    for (const direction of ['ingress', 'egress'] as const)
      if (!policy.isolates[direction] && policy[direction].some(isLimiting))
        yield {
          message:
            `NetworkPolicy ${name} has ${direction} rules, but policyTypes lists ${types.join(' and ')} alone: the ` +
            `rules do nothing, and ${becomes(model, policy, direction)}.`,
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
    const without = valueAt(manifest.value, 'spec', 'policyTypes') === undefined ? 'without' : 'and nothing in';
    const letting = othersOf(model, policy, 'ingress').find((each) => each.ingress.length > 0);
    const comesIn =
      letting === undefined
        ? 'nothing is let in to them'
        : `NetworkPolicy ${letting.name} alone lets anything in to them`;
    yield {
      severity: isOfIngress ? 'info' : 'warning',
      message:
        `NetworkPolicy ${name} has egress: [] ${without} policyTypes, so it isn't for Egress: ` +
        `${becomes(model, policy, 'egress')}${isOfIngress ? '' : `, and ${comesIn}`}.`,
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
    {
      says:
        "has egress: [] and nothing in policyTypes, so it isn't for Egress: whatever leaves its pods is let " +
        'through',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: deny-egress }
spec:
  podSelector: {}
  policyTypes: []
  ingress: [{}]
  egress: []
          ~~
`,
    },
    {
      says: 'the rules do nothing, and what leaves its pods is up to NetworkPolicy default-deny.',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  policyTypes: [Ingress]
  ingress: [{}]
  egress:
  ~~~~~~
    - to: [{ podSelector: {} }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Egress] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
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

/** What becomes of a direction that a policy leaves alone: another may isolate its pods. */
function becomes(model: ClusterModel, policy: NetworkPolicy, direction: Direction): string {
  const pods = guardedBy(model, policy);
  const others = othersOf(model, policy, direction);
  const isLeft = pods.length === 0 || pods.some((pod) => isolating(model, pod, direction).length === 0);
  return isLeft
    ? `whatever ${comes[direction]} its pods is let through`
    : `what ${comes[direction]} its pods is up to ${namesText(others.map(({ name }) => `NetworkPolicy ${name}`))}`;
}

/** The others that isolate some of its pods. */
function othersOf(model: ClusterModel, policy: NetworkPolicy, direction: Direction): NetworkPolicy[] {
  const all = guardedBy(model, policy).flatMap((pod) => isolating(model, pod, direction));
  return [...new Set(all)].filter(({ manifest }) => manifest.key !== policy.manifest.key);
}

/** Of a list that is written and empty, both are one item's text: it can only be written in brackets. */
function typesOf({ manifest }: NetworkPolicy, types: readonly string[]): Fix[] {
  const text = types.join(', ');
  const title = `Write policyTypes: [${text}]`;
  return isList(valueAt(manifest.value, 'spec', 'policyTypes'))
    ? addingItem(title, manifest, text, 'spec', 'policyTypes')
    : adding(title, manifest, { key: 'policyTypes', text: `[${text}]` }, 'spec');
}
