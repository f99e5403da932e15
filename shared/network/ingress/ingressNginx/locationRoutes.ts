import { type Because, written } from '../../../cluster/because.ts';
import type { Ingress } from '../../../cluster/ingress.ts';
import { type Expression, literal, type PathMatch } from '../../match.ts';
import type { Edit } from '../../routing/edits.ts';
import type { LocationPiece, LocationTemplate } from '../../routing/location.ts';
import { type Answer, anything, type Forward, type RouteMatch, type TableRoute } from '../../routing/routeTable.ts';
import { all, annotated, answer, becauseOf, routeOf } from '../compiled.ts';
import { nginxName } from '../nginxAnnotation.ts';
import { escapedByNginx } from '../nginxPath.ts';
import { type AccessAnswer, accessAnswers, hasExternalAuth } from './accessRoutes.ts';
import type { Denial } from './annotationReader.ts';
import { forwardsOf, weighted } from './canaryRoutes.ts';
import type { NginxConfiguration } from './configuration.ts';
import { httpsRedirects } from './httpsRoutes.ts';
import type { LocationContext } from './locationContext.ts';
import { ownDefault } from './upstreams.ts';
import { type Captures, templateOf } from './variables.ts';

/**
 * What a location does with a request, in the order in which nginx takes its steps: its rewrite module, Lua (HTTPS,
 * then the Service), its access modules, its proxy. Each step that can answer becomes routes of the location's own
 * match and a condition.
 * Source: rootfs/etc/nginx/template/nginx.tmpl, rootfs/etc/nginx/lua/{lua_ingress,balancer,certificate}.lua of
 * kubernetes/ingress-nginx v1.14.5.
 */
export function locationRoutes(context: LocationContext): TableRoute[] {
  const { location } = context;
  const { asked } = location;
  const match: RouteMatch = { ...anything, host: context.host, path: pathOf(context) };
  if (asked !== null && asked.denied !== null) {
    const { annotation } = asked.denied;
    const text = `${denialText(asked.denied)} ingress-nginx answers 503 whatever is asked.`;
    return [answered(context, match, answer(503, 'refused-request', text), annotation)];
  }
  const before = [...preflight(context, match), ...redirect(context, match)];
  if (asked !== null && asked.redirect.url !== '') return before;
  const rewritten = rewrites(context, match);
  if (rewritten.ends) return [...before, ...rewritten.routes];
  return [...before, ...rewritten.routes, ...https(context, match), ...passingOn(context, match)];
}

/** What is wrong, as a sentence that goes on. */
export function denialText({ why, isForWantOfObject }: Denial): string {
  return isForWantOfObject ? `${why}: unless it is applied from elsewhere,` : `${why}:`;
}

function pathOf({ location: { path, pathType }, isExpression }: LocationContext): PathMatch {
  if (isExpression) return expressionOf(path);
  return pathType === 'Exact' ? { kind: 'exact', path } : { kind: 'text-prefix', path };
}

