import Fraction from 'fraction.js';
import { describe, expect, test } from 'vitest';
import { cluster, foundIn, traceIn } from '../scene.ts';

/** What rules say of policies, held against what becomes of the requests of `client` and `other`. */
const scene = (policies: string, cni: string): ReturnType<typeof cluster> =>
  cluster(`
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: prod }
spec: { podNetwork: { cni: ${cni} } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { clusterIP: 10.96.0.80, selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
---
${pod('web')}
---
${pod('client')}
---
${pod('other')}
${policies}`);

const pod = (name: string): string => `apiVersion: v1
kind: Pod
metadata: { name: ${name}, labels: { app: ${name} } }
spec: { containers: [{ name: c, ports: [{ name: http, containerPort: 8080 }] }] }`;

const policy = (name: string, spec: string): string => `---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name} }
spec: ${spec}
`;

const intoWeb = (name: string, rules: string): string =>
  policy(name, `{ podSelector: { matchLabels: { app: web } }, ingress: ${rules} }`);

const outOfClient = (rules: string): string =>
  policy('p', `{ podSelector: { matchLabels: { app: client } }, policyTypes: [Egress], egress: ${rules} }`);

const from = (app: string): string => `from: [{ podSelector: { matchLabels: { app: ${app} } } }]`;
const toWeb = 'to: [{ podSelector: { matchLabels: { app: web } } }]';

const shut = "so the Service's connections are dropped.";

describe("a port of the Service's is told where the pod's stays shut", () => {
  test.each<[cni: string, policies: string, wanted: readonly [client: string, other: string], said: string | null]>([
    ['calico', intoWeb('p', '[{ ports: [{ port: 80 }] }]'), ['denied', 'denied'], shut],
    ['calico', intoWeb('p', '[{ ports: [{ port: 80 }, { port: 8080 }] }]'), ['delivered', 'delivered'], null],
    [
      'calico',
      intoWeb('p', '[{ ports: [{ port: 80 }] }, { ports: [{ port: http }] }]'),
      ['delivered', 'delivered'],
      null,
    ],
    ['calico', intoWeb('p', '[{ ports: [{ port: 80 }] }, {}]'), ['delivered', 'delivered'], null],
    [
      'calico',
      intoWeb('p', '[{ ports: [{ port: 80 }] }]') + intoWeb('q', '[{ ports: [{ port: 8080 }] }]'),
      ['delivered', 'delivered'],
      null,
    ],
    [
      'calico',
      intoWeb('p', '[{ ports: [{ port: 80 }] }]') + intoWeb('q', `[{ ${from('client')}, ports: [{ port: 8080 }] }]`),
      ['delivered', 'denied'],
      'are dropped, but for those that NetworkPolicy q lets through.',
    ],
    [
      'calico',
      intoWeb('p', `[{ ${from('other')}, ports: [{ port: 80 }] }, { ${from('client')} }]`),
      ['delivered', 'denied'],
      'are dropped, but for those that NetworkPolicy p lets through.',
    ],
    ['flannel', intoWeb('p', '[{ ports: [{ port: 80 }] }]'), ['delivered', 'delivered'], null],
    ['calico', outOfClient(`[{ ${toWeb}, ports: [{ port: 80 }] }]`), ['denied', 'delivered'], shut],
    ['aws-vpc', outOfClient(`[{ ${toWeb}, ports: [{ port: 80 }] }]`), ['denied', 'delivered'], shut],
    ['aws-vpc', outOfClient(`[{ ${toWeb}, ports: [{ port: 80 }, { port: 8080 }] }]`), ['delivered', 'delivered'], null],
    ['calico', intoWeb('p', '[{ ports: [{ port: 79, endPort: 81 }] }]'), ['denied', 'denied'], shut],
    ['weave', intoWeb('p', '[{ ports: [{ port: 8000, endPort: 8100 }] }]'), ['denied', 'denied'], 'Unless something'],
    ['calico', intoWeb('p', '[{ ports: [{ port: 8000, endPort: 8100 }] }]'), ['delivered', 'delivered'], null],
  ])('%s, %s: %s', (cni, policies, wanted, said) => {
    const model = scene(policies, cni);
    expect(['client', 'other'].map((who) => outcome(model, who))).toEqual(wanted);
    const found = foundIn(model).filter(({ rule }) => rule === 'policy-port-not-offered');
    expect(found.map(({ message }) => message)).toEqual(said === null ? [] : [expect.stringContaining(said)]);
  });
});

test.each([
  ['calico', 'denied', 1],
  ['aws-vpc', 'delivered', 0],
  ['flannel', 'delivered', 0],
])("%s: out to a Service's address alone is %s", (cni, wanted, count) => {
  const model = scene(outOfClient('[{ to: [{ ipBlock: { cidr: 10.96.0.80/32 } }] }]'), cni);
  expect(outcome(model, 'client')).toBe(wanted);
  expect(foundIn(model).filter(({ rule }) => rule === 'policy-block-of-services')).toHaveLength(count);
});

