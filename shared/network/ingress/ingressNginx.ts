import { isIn } from '../../cluster/address.ts';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import type { PathMatch } from '../match.ts';
import { canaryOf, isCanary } from './canary.ts';
import { type ControllerSettings, unknownSettings } from './controllerSettings.ts';
import {
  anyRequest,
  firstRoute,
  type IngressDialect,
  type IngressRoute,
  type RequestAtController,
  type Routed,
} from './route.ts';
import { nginxAnnotation, nginxPrefix } from './nginxAnnotation.ts';
import { byHost, defaultRoutes, isTlsHost } from './standard.ts';

/**
 * ingress-nginx 1.14, retired since March 2026. The Ingresses of a host are merged, the oldest first. As soon as one of
 * them asks for regular expressions (`use-regex`, or `rewrite-target`, which implies it), every path of the host in
 * every Ingress is one: without regard to case, and bound at the start alone. Else a path that ends in a slash also
 * redirects the request that lacks it (301). Requests are normalised first. Where TLS covers the host, plain HTTP is
 * redirected (308).
 * Source: kubernetes/ingress-nginx internal/ingress/controller/{controller,template/template}.go,
 * internal/ingress/annotations; the Kubernetes blog of 27 February 2026. nginx's expressions are PCRE.
 */
export const ingressNginx: IngressDialect = {
  id: 'ingress-nginx',
  product: 'ingress-nginx',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)(?:ingress-nginx\/controller|nginx-ingress-controller)(?:-chroot)?[:@]/,
    className: 'nginx',
    controllerName: 'k8s.io/ingress-nginx',
  },
  routesOf: (ingresses) => routesOf(primary(ingresses)),
  route,
  forwardedFor: (settings) =>
    settings.config('use-forwarded-headers') === 'true'
      ? settings.config('compute-full-forwarded-for') === 'true'
        ? 'appends'
        : 'trusts'
      : 'replaces',
  readsProxyProtocol: (settings) =>
    settings.config('use-proxy-protocol') === 'true' ? true : settings.isKnown ? false : null,
  viaClusterAddress: (ingress) => nginxAnnotation(ingress, 'service-upstream') === 'true',
  passesTlsThrough: (ingress, settings) =>
    nginxAnnotation(ingress, 'ssl-passthrough') !== 'true'
      ? false
      : settings.argument('enable-ssl-passthrough') !== null
        ? true
        : settings.isKnown
          ? false
          : null,
  isCanary,
  canaryOf,
  refusesPlainHttp: () => null,
  sendsToPods: () => false,
  defaultService: (settings) => settings.argument('default-backend-service'),
  annotations: {
    prefixes: [nginxPrefix],
    modelled: [
      'use-regex',
      'rewrite-target',
      'ssl-redirect',
      'force-ssl-redirect',
      'permanent-redirect',
      'permanent-redirect-code',
      'temporal-redirect',
      'temporal-redirect-code',
      'app-root',
      'denylist-source-range',
      'whitelist-source-range',
      'allowlist-source-range',
      'auth-type',
      'auth-secret',
      'auth-secret-type',
      'auth-realm',
      'service-upstream',
      'canary',
      'canary-by-header',
      'canary-by-header-value',
      'canary-by-cookie',
      'canary-weight',
      'canary-weight-total',
      'server-alias',
      'from-to-www-redirect',
      'ssl-passthrough',
    ].map((name) => `${nginxPrefix}${name}`),
    harmless: new RegExp(
      [
        'proxy-body-size',
        'proxy-buffer',
        'proxy-read-timeout',
        'proxy-send-timeout',
        'proxy-connect-timeout',
        'proxy-buffering',
        'proxy-buffers-number',
        'proxy-buffer-size',
        'proxy-http-version',
        'proxy-request-buffering',
        'proxy-max-temp-file-size',
        'client-body-buffer-size',
        'enable-access-log',
        'enable-rewrite-log',
        'ssl-ciphers',
        'ssl-prefer',
        'enable-cors',
        'cors-',
        'x-forwarded-prefix',
        'load-balance$',
        'proxy-next-upstream',
        'proxy-cookie',
        'proxy-ssl',
        'upstream-keepalive',
        'custom-headers',
        'enable-opentelemetry',
        'opentelemetry',
      ].join('|'),
    ),
  },
  groupOf: () => '',
  furtherHosts: (ingress) => [...aliasesOf(ingress), ...twinsOf(ingress)],
  remark:
    'Expressions ignore case and are prefixes; one Ingress can turn every path of a host into one; a missing ' +
    'slash is redirected; whatever X-Forwarded-For came is replaced unless `use-forwarded-headers` is set.',
  sources: [
    'kubernetes/ingress-nginx internal/ingress/controller, internal/ingress/annotations, docs/user-guide (1.14)',
    'the Kubernetes blog of 27 February 2026',
  ],
};

