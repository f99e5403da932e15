import { expect, test } from 'vitest';
import { cluster, foundIn } from './scene.ts';

const rules = new Set(['same-path-twice', 'same-match-twice', 'ingress-nginx-refuses']);

/** What is said of two that ask for the same, and of which. */
function said(yaml: string): string {
  return foundIn(cluster(yaml))
    .filter(({ rule }) => rules.has(rule))
    .map(({ at, message }) => `${at.object.split(/\s+|\//).at(-1)}: ${message}`)
    .join('\n');
}

const ingress = (name: string, className: string, backend: string): string => `---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ${name} }
spec:
  ingressClassName: ${className}
  rules:
    - host: shop.test
      http:
        paths: [{ path: /cart, pathType: Prefix, backend: { service: { name: ${backend}, port: { number: 80 } } } }]
`;

const ofIngress = 'shop.test/cart is claimed twice: here for Service';

test.each([
  // Its webhook doesn't let the second in, so nothing is said of who gets what.
  ['nginx', "younger: ingress-nginx's webhook refuses this Ingress: Ingress elder has shop.test, path /cart already."],
  // The first by name has it.
  ['haproxy', `younger: ${ofIngress} two, and by Ingress elder for Service one, which gets the requests.`],
  ['traefik', `younger: ${ofIngress} two, and by Ingress elder. Which of them gets the requests is by chance.`],
  ['unheard-of', `younger: ${ofIngress} two, and by Ingress elder. Only one of them gets the requests.`],
])('two Ingresses of class %s that claim one path', (className, wanted) => {
  expect(said(ingress('elder', className, 'one') + ingress('younger', className, 'two'))).toBe(wanted);
});

const route = (name: string, more = ''): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: ${name}${more} }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [shop.test]
  rules: [{ matches: [{ path: { type: PathPrefix, value: /cart } }], backendRefs: [{ name: ${name}, port: 80 }] }]
`;

const gateway = (className: string): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: ${className}, listeners: [{ name: http, port: 80, protocol: HTTP }] }
`;

const ofRoute = 'shop.test/cart is asked for twice: here, and by HTTPRoute';
const aged = (year: number): string => `, creationTimestamp: "${year}-01-01T00:00:00Z"`;

test.each([
  ['eg', '', '', `b: ${ofRoute} a; the older of the two routes gets the requests.`],
  ['eg', aged(2025), aged(2024), `a: ${ofRoute} b, which is older and gets the requests.`],
  ['traefik', '', '', `b: ${ofRoute} a; which of them gets the requests is by chance.`],
  ['traefik', aged(2025), aged(2024), `a: ${ofRoute} b; which of them gets the requests is by chance.`],
])('two routes behind a Gateway of class %s that ask for the same (%s, %s)', (className, a, b, wanted) => {
  expect(said(gateway(className) + route('a', a) + route('b', b))).toBe(wanted);
});

test('nobody loses by which of two rules it is that do the same', () => {
  const rules = 'rules: [{ backendRefs: [{ name: web, port: 80 }] }]';
  const same = ['a', 'b'].map((name) => route(name).replace(/rules: .*/, rules));
  const found = foundIn(cluster(gateway('eg') + same.join(''))).filter(({ rule }) => rule === 'same-match-twice');
  expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual([
    'info: shop.test/ is asked for twice: here, and by HTTPRoute a; the older of the two routes gets the requests. ' +
      'Both do the same with them.',
  ]);
});

test('a match of a route with two hostnames that come to one is asked for once', () => {
  const query = 'queryParams: [{ type: RegularExpression, name: q, value: "[" }]';
  const expression = `{ path: { type: PathPrefix, value: /cart }, ${query} }`;
  const twoHostnames = route('a')
    .replace('hostnames: [shop.test]', 'hostnames: [shop.test, "*.test"]')
    .replace('{ path: { type: PathPrefix, value: /cart } }', expression);
  expect(said(gateway('istio').replace('port: 80,', 'port: 80, hostname: shop.test,') + twoHostnames)).toBe('');
});
