import { expect, test } from 'vitest';
import { foundAbout } from '../../shared/insight/rules/all.ts';
import { lensOf } from '../../shared/insight/lenses.ts';
import { reachability } from '../../shared/insight/reachability/reachability.ts';
import { cluster, traceIn } from '../scene.ts';

const pods = ['web', 'client'].map(
  (name) => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: shop, labels: { app: ${name} } }
spec: { nodeName: node-1, containers: [{ name: c, ports: [{ containerPort: 8080 }] }] }`,
);

const service = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ port: 8080 }] }`;

function scene(apiVersion: string, kind: string, body: string): ReturnType<typeof cluster> {
  return cluster([...pods, service, `apiVersion: ${apiVersion}\nkind: ${kind}\n${body}`].join('\n---\n'));
}

const here = 'metadata: { name: p, namespace: shop }';
const nowhere = 'metadata: { name: p }';

/** A policy of a kind that isn't followed, and whether a request from pod client to pod web tells of it. */
test.each<[apiVersion: string, kind: string, body: string, isTold: boolean]>([
  ['projectcalico.org/v3', 'NetworkPolicy', `${here}\nspec: { selector: all() }`, true],
  ['crd.projectcalico.org/v1', 'NetworkPolicy', `${here}\nspec: { types: [Ingress] }`, true],
  ['projectcalico.org/v3', 'NetworkPolicy', `${here}\nspec: { selector: "app == 'web'" }`, true],
  ['projectcalico.org/v3', 'NetworkPolicy', `${here}\nspec: { selector: 'app == "web" && has(x)' }`, true],
  ['projectcalico.org/v3', 'NetworkPolicy', `${here}\nspec: { selector: "app == 'api' || has(app)" }`, true],
  ['projectcalico.org/v3', 'NetworkPolicy', `${here}\nspec: { selector: "!(app == 'api')" }`, true],
  ['projectcalico.org/v3', 'NetworkPolicy', `${here}\nspec: { selector: "app == 'api'" }`, false],
  // For what leaves web, not for what comes in.
  ['projectcalico.org/v3', 'NetworkPolicy', `${here}\nspec: { selector: "app == 'web'", types: [Egress] }`, false],
  ['projectcalico.org/v3', 'NetworkPolicy', `${here}\nspec: { selector: "app == 'web'", egress: [{}] }`, false],
  ['projectcalico.org/v3', 'NetworkPolicy', 'metadata: { name: p, namespace: bank }\nspec: { selector: all() }', false],
  ['projectcalico.org/v3', 'StagedNetworkPolicy', `${here}\nspec: { selector: all() }`, false],
  ['projectcalico.org/v3', 'GlobalNetworkPolicy', `${nowhere}\nspec: { types: [Ingress, Egress] }`, true],
  [
    'projectcalico.org/v3',
    'GlobalNetworkPolicy',
    `${nowhere}\nspec: { namespaceSelector: "projectcalico.org/name == 'bank'" }`,
    false,
  ],
  ['cilium.io/v2', 'CiliumNetworkPolicy', `${here}\nspec: { endpointSelector: {}, ingress: [{}] }`, true],
  [
    'cilium.io/v2',
    'CiliumNetworkPolicy',
    `${here}\nspecs: [{ endpointSelector: { matchLabels: { 'k8s:app': web } }, ingressDeny: [{}] }]`,
    true,
  ],
  [
    'cilium.io/v2',
    'CiliumNetworkPolicy',
    `${here}\nspec: { endpointSelector: { matchLabels: { app: api } }, ingress: [{}] }`,
    false,
  ],
  [
    'cilium.io/v2',
    'CiliumClusterwideNetworkPolicy',
    `${nowhere}\nspec: { endpointSelector: { matchLabels: { io.kubernetes.pod.namespace: bank } }, ingress: [{}] }`,
    false,
  ],
  ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy', `${nowhere}\nspec: { nodeSelector: {}, ingress: [{}] }`, false],
  [
    'crd.antrea.io/v1beta1',
    'NetworkPolicy',
    `${here}\nspec: { appliedTo: [{ podSelector: { matchLabels: { app: web } } }], ingress: [{ action: Drop }] }`,
    true,
  ],
  [
    'crd.antrea.io/v1beta1',
    'ClusterNetworkPolicy',
    `${nowhere}\nspec: { ingress: [{ action: Drop, appliedTo: [{ group: g }] }] }`,
    true,
  ],
  ['networking.k8s.aws/v1alpha1', 'ApplicationNetworkPolicy', `${here}\nspec: { podSelector: {} }`, true],
  [
    'networking.k8s.aws/v1alpha1',
    'ClusterNetworkPolicy',
    `${nowhere}\nspec: { subject: { pods: { podSelector: { matchLabels: { app: client } } } }, egress: [{}] }`,
    true,
  ],
  ['networking.gke.io/v1alpha1', 'FQDNNetworkPolicy', `${here}\nspec: { podSelector: {} }`, true],
  // For what leaves the cluster alone.
  [
    'k8s.ovn.org/v1',
    'EgressFirewall',
    `${here}\nspec: { egress: [{ type: Deny, to: { cidrSelector: 0.0.0.0/0 } }] }`,
    false,
  ],
  ['security.istio.io/v1', 'AuthorizationPolicy', `${here}\nspec: { selector: { matchLabels: { app: web } } }`, true],
  ['security.istio.io/v1', 'AuthorizationPolicy', 'metadata: { name: p, namespace: istio-system }\nspec: {}', true],
  ['policy.linkerd.io/v1beta3', 'Server', `${here}\nspec: { podSelector: {}, port: 8080 }`, true],
])('%s %s, %s: told %s', (apiVersion, kind, body, isTold) => {
  const model = scene(apiVersion, kind, body);
  const { paths, assumptions } = traceIn(model, 'pod/web.shop:8080', 'pod/client.shop');
  // It is nobody's NetworkPolicy, whatever it is called.
  expect(paths.map(({ verdict, hops }) => [verdict.kind, hops.length])).toEqual([['delivered', 1]]);
  const told = assumptions.filter(({ text }) => text.includes("doesn't follow"));
  expect(told.length === 1).toBe(isTold);
});

