import { written } from '../../../cluster/because.ts';
import { literal, matchesText, type TextMatch } from '../../match.ts';
import type { LocationTemplate } from '../../routing/location.ts';
import { anything, type RouteMatch, type TableRoute } from '../../routing/routeTable.ts';
import { all, annotated, answer, routeOf } from '../compiled.ts';
import { nginxName } from '../nginxAnnotation.ts';
import type { NginxConfiguration, WwwRedirect } from './configuration.ts';
import type { LocationContext } from './locationContext.ts';
import { denialText, isRelative, locationRoutes, ownUrl } from './locationRoutes.ts';
import { needsExpression, type NginxLocation, type NginxServer } from './servers.ts';
import { type NamedServer, namedServers } from './serverNames.ts';
import type { NginxSettings } from './settings.ts';
import { anyHost, type TakenIngress } from './takenIngress.ts';
import { portOf } from './upstreams.ts';
import { templateOf } from './variables.ts';

/**
 * nginx.conf as a table: the servers and their locations in the order in which nginx looks for them. A server never
 * falls through to another: it ends with its root.
 * Source: rootfs/etc/nginx/template/nginx.tmpl of kubernetes/ingress-nginx v1.14.5; nginx
 * src/http/ngx_http_core_module.c `ngx_http_core_find_location` (1.22).
 */
export function nginxRoutes(configuration: NginxConfiguration): TableRoute[] {
  return [
    ...passedOn(configuration),
    ...['TRACE', 'CONNECT'].map((method) =>
      routeOf({ ...anything, method }, answer(405, 'refused-request', `ingress-nginx refuses ${method}.`), null, []),
    ),
    ...namedServers(configuration).flatMap((named) => serverRoutes(configuration, named)),
  ];
}

/** TLS that goes on as it is, to the cluster address of the Service of the host's root. */
function passedOn({ servers, upstreams, settings: { passesTls } }: NginxConfiguration): TableRoute[] {
  if (passesTls === false) return [];
  const assumption = {
    id: 'ssl-passthrough',
    text: 'ingress-nginx is taken to run with --enable-ssl-passthrough, without which the annotation does nothing',
  };
  return servers.flatMap(({ hostname, passthrough, locations }): TableRoute[] => {
    const root = locations.find(({ path }) => path === '/');
    const upstream = root === undefined ? undefined : upstreams.get(root.upstream);
    if (passthrough === null || upstream?.service == null || root?.owner == null) return [];
    const text = `ssl-passthrough: TLS for ${hostname} is not ended here, so no path is looked at`;
    const { namespace, name } = upstream.service;
    const to = {
      namespace,
      service: name,
      port: portOf(upstream.service),
      ingress: root.owner,
      because: [],
      viaClusterAddress: true,
      at: null,
    };
    return [
      {
        match: { ...anything, scheme: 'https', serverName: { kind: 'exact', host: hostname } },
        action: { kind: 'forward', to: [{ ...to, share: all }], edits: [], passesTls: true },
        of: { ingress: root.owner, rule: root.rule },
        because: [annotated(passthrough, nginxName('ssl-passthrough'), text)],
        assumed: passesTls === null ? [assumption] : [],
        tie: null,
        statusWithoutBackend: 503,
      },
    ];
  });
}

function serverRoutes(configuration: NginxConfiguration, { host, server, expression }: NamedServer): TableRoute[] {
  const { settings } = configuration;
  const match: RouteMatch = { ...anything, host };
  const blocked = blockedRoutes(settings, match);
  if ('from' in server) return [...blocked, wwwRedirect(server, settings, match)];
  const fault = server.clientCertificateFault;
  if (fault !== null) return [...blocked, certificateMissing(fault, match)];
  const hasExpressions = server.locations.some(needsExpression);
  const context = (location: NginxLocation): LocationContext => ({
    configuration,
    server,
    location,
    host,
    hostExpression: expression,
    isExpression: hasExpressions,
  });
  return [
    ...blocked,
    ...certificateRefusals(server, match),
    ...server.locations.flatMap((location) => appRoot(context(location), match)),
    ...inOrder(server, hasExpressions).flatMap((each) => {
      switch (each.kind) {
        case 'location':
          return locationRoutes(context(each.location));
        case 'slash':
          return slashRedirect(context(each.location), match);
        case 'own':
          return ownLocation(each.path, match);
        default:
          return each satisfies never;
      }
    }),
  ];
}

