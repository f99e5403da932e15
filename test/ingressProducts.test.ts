import { expect, test } from 'vitest';
import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import { clusterOf, foundIn, traceIn } from './scene.ts';

type Annotations = Readonly<Record<string, string>>;

interface Shop {
  readonly className: string | null;
  /** The `spec.controller` of the class's own object; without it, the set has none. */
  readonly controller?: string;
  readonly annotations?: Annotations;
  /** Those of a second Ingress for the same host and path, which sends to `next`. */
  readonly twin?: Annotations;
  /** Those of the Service. */
  readonly service?: Annotations;
}

/** A shop behind an Ingress of a class whose controller nothing in the set shows. */
function shop({ className, controller, annotations = {}, twin, service = {} }: Shop): ClusterModel {
  const ingress = (name: string, given: Annotations): object => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, annotations: given },
    spec: {
      ...(className === null ? {} : { ingressClassName: className }),
      rules: [
        {
          host: 'shop.example',
          http: {
            paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name, port: { number: 80 } } } }],
          },
        },
      ],
    },
  });
  const app = (name: string, given: Annotations): object[] => [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, annotations: given },
      spec: { type: 'NodePort', selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, labels: { app: name } },
      spec: { containers: [{ name: 'c', ports: [{ containerPort: 8080 }] }] },
    },
  ];
  return clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'p' },
      spec: { nodes: { count: 1 } },
    },
    ...(controller === undefined
      ? []
      : [
          {
            apiVersion: 'networking.k8s.io/v1',
            kind: 'IngressClass',
            metadata: { name: className },
            spec: { controller },
          },
        ]),
    ingress('shop', annotations),
    ...(twin === undefined ? [] : [ingress('next', twin), ...app('next', {})]),
    ...app('shop', service),
  ]);
}

/** Who gets the requests, with what share, by which kinds of hop: `shop 4/5`. */
function reached(given: Shop, url = 'http://shop.example/'): string {
  return traceIn(shop(given), url)
    .paths.map(({ verdict, probability, hops }) =>
      verdict.kind === 'delivered'
        ? `${verdict.service} ${probability.toFraction()} by ${hops.map(({ to }) => to.kind).join()}`
        : verdict.kind === 'answered'
          ? `${verdict.status}`
          : `${verdict.kind} ${verdict.reason}`,
    )
    .join('; ');
}

const canary = { 'nginx.ingress.kubernetes.io/canary': 'true', 'nginx.ingress.kubernetes.io/canary-weight': '20' };
const closed = { 'kubernetes.io/ingress.allow-http': 'false' };
const toPods = { 'alb.ingress.kubernetes.io/target-type': 'ip' };
const toNodes = { 'alb.ingress.kubernetes.io/target-type': 'instance' };
const group = { 'cloud.google.com/neg': '{"ingress": true}' };
const split = 'shop 4/5 by lb,node,pod,pod; next 1/5 by lb,node,pod,pod';

test.each<[what: string, given: Shop, wanted: string]>([
  ["ingress-nginx's canary", { className: 'nginx', twin: canary }, split],
  ["ingress-nginx's canary, of a class of one's own", { className: 'nginx-internal', twin: canary }, split],
  ["ingress-nginx's canary, without a class", { className: null, twin: canary }, split],
  [
    'the same at Traefik: two rules of one length, either by chance',
    { className: 'traefik', twin: canary },
    'shop 1/2 by lb,node,pod,pod; next 1/2 by lb,node,pod,pod',
  ],
  [
    'the same at HAProxy: of two rules alike, the first by its backend',
    { className: 'haproxy', twin: canary },
    'next 1 by lb,node,pod,pod',
  ],
  ["GKE's closed port", { className: 'gce', annotations: closed }, 'refused nothing-listens'],
  ['the same at an ALB', { className: 'alb', annotations: closed }, 'shop 1 by lb,node,pod'],
  [
    'the same at an Application Gateway',
    { className: 'azure-application-gateway', annotations: closed },
    'shop 1 by lb,pod',
  ],
  ["an ALB's target type", { className: 'alb', annotations: toPods }, 'shop 1 by lb,pod'],
  ["an ALB's target type, at the Service", { className: 'alb', service: toPods }, 'shop 1 by lb,pod'],
  [
    'where both say it, the Service',
    { className: 'alb', annotations: toPods, service: toNodes },
    'shop 1 by lb,node,pod',
  ],
  ['the same at GKE', { className: 'gce', annotations: toPods }, 'shop 1 by lb,node,pod'],
  ["GKE's endpoint group", { className: 'gce', service: group }, 'shop 1 by lb,pod'],
  ['the same at an ALB', { className: 'alb', service: group }, 'shop 1 by lb,node,pod'],
])('%s', (_, given, wanted) => expect(reached(given)).toBe(wanted));

