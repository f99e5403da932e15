import { sha1 } from '@noble/hashes/legacy.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { once } from '../../cluster/once.ts';
import { goInteger } from '../goText.ts';
import { type HostMatch, literal, type NamedTextMatch, type PathMatch, type TextMatch } from '../match.ts';
import { dotsAndSlashesResolved } from '../normalization.ts';
import { sameUnderHttps } from '../routing/location.ts';
import { anything, tableOf, type TableRoute } from '../routing/routeTable.ts';
import { type AnswerToPlainHttp, becauseOf, forwardTo, hostMatchOf, plainHttpAnswered, routeOf } from './compiled.ts';
import { dialect } from './standard.ts';
import { noBoolean, noneOf, type UnreadValue } from './unreadValue.ts';

/**
 * Kong Ingress Controller 3.5. All paths of one Ingress that have the same host, Service and port make one route; the
 * route has a priority, and the highest that takes a request decides, whichever host it is for. So a rule without a
 * host also takes what the rules of a named host leave, and `*.example.com` takes any number of labels.
 *
 * This is the router of expressions, which the controller's own manifests choose; what is asked of a request is the
 * same in the traditional one.
 * Sources: Kong/kubernetes-ingress-controller v3.5.13 internal/dataplane/translator/subtranslator/ingress.go,
 * ingress_atc.go (`EncodeToPriority`), atc_utils.go; internal/dataplane/kongstate/route.go; config/base/
 * kong-ingress-dbless.yaml (`KONG_ROUTER_FLAVOR`); all with their tests. What is left out: the names in a TLS handshake
 * (`konghq.com/snis`), what a path is changed to, plugins.
 */
export const kong = dialect({
  id: 'kong',
  product: 'Kong Ingress Controller',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)kong(?:\/kong(?:-gateway)?)?[:@]/,
    watches: ({ image }) => image.includes('kong/kubernetes-ingress-controller'),
    className: 'kong',
    controllerName: 'ingress-controllers.konghq.com/kong',
  },
  annotations: {
    prefixes: ['konghq.com/'],
    modelled: [
      'protocols',
      'https-redirect-status-code',
      'host-aliases',
      'methods',
      'regex-prefix',
      'headers-separator',
    ].map((name) => `konghq.com/${name}`),
    harmless: /timeout|retries|request-buffering|response-buffering|tags|regex-priority|^konghq\.com\/headers\../,
  },
  compile: (ingresses) =>
    tableOf(
      [
        ...ingresses
          .flatMap(kongRoutes)
          .toSorted((a, b) => b.priority - a.priority || (idOf(a) < idOf(b) ? 1 : -1))
          .flatMap(tableRoutes),
        ...oldestDefault(ingresses),
      ],
      dotsAndSlashesResolved,
    ),
  unread: unreadValues,
  furtherHosts: (ingress) => aliasesOf(ingress).map((each) => each.toLowerCase()),
  countsForAllHosts: (ingress) => aliasesOf(ingress).some((each) => each.startsWith('*.')),
  remark:
    'The paths of one Ingress with the same host, Service and port are one route, as early as its longest path: more ' +
    'criteria first, then exact hosts, expressions, `Exact` and `Prefix` before plain prefixes, then the longer, so ' +
    'that `Prefix` beats an `Exact` path of the same text. `*.example.com` takes any number of labels, and a rule ' +
    'without a host takes what those with one leave. `/~` begins an expression in an `ImplementationSpecific` path; ' +
    '`konghq.com/protocols: https` answers plain HTTP with 426.',
  sources: [
    'Kong/kubernetes-ingress-controller internal/dataplane/translator/subtranslator/{ingress,ingress_atc}.go, ' +
      'internal/dataplane/kongstate/route.go (3.5.13)',
    'developer.konghq.com/kubernetes-ingress-controller/reference/annotations',
  ],
});

interface KongRoute {
  readonly ingress: Ingress;
  readonly rules: readonly IngressPath[];
  readonly hosts: readonly HostMatch[];
  readonly methods: readonly (string | null)[];
  readonly headers: readonly NamedTextMatch[];
  readonly priority: number;
}

function kongRoutes(ingress: Ingress): KongRoute[] {
  const aliases = aliasesOf(ingress);
  const headers = headersOf(ingress);
  const asked = annotationList(ingress, 'methods').map((each) => each.toUpperCase());
  const methods = asked.filter(isMethod);
  const keyOf = ({ host, backend }: IngressPath): string =>
    JSON.stringify([host ?? '', backend?.service, backend?.port]);
  return [...Map.groupBy(ingress.rules, keyOf).values()].map((rules) => {
    const hosts = [rules[0]?.host ?? [], aliases].flat();
    const lengths = rules.map((rule) => lengthOf(rule, ingress));
    return {
      ingress,
      rules,
      hosts: hosts.length === 0 ? [anything.host] : hosts.map(hostOf),
      methods: methods.length === 0 ? [null] : methods,
      headers,
      priority: priorityOf({
        criteria: 1 + [hosts, headers, asked].filter(({ length }) => length > 0).length,
        headers: headers.length,
        hasPlainHosts: hosts.length > 0 && !hosts.some((each) => each.startsWith('*')),
        hasExpression: rules.some((rule) => rule.pathType !== 'ImplementationSpecific' || isExpression(rule, ingress)),
        length: Math.max(...lengths),
      }),
    };
  });
}

