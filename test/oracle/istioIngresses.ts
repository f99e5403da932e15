import { clusterOf } from '../scene.ts';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';
import { ourEnds } from './envoyOutcome.ts';
import { tracedAt } from './gatewayAnswers.ts';
import type { IstioKind } from './istioKind.ts';
import type { GatewayObject, GatewayRequest } from './randomGateways.ts';
import { randomIngresses } from './randomIngresses.ts';
import type { WrittenRequest } from './traefikQuestion.ts';

/** Random Ingresses of Istio's class, before its ingress gateway as the chart installs it. */
export const istioIngresses: IstioKind = {
  setOf: (seed) => {
    const random = seededRandom(seed);
    const question = randomIngresses(random);
    const objects: GatewayObject[] = JSON.parse(JSON.stringify(question.objects));
    return {
      objects: objects
        .filter(({ kind }) => kind !== 'IngressClass')
        .map((each) => (isIngress(each) ? ofIstio(each, random) : each)),
      requests: question.requests.filter(isRead).map((each) => inWire(each, `${namespace}/${name}`)),
    };
  },
  seen: ({ objects }) => [...objects, ...around],
  proxies: () => ({
    [`${namespace}/${name}`]: { namespace, labels, address: podAddress, ports: { 80: 8080, 443: 8443 } },
  }),
  ours: ({ objects, requests }) => {
    const model = clusterOf([...objects, ...around, profile]);
    return requests.map((asked) => ourEnds(tracedAt(model, asked, balancer), istioIngresses.serviceAt));
  },
  serviceAt: (endpoint) => {
    const index = /^10\.244\.1\.1(\d):8080$/.exec(endpoint)?.[1];
    return index === undefined ? endpoint : `default/s${index}`;
  },
  edges: [],
};

const [namespace, name] = ['istio-system', 'istio-ingressgateway'];
const labels = { istio: 'ingressgateway' };
const podAddress = '10.244.9.10';
const balancer = '203.0.113.50';

interface WrittenIngress extends GatewayObject {
  readonly spec: { readonly tls?: readonly object[] };
}

function isIngress(object: GatewayObject): object is WrittenIngress {
  return object.kind === 'Ingress';
}

/** Of Istio's class, with TLS of its own, of some age, now and then in a namespace without Services. */
function ofIstio({ metadata: { name: own }, spec, ...rest }: WrittenIngress, random: SeededRandom): GatewayObject {
  const { tls: _, ...others } = spec;
  const tls = Array.from({ length: random.below(3) }, () => ({
    ...(random.below(10) === 0
      ? {}
      : { hosts: [...new Set(Array.from({ length: 1 + random.below(2) }, () => random.pick(tlsHosts)))] }),
    ...(random.below(6) === 0 ? {} : { secretName: 'certificate' }),
  }));
  return {
    ...rest,
    metadata: {
      name: own,
      namespace: random.below(8) === 0 ? 'other' : 'default',
      creationTimestamp: random.pick(['2025-12-01T00:00:00Z', '2026-01-01T00:00:00Z']),
    },
    spec: { ...others, ingressClassName: 'istio', ...(tls.length > 0 ? { tls } : {}) },
  };
}

const tlsHosts = [
  'a.example.com',
  'b.example.com',
  'x.a.example.com',
  'example.com',
  '*.example.com',
  '*.a.example.com',
];

const around: readonly GatewayObject[] = [
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    metadata: { name: 'istio' },
    spec: { controller: 'istio.io/ingress-controller' },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.96.9.10',
      selector: labels,
      ports: [
        { name: 'http2', port: 80, targetPort: 8080, protocol: 'TCP' },
        { name: 'https', port: 443, targetPort: 8443, protocol: 'TCP' },
      ],
    },
    status: { loadBalancer: { ingress: [{ ip: balancer }] } },
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels },
    spec: { nodeName: 'node-1', containers: [{ name: 'istio-proxy', image: 'docker.io/istio/proxyv2:1.31.0' }] },
    status: {
      phase: 'Running',
      podIP: podAddress,
      podIPs: [{ ip: podAddress }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  },
];

const profile = {
  apiVersion: 'hoplens.dev/v1alpha1',
  kind: 'ClusterProfile',
  metadata: { name: 'judged' },
  spec: { ingressControllers: [{ class: 'istio', implementation: 'istio', service: `${namespace}/${name}` }] },
};

/** Which escapes Envoy reads in a path besides those of dots depends on its version of Chromium's library. */
export function isRead({ url }: WrittenRequest): boolean {
  return /^[A-Za-z0-9:/.?=&;_~-]*$/.test(url.replaceAll(/%2f/gi, ''));
}

/** As it comes to a Gateway's port 80 or 443. */
export function inWire({ url, method, headers }: WrittenRequest, gateway: string): GatewayRequest {
  const [, scheme, host = '', target = ''] = /^(https?):\/\/([^/?]+)(.*)$/.exec(url) ?? [];
  const isTls = scheme === 'https';
  return {
    gateway,
    port: isTls ? 443 : 80,
    serverName: isTls ? host.toLowerCase().replace(/\.$/, '') : null,
    method,
    target: target === '' ? '/' : target,
    host,
    headers,
  };
}
