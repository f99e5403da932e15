import type { SeededRandom } from '../seededRandom.ts';
import { backend, nearPath } from './randomIngresses.ts';
import type { TraefikQuestion, WrittenRequest } from './traefikQuestion.ts';

/** Random Gateways and HTTPRoutes, with the API server's defaults written out, and requests that just meet or miss. */
export function randomRoutes(random: SeededRandom): TraefikQuestion {
  const chance = (percent: number): boolean => random.below(100) < percent;
  const listeners = randomListeners(random, chance);
  const routes = Array.from({ length: 1 + random.below(3) }, (_, index) =>
    randomRoute(random, chance, index, listeners),
  );
  const rules = routes.flatMap(({ spec: { hostnames, rules: own } }) =>
    own.flatMap(({ matches }) => matches.map((match) => ({ host: random.pick(hostnames ?? [null]), match }))),
  );
  return {
    objects: [
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'GatewayClass',
        metadata: { name: 'traefik' },
        spec: { controllerName: 'traefik.io/gateway-controller' },
      },
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { name: 'gateway', namespace: 'default' },
        spec: { gatewayClassName: 'traefik', listeners },
      },
      ...routes,
      ...services.flatMap((name, index) => backend(name, index, name === 'empty' ? [] : [`10.244.1.${10 + index}`])),
      certificate,
    ],
    // A listener's port must be that of an entry point.
    args: [
      '--entryPoints.web.address=:80/tcp',
      '--entryPoints.websecure.address=:443/tcp',
      '--entryPoints.websecure.http.tls=true',
      '--providers.kubernetesgateway',
    ],
    requests: Array.from({ length: 16 }, () => nearMiss(random, chance, random.pick(rules))),
  };
}

type Chance = (percent: number) => boolean;

const services = ['s0', 's1', 's2', 's3', 'empty'];
const hostnames = ['a.example.com', 'b.example.com', 'x.a.example.com', '*.example.com', '*.a.example.com'];
const paths = ['/', '/foo', '/foo/', '/foo/bar', '/foobar', '/Foo', '/foo.bar', '/f%6Fo', '/api/v1'];
const expressions = ['/foo.*', '/api/v[0-9]+', '^/foo$', '/(foo|bar)/?$', '/b.r'];

interface WrittenListener {
  readonly name: string;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly hostname?: string;
  readonly tls?: object;
  readonly allowedRoutes: object;
}

interface WrittenMatch {
  readonly path: { readonly type: string; readonly value: string };
  readonly method?: string;
  readonly headers?: readonly { readonly type: string; readonly name: string; readonly value: string }[];
  readonly queryParams?: readonly { readonly type: string; readonly name: string; readonly value: string }[];
}

interface WrittenRoute {
  readonly spec: {
    readonly hostnames?: readonly string[];
    readonly rules: readonly { readonly matches: readonly WrittenMatch[] }[];
  };
}

function randomListeners(random: SeededRandom, chance: Chance): WrittenListener[] {
  const taken = new Set<string>();
  return Array.from({ length: 1 + random.below(3) }, (_, index): WrittenListener => {
    const isTls = chance(30);
    const hostname = chance(50) ? random.pick(hostnames) : undefined;
    return {
      name: `l${index}`,
      port: isTls ? 443 : 80,
      protocol: isTls ? 'HTTPS' : 'HTTP',
      ...(hostname === undefined ? {} : { hostname }),
      ...(isTls
        ? { tls: { mode: 'Terminate', certificateRefs: [{ group: '', kind: 'Secret', name: 'certificate' }] } }
        : {}),
      allowedRoutes: { namespaces: { from: 'Same' } },
    };
  }).filter(({ port, hostname }) => {
    const key = `${port} ${hostname ?? ''}`;
    return taken.has(key) ? false : taken.add(key) !== undefined;
  });
}

function randomRoute(
  random: SeededRandom,
  chance: Chance,
  index: number,
  listeners: readonly WrittenListener[],
): WrittenRoute {
  const names = chance(60)
    ? [...new Set(Array.from({ length: 1 + random.below(2) }, () => random.pick(hostnames)))]
    : undefined;
  const route = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: {
      name: `r${index}`,
      namespace: 'default',
      ...(chance(50) ? { creationTimestamp: `2026-01-0${1 + random.below(3)}T00:00:00Z` } : {}),
    },
    spec: {
      parentRefs: [
        {
          group: 'gateway.networking.k8s.io',
          kind: 'Gateway',
          name: 'gateway',
          ...(chance(30) ? { sectionName: random.pick(listeners).name } : {}),
        },
      ],
      ...(names === undefined ? {} : { hostnames: names }),
      rules: Array.from({ length: 1 + random.below(3) }, () => randomRule(random, chance)),
    },
  };
  return route;
}

