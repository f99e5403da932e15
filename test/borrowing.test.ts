import { expect, test } from 'vitest';
import { Workspace } from '../shared/insight/workspace.ts';

/** What files hold, by path; a line of it is an object: `Service web`, `Service web 80 app=web`. */
type Tree = Readonly<Record<string, readonly string[]>>;

const service = (name: string, port: number, selector: string, type = 'ClusterIP'): string =>
  `{apiVersion: v1, kind: Service, metadata: {name: ${name}}, ` +
  `spec: {type: ${type}, selector: {app: ${selector}}, ports: [{port: ${port}, targetPort: ${port}}]}}`;
const deployment = (name: string, port: number, labels = `app: ${name}`): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: ${name}}, spec: {template: ` +
  `{metadata: {labels: {${labels}}}, spec: {containers: [{name: c, ports: [{containerPort: ${port}}]}]}}}}`;
const gateway = (name: string, port = 80, namespace = 'infra'): string =>
  `{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: ${name}, namespace: ${namespace}}, ` +
  `spec: {gatewayClassName: eg, listeners: [{name: http, port: ${port}, protocol: HTTP}]}}`;
const route = (name: string, parent: string, backend: string, namespace = 'infra'): string =>
  `{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: ${name}, namespace: ${namespace}}, ` +
  `spec: {parentRefs: [{name: ${parent}, port: 80}], rules: [{backendRefs: [{name: ${backend}, port: 80}]}]}}`;
const inInfra = (object: string): string => object.replace('metadata: {', 'metadata: {namespace: infra, ');
const inShop = (object: string): string => object.replace('metadata: {', 'metadata: {namespace: shop, ');
const policy = (name: string, from: string): string =>
  `{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: ${name}, namespace: shop}, ` +
  `spec: {podSelector: {matchLabels: {app: ${name}}}, ` +
  `ingress: [{from: [{podSelector: {matchLabels: {app: ${from}}}}]}]}}`;
const ingress = (name: string, backend: string, port: number): string =>
  `{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: ${name}}, spec: {ingressClassName: nginx, ` +
  `rules: [{host: a.example, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: ${backend}, ` +
  `port: {number: ${port}}}}}]}}]}}`;

/** What is found, and what the lenses say: `a.yaml rule: message` and `a.yaml web: way`. */
function said(tree: Tree): string[] {
  const workspace = new Workspace(['/work']);
  for (const [path, objects] of Object.entries(tree)) workspace.put(`/work/${path}`, objects.join('\n---\n'));
  return Object.keys(tree).flatMap((path) => [
    ...workspace.findings(`/work/${path}`).map(({ rule, message }) => `${path} ${rule}: ${message}`),
    ...workspace.lenses(`/work/${path}`).map(({ name, way }) => `${path} ${name}: ${way}`),
  ]);
}

const cases: readonly (readonly [what: string, tree: Tree, said: readonly string[]])[] = [
  [
    'a variant that brings a Service alone keeps the pods of its siblings',
    {
      'all.yaml': [service('web', 80, 'web'), deployment('web', 80)],
      'nodeport.yaml': [service('web', 80, 'web', 'NodePort')],
    },
    ['all.yaml web: 1 hop from pod, no SNAT', 'nodeport.yaml web: 2 hops from client, SNAT applied'],
  ],
  [
    'a folder of policies takes the pods of its namespace, from whoever defines them alike',
    {
      'all.yaml': ['carts', 'orders', 'user', 'web'].map((name) => inShop(deployment(name, 80))),
      'apps/all.yaml': ['carts', 'orders', 'user', 'web'].map((name) => inShop(deployment(name, 80))),
      'policies/cart.yaml': [policy('cart', 'orders'), policy('user', 'web')],
    },
    [
      'policies/cart.yaml policy-selects-nothing: NetworkPolicy cart selects no pod, so it guards none. The nearest, ' +
        'Deployment carts, has app: carts instead of app: cart.',
      'policies/cart.yaml cart: isolates no pod',
      'policies/cart.yaml user: isolates 1 pod for ingress',
    ],
  ],
  [
    'what is wrong in one variant alone says in which',
    {
      'a.yaml': [deployment('web', 8080)],
      'b.yaml': [deployment('web', 9090)],
      'c.yaml': [deployment('web', 9090)],
      'service.yaml': [service('web', 9090, 'web')],
    },
    [
      'service.yaml target-port-not-offered: No selected pod declares TCP port 9090; they declare 8080. Unless ' +
        'something listens there all the same, connections to port 9090 of Service web are refused. ' +
        '(In the variant a.yaml.)',
      'service.yaml web: 1 hop from pod, no SNAT',
    ],
  ],
  [
    'what loses requests in one variant and none in another is told apart',
    {
      'a.yaml': [gateway('edge', 80)],
      'b.yaml': [gateway('edge', 8080)],
      'route.yaml': [route('r', 'edge', 'web'), inInfra(service('web', 81, 'web')), inInfra(deployment('web', 81))],
    },
    [
      'a.yaml edge: no way in: answered 500: no backend',
      'b.yaml edge: no route in these files stands behind it',
      'route.yaml route-backend-missing: Service web has no port 80; it has 81: the gateway answers 500 itself ' +
        '(BackendNotFound). (In the variant a.yaml.)',
      "route.yaml route-not-attached: HTTPRoute r isn't behind Gateway edge: Gateway edge has no listener on port " +
        '80; it has http (8080). (NoMatchingParent) (In the variant b.yaml.)',
      'route.yaml route-backend-missing: Service web has no port 80; it has 81: no gateway takes this route as it ' +
        'stands (BackendNotFound). (In the variant b.yaml.)',
      'route.yaml r: no way in: answered 500: no backend',
      'route.yaml web: 1 hop from pod, no SNAT',
    ],
  ],
  [
    'what is wrong in each variant is said once',
    {
      'a.yaml': [deployment('web', 80)],
      'b.yaml': [deployment('web', 80)],
      'service.yaml': [service('web', 9090, 'web')],
    },
    [
      'service.yaml target-port-not-offered: No selected pod declares TCP port 9090; they declare 80. Unless ' +
        'something listens there all the same, connections to port 9090 of Service web are refused.',
      'service.yaml web: 1 hop from pod, no SNAT',
    ],
  ],
  [
    'scenes never claim the same; each takes its own Service, and the pods of whoever has them',
    {
      ...Object.fromEntries(
        [1, 2, 3, 4].map((each) => [`${each}.yaml`, [ingress(`i${each}`, 'web', each), service('web', each, 'web')]]),
      ),
      'pods/web.yaml': [deployment('web', 1)],
    },
    [1, 2, 3, 4].flatMap((each) => [
      ...(each === 1
        ? []
        : [
            `${each}.yaml target-port-not-offered: No selected pod declares TCP port ${each}; they declare 1. Unless ` +
              `something listens there all the same, connections to port ${each} of Service web are refused.`,
          ]),
      `${each}.yaml i${each}: 3 hops from LB, SNAT applied`,
      `${each}.yaml web: 1 hop from pod, no SNAT`,
    ]),
  ],
  [
    'a Gateway beside the route, in its file or its folder, is asked before those of other folders',
    {
      'a/gateway.yaml': [gateway('edge', 80)],
      'a/route.yaml': [route('r', 'edge', 'web'), inInfra(service('web', 80, 'web')), inInfra(deployment('web', 80))],
      'b/gateway.yaml': [gateway('edge', 8080)],
      'b/route.yaml': [route('r', 'edge', 'web')],
    },
    [
      'a/gateway.yaml edge: 3 hops from LB, no SNAT',
      'a/route.yaml r: 3 hops from LB, no SNAT',
      'a/route.yaml web: 1 hop from pod, no SNAT',
      'b/gateway.yaml edge: no route in these files stands behind it',
      "b/route.yaml route-not-attached: HTTPRoute r isn't behind Gateway edge: Gateway edge has no listener on port " +
        '80; it has http (8080). (NoMatchingParent)',
      'b/route.yaml r: no way in: NoMatchingParent',
    ],
  ],
  [
    'a folder takes nothing from a variant of itself, and something far away only by its namespace',
    {
      'dev/app.yaml': [ingress('shop', 'web', 80), service('web', 80, 'web'), deployment('web', 80)],
      'prod/app.yaml': [ingress('shop', 'web', 80)],
      'x/y/z/gateway.yaml': [gateway('edge', 8080), gateway('edge', 8080, 'null')],
      'u/v/w/q/route.yaml': [route('r', 'edge', 'api'), route('r', 'edge', 'api', 'null')],
    },
    [
      'dev/app.yaml shop: 3 hops from LB, SNAT applied',
      'dev/app.yaml web: 1 hop from pod, no SNAT',
      'prod/app.yaml shop: unknown: Service web is not in these files',
      'x/y/z/gateway.yaml edge: no route in these files stands behind it',
      'x/y/z/gateway.yaml edge: no route in these files stands behind it',
      "u/v/w/q/route.yaml route-not-attached: HTTPRoute r isn't behind Gateway edge: Gateway edge has no listener on " +
        'port 80; it has http (8080). (NoMatchingParent)',
      'u/v/w/q/route.yaml r: no way in: NoMatchingParent',
      'u/v/w/q/route.yaml r: unknown: its Gateway is not in these files',
    ],
  ],
  [
    "a kustomization's patches are no manifests, wherever they lie",
    {
      'k/kustomization.yaml': [
        '{resources: [web.yaml], patches: [{path: patch.yaml}], patchesStrategicMerge: [../patches/more.yaml]}',
      ],
      'k/web.yaml': [service('web', 80, 'web'), deployment('web', 80)],
      'k/patch.yaml': [service('web', 8080, 'wbe')],
      'patches/more.yaml': [service('web', 8081, 'wbe'), deployment('web', 1)],
      'plain.yaml': [service('web', 80, 'web'), deployment('web', 80)],
    },
    ['k/web.yaml web: 1 hop from pod, no SNAT', 'plain.yaml web: 1 hop from pod, no SNAT'],
  ],
  [
    'a placeholder is an unknown value: said once a file, and nothing of what rests on it',
    {
      'app.yaml': [
        ingress("'${NAME}'", "'<service-name>'", 80),
        service('web', 80, '__APP__').replace('port: 80', 'port: PORT'),
        deployment('web', 80),
        ingress('shop', 'web', 80),
      ],
      'other.yaml': ['{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {a: "${B}"}}'],
    },
    [
      'app.yaml placeholder: ${NAME}, <service-name>, __APP__, 1 more are placeholders: these values are unknown, ' +
        "and what depends on them isn't judged.",
      'app.yaml ${NAME}: unknown: ${NAME} is a placeholder',
      'app.yaml web: unknown: __APP__ is a placeholder',
      'app.yaml shop: unknown: __APP__ is a placeholder of Service web',
    ],
  ],
  [
    'all that say no namespace are in one, which something else of the set may name',
    {
      'app.yaml': [
        inInfra(ingress('shop', 'web', 80)),
        service('web', 80, 'web'),
        inInfra(deployment('web', 80)),
        inInfra(service('other', 80, 'web')),
      ],
    },
    [
      'app.yaml shop: 3 hops from LB, SNAT applied',
      'app.yaml web: 1 hop from pod, no SNAT',
      'app.yaml other: 1 hop from pod, no SNAT',
    ],
  ],
  [
    'where several namespaces could be meant, nobody knows',
    {
      'app.yaml': [
        ingress('shop', 'web', 80),
        service('api', 80, 'api'),
        service('web', 80, 'web').replace('name: web', 'name: web, namespace: a'),
        service('web', 80, 'web').replace('name: web', 'name: web, namespace: b'),
      ],
    },
    [
      'app.yaml shop: unknown: nothing says which namespace Service web is in',
      'app.yaml api: unknown: no pod in these files matches the selector',
      'app.yaml web: unknown: no pod in these files matches the selector',
      'app.yaml web: unknown: no pod in these files matches the selector',
    ],
  ],
];

test.each(cases)('%s', (_, tree, expected) => {
  expect(said(tree)).toEqual(expected);
});