const calico = ['projectcalico.org/v3', 'NetworkPolicy', `${here}\nspec: { selector: all() }`] as const;
const told = "Hoplens doesn't follow Calico's NetworkPolicy p: it may decide otherwise";

test('what a trace, a lens and who reaches whom say of it', () => {
  const model = scene(...calico);
  const { assumptions } = traceIn(model, 'svc/web.shop', 'pod/client.shop');
  expect(assumptions.map(({ text }) => text)).toContain(`${told} at pods of shop`);
  const judged = { model, isComplete: true };
  const [web] = model.declared.ofKind('Service');
  expect(web === undefined ? [] : lensOf(judged, web)?.notes).toContain('~ policies that Hoplens does not follow');
  const { notes } = reachability(judged, { from: null, to: null, port: null });
  expect(notes.map(({ text }) => text)).toEqual([told]);
  const [policy] = model.declared.ofKind('NetworkPolicy');
  expect(policy === undefined ? [] : foundAbout(policy, judged).map(({ rule }) => rule)).toEqual([
    'policy-not-followed',
  ]);
  expect(policy === undefined ? null : lensOf(judged, policy)).toBeNull();
});

test("a pod on its node's network and what leaves the cluster", () => {
  const firewall = ['k8s.ovn.org/v1', 'EgressFirewall', `${here}\nspec: { egress: [] }`] as const;
  const textsOf = (model: ReturnType<typeof cluster>, target: string): number =>
    traceIn(model, target, 'pod/client.shop').assumptions.filter(({ text }) => text.includes("doesn't follow")).length;
  expect(textsOf(scene(...firewall), '93.184.215.14:443')).toBe(1);
  const onHost = [pods[0]?.replace('nodeName:', 'hostNetwork: true, nodeName:'), pods[1]].join('\n---\n');
  const [apiVersion, kind] = calico;
  const policy = `apiVersion: ${apiVersion}\nkind: ${kind}\n${here}\nspec: { selector: "app == 'web'" }`;
  expect(textsOf(cluster(`${onHost}\n---\n${policy}`), 'pod/web.shop:8080')).toBe(0);
});
