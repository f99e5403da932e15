import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Workspace } from '../shared/insight/workspace.ts';

/** The entry points of some files as lines: the set, then each way in. */
function entryPoints(files: Readonly<Record<string, string>>): string {
  const workspace = new Workspace(['file:///w']);
  for (const [name, text] of Object.entries(files)) workspace.put(`file:///w/${name}`, text);
  const sets = workspace.watchEntrySets(() => undefined).get();
  return sets
    .flatMap(({ root, place }) => {
      const keys = workspace.watchEntryObjects(root, () => undefined).get();
      const points = [...keys, null].flatMap((key) => workspace.watchEntryPoints(root, key, () => undefined).get());
      return [
        place.slice('file:///'.length),
        ...points.map(
          ({ outcome, name, way, notes, ask, site }) =>
            `  ${outcome} ${name} | ${[way, ...notes].join(' | ')} | ${ask?.target.text ?? '-'} ` +
            `(${site === null ? '-' : `${site.uri.slice('file:///w/'.length)}:${site.range.start.line + 1}`})`,
        ),
      ];
    })
    .join('\n');
}

function example(name: string): Record<string, string> {
  const folder = join(import.meta.dirname, '..', 'examples', name);
  return Object.fromEntries(
    globSync('*.yaml', { cwd: folder })
      .toSorted()
      .map((file) => [`${name}/${file}`, readFileSync(join(folder, file), 'utf8')]),
  );
}

test('hosts and paths of an Ingress, and the load balancer by hand that leads to it', () => {
  expect(entryPoints(example('A1-load-balancer-by-hand'))).toMatchInlineSnapshot(`
    "w
      arrives app.example.com/ | 3 hops from LB, SNAT applied | → app:80 | http://app.example.com/ (A1-load-balancer-by-hand/app.yaml:31)
      arrives nginx :32000 | 2 hops from client, SNAT applied | → 1 pod | svc/nginx (A1-load-balancer-by-hand/controller.yaml:19)
      arrives edge :80 | 2 hops from LB, SNAT applied | 203.0.113.3:80 (A1-load-balancer-by-hand/hoplens.yaml:7)"
  `);
});

test('listeners with the routes behind them', () => {
  expect(entryPoints(example('E1-gateway'))).toMatchInlineSnapshot(`
    "w
      arrives http://*/ | redirects | ~ 3 nodes assumed | ~ gateway assumed | http://192.0.2.231/ (E1-gateway/shop.yaml:27)
      arrives https://shop.example.com/cart | 3 hops from LB, no SNAT | → cart:80, cart-next:80 | ~ 3 nodes assumed | ~ gateway assumed | https://shop.example.com/cart (E1-gateway/shop.yaml:36)"
  `);
});

test('each by itself: one path arrives, the other leads nowhere; what is asked from inside is no way in', () => {
  expect(
    entryPoints({
      'shop/all.yaml': `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  rules:
    - host: "*.example.com"
      http:
        paths:
          - { path: /cart, pathType: Prefix, backend: { service: { name: cart, port: { number: 80 } } } }
          - { path: /pay, pathType: Prefix, backend: { service: { name: pay, port: { number: 80 } } } }
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: cart, labels: { app: cart } }
spec: { containers: [{ name: cart, image: cart }] }
`,
      'shop/web.yaml': `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  selector: { app: cart }
  ports: [{ name: a, port: 80, nodePort: 30080 }, { name: b, port: 81 }]
`,
      'other/route.yaml': `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: loose }
spec:
  hostnames: [loose.example.com]
  parentRefs: [{ name: nowhere }]
  rules: [{ backendRefs: [{ name: x, port: 80 }] }]
`,
    }),
  ).toMatchInlineSnapshot(`
    "w
      unknown loose.example.com | unknown: its Gateway is not in these files | - (other/route.yaml:7)
      arrives *.example.com/cart | 3 hops from LB, SNAT applied | → cart:80 | ~ 3 nodes assumed | ~ controller assumed | http://any.example.com/cart (shop/all.yaml:10)
      unknown *.example.com/pay | unknown: Service pay is not in these files | → pay:80 | ~ 3 nodes assumed | ~ controller assumed | http://any.example.com/pay (shop/all.yaml:11)
      arrives web :30080 :30557 | 2 hops from client, SNAT applied | → 1 pod | ~ 3 nodes assumed | svc/web (shop/web.yaml:6)"
  `);
});

const web = `
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { containers: [{ name: web, image: web }] }
`;
const toWeb = '{ service: { name: web, port: { number: 80 } } }';

test.each([
  [
    "an Ingress's default backend beside its rules: what no rule takes",
    `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  ingressClassName: nginx
  defaultBackend: ${toWeb}
  rules:
    - { host: shop.example.com, http: { paths: [{ path: /cart, pathType: Prefix, backend: ${toWeb} }] } }`,
    ['arrives shop.example.com/cart http://shop.example.com/cart', 'arrives anything else http://shop.example.com/'],
  ],
  [
    'a host without paths comes to the default backend',
    `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec: { ingressClassName: nginx, defaultBackend: ${toWeb}, rules: [{ host: bare.example.com }] }`,
    ['arrives bare.example.com/ http://bare.example.com/'],
  ],
  [
    'all hosts of a route',
    `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: gw }
spec: { gatewayClassName: eg, listeners: [{ name: http, port: 80, protocol: HTTP, hostname: "*.example.com" }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec:
  hostnames: [a.example.com, b.example.com, elsewhere.org]
  parentRefs: [{ name: gw }]
  rules: [{ backendRefs: [{ name: web, port: 80 }] }]`,
    ['arrives http://a.example.com/ http://a.example.com/', 'arrives http://b.example.com/ http://b.example.com/'],
  ],
  [
    'a route for a Service is no way in',
    `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec: { parentRefs: [{ group: "", kind: Service, name: web }], rules: [{ backendRefs: [{ name: web, port: 80 }] }] }`,
    [],
  ],
  [
    'a port of UDP',
    `
apiVersion: v1
kind: Service
metadata: { name: dns }
spec:
  type: LoadBalancer
  selector: { app: web }
  ports: [{ name: u, port: 53, protocol: UDP }, { name: t, port: 53 }]`,
    ['arrives dns :53/UDP :53 svc/dns'],
  ],
])('%s', (_, yaml, wanted) => {
  const found = entryPoints({ 'all.yaml': yaml + web })
    .split('\n')
    .slice(1);
  expect(
    found.map((line) =>
      line
        .trim()
        .replace(/ \|.*\| /, ' ')
        .replace(/ \([^)]*\)$/, ''),
    ),
  ).toEqual(wanted);
});

test('a redirect is no loss, and is called one', () => {
  const ingress = `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, annotations: { nginx.ingress.kubernetes.io/force-ssl-redirect: "true" } }
spec: { ingressClassName: nginx, rules: [{ host: a.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: ${toWeb} }] } }] }`;
  expect(entryPoints({ 'all.yaml': ingress + web })).toContain('arrives a.example.com/ | redirects | → web:80');
});