test.each<[className: string, controller: string | undefined, isSaid: boolean]>([
  ['nginx', undefined, false],
  ['traefik', undefined, true],
  ['edge', 'k8s.io/ingress-nginx', false],
  ['nginx', 'nginx.org/ingress-controller', true],
  ['edge', 'traefik.io/ingress-controller', true],
  ['edge', 'ingress.k8s.aws/alb', true],
  ['edge', 'example.com/another', true],
])('a canary of class %s, controller %s, claims the path twice: %s', (className, controller, isSaid) => {
  const found = foundIn(shop({ className, ...(controller === undefined ? {} : { controller }), twin: canary })).some(
    ({ rule }) => rule === 'same-path-twice',
  );
  expect(found).toBe(isSaid);
});

const nginxInc = { className: 'nginx', controller: 'nginx.org/ingress-controller' };
const ofHaproxy = 'HAProxy Kubernetes Ingress Controller';
const ofKong = 'Kong Ingress Controller';
const ofAws = 'AWS Load Balancer Controller';
const ofNginxInc = 'NGINX Ingress Controller (F5) passes over the whole Ingress.';

test.each<[given: Pick<Shop, 'className' | 'controller'>, annotation: string, value: string, wanted: string | null]>([
  [
    { className: 'traefik' },
    'traefik.ingress.kubernetes.io/router.priority',
    'high',
    'router.priority is no whole number: high. Traefik passes over the whole Ingress.',
  ],
  [
    { className: 'traefik' },
    'traefik.ingress.kubernetes.io/router.prio',
    '1',
    "router.prio is no field of Traefik's routers. Traefik passes over the whole Ingress.",
  ],
  [
    { className: 'traefik' },
    'traefik.ingress.kubernetes.io/router.tls',
    'yes',
    'router.tls is neither true nor false: yes. Traefik takes it for false.',
  ],
  [{ className: 'traefik' }, 'traefik.ingress.kubernetes.io/router.pathmatcher', 'Regex', null],
  [{ className: 'traefik' }, 'traefik.ingress.kubernetes.io/router.priority', '-1', null],
  [
    { className: 'haproxy' },
    'haproxy.org/ssl-redirect',
    'yes',
    `ssl-redirect is neither true nor false: yes. ${ofHaproxy} takes it for false.`,
  ],
  [{ className: 'haproxy' }, 'haproxy.org/ssl-redirect', 'off', null],
  [
    { className: 'haproxy' },
    'haproxy.org/allow-list',
    '10.0.0.0/8, office',
    `allow-list has office, which is no address. ${ofHaproxy} passes over it.`,
  ],
  [{ className: 'haproxy' }, 'haproxy.org/allow-list', 'patterns/office', null],
  [
    { className: 'kong' },
    'konghq.com/protocols',
    'https,h2',
    `protocols has h2, which is no protocol of Kong. ${ofKong} passes over it.`,
  ],
  [
    { className: 'kong' },
    'konghq.com/https-redirect-status-code',
    '303',
    `https-redirect-status-code is none of 301, 302, 307, 308 and 426: 303. ${ofKong} passes over it.`,
  ],
  [
    { className: 'alb' },
    'alb.ingress.kubernetes.io/group.order',
    'first',
    `group.order is no whole number: first. ${ofAws} then changes nothing of the load balancer, for others of its ` +
      'group neither.',
  ],
  [
    { className: 'alb' },
    'alb.ingress.kubernetes.io/target-type',
    'pod',
    `target-type is neither instance nor ip: pod. ${ofAws} then changes nothing of the load balancer, for others of ` +
      'its group neither.',
  ],
  [nginxInc, 'nginx.org/ssl-redirect', 'no', `ssl-redirect is neither true nor false: no. ${ofNginxInc}`],
  [nginxInc, 'nginx.org/ssl-redirect', 'False', null],
  [
    nginxInc,
    'nginx.org/path-regex',
    'true',
    `path-regex is none of case_sensitive, case_insensitive and exact: true. ${ofNginxInc}`,
  ],
])('at %o, %s: %s', (given, annotation, value, wanted) => {
  const found = foundIn(shop({ ...given, annotations: { [annotation]: value } }));
  const messages = found.filter(({ rule }) => rule === 'annotation-unread').map(({ message }) => message);
  expect(messages).toEqual(wanted === null ? [] : [wanted]);
});

test('NGINX (F5) serves nothing of an Ingress with a value that it refuses', () => {
  expect(reached({ ...nginxInc, annotations: { 'nginx.org/ssl-redirect': 'no' } })).toBe('404');
});
