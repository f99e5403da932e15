import { written } from '../../cluster/because.ts';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { textAt } from '../../manifest/value.ts';
import { goBoolean } from '../goText.ts';
import type { PathMatch } from '../match.ts';
import type { LocationTemplate } from '../routing/location.ts';
import { anything, tableOf, type TableRoute } from '../routing/routeTable.ts';
import {
  annotated,
  answer,
  becauseOf,
  forwardTo,
  hostMatchOf,
  hostOrder,
  routeOf,
  ruledHosts,
  type RuleOfIngress,
} from './compiled.ts';
import type { ControllerSettings } from './controllerSettings.ts';
import { readByNginx } from './nginxPath.ts';
import { dialect } from './standard.ts';
import { noBoolean, noneOf, type UnreadValue } from './unreadValue.ts';

/**
 * NGINX Inc's (F5's) NGINX Ingress Controller 5.5. A host belongs to the oldest Ingress that names it: others lose it,
 * unless they are minions of one master. It is a server of nginx, and its paths are locations as they stand: letter by
 * letter, or expressions where `nginx.org/path-regex` asks. It listens for HTTPS only where its own Ingress has TLS for
 * the very host.
 * Sources: nginx/kubernetes-ingress v5.5.4 internal/k8s/configuration.go, internal/k8s/validation.go,
 * internal/configs/ingress.go, internal/configs/annotations.go, internal/configs/version1/template_helper.go and
 * nginx.ingress.tmpl, with their tests. Left out: VirtualServers, which contend for hosts too, policies, rewrites,
 * credentials, ports that an Ingress names, Services of gRPC alone.
 */
export const nginxInc = dialect({
  id: 'nginx-ingress',
  product: 'NGINX Ingress Controller (F5)',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)nginx\/nginx-(?:plus-)?ingress[:@]/,
    className: 'nginx',
    controllerName: 'nginx.org/ingress-controller',
  },
  annotations: {
    prefixes: ['nginx.org/', 'nginx.com/'],
    modelled: [
      'path-regex',
      'redirect-to-https',
      'ssl-redirect',
      'http-redirect-code',
      'app-root',
      'use-cluster-ip',
      'mergeable-ingress-type',
    ].map((name) => `nginx.org/${name}`),
    harmless: new RegExp(
      [
        'timeout',
        'buffer',
        'max-body-size',
        'keepalive',
        'hsts',
        'proxy-hide-headers',
        'proxy-pass-headers',
        'lb-method',
        'max-fails',
        'max-conns',
        'listen-ports',
        'ssl-services',
        'websocket-services',
        'grpc-services',
      ].join('|'),
    ),
  },
  unread: unreadValues,
  viaClusterAddress: ({ manifest: { annotations } }) => isTrue(annotations.get('nginx.org/use-cluster-ip')),
  compile(ingresses, { settings }) {
    const servers = serversOf(ingresses, settings);
    const named = servers.map(({ host }) => host).filter((host) => host !== '');
    return tableOf(
      servers.flatMap((server) => routesOf(server, named, settings)),
      readByNginx,
    );
  },
  remark:
    'Ingresses of one host are not merged: the oldest has it, others are rejected, unless they are `master` and ' +
    '`minion`. `Prefix` goes letter by letter, expressions in the order in which they are written. An Ingress ' +
    'without rules, or a rule without a host, is rejected; a `defaultBackend` counts for its own hosts. Where TLS ' +
    "names the host, plain HTTP is redirected (301); elsewhere HTTPS isn't served.",
  sources: [
    'nginx/kubernetes-ingress internal/k8s/{configuration,validation}.go, ' +
      'internal/configs/{ingress,annotations}.go, internal/configs/version1 (5.5.4)',
    'docs.nginx.com/nginx-ingress-controller/configuration/host-and-listener-collisions',
  ],
});

/** What nginx is given for one host. */
interface Server {
  readonly host: string;
  /** Who says what counts for the whole of it: the master, where there are minions. */
  readonly owner: Ingress;
  readonly locations: readonly RuleOfIngress[];
}

/** Source: configuration.go `buildHostsAndResources`. */
function serversOf(ingresses: readonly Ingress[], settings: ControllerSettings): Server[] {
  const takesAnyHost = ['', 'true'].includes(settings.argument('allow-empty-ingress-host') ?? 'false');
  const valid = ingresses.filter((each) => isValid(each, takesAnyHost)).toSorted(winnerFirst);
  const owners = new Map<string, Ingress>();
  for (const ingress of valid)
    if (typeOf(ingress) !== 'minion')
      for (const host of ruledHosts(ingress)) if (!owners.has(host)) owners.set(host, ingress);
  return [...owners]
    .toSorted(([a], [b]) => hostOrder(a, b))
    .map(([host, owner]) => ({
      host,
      owner,
      locations:
        typeOf(owner) === 'master'
          ? locationsOfMinions(valid, host)
          : owner.rules.filter((rule) => hostOf(rule) === host).map((rule) => ({ ingress: owner, rule })),
    }));
}

