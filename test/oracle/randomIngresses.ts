import type { SeededRandom } from '../seededRandom.ts';
import type { GatewayObject } from './randomGateways.ts';
import type { TraefikQuestion, WrittenRequest } from './traefikQuestion.ts';

/** Random Ingresses as Traefik reads them, and requests that just meet or just miss their rules. */
export function randomIngresses(random: SeededRandom): TraefikQuestion {
  const chance = (percent: number): boolean => random.below(100) < percent;
  const ingresses = Array.from({ length: 1 + random.below(3) }, (_, index) => randomIngress(random, index, ofTraefik));
  return {
    objects: [ingressClass('traefik', 'traefik.io/ingress-controller'), ...ingresses, ...backends(random, chance)],
    args: randomArgs(chance),
    requests: Array.from({ length: 16 }, () => nearMiss(random, chance, writtenRules(ingresses))),
  };
}

/** The same as Contour reads them. */
export function randomIngressesOfContour(random: SeededRandom): IngressSet {
  const chance = (percent: number): boolean => random.below(100) < percent;
  const ingresses = Array.from({ length: 1 + random.below(3) }, (_, index) => randomIngress(random, index, ofContour));
  return {
    objects: [
      ingressClass('contour', 'projectcontour.io/ingress-controller'),
      certificate,
      ...ingresses,
      ...services.flatMap((name, index) => backend(name, index, [`10.244.1.${10 + index}`])),
      ...backend('empty', services.length, []),
    ],
    requests: Array.from({ length: 16 }, () => nearMiss(random, chance, writtenRules(ingresses))),
  };
}

export interface IngressSet {
  readonly objects: readonly GatewayObject[];
  readonly requests: readonly WrittenRequest[];
}

/** What a controller's Ingresses hold of their own. */
interface OfController {
  readonly className: string;
  readonly annotations: (random: SeededRandom, chance: Chance) => Readonly<Record<string, string>>;
  /** Of a hundred Ingresses, how many have `tls`. */
  readonly tlsPercent: number;
  /** The hosts and the Secret of its entry. */
  readonly tls: (random: SeededRandom, ruled: readonly string[]) => { readonly hosts: readonly string[] };
}

const ofTraefik: OfController = {
  className: 'traefik',
  annotations: annotationsOfTraefik,
  tlsPercent: 20,
  tls: (random) => ({ hosts: [random.pick(hosts) ?? 'a.example.com'] }),
};

const ofContour: OfController = {
  className: 'contour',
  annotations: (random, chance) => ({
    ...(chance(25)
      ? { 'ingress.kubernetes.io/force-ssl-redirect': random.pick(['true', 'true', 'false', 'yes']) }
      : {}),
    ...(chance(15) ? { 'kubernetes.io/ingress.allow-http': random.pick(['false', 'false', 'true', 'no']) } : {}),
    ...(chance(15) ? { 'projectcontour.io/response-timeout': random.pick(['10s', 'infinity', 'soon']) } : {}),
    ...(chance(5) ? { 'projectcontour.io/websocket-routes': '/foo, /' } : {}),
    ...(chance(5) ? { 'projectcontour.io/tls-minimum-protocol-version': random.pick(['1.3', '1.1']) } : {}),
  }),
  tlsPercent: 60,
  tls: (random, ruled) => ({
    hosts: [
      ...new Set([
        random.pick([...ruled, ...ruled, 'a.example.com', '*.example.com']),
        random.pick(ruled.length > 0 ? ruled : ['b.example.com']),
      ]),
    ],
    // A Secret that the set doesn't hold is taken to be there: none such is asked.
    ...random.pick([...Array.from({ length: 8 }, () => ({ secretName: 'certificate' })), {}]),
  }),
};

/** A judge puts a pair of its own in its place: TLS itself is not what is asked about. */
const certificate = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'certificate', namespace: 'default' },
  type: 'kubernetes.io/tls',
  data: { 'tls.crt': 'Li4u', 'tls.key': 'Li4u' },
};

type Chance = (percent: number) => boolean;

const hosts = [
  null,
  'a.example.com',
  'a.example.com',
  'b.example.com',
  'x.a.example.com',
  'example.com',
  '*.example.com',
  '*.example.com',
  '*.a.example.com',
];
const paths = [
  '/',
  '/',
  '/foo',
  '/foo',
  '/foo/',
  '/foo/bar',
  '/foo/bar/',
  '/foobar',
  '/Foo',
  '/foo.bar',
  '/foo bar',
  '/foo%20bar',
  '/f%6Fo',
  '/foo-bar_~',
  '/caf\u{e9}',
  '/api/v1',
];
const expressions = ['/foo.*', '/api/v[0-9]+', '/(foo|bar)/?$', '/foo(', '/b.r', '/foo$', ''];
const services = ['s0', 's1', 's2', 's3'];

