import { expect, test } from 'vitest';
import { verdictSentence } from '../../shared/trace/verdictText.ts';
import { cluster, traceIn } from '../scene.ts';

/** A pod that asks, a Service that it asks, and policies; then whatever else is in the set. */
function asked(policy: string, more = '', { target = 'http://web/', cni = 'calico' } = {}): string[] {
  const model = cluster(`
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: p }
spec: { podNetwork: { cni: ${cni} ${cni === 'aws-vpc' ? ', policies: aws-vpc' : ''} } }
---
${pod('client', 'default', '{ app: client }')}
---
${pod('web', 'default', '{ app: web }')}
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 8080 }, { name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p }
spec: ${policy}
---
${more}
`);
  const { paths, assumptions } = traceIn(model, target, 'pod/client');
  const said = assumptions.filter(({ id }) => /^(?:dns-|cluster-dns)/.test(id));
  return [
    ...new Set(paths.map(({ verdict }) => ('reason' in verdict ? verdictSentence(verdict) : verdict.kind))),
    ...said.map(({ text }) => `~ ${text}`),
  ];
}

function pod(name: string, namespace: string, labels: string, more = ''): string {
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name}, namespace: ${namespace}, labels: ${labels} }
spec: { containers: [{ name: c, ports: [{ containerPort: 8080 }] ${more} }] }`;
}

const egress = (rules: string): string =>
  `{ podSelector: { matchLabels: { app: client } }, policyTypes: [Egress], egress: [${rules}] }`;
const toWeb = '{ to: [{ podSelector: { matchLabels: { app: web } } }] }';
const toDns = (ports: string): string =>
  `{ to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: kube-system } } }], ports: [${ports}] }`;
const udp = '{ protocol: UDP, port: 53 }';
const tcp = '{ protocol: TCP, port: 53 }';

const coredns = `${pod('coredns', 'kube-system', '{ k8s-app: kube-dns }')}
---
apiVersion: v1
kind: Service
metadata: { name: kube-dns, namespace: kube-system }
spec:
  clusterIP: 10.96.0.10
  selector: { k8s-app: kube-dns }
  ports: [{ name: dns, protocol: UDP, port: 53 }, { name: dns-tcp, port: 53 }]`;

const cache = `apiVersion: apps/v1
kind: DaemonSet
metadata: { name: node-local-dns, namespace: kube-system }
spec:
  selector: { matchLabels: { k8s-app: node-local-dns } }
  template:
    metadata: { labels: { k8s-app: node-local-dns } }
    spec:
      hostNetwork: true
      containers: [{ name: c, args: [-localip, "169.254.20.10,10.96.0.10", -conf, /etc/Corefile] }]`;

const assumedDns =
  "~ the cluster's DNS is taken to be pods with the label k8s-app: kube-dns in kube-system, " +
  'or those of OpenShift: no file here shows it';
const denied = (text: string): RegExp => new RegExp(`^client can't look up .*: NetworkPolicy p lets nothing ${text}`);

test.each<[what: string, got: () => string[], wanted: readonly unknown[]]>([
  ['no policy on the pod', () => asked('{ podSelector: { matchLabels: { app: web } }, ingress: [{}] }'), ['delivered']],
  ['all is let out', () => asked(egress('{}')), ['delivered', assumedDns]],
  [
    'DNS is forgotten',
    () => asked(egress(toWeb)),
    [
      expect.stringMatching(denied("out of it to the cluster's DNS, .* on UDP 53: p allows that port for app=web")),
      assumedDns,
    ],
  ],
  [
    "OpenShift's port is the pods' own",
    () =>
      asked(
        egress(
          `${toWeb}, { to: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: openshift-dns } } }], ` +
            'ports: [{ protocol: UDP, port: 5353 }, { port: 5353 }] }',
        ),
      ),
    ['delivered', assumedDns],
  ],
  ['nothing is let out', () => asked(egress('')), [expect.stringMatching(denied('out of it')), assumedDns]],
  [
    'an address needs none',
    () => asked(egress(toWeb), '', { target: '10.244.0.9:80' }),
    [expect.not.stringMatching('look up')],
  ],
  ['both protocols', () => asked(egress(`${toWeb}, ${toDns(`${udp}, ${tcp}`)}`)), ['delivered', assumedDns]],
  [
    'UDP alone',
    () => asked(egress(`${toWeb}, ${toDns(udp)}`)),
    ['delivered', assumedDns, "~ client may ask the cluster's DNS by UDP alone: answers that need TCP 53 don't come"],
  ],
  [
    'TCP alone',
    () => asked(egress(`${toWeb}, ${toDns(tcp)}`)),
    [expect.stringMatching(denied('out of it .*: p allows it on TCP port 53 alone')), assumedDns],
  ],
  ['its pods are there', () => asked(egress(`${toWeb}, ${toDns(`${udp}, ${tcp}`)}`), coredns), ['delivered']],
  [
    'its pods are there, and the namespace has labels that no file shows',
    () =>
      asked(
        egress(`${toWeb}, { to: [{ namespaceSelector: { matchLabels: { team: infra } } }], ports: [${udp}] }`),
        coredns,
      ),
    [
      'delivered',
      "~ whether the name can be looked up can't be decided: NetworkPolicy p goes by labels of namespace " +
        'kube-system, which no file here says',
    ],
  ],
  [
    'its cluster address is no pod',
    () => asked(egress(`${toWeb}, { to: [{ ipBlock: { cidr: 10.96.0.10/32 } }] }`), coredns),
    [expect.stringMatching(denied('out of it'))],
  ],
  [
    'but it is for who sees it before its endpoint',
    () => asked(egress(`${toWeb}, { to: [{ ipBlock: { cidr: 10.96.0.10/32 } }] }`), coredns, { cni: 'aws-vpc' }),
    ['delivered'],
  ],
  [
    'its pods let others in',
    () =>
      asked(
        egress('{}'),
        `${coredns}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: p, namespace: kube-system }
spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }`,
      ),
    [
      expect.stringMatching(
        denied(
          "from it on UDP 53 into coredns.kube-system, the cluster's DNS: p allows that port for all pods of its " +
            'namespace',
        ),
      ),
    ],
  ],
  [
    "a node's own cache is no pod",
    () => asked(egress(`${toWeb}, ${toDns(`${udp}, ${tcp}`)}`), `${coredns}\n---\n${cache}`),
    [expect.stringMatching(denied("out of it to the cluster's DNS, 169.254.20.10"))],
  ],
  [
    "a node's own cache by its address",
    () => asked(egress(`${toWeb}, { to: [{ ipBlock: { cidr: 169.254.20.10/32 } }] }`), `${coredns}\n---\n${cache}`),
    ['delivered'],
  ],
  [
    'a name outside',
    () => asked(egress(toWeb), '', { target: 'https://example.com/' }),
    [expect.stringMatching(/^client can't look up example.com/), assumedDns],
  ],
  [
    'a Service by its address',
    () => asked(egress(toWeb), '', { target: 'svc/web' }),
    [
      'delivered',
      assumedDns,
      expect.stringMatching(/^~ asked by its address here, since client can't look up web: NetworkPolicy p/),
    ],
  ],
  ['nobody enforces anything', () => asked(egress(toWeb), '', { cni: 'flannel' }), ['delivered']],
])('%s', (_, got, wanted) => expect(got()).toEqual(wanted));