/** Whether an Ingress turns all paths of its hosts into regular expressions. */
export function usesRegularExpressions(ingress: Ingress): boolean {
  return nginxAnnotation(ingress, 'use-regex') === 'true' || nginxAnnotation(ingress, 'rewrite-target') !== null;
}

/** The oldest first; of one age, by name, backwards. Without timestamps, in the set's order. */
function primary(ingresses: readonly Ingress[]): Ingress[] {
  return withAliases(ingresses.filter((ingress) => !isCanary(ingress))).toSorted(
    (a, b) =>
      (a.createdAt ?? '').localeCompare(b.createdAt ?? '') ||
      (a.createdAt === null ? 0 : `${b.namespace}/${b.name}`.localeCompare(`${a.namespace}/${a.name}`)),
  );
}

/** `server-alias`: the Ingress's hosts under other names too, as long as nobody names those. */
function withAliases(ingresses: readonly Ingress[]): Ingress[] {
  const named = new Set(ingresses.flatMap(({ rules }) => rules.map(({ host }) => host?.toLowerCase() ?? '')));
  return ingresses.map((ingress) => {
    const aliases = aliasesOf(ingress).filter((each) => !named.has(each));
    return aliases.length === 0
      ? ingress
      : {
          ...ingress,
          rules: [...ingress.rules, ...aliases.flatMap((host) => ingress.rules.map((rule) => ({ ...rule, host })))],
        };
  });
}

function aliasesOf(ingress: Ingress): string[] {
  return (nginxAnnotation(ingress, 'server-alias') ?? '')
    .split(',')
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each !== '');
}

/** The hosts that `from-to-www-redirect` redirects from. */
function twinsOf(ingress: Ingress): string[] {
  if (nginxAnnotation(ingress, redirectsTwin) !== 'true') return [];
  return ingress.rules.flatMap(({ host }) => (host === null ? [] : [twinOf(host.toLowerCase())]));
}

const redirectsTwin = 'from-to-www-redirect';

function twinOf(host: string): string {
  return host.startsWith('www.') ? host.slice(4) : `www.${host}`;
}

/**
 * `from-to-www-redirect`: the host with `www.` before it, or without, is redirected to the one that the Ingress names.
 */
function wwwRedirect(ingresses: readonly Ingress[], request: RequestAtController): Routed | null {
  const host = request.host.toLowerCase().replace(/:\d+$/, '');
  const twin = twinOf(host);
  const names = (ingress: Ingress, name: string): boolean =>
    ingress.rules.some((rule) => rule.host?.toLowerCase() === name);
  const ingress = ingresses.find((each) => nginxAnnotation(each, redirectsTwin) === 'true' && names(each, twin));
  if (ingress === undefined || ingresses.some((each) => names(each, host))) return null;
  return {
    kind: 'answered',
    status: 308,
    reason: 'redirect',
    text: `ingress-nginx redirects to ${request.scheme}://${twin}${request.path}: from-to-www-redirect.`,
    ingress,
    at: ['metadata', 'annotations', `${nginxPrefix}from-to-www-redirect`],
  };
}

