import { written } from '../../cluster/because.ts';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { goBoolean, goInteger } from '../goText.ts';
import type { PathMatch } from '../match.ts';
import { anything, type TableRoute } from '../routing/routeTable.ts';
import { annotated, answer, routeOf, type RuleOfIngress } from './compiled.ts';
import type { ControllerSettings } from './controllerSettings.ts';
import { compiledByRank, dialect } from './standard.ts';
import { noBoolean, noInteger, type UnreadValue } from './unreadValue.ts';

/**
 * HAProxy Technologies' Ingress controller 3.2. It writes maps from host and path to a backend: one of exact paths, one
 * of prefixes as they stand, one of what begins with them; the longest decides. An annotation adds rules for what its
 * own Ingress's paths take.
 * Sources: haproxytech/kubernetes-ingress v3.2.11 pkg/route/route.go (the maps), pkg/controller/controller.go (in which
 * order they are asked), pkg/haproxy/maps (rows are sorted), pkg/annotations/ingress. Left out: `route-acl`, other
 * redirects than to HTTPS, rate limits, what is written into headers and paths.
 */
export const haproxy = dialect({
  id: 'haproxy',
  product: 'HAProxy Kubernetes Ingress Controller',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)(?:haproxytech\/kubernetes-ingress|haproxy-ingress)[:@]/,
    className: 'haproxy',
    controllerName: 'haproxy.org/ingress-controller',
  },
  annotations: {
    prefixes: ['haproxy.org/', 'haproxy-ingress.github.io/', 'haproxy.com/'],
    modelled: ['haproxy.org', 'haproxy.com'].flatMap((group) =>
      [
        'ssl-redirect',
        'ssl-redirect-code',
        'ssl-redirect-port',
        'ssl-passthrough',
        'allow-list',
        'whitelist',
        'deny-list',
        'blacklist',
        'auth-type',
        'auth-realm',
        'auth-secret',
      ].map((name) => `${group}/${name}`),
    ),
    harmless: /timeout|check|load-balance|maxconn|forwarded-for|cookie-persistence|ssl-certificate/,
  },
  unread: unreadValues,
  compile(ingresses, surroundings) {
    const table = byMaps(ingresses, surroundings);
    return {
      ...table,
      routes: table.routes.flatMap((route) => [...answersBefore(route, surroundings.settings), route]),
    };
  },
  remark:
    'Where an Ingress has TLS for any host, plain HTTP to its paths is redirected (302, to port 8443 unless ' +
    '`ssl-redirect-port` says another). An `ImplementationSpecific` path is a text prefix without its last slash. Of ' +
    "two rules alike, the first by the backend's name. `option forwardfor` adds the client to X-Forwarded-For.",
  sources: [
    'haproxytech/kubernetes-ingress pkg/route/route.go, pkg/controller/controller.go, pkg/haproxy/maps, ' +
      'pkg/annotations (3.2.11)',
    'haproxytech/kubernetes-ingress documentation/annotations.md',
  ],
});

const byMaps = compiledByRank({
  passesTlsThrough: (ingress) => asksFor(ingress, 'ssl-passthrough'),
  pathOf: (rule): PathMatch => {
    const path = pathInMap(rule);
    if (rule.pathType === 'Exact') return { kind: 'exact', path };
    return rule.pathType === 'Prefix' ? { kind: 'elements', path } : { kind: 'text-prefix', path };
  },
  // A Prefix stands in the map with a slash at its end.
  rank: (rule) => {
    const { length } = pathInMap(rule);
    return rule.pathType === 'Exact' ? 1_000_000 : rule.pathType === 'Prefix' ? length + 1 : length;
  },
  tieBreak: (a, b) => (rowOf(a) === rowOf(b) ? 0 : rowOf(a) < rowOf(b) ? -1 : 1),
  defaultService: (settings) => settings.argument('default-backend-service'),
});

/** Source: route.go `AddHostPathRoute`: one slash at the end is dropped, but from the root and an exact path. */
function pathInMap({ path, pathType }: IngressPath): string {
  if (path === '' || path === '/') return '/';
  return pathType === 'Exact' ? path : path.replace(/\/$/, '');
}

/** Of rows with one key the first is found, and they are sorted with their backend behind the key. */
function rowOf({ ingress, rule: { backend } }: RuleOfIngress): string {
  return `${ingress.namespace}_svc_${backend?.service}_${backend?.port}`;
}

/** What its Ingress's annotations answer in a route's place. Source: pkg/haproxy/rules/types.go (the order). */
function answersBefore(route: TableRoute, settings: ControllerSettings): TableRoute[] {
  const { of, action, match } = route;
  if (of === null || action.kind !== 'forward' || action.passesTls) return [];
  return [
    ...refusals(of.ingress, 'deny-list', 'blacklist'),
    ...refusals(of.ingress, 'allow-list', 'whitelist'),
    ...passwords(of.ingress),
    ...redirects(of.ingress, settings),
  ].map(({ match: asked, action: given, because }) =>
    routeOf(
      { ...match, scheme: asked.scheme, clients: asked.clients, headers: [...match.headers, ...asked.headers] },
      given,
      of,
      because,
    ),
  );
}