test.each([
  ['calico', 'delivered', 1],
  ['aws-vpc', 'denied', 0],
])('%s: what an except takes away, and a wider entry allows, is %s', (cni, wanted, count) => {
  const blocks = '{ ipBlock: { cidr: 10.0.0.0/8, except: [10.244.0.0/16] } }, { ipBlock: { cidr: 10.0.0.0/8 } }';
  const model = scene(intoWeb('p', `[{ from: [${blocks}] }]`), cni);
  expect(outcome(model, 'client')).toBe(wanted);
  expect(foundIn(model).filter(({ rule }) => rule === 'policy-except-allowed')).toHaveLength(count);
});

/** Of the clients whom an entry leaves out, those whom a node's masquerade lets in all the same, by plug-in. */
test.each([
  ['calico', '2/3'],
  ['cilium', 'all'],
  ['aws-vpc', 'all'],
  ['calico, policies: calico-ebpf', null],
  ['flannel', null],
])('%s: an except behind a masquerade lets in %s', (cni, share) => {
  const policies = intoWeb('p', '[{ from: [{ ipBlock: { cidr: 0.0.0.0/0, except: [203.0.113.0/24] } }] }]');
  const outside = `---
apiVersion: v1
kind: Service
metadata: { name: outside }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, nodePort: 30080, targetPort: http }] }
`;
  const model = scene(policies + outside, cni);
  const { paths } = traceIn(model, 'svc/outside', '203.0.113.5');
  const letIn = paths.filter(({ verdict }) => verdict.kind === 'delivered');
  const sum = letIn.reduce((all, { probability }) => all.add(probability), new Fraction(0));
  const found = foundIn(model).filter(({ rule }) => rule === 'policy-block-masked');
  const said = `but ${sum.equals(1) ? 'all' : sum.toFraction()} of their requests`;
  expect(found.map(({ message }) => message)).toEqual(share === null ? [] : [expect.stringContaining(said)]);
  expect(share === null || said.includes(share)).toBe(true);
});

test('what comes nearest before an endpoint is chosen', () => {
  const model = scene(outOfClient(`[{ ${toWeb}, ports: [{ port: 80 }] }]`), 'aws-vpc');
  const [path] = traceIn(model, 'svc/web', 'pod/client').paths;
  expect(path?.verdict.kind === 'denied' && path.verdict.reason === 'network-policy' && path.verdict.nearest).toBe(
    'p allows it for Services that lead to TCP port 80 of the pods alone',
  );
});

const dns: Readonly<Record<string, string>> = {
  "kubeadm's": `---
apiVersion: v1
kind: Service
metadata: { name: kube-dns, namespace: kube-system }
spec: { clusterIP: 10.96.0.10, selector: { k8s-app: kube-dns }, ports: [{ port: 53, protocol: UDP }] }
---
apiVersion: v1
kind: Pod
metadata: { name: coredns, namespace: kube-system, labels: { k8s-app: kube-dns } }
`,
  "OpenShift's": `---
apiVersion: v1
kind: Service
metadata: { name: dns-default, namespace: openshift-dns }
spec: { clusterIP: 172.30.0.10, selector: { dns: default }, ports: [{ port: 53, targetPort: dns, protocol: UDP }] }
---
apiVersion: v1
kind: Pod
metadata: { name: dns, namespace: openshift-dns, labels: { dns: default } }
spec: { containers: [{ name: dns, ports: [{ name: dns, containerPort: 5353, protocol: UDP }] }] }
`,
  "a cache's of each node": `---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: node-local-dns, namespace: kube-system }
spec:
  template:
    metadata: { labels: { k8s-app: node-local-dns } }
    spec: { hostNetwork: true, containers: [{ name: c, args: [-localip, '169.254.20.10,10.96.0.10'] }] }
`,
  "a DNS' on its node's network": `---
apiVersion: v1
kind: Service
metadata: { name: kube-dns, namespace: kube-system }
spec: { clusterIP: 10.96.0.10, selector: { k8s-app: kube-dns }, ports: [{ port: 53, protocol: UDP }] }
---
apiVersion: v1
kind: Pod
metadata: { name: coredns, namespace: kube-system, labels: { k8s-app: kube-dns } }
spec: { hostNetwork: true }
`,
  'one that is not shown': '',
};

test.each(
  Object.keys(dns).flatMap((whose) =>
    ['calico', 'aws-vpc', 'antrea', 'ovn-kubernetes'].map((cni) => [cni, whose] as const),
  ),
)('%s: the rule that lets pods out to the DNS does so, %s', (cni, whose) => {
  const said = (rules: string): ReturnType<typeof foundIn> =>
    foundIn(scene(outOfClient(rules) + (dns[whose] ?? ''), cni)).filter(
      ({ rule }) => rule === 'policy-shuts-out-dns' || rule === 'policy-block-of-services',
    );
  const [found] = said(`[{ ${toWeb} }]`);
  const [edit] = found?.fixes[0]?.edits ?? [];
  expect(edit?.kind === 'add-item' && said(`[{ ${toWeb} }, ${edit.text}]`)).toEqual([]);
});

function outcome(model: ReturnType<typeof cluster>, who: string): string {
  const kinds = traceIn(model, '10.96.0.80:80', `pod/${who}`).paths.map(({ verdict }) => verdict.kind);
  return [...new Set(kinds)].join(', ');
}