function routesOf(ingresses: readonly Ingress[]): IngressRoute[] {
  const routes = byHost(ingresses).flatMap(({ host, rules }) => {
    const isExpression = rules.some(({ ingress }) => usesRegularExpressions(ingress));
    const first = [
      ...new Map(
        rules.toReversed().map((each) => [`${isExpression ? '' : each.rule.pathType}${each.rule.path}`, each]),
      ).values(),
    ].toReversed();
    const ordered = isExpression
      ? first.toSorted((a, b) => b.rule.path.length - a.rule.path.length)
      : first.toSorted((a, b) => rank(b.rule) - rank(a.rule));
    return ordered.map(({ ingress, rule }): IngressRoute => ({
      ingress,
      rule,
      rewrite: rewriteOf(ingress),
      match: { ...anyRequest, host, path: isExpression ? expressionOf(rule) : nginxPath(rule) },
    }));
  });
  return [...routes, ...defaultRoutes(ingresses)];
}

function rewriteOf(ingress: Ingress): IngressRoute['rewrite'] {
  const target = nginxAnnotation(ingress, 'rewrite-target');
  return target === null
    ? null
    : { target, text: `rewrite-target: ${target}`, at: ['metadata', 'annotations', `${nginxPrefix}rewrite-target`] };
}

/** Also a path of type Exact: the location becomes `~* "^/path"`. */
function expressionOf({ path }: IngressPath): PathMatch {
  return { kind: 'expression', expression: path, dialect: 'PCRE', ignoresCase: true, anchors: 'start' };
}

/**
 * Exact is nginx's `=`; Prefix is made to end in a slash, with an exact one beside;
 * the rest is a plain prefix location.
 */
function nginxPath({ path, pathType }: IngressPath): PathMatch {
  switch (pathType) {
    case 'Exact':
      return { kind: 'exact', path };
    case 'Prefix':
      return path.length > 1 && path.endsWith('/') ? { kind: 'text-prefix', path } : { kind: 'elements', path };
    case 'ImplementationSpecific':
      return { kind: 'text-prefix', path };
    default:
      return pathType satisfies never;
  }
}

/**
 * nginx takes an exact location, else the longest; the location of a Prefix is longer by the slash that it is given.
 */
function rank({ path, pathType }: IngressPath): number {
  return (pathType === 'Exact' ? 1_000_000 : 0) + path.length + (pathType === 'Prefix' && !path.endsWith('/') ? 1 : 0);
}

function route(
  all: readonly Ingress[],
  given: RequestAtController,
  settings: ControllerSettings = unknownSettings,
): Routed {
  const ingresses = primary(all);
  const request = { ...given, path: normalized(given.path) };
  const www = wwwRedirect(ingresses, request);
  if (www !== null) return www;
  const routes = routesOf(ingresses);
  const found = firstRoute(routes, request);
  if (found.kind === 'unreadable') return found;
  const taken = found.kind === 'route' ? found.route : null;
  const slash = taken !== null && isWritten(taken, request.path) ? null : slashRedirect(routes, request);
  return slash ?? (taken === null ? null : answerFor(ingresses, taken, request, settings)) ?? found;
}

/**
 * `.` and `..` resolved, slashes merged, escapes of ordinary letters read,
 * as nginx does before it looks for a location.
 */
export function normalized(path: string): string {
  const decoded = path.replaceAll(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const code = Number.parseInt(escape.slice(1), 16);
    return code > 0x20 && code < 0x7f && code !== 0x25 ? String.fromCharCode(code) : escape;
  });
  const elements: string[] = [];
  const parts = decoded.split('/');
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    if (part === '..') elements.pop();
    else if (part !== '' && part !== '.') elements.push(part);
    if (isLast && (part === '' || part === '.' || part === '..') && elements.length > 0) elements.push('');
  }
  return `/${elements.join('/')}`;
}

/**
 * nginx's own redirect to a location that ends in a slash, which comes before every shorter location and before what
 * the location would do. Regular expressions have none. Source: nginx src/http/ngx_http_core_module.c,
 * `find_static_location`.
 */