/** Of a path that several minions have, the oldest's. Source: configuration.go `buildMinionConfigs`. */
function locationsOfMinions(valid: readonly Ingress[], host: string): RuleOfIngress[] {
  const minions = valid.filter((each) => typeOf(each) === 'minion' && ruledHosts(each)[0] === host);
  const holders = new Map<string, Ingress>();
  for (const ingress of minions)
    for (const { path } of ingress.rules) if (!holders.has(path)) holders.set(path, ingress);
  return minions
    .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    .flatMap((ingress) => ingress.rules.map((rule) => ({ ingress, rule })))
    .filter(({ ingress, rule }) => holders.get(rule.path) === ingress);
}

/** The older, else the greater UID. Source: configuration.go `chooseObjectMetaWinner`. */
function winnerFirst(a: Ingress, b: Ingress): number {
  const uid = ({ manifest: { value } }: Ingress): string => textAt(value, 'metadata', 'uid') ?? '';
  const byAge = (a.createdAt ?? '').localeCompare(b.createdAt ?? '');
  return byAge !== 0 ? byAge : uid(a) === uid(b) ? 0 : uid(a) > uid(b) ? -1 : 1;
}

/** Source: validation.go `validateIngress`: annotations and spec. */
function isValid(ingress: Ingress, takesAnyHost: boolean): boolean {
  const hosts = ruledHosts(ingress);
  const type = typeOf(ingress);
  return (
    hosts.length > 0 &&
    new Set(hosts).size === hosts.length &&
    (takesAnyHost || !hosts.includes('')) &&
    unreadValues(ingress).length === 0 &&
    (type === null || hosts.length === 1) &&
    (type !== 'master' || ingress.rules.length === 0) &&
    (type !== 'minion' || (ingress.rules.length > 0 && !ingress.hasTls))
  );
}

/** For any of them the Ingress is rejected. Source: validation.go `annotationValidations`; strconv.ParseBool. */
function unreadValues({ manifest: { annotations } }: Ingress): UnreadValue[] {
  return [...checks].flatMap(([name, whatOf]) => {
    const value = annotations.get(name);
    const what = value === undefined ? null : whatOf(name.replace('nginx.org/', ''), value);
    return what === null ? [] : [{ name, what, effect: 'ingress-ignored' as const }];
  });
}

/** What is wrong with a value; null where nothing is. */
type Check = (short: string, value: string) => string | null;

const boolean: Check = (short, value) => (goBoolean(value) === null ? noBoolean(short, value) : null);
const oneOf =
  (...known: readonly string[]): Check =>
  (short, value) =>
    known.includes(value) ? null : noneOf(short, known, value);

const oldSslRedirect = 'ingress.kubernetes.io/ssl-redirect';

const checks: ReadonlyMap<string, Check> = new Map([
  ['nginx.org/path-regex', oneOf('case_sensitive', 'case_insensitive', 'exact')],
  ['nginx.org/mergeable-ingress-type', oneOf('master', 'minion')],
  ['nginx.org/http-redirect-code', oneOf('301', '302', '307', '308')],
  ['nginx.org/redirect-to-https', boolean],
  ['nginx.org/ssl-redirect', boolean],
  [oldSslRedirect, boolean],
  ['nginx.org/use-cluster-ip', boolean],
]);

function isTrue(value: string | null | undefined): boolean {
  return goBoolean(value ?? '') === true;
}

function typeOf({ manifest: { annotations } }: Ingress): 'master' | 'minion' | null {
  const type = annotations.get('nginx.org/mergeable-ingress-type');
  return type === 'master' || type === 'minion' ? type : null;
}

function hostOf({ host }: IngressPath): string {
  return host?.toLowerCase() ?? '';
}

function keyOf({ namespace, name }: Ingress): string {
  return `${namespace}/${name}`;
}

function routesOf(
  { host, owner, locations }: Server,
  named: readonly string[],
  settings: ControllerSettings,
): TableRoute[] {
  // nginx takes any number of labels for a star. Source: nginx.org/en/docs/http/server_names.html.
  const match = hostMatchOf(host, named, 'many');
  const listens = { ...anything, host: match, scheme: hasTlsFor(owner, host) ? null : ('http' as const) };
  const ranked = locations
    .map((each) => ({ ...each, path: nginxIncPath(each.rule, each.ingress) }))
    .toSorted((a, b) => rankOf(b.path) - rankOf(a.path))
    .map(({ ingress, rule, path }) =>
      routeOf({ ...listens, path }, forwardTo(ingress, rule), { ingress, rule }, [becauseOf(ingress, rule)]),
    );
  const hasRoot = locations.some(({ rule }) => rule.pathType !== 'Exact' && (rule.path === '/' || rule.path === ''));
  const usesDefault = !hasRoot && typeOf(owner) !== 'master' && owner.defaultBackend !== null;
  const root = routeOf(listens, forwardTo(owner, null), { ingress: owner, rule: null }, [becauseOf(owner, null)]);
  const covered = host.startsWith('*.') && named.some((each) => covers(each, host));
  const nothing = answer(404, 'no-matching-rule', 'No path of this host takes the request.');
  return [
    ...redirectsOf(owner, listens, settings),
    ...ranked,
    ...(usesDefault ? [root] : []),
    ...(covered ? [routeOf(listens, nothing, { ingress: owner, rule: null }, [])] : []),
  ];
}