type Step =
  | { readonly kind: 'location' | 'slash'; readonly location: NginxLocation }
  /** Of the server that takes what no name takes. */
  | { readonly kind: 'own'; readonly path: OwnPath };

type OwnPath = (typeof ownPaths)[number];
const ownPaths = ['/nginx_status', '/healthz'] as const;

/** Exact ones; the missing slashes of those that end in one; then the longest prefix, or expressions as they stand. */
function inOrder({ hostname, locations }: NginxServer, hasExpressions: boolean): Step[] {
  const step = (location: NginxLocation): Step => ({ kind: 'location', location });
  if (hasExpressions) return locations.map(step);
  const exact = locations.filter(({ pathType }) => pathType === 'Exact');
  const prefixes = locations.filter(({ pathType }) => pathType === 'Prefix');
  const own = hostname === anyHost ? ownPaths : [];
  const byLength = [
    ...prefixes.map((location) => ({ length: location.path.length, step: step(location) })),
    ...own.map((path) => ({ length: path.length, step: { kind: 'own', path } as const })),
  ].toSorted((a, b) => b.length - a.length);
  return [...exact.map(step), ...slashed(locations), ...byLength.map((each) => each.step)];
}

/** An exact location before a prefix of the same text; where one is denied, it redirects nothing. */
function slashed(locations: readonly NginxLocation[]): Step[] {
  const texts = new Set(locations.map(({ path }) => path));
  const ending = locations.filter(({ path }) => path.length > 1 && path.endsWith('/') && !texts.has(path.slice(0, -1)));
  const working = new Set(ending.filter(({ asked }) => asked?.denied == null).map(({ path }) => path));
  const first = new Map(ending.filter(({ path }) => working.has(path)).map((each) => [each.path, each]));
  return [...first.values()].map((location) => ({ kind: 'slash', location }));
}

/** nginx's own. Source: nginx src/http/ngx_http_core_module.c `ngx_http_core_find_static_location`. */
function slashRedirect(context: LocationContext, match: RouteMatch): TableRoute[] {
  const { location } = context;
  const { path, owner } = location;
  if (owner === null) return [];
  const to: LocationTemplate = [...(isRelative(context) ? [] : ownUrl), path, { of: 'query' }];
  const text = `ingress-nginx redirects to {location}: the path in Ingress ${owner.name} ends in a slash.`;
  const because = location.rule === null ? [] : [written(owner.manifest, text, ...location.rule.at, 'path')];
  return [
    routeOf(
      { ...match, path: { kind: 'exact', path: path.slice(0, -1) } },
      answer(301, 'redirect', text, to),
      { ingress: owner, rule: location.rule },
      because,
    ),
  ];
}

/** For the whole server, whichever path of the Ingress. */
function appRoot({ location: { owner, asked }, hostExpression }: LocationContext, match: RouteMatch): TableRoute[] {
  const root = asked?.rewrite.appRoot ?? '';
  if (root === '' || owner === null) return [];
  const text = 'ingress-nginx redirects the root to {location}.';
  const captures = { numbered: null, path: null, host: hostExpression, set: new Map<string, string>() };
  return [
    routeOf(
      { ...match, path: { kind: 'exact', path: '/' } },
      answer(302, 'redirect', text, [{ of: 'scheme' }, '://', { of: 'authority' }, ...templateOf(root, captures)]),
      { ingress: owner, rule: null },
      [annotated(owner, nginxName('app-root'), `app-root: ${root}`)],
    ),
  ];
}