function slashRedirect(routes: readonly IngressRoute[], request: RequestAtController): Routed | null {
  const withSlash = `${request.path}/`;
  const found = firstRoute(routes, { ...request, path: withSlash });
  if (found.kind !== 'route' || found.route.rule === null || !isWritten(found.route, withSlash)) return null;
  const { ingress, rule } = found.route;
  return {
    kind: 'answered',
    status: 301,
    reason: 'redirect',
    text: `ingress-nginx redirects to ${request.path}/: the path in Ingress ${ingress.name} ends in a slash.`,
    ingress,
    at: [...rule.at, 'path'],
  };
}

/** Whether a route's path is this text, rather than a prefix or an expression that it fits. */
export function isWritten({ match: { path } }: IngressRoute, text: string): boolean {
  return path.kind !== 'expression' && path.kind !== 'unknown' && path.path === text;
}

/**
 * What the route's Ingress makes nginx answer itself, in the order in which nginx looks: redirects, then who may enter.
 */
function answerFor(
  ingresses: readonly Ingress[],
  { ingress }: IngressRoute,
  request: RequestAtController,
  settings: ControllerSettings,
): Routed | null {
  const at = (name: string): string[] => ['metadata', 'annotations', `${nginxPrefix}${name}`];
  const answered = (
    status: number,
    reason: 'redirect' | 'tls-redirect' | 'not-allowed' | 'unauthorized',
    text: string,
    place: readonly (string | number)[],
  ): Routed => ({ kind: 'answered', status, reason, text, ingress, at: place });
  const forced = (nginxAnnotation(ingress, 'force-ssl-redirect') ?? settings.config('force-ssl-redirect')) === 'true';
  if (
    request.scheme === 'http' &&
    (forced ||
      ((nginxAnnotation(ingress, 'ssl-redirect') ?? settings.config('ssl-redirect')) !== 'false' &&
        isTlsHost(ingresses, request.host)))
  ) {
    return answered(
      Number(settings.config('http-redirect-code') ?? 308) || 308,
      'tls-redirect',
      `ingress-nginx redirects plain HTTP to https://${request.host}${request.path}` +
        `${forced ? '' : ': TLS covers the host, and ssl-redirect is on by default'}.`,
      forced ? at('force-ssl-redirect') : ['spec', 'tls'],
    );
  }
  const permanent = nginxAnnotation(ingress, 'permanent-redirect');
  if (permanent !== null)
    return answered(
      Number(nginxAnnotation(ingress, 'permanent-redirect-code') ?? 301),
      'redirect',
      `ingress-nginx redirects to ${permanent}.`,
      at('permanent-redirect'),
    );
  const temporal = nginxAnnotation(ingress, 'temporal-redirect');
  if (temporal !== null)
    return answered(
      Number(nginxAnnotation(ingress, 'temporal-redirect-code') ?? 302),
      'redirect',
      `ingress-nginx redirects to ${temporal} for the time being.`,
      at('temporal-redirect'),
    );
  const root = nginxAnnotation(ingress, 'app-root');
  if (root !== null && request.path === '/')
    return answered(302, 'redirect', `ingress-nginx redirects the root to ${root}.`, at('app-root'));
  for (const name of ['denylist-source-range', 'whitelist-source-range', 'allowlist-source-range']) {
    const ranges = nginxAnnotation(ingress, name)
      ?.split(',')
      .map((each) => each.trim());
    if (ranges === undefined) continue;
    const isListed = ranges.some((range) =>
      isIn(request.source, range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`),
    );
    if (isListed === name.startsWith('deny'))
      return answered(
        403,
        'not-allowed',
        `ingress-nginx refuses ${request.source}, the address that it sees: ${name} is ${ranges.join(', ')}.`,
        at(name),
      );
  }
  if (nginxAnnotation(ingress, 'auth-type') !== null && !request.headers.has('authorization'))
    return answered(
      401,
      'unauthorized',
      `ingress-nginx asks for credentials (${nginxAnnotation(ingress, 'auth-type')}).`,
      at('auth-type'),
    );
  return null;
}