/** Source: pkg/annotations/ingress/accessControl.go: a list with a broken address in it counts for nothing. */
function refusals(ingress: Ingress, name: string, oldName: string): TableRoute[] {
  const asked = annotationOf(ingress, name) ?? annotationOf(ingress, oldName);
  if (asked === null) return [];
  const { value, key } = asked;
  const of = { ingress, rule: null };
  const because = [annotated(ingress, key, `${key}: ${value}`)];
  if (value.startsWith('patterns/'))
    return [routeOf(anything, { kind: 'unknown', what: `${key}: ${value} is a file of patterns` }, of, because)];
  const ranges = addressesIn(value);
  if (!ranges.every(isAddress)) return [];
  const text = `HAProxy refuses {client}, the address that it sees: ${key} is ${ranges.join(', ')}.`;
  const clients = { isIn: name === 'deny-list', ranges };
  return [routeOf({ ...anything, clients }, answer(403, 'not-allowed', text), of, because)];
}

function addressesIn(list: string): string[] {
  return list.split(',').map((each) => each.trim());
}

function isAddress(text: string): boolean {
  return /^[\da-f.:]+(?:\/\d+)?$/i.test(text);
}

/** Whoever shows credentials is taken to be right. Source: pkg/annotations/ingress/basicAuth.go. */
function passwords(ingress: Ingress): TableRoute[] {
  const asked = annotationOf(ingress, 'auth-type');
  if (asked?.value !== 'basic-auth') return [];
  const because = [annotated(ingress, asked.key, `${asked.key}: basic-auth`)];
  const headers = [{ name: 'authorization', match: { kind: 'absent' } }] as const;
  const refusal = answer(401, 'unauthorized', 'HAProxy asks for credentials (basic-auth).');
  return [routeOf({ ...anything, headers }, refusal, { ingress, rule: null }, because)];
}

/** Source: pkg/annotations/ingress/httpsRedirect.go, pkg/annotations/common/main.go (the defaults). */
function redirects(ingress: Ingress, settings: ControllerSettings): TableRoute[] {
  const { tlsHosts } = ingress;
  const said = (name: string): string | null => annotationOf(ingress, name)?.value ?? settings.config(name);
  const isAsked = said('ssl-redirect') === null ? tlsHosts.length > 0 : isTrue(said('ssl-redirect'));
  if (!isAsked) return [];
  const status = Number(said('ssl-redirect-code') ?? 302) || 302;
  const port = Number(said('ssl-redirect-port') ?? 8443) || 8443;
  const key = annotationOf(ingress, 'ssl-redirect')?.key;
  const text = `HAProxy redirects plain HTTP to {location}: ${key ?? 'the Ingress has TLS'}.`;
  const because =
    key === undefined
      ? written(ingress.manifest, 'tls', 'spec', 'tls')
      : annotated(ingress, key, `${key}: ${said('ssl-redirect')}`);
  const location = ['https://', { of: 'host' }, `:${port}`, { of: 'asked' }] as const;
  return [routeOf({ ...anything, scheme: 'http' }, answer(status, 'tls-redirect', text, location), null, [because])];
}

function asksFor(ingress: Ingress, name: string): boolean {
  return isTrue(annotationOf(ingress, name)?.value ?? null);
}

function isTrue(value: string | null): boolean {
  return value !== null && booleanOf(value) === true;
}

/** Null for what is neither. Source: pkg/utils/utils.go `GetBoolValue`. */
function booleanOf(value: string): boolean | null {
  if (/^(?:enabled|on)$/i.test(value)) return true;
  return /^(?:disabled|off)$/i.test(value) ? false : goBoolean(value);
}

/**
 * A fault is written into the log, and the annotation left out; but a `ssl-redirect` that is neither true nor false
 * keeps TLS from redirecting. Source: pkg/ingress/ingress.go `handleAnnotations`, pkg/annotations/ingress.
 */
function unreadValues(ingress: Ingress): UnreadValue[] {
  const unread = (
    name: string,
    whatOf: (short: string, value: string) => string | null,
    effect: UnreadValue['effect'] = 'annotation-ignored',
  ): UnreadValue[] => {
    const asked = annotationOf(ingress, name);
    const what = asked === null ? null : whatOf(name, asked.value);
    return asked === null || what === null ? [] : [{ name: asked.key, what, effect }];
  };
  const boolean = (short: string, value: string): string | null =>
    booleanOf(value) === null ? noBoolean(short, value) : null;
  const integer = (short: string, value: string): string | null =>
    goInteger(value) === null ? noInteger(short, value) : null;
  const addresses = (short: string, value: string): string | null => {
    const broken = value.startsWith('patterns/') ? undefined : addressesIn(value).find((each) => !isAddress(each));
    return broken === undefined ? null : `${short} has ${broken}, which is no address`;
  };
  return [
    ...unread('ssl-redirect', boolean, 'taken-for-false'),
    ...unread('ssl-passthrough', boolean),
    ...unread('ssl-redirect-code', integer),
    ...unread('ssl-redirect-port', integer),
    ...unread('auth-type', (short, value) => (value === 'basic-auth' ? null : `${short} is not basic-auth: ${value}`)),
    ...['allow-list', 'whitelist', 'deny-list', 'blacklist'].flatMap((name) => unread(name, addresses)),
  ];
}

/** Under any of its prefixes, or none. Source: pkg/annotations/validators/validations.go, pkg/store/convert.go. */
function annotationOf({ manifest: { annotations } }: Ingress, name: string): { key: string; value: string } | null {
  for (const prefix of ['haproxy.org/', 'ingress.kubernetes.io/', 'haproxy.com/', '']) {
    const value = annotations.get(`${prefix}${name}`)?.trim();
    if (value !== undefined && value !== '') return { key: `${prefix}${name}`, value };
  }
  return null;
}