function covers(wider: string, host: string): boolean {
  return wider.startsWith('*.') && host.endsWith(wider.slice(1)) && host.length > wider.length;
}

/** The host as it stands, of the Ingress's own `tls`. Source: ingress.go `addSSLConfig`; of the default server too. */
function hasTlsFor({ tlsHosts }: Ingress, host: string): boolean {
  return host === '' || tlsHosts.some((each) => each.toLowerCase() === host);
}

/** What the server says before it looks for a location, in this order. Source: nginx.ingress.tmpl. */
function redirectsOf(owner: Ingress, listens: TableRoute['match'], settings: ControllerSettings): TableRoute[] {
  const { annotations } = owner.manifest;
  const said = (name: string): string | null => annotations.get(`nginx.org/${name}`) ?? settings.config(name);
  const redirectsTls =
    goBoolean(
      annotations.get('nginx.org/ssl-redirect') ??
        annotations.get(oldSslRedirect) ??
        settings.config('ssl-redirect') ??
        'true',
    ) !== false;
  const asked = Number(said('http-redirect-code'));
  const status = [301, 302, 307, 308].includes(asked) ? asked : 301;
  const of = { ingress: owner, rule: null };
  const redirect = (to: LocationTemplate, text: string): TableRoute['action'] =>
    answer(status, 'tls-redirect', `The controller redirects plain HTTP to {location}: ${text}.`, to);
  const appRoot = annotations.get('nginx.org/app-root');
  const tlsBecause = written(owner.manifest, 'tls', 'spec', 'tls');
  return [
    ...(listens.scheme === null && redirectsTls
      ? [
          routeOf(
            { ...listens, scheme: 'http' },
            redirect(['https://', { of: 'host' }, ':443', { of: 'asked' }], 'TLS covers the host'),
            of,
            [tlsBecause],
          ),
        ]
      : []),
    ...(isTrue(said('redirect-to-https'))
      ? [
          routeOf(
            {
              ...listens,
              headers: [{ name: 'x-forwarded-proto', match: { kind: 'exact', text: 'http' } }],
            },
            redirect(
              ['https://', { of: 'host' }, { of: 'asked' }],
              'redirect-to-https, and X-Forwarded-Proto says http',
            ),
            of,
            [annotated(owner, 'nginx.org/redirect-to-https', 'redirect-to-https: true')],
          ),
        ]
      : []),
    ...(appRoot === undefined
      ? []
      : [
          routeOf(
            { ...listens, path: { kind: 'exact', path: '/' } },
            answer(302, 'redirect', 'The controller redirects the root to {location}: app-root.', [
              { of: 'scheme' },
              '://',
              { of: 'authority' },
              appRoot,
            ]),
            of,
            [annotated(owner, 'nginx.org/app-root', `app-root: ${appRoot}`)],
          ),
        ]),
  ];
}

/** nginx's own order: what is exact, expressions as they are written, then the longest prefix. */
function rankOf(path: PathMatch): number {
  if (path.kind === 'exact') return 2_000_000;
  return path.kind === 'text-prefix' ? path.path.length : 1_000_000;
}

/**
 * A master's expressions don't reach its minions, which is how it comes here: with the Ingress that has the path. With
 * any of them an `Exact` path takes nothing, since it is written as `= /path` by then.
 * Source: ingress.go `generateIngressPath`, template_helper.go `makeLocationPath`.
 */
function nginxIncPath(rule: IngressPath, { manifest: { annotations } }: Ingress): PathMatch {
  const asked = annotations.get('nginx.org/path-regex');
  const { pathType } = rule;
  const path = rule.path === '' ? '/' : rule.path;
  const location = pathType === 'Exact' && asked !== undefined ? `= ${path}` : path;
  if (asked === 'exact' || (asked === undefined && pathType === 'Exact')) return { kind: 'exact', path: location };
  if (asked === undefined) return { kind: 'text-prefix', path };
  return {
    kind: 'expression',
    expression: location,
    dialect: 'PCRE',
    ignoresCase: asked === 'case_insensitive',
    anchors: 'start',
  };
}
