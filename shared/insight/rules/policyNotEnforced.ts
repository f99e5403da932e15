import { type ClusterModel, ofModel } from '../../cluster/clusterModel.ts';
import { eachOfDeclared } from '../../cluster/declared.ts';
import { fieldOf, type Manifest, type ObjectKey } from '../../manifest/manifest.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { policyKinds } from '../../network/policy/policyPlugin.ts';
import { clusterPoliciesOf, networkPoliciesOf } from '../../network/policy/policiesOf.ts';
import { counted } from '../counted.ts';
import { enforcerShown } from '../profileFromCluster.ts';
import { rule } from '../rule.ts';

/** The API server takes every policy, whoever runs the pod network. */
export const policyNotEnforced = rule({
  id: 'policy-not-enforced',
  topic: 'policies',
  severity: 'info',
  meaning: 'The policies do nothing: everybody gets through, however they are written.',
  remedy: 'Run a network plug-in that enforces them, or name the one that does in `podNetwork.policies`.',
  details:
    'Told once a set, at its first policy, and only where the profile says it: `podNetwork.cni` names a pod network ' +
    'whose plug-in enforces none (Flannel, kubenet), or `podNetwork.policies` is `none` or names a plug-in that ' +
    'enforces none of the kind. Where the set shows who enforces them all the same (a DaemonSet of Calico or ' +
    'kube-router, a node of K3s), nothing is told. The lens over each policy says so too. Of an AdminNetworkPolicy, ' +
    '[admin-policy-replaced](admin-policy-replaced.md) tells.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites',
  about: 'object',
  check(manifest, { model }) {
    if (manifest.kind !== 'NetworkPolicy' && manifest.kind !== 'ClusterNetworkPolicy') return [];
    const idle = idlePolicies(model).find(({ first }) => first === manifest.key);
    const { plugin, said } = chosenPlugin(model.profile);
    if (idle === undefined || said === null) return [];
    const nobody = said === 'podNetwork.policies' && plugin.enforces.length === 0;
    const who = nobody ? 'nobody enforces them' : `${plugin.title} enforces none`;
    const { kind, name } = manifest;
    const what =
      idle.count === 1
        ? `${kind} ${name} does`
        : `The set's ${counted(idle.count, kind, kind.replace(/y$/, 'ies'))} do`;
    return [
      {
        message: `${what} nothing: ${who} (${said}). If somebody else does, podNetwork.policies is to say who.`,
        at: fieldOf(manifest, 'kind'),
        related: model.profile.field === null ? [] : [{ message: `${said} says so`, at: model.profile.field }],
      },
    ];
  },
  bad: {
    says: "The set's 2 NetworkPolicies do nothing: Flannel enforces none (podNetwork.cni)",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
      ~~~~~~~~~~~~~
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec: { podSelector: { matchLabels: { app: web } }, ingress: [{ ports: [{ port: 80 }] }] }
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: prod }
spec: { podNetwork: { cni: flannel } }
`,
  },
  also: [
    {
      says: 'NetworkPolicy default-deny does nothing: nobody enforces them (podNetwork.policies)',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
      ~~~~~~~~~~~~~
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: prod }
spec: { podNetwork: { cni: aws-vpc, policies: none } }
`,
    },
  ],
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
---
apiVersion: v1
kind: Node
metadata: { name: one }
status: { nodeInfo: { kubeletVersion: v1.33.4+k3s1 } }
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: prod }
spec: { podNetwork: { cni: flannel } }
`,
});

interface Idle {
  readonly first: ObjectKey;
  readonly count: number;
}

/** The policies that nobody enforces, by what the profile says: of each kind the first, and how many there are. */
const idlePolicies = ofModel(
  (model: ClusterModel): readonly Idle[] => {
    const { plugin, said } = chosenPlugin(model.profile);
    if (said === null || (said === 'podNetwork.cni' && isSomebodyShown(model))) return [];
    const forCluster = clusterPoliciesOf(model).filter(({ kind }) => kind === 'ClusterNetworkPolicy');
    return [networkPoliciesOf(model), forCluster].flatMap((policies) => {
      const [first] = policies;
      const isIdle =
        first !== undefined &&
        policyKinds.some((each) => each === first.manifest.kind && !plugin.enforces.includes(each));
      return isIdle ? [{ first: first.manifest.key, count: policies.length }] : [];
    });
  },
  { eager: true, same: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
);

const daemonSets = eachOfDeclared(
  (declared) => declared.ofKind('DaemonSet'),
  (manifest: Manifest) => [manifest],
);
const nodes = eachOfDeclared(
  (declared) => declared.ofKind('Node'),
  (manifest: Manifest) => [manifest],
);

function isSomebodyShown({ declared, profile }: ClusterModel): boolean {
  const seen = { daemonSets: daemonSets(declared), nodes: nodes(declared) };
  return enforcerShown(seen, profile.podNetwork.cni) !== null;
}
