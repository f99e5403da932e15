import { fieldOf } from '../../manifest/manifest.ts';
import { unfollowedPolicy } from '../../network/policy/unfollowedPolicies.ts';
import { rule } from '../rule.ts';

/** A plug-in's or a mesh's own policy: what it denies is delivered here. */
export const policyNotFollowed = rule({
  id: 'policy-not-followed',
  topic: 'policies',
  severity: 'info',
  meaning:
    'What it denies, or lets through whatever NetworkPolicies say, traces and `reach` judge as if it were not there.',
  remedy: 'Nothing: what it does has to be looked up in the product itself.',
  details:
    "Of Calico's NetworkPolicy and GlobalNetworkPolicy (`projectcalico.org`), Cilium's, Antrea's (`crd.antrea.io`) " +
    "and AWS' (`networking.k8s.aws`), GKE's FQDNNetworkPolicy, OVN-Kubernetes' EgressFirewall, OpenShift's " +
    "EgressNetworkPolicy, Istio's AuthorizationPolicy and Linkerd's Server. Some are called like a standard kind; " +
    'their group says that they are none. A trace says so too, where one may be for a pod on the way, and so do ' +
    "lenses and `reach`. Calico's staged policies do nothing but be reported: see [not-followed](not-followed.md).",
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/',
  about: 'object',
  *check(manifest) {
    const policy = unfollowedPolicy(manifest);
    if (policy === null) return;
    const { product, kind, name } = policy;
    yield {
      message:
        `Hoplens doesn't follow ${product}'s ${kind} ${name}: what it denies or lets through, traces and reach judge ` +
        "as if it weren't there.",
      at: fieldOf(manifest, 'kind'),
    };
  },
  bad: {
    says: "doesn't follow Calico's NetworkPolicy web",
    yaml: `
apiVersion: projectcalico.org/v3
kind: NetworkPolicy
      ~~~~~~~~~~~~~
metadata: { name: web, namespace: shop }
spec: { selector: app == 'web', types: [Ingress] }
`,
  },
  also: [
    {
      says: "doesn't follow Antrea's ClusterNetworkPolicy strict",
      yaml: `
apiVersion: crd.antrea.io/v1beta1
kind: ClusterNetworkPolicy
      ~~~~~~~~~~~~~~~~~~~~
metadata: { name: strict }
spec: { priority: 1, tier: securityops, appliedTo: [{ namespaceSelector: {} }], ingress: [{ action: Drop }] }
`,
    },
  ],
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec: { podSelector: { matchLabels: { app: web } }, policyTypes: [Ingress] }
`,
});
