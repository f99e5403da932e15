import { fieldOf } from '../../manifest/manifest.ts';
import { groupsOfPolicy } from '../../network/policy/selected.ts';
import { groupsText, ownersOf } from '../policies/policyPods.ts';
import { rule } from '../rule.ts';

/** The API leaves pods on their node's network to the plug-ins: all that we know take them for the node. */
export const policyForHostNetwork = rule({
  id: 'policy-for-host-network',
  topic: 'policies',
  severity: 'warning',
  meaning: "The NetworkPolicy guards nothing: its pods are on their node's network, where no policy is asked.",
  remedy: "Take `hostNetwork` away from the pods, or guard the node's ports by the node's own firewall.",
  details: 'Of a policy for pods of both kinds nothing is said: it guards the others.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods',
  about: 'NetworkPolicy',
  *check(policy, { model, isComplete }) {
    const groups = groupsOfPolicy(model, policy);
    const [first] = groups;
    if (!isComplete || first === undefined || !groups.every(({ hostNetwork }) => hostNetwork)) return;
    const isOne = groups.length === 1 && first.count === 1;
    yield {
      message:
        `NetworkPolicy ${policy.name} is for ${groupsText(groups)} alone, which ` +
        `${isOne ? "runs on its node's network" : "run on their nodes' network"} (hostNetwork: true): network ` +
        'plug-ins guard no such pod.',
      at: fieldOf(policy.manifest, 'spec', 'podSelector'),
      related: ownersOf(model, groups),
    };
  },
  bad: {
    says: "is for 3 pods (DaemonSet exporter) alone, which run on their nodes' network",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: exporter }
spec:
  podSelector: { matchLabels: { app: exporter } }
               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: exporter }
spec:
  template:
    metadata: { labels: { app: exporter } }
    spec: { hostNetwork: true }
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: exporter }
spec:
  podSelector: { matchLabels: { app: exporter } }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: exporter }
spec: { template: { metadata: { labels: { app: exporter } } } }
`,
});