function ingressClass(name: string, controller: string): GatewayObject {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'IngressClass', metadata: { name }, spec: { controller } };
}

interface WrittenRule {
  readonly host?: string;
  readonly http?: { readonly paths: readonly { readonly path?: string }[] };
}

interface WrittenIngress extends GatewayObject {
  readonly spec: { readonly ingressClassName: string; readonly rules?: readonly WrittenRule[] };
}

function randomIngress(
  random: SeededRandom,
  index: number,
  { className, annotations: ownAnnotations, tlsPercent, tls: tlsOf }: OfController,
): WrittenIngress {
  const chance = (percent: number): boolean => random.below(100) < percent;
  const backend = (): object => {
    const name = chance(4) ? 'gone' : chance(5) ? 'empty' : random.pick(services);
    return { service: { name, port: chance(20) ? { name: 'http' } : { number: chance(4) ? 81 : 80 } } };
  };
  const rule = (): WrittenRule => {
    const host = random.pick(hosts);
    if (chance(4)) return host === null ? {} : { host };
    return {
      ...(host === null ? {} : { host }),
      http: {
        paths: Array.from({ length: 1 + random.below(3) }, () => {
          const pathType = random.pick(['Exact', 'Prefix', 'Prefix', 'ImplementationSpecific']);
          const path =
            pathType === 'ImplementationSpecific' && chance(50) ? random.pick(expressions) : random.pick(paths);
          return { ...(path === '' ? {} : { path }), pathType, backend: backend() };
        }),
      },
    };
  };
  const hasRules = !chance(8);
  const annotations = ownAnnotations(random, chance);
  const rules = hasRules ? Array.from({ length: 1 + random.below(2) }, rule) : [];
  const tls = tlsOf(
    random,
    rules.map(({ host }) => host ?? 'a.example.com'),
  );
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: random.pick([`i${index}`, `i${index}-longer`]),
      namespace: 'default',
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      ingressClassName: className,
      ...(chance(20) || !hasRules ? { defaultBackend: backend() } : {}),
      ...(chance(tlsPercent) ? { tls: [tls] } : {}),
      ...(rules.length > 0 ? { rules } : {}),
    },
  };
}

function annotationsOfTraefik(random: SeededRandom, chance: Chance): Readonly<Record<string, string>> {
  return {
    ...(chance(15) ? { [`${own}router.pathmatcher`]: random.pick(['Path', 'PathRegexp', 'PathPrefix', 'Other']) } : {}),
    ...(chance(15) ? { [`${own}router.priority`]: random.pick(['1', '20', '100', '-5', '0', 'high']) } : {}),
    ...(chance(12) ? { [`${own}router.tls`]: random.pick(['true', 'true', 'false', 'yes']) } : {}),
    ...(chance(12)
      ? { [`${own}router.entrypoints`]: random.pick(['web', 'websecure', 'web,websecure', 'web, websecure', 'other']) }
      : {}),
    ...(chance(3) ? { [`${own}router.tls.certresolver`]: 'resolver' } : {}),
    ...(chance(2) ? { [`${own}router.other`]: 'what' } : {}),
    ...(chance(2) ? { [`${own}service.other`]: 'what' } : {}),
  };
}

const own = 'traefik.ingress.kubernetes.io/';

/** Services without a selector and their slices, so that both sides read the same addresses. */
function backends(random: SeededRandom, chance: Chance): object[] {
  return [...services, 'empty'].flatMap((name, index) => {
    const annotations = {
      ...(chance(5) ? { [`${own}service.passhostheader`]: random.pick(['false', 'true']) } : {}),
      ...(chance(4) ? { [`${own}service.nativelb`]: random.pick(['false', 'true']) } : {}),
    };
    return backend(name, index, name === 'empty' ? [] : [`10.244.1.${10 + index}`], annotations);
  });
}