/**
 * Of two routes with one priority the one with the greater id is tried first: a UUID of version 5, made of its name.
 * Sources: go-kong kong/ids.go; Kong/atc-router src/router.rs (`MatcherKey`). The ids are those of the golden files.
 */
const idOf = once(({ ingress: { namespace, name }, rules: [rule] }: KongRoute): string => {
  const host = (rule?.host ?? '').replaceAll('*', '_');
  return uuidOf(routesNamespace, `${namespace}.${name}.${rule?.backend?.service}.${host}.${rule?.backend?.port}`);
});

/** `routes` within the namespace of Kong's entities. */
const routesNamespace = uuidOf('fd02801f09574a15a55ac8d9606f30b5', 'routes');

/** In hexadecimal digits, without dashes (RFC 9562, 5.5). */
function uuidOf(namespace: string, name: string): string {
  const bytes = sha1(concatBytes(hexToBytes(namespace), utf8ToBytes(name))).slice(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytesToHex(bytes);
}

/** Source: ingress_atc.go `EncodeToPriority`, without the bits that all Ingresses have. */
function priorityOf(traits: {
  readonly criteria: number;
  readonly headers: number;
  readonly hasPlainHosts: boolean;
  readonly hasExpression: boolean;
  readonly length: number;
}): number {
  const { criteria, headers, hasPlainHosts, hasExpression, length } = traits;
  return (
    criteria * 2 ** 41 +
    Math.min(headers, 255) * 2 ** 33 +
    (hasPlainHosts ? 2 ** 32 : 0) +
    (hasExpression ? 2 ** 16 : 0) +
    Math.min(length, 2 ** 16 - 1)
  );
}

/** Source: ingress_atc.go `calculateIngressRoutePriorityTraits`: a `Prefix` counts with a slash at its end. */
function lengthOf(rule: IngressPath, ingress: Ingress): number {
  const path = withoutDoubleSlashes(rule.path);
  if (rule.pathType === 'Prefix') return path === '/' ? 1 : path.replace(/\/$/, '').length + 1;
  return isExpression(rule, ingress) ? path.length - regexPrefixOf(ingress).length : path.length;
}

function tableRoutes({ ingress, rules, hosts, methods, headers }: KongRoute): TableRoute[] {
  return rules.flatMap((rule) =>
    hosts.flatMap((host) =>
      methods.flatMap((method): TableRoute[] => {
        const match = { ...anything, host, path: kongPath(rule, ingress), method, headers };
        const made = routeOf(match, forwardTo(ingress, rule), { ingress, rule }, [becauseOf(ingress, rule)]);
        return [...refusalsOf(made, ingress), made];
      }),
    ),
  );
}

/** What no rule takes: the default backend of the oldest Ingress that has one (translate_ingress.go). */
function oldestDefault(ingresses: readonly Ingress[]): TableRoute[] {
  const [oldest] = ingresses
    .filter(({ defaultBackend }) => defaultBackend !== null)
    .toSorted((a, b) => (a.createdAt ?? '').localeCompare(b.createdAt ?? ''));
  if (oldest === undefined) return [];
  const route = routeOf(anything, forwardTo(oldest, null), { ingress: oldest, rule: null }, [becauseOf(oldest, null)]);
  return [...refusalsOf(route, oldest), route];
}

/**
 * A route with HTTPS among its protocols and no plain HTTP refuses that. What `protocols` says beats a forced redirect.
 * Source: kongstate/route.go `overrideHTTPSRedirectCode`, `overrideProtocols`.
 */
function refusalsOf(route: TableRoute, ingress: Ingress): TableRoute[] {
  const { annotations } = ingress.manifest;
  const written = annotationList(ingress, 'protocols');
  const protocols = written.every((each) => protocolsOfKong.includes(each)) ? written : [];
  const isForced = annotations.get(forceSsl) === 'true';
  const isRefused = protocols.length === 0 ? isForced : protocols.includes('https') && !protocols.includes('http');
  if (!isRefused) return [];
  const asked = Number(annotations.get('konghq.com/https-redirect-status-code'));
  const status = redirectStatuses.includes(asked) ? asked : isForced ? 302 : 426;
  const why = protocols.length === 0 ? `${forceSsl}: true` : 'konghq.com/protocols: https';
  const answer: AnswerToPlainHttp = {
    host: null,
    status,
    location: status === 426 ? null : sameUnderHttps,
    text:
      status === 426
        ? `Kong takes HTTPS alone here (${why}).`
        : `Kong redirects plain HTTP to {location}: it takes HTTPS alone here (${why}).`,
    at: ['metadata', 'annotations', protocols.length === 0 ? forceSsl : 'konghq.com/protocols'],
  };
  return [plainHttpAnswered(route, answer)];
}

const forceSsl = 'ingress.kubernetes.io/force-ssl-redirect';
const redirectStatuses = [301, 302, 307, 308, 426];
const protocolsOfKong = ['http', 'https', 'grpc', 'grpcs', 'tcp', 'udp', 'tls', 'tls_passthrough'];

/** Source: ingress.go `flattenMultipleSlashes`; ingress_atc.go `pathMatcherFromIngressPath`. */
function kongPath(rule: IngressPath, ingress: Ingress): PathMatch {
  const path = withoutDoubleSlashes(rule.path);
  if (rule.pathType === 'Exact') return { kind: 'exact', path };
  if (rule.pathType === 'Prefix') return { kind: 'elements', path };
  if (!isExpression(rule, ingress)) return { kind: 'text-prefix', path };
  const expression = path.slice(regexPrefixOf(ingress).length) || '/';
  return { kind: 'expression', expression, dialect: 'Rust', ignoresCase: false, anchors: 'start' };
}

function isExpression({ path, pathType }: IngressPath, ingress: Ingress): boolean {
  return pathType === 'ImplementationSpecific' && withoutDoubleSlashes(path).startsWith(regexPrefixOf(ingress));
}

function regexPrefixOf({ manifest: { annotations } }: Ingress): string {
  return annotations.get('konghq.com/regex-prefix') || '/~';
}

function withoutDoubleSlashes(path: string): string {
  return path.replaceAll(/\/{2,}/g, '/') || '/';
}

/** Source: atc_utils.go `hostMatcherFromHosts`: a wildcard is what the host ends in. */
function hostOf(host: string): HostMatch {
  return hostMatchOf(host.toLowerCase(), [], 'many');
}

/** A host that isn't one is passed over. */
function aliasesOf(ingress: Ingress): string[] {
  return annotationList(ingress, 'host-aliases').filter(isHost);
}

/** Source: ingress_atc.go `validHosts`; a name that fails is left out. */
function isHost(text: string): boolean {
  return /^(?:\*\.)?[a-z0-9]+(?:-+[a-z0-9]+)*(?:\.[a-z0-9]+(?:-+[a-z0-9]+)*)*(?:\.\*)?$/i.test(text);
}

/** Source: ingress_atc.go `validMethods`, the same. */
function isMethod(text: string): boolean {
  return /^[A-Z]+$/.test(text);
}

/** All of them are passed over. Source: kongstate/route.go; internal/annotations `HasForceSSLRedirectAnnotation`. */
function unreadValues(ingress: Ingress): UnreadValue[] {
  const { annotations } = ingress.manifest;
  const has = (name: string, isGood: (each: string) => boolean, kind: string): UnreadValue[] => {
    const bad = annotationList(ingress, name).find((each) => !isGood(each));
    const what = `${name} has ${bad}, which is no ${kind}`;
    return bad === undefined ? [] : [{ name: `konghq.com/${name}`, what, effect: 'annotation-ignored' }];
  };
  const code = 'https-redirect-status-code';
  const status = annotations.get(`konghq.com/${code}`) ?? '';
  const forced = annotations.get(forceSsl) ?? 'false';
  return [
    ...has('protocols', (each) => protocolsOfKong.includes(each), 'protocol of Kong'),
    ...has('methods', (each) => isMethod(each.toUpperCase()), 'method'),
    ...has('host-aliases', isHost, 'host'),
    ...(status === '' || redirectStatuses.includes(goInteger(status) ?? 0)
      ? []
      : [
          {
            name: `konghq.com/${code}`,
            what: noneOf(code, redirectStatuses.map(String), status),
            effect: 'annotation-ignored' as const,
          },
        ]),
    ...(forced === 'true' || forced === 'false'
      ? []
      : [{ name: forceSsl, what: noBoolean(forceSsl, forced), effect: 'taken-for-false' as const }]),
  ];
}

/** Each header by one of its values, `~*` in front of an expression. Source: annotations.go `ExtractHeaders`. */
function headersOf({ manifest: { annotations } }: Ingress): NamedTextMatch[] {
  const prefix = 'konghq.com/headers.';
  const separator = annotations.get('konghq.com/headers-separator') ?? ',';
  return [...annotations]
    .filter(([key, value]) => key.startsWith(prefix) && key.length > prefix.length && value !== '')
    .map(([key, value]) => ({
      name: key.slice(prefix.length).toLowerCase(),
      match: oneOf(value.split(separator).map((each) => each.trim())),
    }))
    .filter(({ name }) => name !== 'host');
}

function oneOf(values: readonly string[]): TextMatch {
  const [only = '', ...others] = values;
  if (others.length === 0 && !only.startsWith('~*')) return { kind: 'exact', text: only };
  const expression = values.map((each) => (each.startsWith('~*') ? each.slice(2) : `^${literal(each)}$`)).join('|');
  return { kind: 'expression', expression, dialect: 'Rust', ignoresCase: false, anchors: 'none' };
}

function annotationList({ manifest: { annotations } }: Ingress, name: string): string[] {
  return (annotations.get(`konghq.com/${name}`) ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
