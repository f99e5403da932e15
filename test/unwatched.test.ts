import { expect, test } from 'vitest';
import { iptablesRules } from '../shared/network/kubeProxy/iptablesRules.ts';
import { nftablesRules } from '../shared/network/kubeProxy/nftablesRules.ts';
import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import { foundAbout } from '../shared/insight/rules/all.ts';
import { verdictSentence } from '../shared/trace/verdictText.ts';
import { clusterOf, foundIn, traceIn, verdictOf } from './scene.ts';

/**
 * What kube-proxy doesn't watch: Services and EndpointSlices with certain labels (cmd/kube-proxy/app/server.go, 1.36).
 */
const proxyName = 'service.kubernetes.io/service-proxy-name';
const headless = 'service.kubernetes.io/headless';

function service(spec: object, labels: object = { [proxyName]: 'other' }): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', labels },
    spec: { clusterIP: '10.96.0.50', ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}

const selected = { selector: { app: 'web' } };
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] },
    },
  },
};
const client = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'client' }, spec: { nodeName: 'node-2' } };
const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: {
    ingressClassName: 'nginx',
    rules: [
      {
        host: 'web.test',
        http: {
          paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'web', port: { number: 80 } } } }],
        },
      },
    ],
  },
};

function slice(labels: object): object {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', labels: { 'kubernetes.io/service-name': 'web', ...labels } },
    addressType: 'IPv4',
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.1.9'], nodeName: 'node-1' }],
  };
}

function endpoints(metadata: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'web', ...metadata },
    subsets: [{ addresses: [{ ip: '10.244.1.9', nodeName: 'node-1' }], ports: [{ port: 8080 }] }],
  };
}

const watched = { name: 'web-2', labels: { 'kubernetes.io/service-name': 'web' } };

/** How the request ends on each path, in a word. */
function ends(model: ClusterModel, target: string, from?: string): string {
  return [...new Set(traceIn(model, target, from).paths.map(({ verdict }) => verdict.kind))].join(', ');
}

test.each([
  {
    what: 'its cluster address',
    spec: {},
    target: '10.96.0.50:80',
    from: 'pod/client',
    kind: 'dropped',
    reason: 'cluster-address',
  },
  {
    what: 'its name, which DNS knows',
    spec: {},
    target: 'http://web/',
    from: 'pod/client',
    kind: 'dropped',
    reason: 'cluster-address',
  },
  {
    what: 'its nodePort',
    spec: { type: 'NodePort' },
    target: '192.168.0.11:30080',
    from: 'internet',
    kind: 'refused',
    reason: 'nothing-listens',
  },
  {
    what: 'its balancer, policy Local: no health check answers',
    spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
    target: 'svc/web',
    from: 'internet',
    kind: 'dropped',
    reason: 'no-healthy-node',
  },
])('a Service with the label service-proxy-name: $what', ({ spec, target, from, kind, reason }) => {
  const ports = [{ port: 80, targetPort: 8080, ...('type' in spec ? { nodePort: 30080 } : {}) }];
  const model = clusterOf([service({ ...selected, ...spec, ports }), deployment, client]);
  const verdict = verdictOf(model, target, from);
  expect(verdict).toMatchObject({ kind, reason });
  expect(verdictSentence(verdict)).toContain('kube-proxy leaves Service web');
  const [node] = model.nodes;
  if (node === undefined) throw new Error('no node');
  expect(iptablesRules(model, node, 'IPv4')).not.toContain('default/web');
  expect(nftablesRules(model, node, 'IPv4')).not.toContain('default/web');
  expect(foundIn(model).map(({ rule, severity }) => `${severity}: ${rule}`)).toEqual(['info: hidden-by-label']);
});

test('the other proxy is a named assumption', () =>
  expect(
    traceIn(clusterOf([service(selected), deployment, client]), 'svc/web', 'pod/client').assumptions.map(
      ({ id }) => id,
    ),
  ).toContain('service-proxy:default/web'));

test('an Ingress controller goes straight to its endpoints', () =>
  expect(ends(clusterOf([service(selected), deployment, ingress]), 'http://web.test/')).toBe('delivered'));