export function backend(
  name: string,
  index: number,
  addresses: readonly string[],
  annotations: Readonly<Record<string, string>> = {},
): GatewayObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name,
        namespace: 'default',
        ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      },
      spec: {
        clusterIP: `10.96.1.${10 + index}`,
        clusterIPs: [`10.96.1.${10 + index}`],
        ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
      },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-1`, namespace: 'default', labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: addresses.map((address) => ({
        addresses: [address],
        conditions: { ready: true, serving: true, terminating: false },
      })),
    },
  ];
}

/** The chart's, and what its users are told to set. */
function randomArgs(chance: Chance): string[] {
  return [
    '--entryPoints.web.address=:8000/tcp',
    '--entryPoints.websecure.address=:8443/tcp',
    ...(chance(92) ? ['--entryPoints.websecure.http.tls=true'] : []),
    ...(chance(6) ? [`--entryPoints.${chance(50) ? 'web' : 'websecure'}.asDefault=true`] : []),
    ...(chance(6)
      ? ['--entryPoints.web.http.sanitizePath=false', '--entryPoints.websecure.http.sanitizePath=false']
      : []),
    '--providers.kubernetesingress',
    ...(chance(90) ? ['--providers.kubernetesingress.allowEmptyServices=true'] : []),
    ...(chance(25) ? ['--providers.kubernetesingress.strictPrefixMatching=true'] : []),
    ...(chance(6)
      ? [
          `--entryPoints.web.http.redirections.entryPoint.to=${chance(50) ? 'websecure' : ':443'}`,
          ...(chance(50) ? ['--entryPoints.web.http.redirections.entryPoint.scheme=https'] : []),
          ...(chance(30) ? ['--entryPoints.web.http.redirections.entryPoint.permanent=false'] : []),
        ]
      : []),
  ];
}

interface Rule {
  readonly host: string | null;
  readonly path: string;
}

function writtenRules(ingresses: readonly WrittenIngress[]): Rule[] {
  return ingresses.flatMap(({ spec }) =>
    (spec.rules ?? []).flatMap(({ host, http }) =>
      (http?.paths ?? []).map(({ path }) => ({ host: host ?? null, path: path ?? '/' })),
    ),
  );
}

function nearMiss(random: SeededRandom, chance: Chance, rules: readonly Rule[]): WrittenRequest {
  const { host, path } = rules.length > 0 && chance(90) ? random.pick(rules) : { host: null, path: '/' };
  const scheme = chance(65) ? 'http' : 'https';
  return {
    url: `${scheme}://${nearHost(random, chance, host)}${nearPath(random, chance, path)}${chance(10) ? '?q=1' : ''}`,
    method: chance(90) ? 'GET' : 'POST',
    headers: {},
  };
}

function nearHost(random: SeededRandom, chance: Chance, host: string | null): string {
  const name = (host ?? random.pick(['a.example.com', 'other.test'])).replace('*', random.pick(['x', 'a', 'b', 'y.x']));
  if (chance(70)) return name;
  return random.pick([
    `x.${name}`,
    name.replace(/^[^.]+\./, ''),
    `x${name}`,
    name.toUpperCase(),
    `${name}.`,
    'a.example.com',
    'other.test',
  ]);
}

export function nearPath(random: SeededRandom, chance: Chance, path: string): string {
  const plain =
    path
      .replaceAll('[0-9]+', '1')
      .replaceAll('foo|bar', 'bar')
      .replaceAll(/[[\](){}|^$*+?\\]/g, '')
      .replaceAll(' ', '%20') || '/';
  const start = plain.startsWith('/') ? plain : `/${plain}`;
  if (chance(35)) return start;
  const at = random.below(start.length) + 1;
  return random.pick([
    `${start}/`,
    `${start}x`,
    `${start}/x`,
    `${start.replace(/\/$/, '')}/x`,
    start.replace(/\/$/, '') || '/',
    start.slice(0, -1) || '/',
    start.toUpperCase(),
    `/${start}`,
    `/.${start}`,
    `/x/..${start}`,
    `${start}/..`,
    `${start}/../x`,
    `${start}/.`,
    `${start.slice(0, at)}/${start.slice(at)}`,
    start.replace(/(?!^)\//, '%2F'),
    start.replace(/(?!^)\//, '%2f'),
    start.replace(/o/, '%6F'),
    start.replace(/o/, '%6f'),
    start.replace(/\./, '%2E'),
    `${start}%20x`,
    `${start};x`,
    `${start}%3Bx`,
    `${start}%`,
    `${start}%C3%A9`,
    `${start}%00`,
    `${start}"`,
    '/v1',
    '/api/v2',
    '/bar',
  ]);
}
