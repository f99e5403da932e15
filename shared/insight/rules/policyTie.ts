import { readClusterNetworkPolicy } from '../../cluster/clusterNetworkPolicy.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { ruleText } from '../../network/policy/policyText.ts';
import { rule } from '../rule.ts';
import { tieOf } from '../policies/tierTies.ts';

/** Of whom the policies speak. */
const pods = `apiVersion: v1
kind: Pod
metadata: { name: db, namespace: shop, labels: { app: db } }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }`;

/** Source: network-policy-api v0.3.0 apis/v1beta1 `ClusterNetworkPolicySpec.Priority`. */
export const policyTie = rule({
  id: 'policy-tie',
  topic: 'policies',
  severity: 'warning',
  meaning: 'Whether traffic comes through depends on which of two policies the network plug-in happens to ask first.',
  remedy: 'Give one of them another priority: the lower number wins.',
  details: `
Within a tier the lowest priority number decides. Of two policies with the same number any may win, so it is told where
they don't agree about a connection between pods of the set, or to a network that a rule names: at each policy once,
with the first of those before it by name. Policies of one number that agree, or that never meet, are fine.
`,
  link: 'https://network-policy-api.sigs.k8s.io/api-overview/',
  about: 'object',
  *check(manifest, { model }) {
    const policy = readClusterNetworkPolicy(manifest);
    const tie = policy === null ? null : tieOf(model, policy);
    if (policy === null || tie === null) return;
    const { rules, about } = tie;
    const [other, own] = rules;
    yield {
      message:
        `${ruleText(own)} and ${ruleText(other)} don't agree about ${about}. Both policies have priority ` +
        `${policy.priority} in tier ${policy.tier}, and which of them wins isn't determined.`,
      at: fieldOf(manifest, 'spec', 'priority'),
      related: [
        { message: ruleText(own), at: own.field },
        { message: ruleText(other), at: other.field },
      ],
    };
  },
  bad: {
    says:
      "ClusterNetworkPolicy open, rule 1 and ClusterNetworkPolicy lock, rule 1 don't agree about web.shop → db.shop " +
      'on TCP 5432',
    yaml: `
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: lock }
spec:
  tier: Admin
  priority: 10
  subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: db } } } }
  ingress: [{ action: Deny, from: [{ namespaces: {} }] }]
---
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: open }
spec:
  tier: Admin
  priority: 10
            ~~
  subject: { namespaces: {} }
  ingress:
    - action: Accept
      from: [{ pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: web } } } }]
      protocols: [{ tcp: { destinationPort: { number: 5432 } } }]
---
${pods}
`,
  },
  good: `
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: lock }
spec:
  tier: Admin
  priority: 11
  subject: { namespaces: {} }
  ingress: [{ action: Deny, from: [{ namespaces: {} }] }]
---
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: open }
spec:
  tier: Admin
  priority: 10
  subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: db } } } }
  ingress: [{ action: Accept, from: [{ namespaces: {} }] }]
---
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: others }
spec:
  tier: Admin
  priority: 10
  subject: { pods: { namespaceSelector: {}, podSelector: { matchLabels: { app: web } } } }
  ingress: [{ action: Deny, from: [{ namespaces: {} }] }]
---
${pods}
`,
});