/** `~* "^path"`: where there are alternatives, only the first of them is bound. */
function expressionOf(path: string): Expression {
  const expression = path.replaceAll(/\(\?<(?=[a-zA-Z_])/g, '(?P<');
  const shared = { kind: 'expression', dialect: 'PCRE', ignoresCase: true } as const;
  return path.includes('|')
    ? { ...shared, expression: `^${expression}`, anchors: 'none' }
    : { ...shared, expression, anchors: 'start' };
}

/** An answer, or the page that `custom-http-errors` asks for in its place. */
function answered(context: LocationContext, match: RouteMatch, action: Answer, annotation: string | null): TableRoute {
  const because =
    annotation === null || context.location.owner === null
      ? becauseOfLocation(context)
      : [annotated(context.location.owner, nginxName(annotation), annotation)];
  return route(context, match, withErrorPage(context, action), because);
}

function route(
  { location: { owner, rule } }: LocationContext,
  match: RouteMatch,
  action: TableRoute['action'],
  because: readonly Because[],
): TableRoute {
  return routeOf(match, action, owner === null ? null : { ingress: owner, rule }, because);
}

function becauseOfLocation({ location: { owner, rule }, server }: LocationContext): Because[] {
  if (owner === null) return [];
  if (rule !== null || owner.defaultBackend !== null) return [becauseOf(owner, rule)];
  const text = `${server.hostname}: its root is the oldest Ingress's, ${owner.name}`;
  return [written(owner.manifest, text, ...hostPlace(owner, server.hostname))];
}

function hostPlace({ rules }: Ingress, hostname: string): readonly (string | number)[] {
  const rule = rules.find(({ host }) => host?.toLowerCase() === hostname);
  return rule === undefined ? ['spec', 'rules'] : [...rule.at.slice(0, 3), 'host'];
}

/** An answer, or the error page in its place. */
function withErrorPage(context: LocationContext, action: Answer): Answer | Forward {
  return errorPage(context, action) ?? action;
}

/** Null where the code has no page of its own. */
function errorPage({ configuration, location }: LocationContext, { status, text }: Answer): Answer | Forward | null {
  const own = location.asked?.customHttpErrors ?? [];
  const codes = own.length > 0 ? own : configuration.settings.customHttpErrors;
  if (!codes.includes(status)) return null;
  const page = configuration.upstreams.get(own.length > 0 ? location.errorUpstream : ownDefault);
  if (page?.service == null)
    return answer(404, 'refused-request', `${text} custom-http-errors makes it the default backend's 404.`);
  return {
    kind: 'forward',
    to: [weighted(page, { share: all, location, because: [] })],
    edits: [{ kind: 'path', to: ['/'], escaped: escapedByNginx }, ...toldHost(configuration)],
    passesTls: false,
  };
}

/** A browser that asks beforehand is answered by nginx itself. */
function preflight(context: LocationContext, match: RouteMatch): TableRoute[] {
  const origins = context.location.asked?.corsOrigins ?? [];
  if (origins.length === 0) return [];
  const isAny = origins.length === 1 && origins[0] === '*';
  const asked = `(?:${origins.map(originExpression).join('|')})$`;
  const headers = [
    {
      name: 'origin',
      match: { kind: 'expression', expression: asked, dialect: 'PCRE', ignoresCase: true, anchors: 'none' },
    } as const,
  ];
  const text = "ingress-nginx answers a browser's preflight request itself: enable-cors.";
  return [
    answered(
      context,
      { ...match, method: 'OPTIONS', headers: isAny ? [] : headers },
      answer(204, 'cors', text),
      'enable-cors',
    ),
  ];
}

/** Bound at the end alone. Source: template.go `buildCorsOriginRegex`. */
function originExpression(origin: string): string {
  return literal(origin).replace(String.raw`\*`, String.raw`[A-Za-z0-9\-]+`);
}

function redirect(context: LocationContext, match: RouteMatch): TableRoute[] {
  const { asked } = context.location;
  if (asked === null || asked.redirect.url === '') return [];
  const { url, code, kind } = asked.redirect;
  const hasLocation = [301, 302, 303, 307, 308].includes(code);
  const text = hasLocation
    ? `ingress-nginx redirects to {location}${kind === 'temporal-redirect' ? ' for the time being' : ''}.`
    : `ingress-nginx answers ${code} without a Location: ${kind}-code.`;
  const to = url.startsWith('/') && !isRelative(context) ? [...ownUrl, url] : [url];
  return [answered(context, match, answer(code, 'redirect', text, hasLocation ? to : null), kind)];
}

export const ownUrl: LocationTemplate = [{ of: 'scheme' }, '://', { of: 'host' }];

export function isRelative({ configuration: { settings }, location: { asked } }: LocationContext): boolean {
  return settings.relativeRedirects || (asked?.redirect.isRelative ?? false);
}

/** Empty where the path goes on as it was asked: a target that is the path itself does nothing. */
function targetOf({ location: { path, asked } }: LocationContext): string {
  const target = asked?.rewrite.target ?? '';
  return target === path ? '' : target;
}

/** What `rewrite-target` answers itself: a target elsewhere is a redirect, a path that comes to nothing is 500. */
function rewrites(
  context: LocationContext,
  match: RouteMatch,
): { readonly routes: readonly TableRoute[]; readonly ends: boolean } {
  const target = targetOf(context);
  const rewritten = templateOf(target, capturesOf(context));
  if (/^(?:https?:\/\/|\$scheme)/.test(target)) {
    const text = 'ingress-nginx redirects to {location}: rewrite-target is a whole URL.';
    const action = answer(302, 'redirect', text, [...rewritten, { of: 'query' }]);
    return { routes: [answered(context, match, action, 'rewrite-target')], ends: true };
  }
  const groups = rewritten.flatMap((piece) => (typeof piece !== 'string' && piece.of === 'group' ? [piece] : []));
  const isAllCaught = target !== '' && rewritten.every((each) => each === '' || groups.some((group) => group === each));
  const [first] = groups;
  if (!isAllCaught || first === undefined || groups.some((each) => each.in === 'host'))
    return { routes: [], ends: false };
  const emptied: PathMatch = {
    kind: 'empty-groups',
    expression: first.expression,
    groups: groups.map(({ group }) => group),
  };
  const text = `ingress-nginx fails: rewrite-target ${target} leaves nothing of the path.`;
  const action = answer(500, 'refused-request', text);
  return { routes: [answered(context, { ...match, path: emptied }, action, 'rewrite-target')], ends: false };
}

/** `rewrite "(?i)path"` looks anywhere in the path. */
function capturesOf({ location, server, hostExpression, isExpression }: LocationContext): Captures {
  const { path, owner, rule } = location;
  const own = isExpression ? expressionOf(path) : null;
  const set = new Map([
    ['namespace', owner?.namespace ?? ''],
    ['ingress_name', owner?.name ?? ''],
    ['service_name', rule?.backend?.service ?? ''],
    ['service_port', String(rule?.backend?.port ?? '')],
    ['location_path', path],
    ['server_name', server.hostname],
  ]);
  const numbered =
    own === null ? null : ({ ...own, expression: own.expression.replace(/^\^/, ''), anchors: 'none' } as const);
  return { numbered, path: own, host: hostExpression, set };
}

function https(context: LocationContext, match: RouteMatch): TableRoute[] {
  const { settings } = context.configuration;
  const { owner, asked, path } = context.location;
  if (owner === null || asked === null) return [];
  const { sslRedirect, forceSslRedirect, preserveTrailingSlash } = asked.rewrite;
  if (!(sslRedirect || forceSslRedirect)) return [];
  if (settings.noTlsRedirectLocations.some((each) => path.startsWith(each))) return [];
  const to: LocationTemplate = [
    'https://',
    { of: 'before-colon', what: toldAuthority(context.configuration) },
    ...(asked.usePortInRedirects ? [`:${settings.ports.https}`] : []),
    preserveTrailingSlash ? { of: 'asked' } : { of: 'asked-without-last-slash' },
  ];
  return httpsRedirects(context, forceSslRedirect).map(({ host, text, because }) => {
    const action = answer(settings.httpRedirectCode, 'tls-redirect', text, to);
    return route(context, { ...match, scheme: 'http', host }, withErrorPage(context, action), because);
  });
}

/** The Host that the Service gets: as it was asked, or as a proxy in front says. */
function toldAuthority({ settings: { useForwardedHeaders } }: NginxConfiguration): LocationPiece {
  return useForwardedHeaders
    ? { of: 'header', name: 'x-forwarded-host', otherwise: { of: 'authority' } }
    : { of: 'authority' };
}

function toldHost(configuration: NginxConfiguration): Edit[] {
  return configuration.settings.useForwardedHeaders ? [{ kind: 'host', to: [toldAuthority(configuration)] }] : [];
}

function edits(context: LocationContext): Edit[] {
  const target = targetOf(context);
  const vhost = context.location.asked?.upstreamVhost ?? '';
  const captures = capturesOf(context);
  return [
    ...(target === '' ? [] : [{ kind: 'path', to: templateOf(target, captures), escaped: escapedByNginx } as const]),
    ...(vhost === ''
      ? toldHost(context.configuration)
      : [{ kind: 'host', to: templateOf(vhost, { ...captures, numbered: null }) } as const]),
  ];
}

/** To the Service, or to its canary; before it, whom the location lets in, unless nobody could answer. */
function passingOn(context: LocationContext, match: RouteMatch): TableRoute[] {
  const { configuration, location } = context;
  const upstream = configuration.upstreams.get(location.upstream);
  if (upstream === undefined) {
    const service = location.rule?.backend?.service ?? '';
    const text = `A canary that fits no other path takes Service ${service} away: ingress-nginx answers 503.`;
    return [answered(context, match, answer(503, 'refused-request', text), null)];
  }
  const page = errorPage(context, answer(503, 'refused-request', 'No endpoint answers.'));
  const asked = accessAnswers(context);
  // Whoever would be refused gets 503 as well where nobody could answer: that the walk says.
  const isDown = (page !== null || asked.length > 0) && !upstream.isReachable();
  if (page !== null && isDown) return [route(context, match, page, becauseOfLocation(context))];
  const refused = (isDown ? [] : asked).map((each) => refusal(context, match, each));
  if (upstream.service === null) {
    const passedOver = configuration.refused.map(({ ingress, at, why }) =>
      written(ingress.manifest, `Ingress ${ingress.name} is passed over: ${why}`, ...at),
    );
    const nothing = errorPage(context, answer(404, 'no-matching-rule', ''));
    return [...refused, route(context, match, nothing ?? answer(404, 'no-matching-rule', ''), passedOver)];
  }
  const assumed = assumptionsOf(context);
  const forwards = forwardsOf(context, upstream).map(({ condition, to, because }): TableRoute => {
    const action: Forward = { kind: 'forward', to, edits: edits(context), passesTls: false };
    return {
      ...route(context, { ...match, ...condition }, action, [...becauseOfForward(context), ...because]),
      assumed,
    };
  });
  return [...refused, ...forwards];
}

function refusal(
  context: LocationContext,
  match: RouteMatch,
  { condition, action, because }: AccessAnswer,
): TableRoute {
  return route(context, { ...match, ...condition }, withErrorPage(context, action), because);
}

/** Why the path is taken, and by which annotations it is another for the Service. */
function becauseOfForward(context: LocationContext): Because[] {
  const { owner, asked } = context.location;
  const of = becauseOfLocation(context);
  if (owner === null || asked === null) return of;
  const target = targetOf(context);
  const vhost = asked.upstreamVhost;
  return [
    ...of,
    ...(target === '' ? [] : [annotated(owner, nginxName('rewrite-target'), `rewrite-target: ${target}`)]),
    ...(vhost === '' ? [] : [annotated(owner, nginxName('upstream-vhost'), `upstream-vhost: ${vhost}`)]),
  ];
}

/** What only another server, or the client, knows. */
function assumptionsOf(context: LocationContext): TableRoute['assumed'] {
  const {
    configuration: { settings },
    location,
    server,
  } = context;
  const { owner, asked, path } = location;
  if (owner === null || asked === null) return [];
  const isOpen = settings.noAuthLocations.some((each) => path.startsWith(each));
  const certificate = server.clientCertificate;
  return [
    ...(!hasExternalAuth(context, isOpen)
      ? []
      : [
          {
            id: `annotation:${nginxName('auth-url')}`,
            text:
              `${asked.externalAuthUrl ?? settings.globalAuthUrl} is taken to let the request in ` +
              `(auth-url of Ingress ${owner.name})`,
          },
        ]),
    ...(certificate === null || certificate.asked.clientCertificate?.verify !== 'on'
      ? []
      : [
          {
            id: `annotation:${nginxName('auth-tls-secret')}`,
            text:
              'over HTTPS, the client is taken to show the certificate that ' +
              `Ingress ${certificate.ingress.name} asks for`,
          },
        ]),
  ];
}