function randomRule(random: SeededRandom, chance: Chance): { readonly matches: readonly WrittenMatch[] } {
  const matches = Array.from({ length: 1 + random.below(2) }, () => randomMatch(random, chance));
  const filters = randomFilters(
    random,
    chance,
    matches.every(({ path }) => path.type === 'PathPrefix'),
  );
  const isRedirect = filters.some((each) => 'requestRedirect' in each);
  const backendRefs = Array.from({ length: isRedirect || chance(5) ? 0 : 1 + random.below(2) }, () => ({
    group: '',
    kind: 'Service',
    name: chance(3) ? 'gone' : random.pick(services),
    port: chance(3) ? 81 : 80,
    weight: random.pick([0, 1, 1, 1, 2, 3]),
    ...(chance(6) ? { filters: [headerFilter(random)] } : {}),
  }));
  return {
    matches,
    ...(filters.length > 0 ? { filters } : {}),
    ...(backendRefs.length > 0 ? { backendRefs } : {}),
  };
}

function randomMatch(random: SeededRandom, chance: Chance): WrittenMatch {
  const type = random.pick(['PathPrefix', 'PathPrefix', 'PathPrefix', 'Exact', 'RegularExpression']);
  return {
    path: { type, value: random.pick(type === 'RegularExpression' ? expressions : paths) },
    ...(chance(20) ? { method: random.pick(['GET', 'POST']) } : {}),
    ...(chance(20)
      ? {
          headers: [
            chance(70)
              ? { type: 'Exact', name: 'X-Test-A', value: random.pick(['1', '2']) }
              : { type: 'RegularExpression', name: 'X-Test-B', value: random.pick(['^v[0-9]$', 'v']) },
          ],
        }
      : {}),
    ...(chance(15)
      ? {
          queryParams: [
            chance(70)
              ? { type: 'Exact', name: 'q', value: random.pick(['1', '2']) }
              : { type: 'RegularExpression', name: 'p', value: random.pick(['^v[0-9]$', 'v']) },
          ],
        }
      : {}),
  };
}

function headerFilter(random: SeededRandom): object {
  return {
    type: 'RequestHeaderModifier',
    requestHeaderModifier: random.pick<object>([
      { set: [{ name: 'X-Test-A', value: 'set' }] },
      { add: [{ name: 'x-test-a', value: 'added' }] },
      { remove: ['X-Test-A'] },
      { set: [{ name: 'X-Test-C', value: 'c' }], remove: ['x-test-b'] },
    ]),
  };
}

function randomFilters(random: SeededRandom, chance: Chance, arePrefixes: boolean): object[] {
  const modifier = (): object =>
    arePrefixes && chance(60)
      ? { type: 'ReplacePrefixMatch', replacePrefixMatch: random.pick(['/', '/new', '/new/', '']) }
      : { type: 'ReplaceFullPath', replaceFullPath: random.pick(['/', '/full', '/full/']) };
  if (chance(14))
    return [
      {
        type: 'RequestRedirect',
        requestRedirect: {
          ...(chance(40) ? { scheme: random.pick(['http', 'https']) } : {}),
          ...(chance(40) ? { hostname: 'new.example.com' } : {}),
          ...(chance(30) ? { port: random.pick([80, 443, 8080]) } : {}),
          ...(chance(40) ? { path: modifier() } : {}),
          statusCode: random.pick([301, 302]),
        },
      },
    ];
  const rewrite = chance(50) ? { hostname: 'inner.example.com' } : {};
  return [
    ...(chance(14)
      ? [
          {
            type: 'URLRewrite',
            urlRewrite: Object.keys(rewrite).length === 0 || chance(60) ? { ...rewrite, path: modifier() } : rewrite,
          },
        ]
      : []),
    ...(chance(12) ? [headerFilter(random)] : []),
    ...(chance(4)
      ? [
          {
            type: 'RequestMirror',
            requestMirror: { backendRef: { group: '', kind: 'Service', name: random.pick(services), port: 80 } },
          },
        ]
      : []),
  ];
}

function nearMiss(
  random: SeededRandom,
  chance: Chance,
  { host, match }: { readonly host: string | null; readonly match: WrittenMatch },
): WrittenRequest {
  const name = (host ?? random.pick(['a.example.com', 'c.example.com', 'other.test'])).replace(
    '*',
    random.pick(['x', 'a', 'y.x']),
  );
  const near = chance(75)
    ? name
    : random.pick([`x.${name}`, name.replace(/^[^.]+\./, ''), name.toUpperCase(), `${name}.`, 'other.test']);
  const [header] = match.headers ?? [];
  const [query] = match.queryParams ?? [];
  const valueOf = (asked: { readonly type: string; readonly value: string }): string =>
    chance(70) ? (asked.type === 'Exact' ? asked.value : 'v1') : random.pick(['1', '2', 'xv1', '']);
  const search = query !== undefined && chance(85) ? `?${query.name}=${valueOf(query)}` : chance(8) ? '?q=1&q=2' : '';
  return {
    url: `${chance(70) ? 'http' : 'https'}://${near}${nearPath(random, chance, match.path.value)}${search}`,
    method: chance(80) ? (match.method ?? 'GET') : random.pick(['GET', 'POST', 'HEAD']),
    headers:
      header !== undefined && chance(85)
        ? { [header.name.toLowerCase()]: valueOf(header) }
        : chance(8)
          ? { 'x-test-a': '1' }
          : {},
  };
}

/** The judge puts a pair of its own in its place: TLS itself is not what is asked about. */
const certificate = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'certificate', namespace: 'default' },
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': 'Li4u', 'tls.key': 'Li4u' },
};
