import { isNetworkPolicy, type NetworkPolicy, readNetworkPolicy } from '../../cluster/networkPolicy.ts';
import { keyFieldOf } from '../../manifest/manifest.ts';
import { type FieldPath, valueAt } from '../../manifest/value.ts';
import { rule, type Yielded } from '../rule.ts';

/** A selector under which nothing is written selects all, as `{}` does: hardly what was meant. */
export const policySelectorEmpty = rule({
  id: 'policy-selector-empty',
  topic: 'policies',
  severity: 'warning',
  meaning: 'The NetworkPolicy is for every pod of its namespace, or lets in every pod of one.',
  remedy: 'Write the labels of the pods that are meant; for all pods, write `{}`.',
  details: 'It speaks where `podSelector` or its `matchLabels` is written with nothing under it, or as `null`.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies',
  about: 'object',
  *check(manifest): Generator<Yielded> {
    if (!isNetworkPolicy(manifest)) return;
    const policy = readNetworkPolicy(manifest);
    yield* judge(policy, ['spec', 'podSelector'], 'is for every pod of its namespace');
    for (const { peers } of policy.ingress)
      for (const { at } of peers ?? []) yield* judge(policy, [...at, 'podSelector'], 'lets in every pod there');
    for (const { peers } of policy.egress)
      for (const { at } of peers ?? []) yield* judge(policy, [...at, 'podSelector'], 'lets out to every pod there');
  },
  bad: {
    says: 'has nothing under matchLabels, so it is for every pod of its namespace',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector:
    matchLabels:
    ~~~~~~~~~~~
  ingress:
    - from:
        - podSelector: { matchLabels: null }
                         ~~~~~~~~~~~
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: {}
  ingress: [{ from: [{ podSelector: { matchLabels: { app: cart } } }] }]
`,
});

function* judge({ manifest, name }: NetworkPolicy, at: FieldPath, effect: string): Generator<Yielded> {
  const labels = [...at, 'matchLabels'];
  const empty = [at, labels].find((path) => valueAt(manifest.value, ...path) === null);
  if (empty === undefined) return;
  yield {
    message:
      `NetworkPolicy ${name} has nothing under ${empty.at(-1)}, so it ${effect}. ` + 'Write the labels, or {} for all.',
    at: keyFieldOf(manifest, ...empty),
  };
}