test.each([
  ['a slice', slice({}), 'delivered', 'delivered'],
  ['a slice with the label headless', slice({ [headless]: '' }), 'rejected', 'delivered'],
  ['Endpoints', endpoints({}), 'delivered', 'delivered'],
  [
    'Endpoints with the label headless, which their mirror has too',
    endpoints({ labels: { [headless]: 'no' } }),
    'rejected',
    'delivered',
  ],
  [
    'Endpoints not to be mirrored',
    endpoints({ labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } }),
    'rejected',
    'answered',
  ],
  [
    'Endpoints with another value of that label',
    endpoints({ labels: { 'endpointslice.kubernetes.io/skip-mirror': 'yes' } }),
    'delivered',
    'delivered',
  ],
  [
    'Endpoints that elect a leader',
    endpoints({ annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } }),
    'rejected',
    'answered',
  ],
])('%s: by kube-proxy, and by an Ingress controller', (_, listing, byProxy, byController) => {
  const model = clusterOf([service({}, {}), listing, client, ingress]);
  expect(ends(model, '10.96.0.50:80', 'pod/client')).toBe(byProxy);
  expect(ends(model, 'http://web.test/')).toBe(byController);
});

const port = { port: 80, targetPort: 8080 };
const skip = { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } };
const lacks = 'Service web has no ready endpoint';

test.each([
  [
    'a slice with the label headless',
    [slice({ [headless]: '' })],
    `kube-proxy doesn't watch EndpointSlice web-1, by its label ${headless}`,
  ],
  [
    'Endpoints with the label headless',
    [endpoints({ labels: { [headless]: '' } })],
    `kube-proxy doesn't watch what is mirrored of Endpoints web, by its label ${headless}`,
  ],
  [
    'Endpoints not to be mirrored',
    [endpoints(skip)],
    'nobody makes EndpointSlices of Endpoints web, by its label endpointslice.kubernetes.io/skip-mirror: true',
  ],
  [
    'Endpoints that elect a leader',
    [endpoints({ annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } })],
    'nobody makes EndpointSlices of Endpoints web, by its annotation control-plane.alpha.kubernetes.io/leader',
  ],
  ['a slice beside it that is watched', [slice({ [headless]: '' }), { ...slice({}), metadata: watched }], null],
  ['Endpoints beside a slice', [endpoints(skip), slice({})], null],
])('%s: the verdict and the rule name the label', (_, objects, why) => {
  const model = clusterOf([service({ ports: [port] }, {}), ...objects, client]);
  const [path] = traceIn(model, '10.96.0.50:80', 'pod/client').paths;
  const found = foundIn(model).map(({ severity, message }) => `${severity}: ${message}`);
  if (why === null) {
    expect([path?.verdict.kind, found]).toEqual(['delivered', []]);
    return;
  }
  expect(path === undefined ? '' : verdictSentence(path.verdict)).toBe(`${lacks}: ${why}.`);
  expect(found).toEqual([`warning: ${lacks}, so every connection to it is rejected: ${why}.`]);
});

test.each([
  ['', 'warning', 'leaves it to a proxy without a name, which is nobody: no connection to it succeeds'],
  ['other', 'info', 'leaves it to other: unless that runs on the nodes, no connection to it succeeds'],
])('service-proxy-name: "%s"', (name, severity, whom) => {
  const model = clusterOf([service(selected, { [proxyName]: name }), deployment, client]);
  expect(foundIn(model)).toMatchObject([
    { severity, message: `kube-proxy leaves Service web alone: its label ${proxyName} ${whom}.` },
  ]);
  expect(verdictSentence(verdictOf(model, 'svc/web', 'pod/client'))).toContain(
    `its label ${proxyName}${name === '' ? '' : `: ${name}`} gives it to another proxy.`,
  );
});

test('of a set that is not complete, nothing is said', () => {
  const model = clusterOf([service(selected, { [proxyName]: '' }), deployment]);
  expect(model.manifests.flatMap((each) => foundAbout(each, { model, isComplete: false }))).toEqual([]);
});
