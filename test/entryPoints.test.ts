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