function wwwRedirect(
  { to, ingress }: WwwRedirect,
  { ports, useForwardedHeaders, httpRedirectCode }: NginxSettings,
  match: RouteMatch,
): TableRoute {
  const told = (name: string, otherwise: LocationTemplate[number]): LocationTemplate[number] =>
    useForwardedHeaders ? { of: 'header', name, otherwise } : otherwise;
  const location: LocationTemplate = [
    told('x-forwarded-proto', { of: 'scheme' }),
    `://${to.hostname}:`,
    told('x-forwarded-port', { of: 'port', ...ports }),
    { of: 'asked-without-last-slash' },
  ];
  const text = 'ingress-nginx redirects to {location}: from-to-www-redirect.';
  return routeOf(match, answer(httpRedirectCode, 'redirect', text, location), { ingress, rule: null }, [
    annotated(ingress, nginxName('from-to-www-redirect'), 'from-to-www-redirect: true'),
  ]);
}

/** `auth-tls-secret` names no Secret with a certificate: the whole host is closed. */
function certificateMissing({ ingress, asked }: TakenIngress, match: RouteMatch): TableRoute {
  const fault = asked.clientCertificateFault;
  const text = fault === null ? '' : `${denialText(fault)} ingress-nginx answers 403 for the whole host.`;
  return routeOf(match, answer(403, 'not-allowed', text), { ingress, rule: null }, [
    annotated(ingress, nginxName('auth-tls-secret'), fault?.why ?? ''),
  ]);
}

/** `auth-tls-match-cn` without a certificate to look at: over plain HTTP nobody shows one. */
function certificateRefusals({ clientCertificate }: NginxServer, match: RouteMatch): TableRoute[] {
  if (clientCertificate === null || clientCertificate.asked.clientCertificate?.matchesCN !== true) return [];
  const { ingress } = clientCertificate;
  const name = 'auth-tls-match-cn';
  const text = `ingress-nginx refuses whoever shows no certificate that ${name} takes.`;
  return [
    routeOf({ ...match, scheme: 'http' }, answer(403, 'not-allowed', text), { ingress, rule: null }, [
      annotated(ingress, nginxName(name), `${name}: only with a certificate`),
    ]),
  ];
}

/** What the controller's ConfigMap keeps out of every server. */
function blockedRoutes({ blockUserAgents, blockReferers }: NginxSettings, match: RouteMatch): TableRoute[] {
  const blocked = (header: string, patterns: readonly string[]): TableRoute[] =>
    patterns.flatMap((pattern) => {
      const text = `ingress-nginx refuses the ${header}: block-${header}s of its ConfigMap has ${pattern}.`;
      const own = mapMatch(pattern);
      const matches: TextMatch[] = matchesText(own, '') === true ? [own, { kind: 'absent' }] : [own];
      return matches.map((each) =>
        routeOf({ ...match, headers: [{ name: header, match: each }] }, answer(403, 'not-allowed', text), null, []),
      );
    });
  return [...blocked('user-agent', blockUserAgents), ...blocked('referer', blockReferers)];
}

/** nginx's map: `~*x` and `~x` are expressions, else the whole value without regard to case. */
function mapMatch(pattern: string): TextMatch {
  const plain = pattern.replace(/^"(.*)"$/, '$1');
  const [, tilde = '', expression = ''] = /^(~\*?)(.*)$/.exec(plain) ?? [];
  return tilde === ''
    ? { kind: 'expression', expression: literal(plain), dialect: 'PCRE', ignoresCase: true, anchors: 'both' }
    : { kind: 'expression', expression, dialect: 'PCRE', ignoresCase: tilde === '~*', anchors: 'none' };
}

function ownLocation(path: OwnPath, match: RouteMatch): TableRoute[] {
  const within: RouteMatch = { ...match, path: { kind: 'text-prefix', path } };
  if (path === '/healthz')
    return [routeOf(within, answer(200, 'refused-request', "ingress-nginx's own health check."), null, [])];
  return [
    routeOf(
      { ...within, clients: { isIn: false, ranges: ['127.0.0.1', '::1'] } },
      answer(403, 'not-allowed', 'ingress-nginx shows {client} nothing of its statistics.'),
      null,
      [],
    ),
    routeOf(within, answer(200, 'refused-request', "nginx's own statistics."), null, []),
  ];
}
