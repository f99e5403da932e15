import type { Assumption } from '../../cluster/because.ts';
import type { Backend, Ingress, IngressPath } from '../../cluster/ingress.ts';
import type { Service, ServicePort } from '../../cluster/service.ts';
import { itemsAt, textAt, valueAt } from '../../manifest/value.ts';
import { bytesIn, quoted } from '../goText.ts';
import { expressionFault, type HostMatch, type PathMatch } from '../match.ts';
import { anything, type Forward, type RouteMatch, tableOf, type TableRoute } from '../routing/routeTable.ts';
import { becauseOf, forwardTo, routeOf } from './compiled.ts';
import type { ControllerSettings } from './controllerSettings.ts';
import { dialect } from './standard.ts';
import type { Surroundings } from './surroundings.ts';
import { traefikReading } from './traefikPath.ts';
import { noBoolean, noInteger, noneOf, type UnreadValue } from './unreadValue.ts';

const prefix = 'traefik.ingress.kubernetes.io/';

/**
 * Traefik 3. Each path becomes a router with a rule, and the longest rule, as text, comes first: `PathPrefix` is a
 * longer word than `Path`. Rules of one length come in an order by chance. A prefix goes letter by letter unless
 * `strictPrefixMatching` is set. A router without TLS takes plain HTTP, and HTTPS because the chart's `websecure` entry
 * point gives it TLS there; one with `router.tls` takes HTTPS alone. What an Ingress says in `tls` gives certificates
 * and nothing else.
 * Source: traefik/traefik pkg/provider/kubernetes/ingress/kubernetes.go, pkg/server/{aggregator,router/router}.go,
 * pkg/muxer/http (3.7.13). `npm run oracle -- traefik` asks them.
 */
export const traefik = dialect({
  id: 'traefik',
  product: 'Traefik',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)traefik[:@]/,
    watches: ({ args }) => args.some((each) => /^--?providers\.kubernetesingress(?!.*=false$)/i.test(each)),
    className: 'traefik',
    controllerName: 'traefik.io/ingress-controller',
  },
  compile(ingresses, surroundings) {
    const reader = readerOf(surroundings);
    const read = ingresses.map((ingress) => ({ ingress, annotated: annotationsOf(ingress) }));
    const asked = read.flatMap(({ ingress, annotated }) => (annotated === null ? [] : [{ ingress, annotated }]));
    const routers = asked.flatMap((each) => routersOf(each, reader));
    const { reads, says } = traefikReading(reader.entries.every(({ isSanitized }) => isSanitized));
    return tableOf(
      [
        ...redirects(reader),
        ...inOrder(routers),
        ...defaultRouters(asked, reader),
        ...asked.flatMap((each) => withoutService(each, reader)),
      ],
      reads,
      says,
    );
  },
  forwardedFor: () => 'replaces',
  annotations: {
    prefixes: [prefix],
    modelled: ['router.tls', 'router.pathmatcher', 'router.priority', 'router.entrypoints'].map(
      (name) => `${prefix}${name}`,
    ),
    harmless: /router\.tls\.|router\.observability|service\./,
  },
  unread: unreadValues,
  remark:
    'A `Prefix` goes letter by letter (`/foo` takes `/foobar`), the longest rule as text wins (a prefix over an ' +
    'exact path of its length) and of two as long either, a `defaultBackend` beside rules is ignored, `tls` gives ' +
    'certificates alone: plain HTTP gets 404 only with `router.tls`.',
  sources: [
    'traefik/traefik pkg/provider/kubernetes/ingress/{kubernetes,annotations}.go, pkg/muxer/http, pkg/server (3.7.13)',
    'doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress (path matchers, priority, TLS)',
    'doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-ingress ' +
      '(strictPrefixMatching, allowEmptyServices)',
    'doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority',
  ],
});

/** How this Traefik is set. */
interface Reader {
  readonly surroundings: Surroundings;
  readonly isStrict: boolean;
  readonly takesEmptyServices: boolean;
  readonly takesExternalNames: boolean;
  /** Whether `Host` knows wildcards (3.7 on); a wildcard was an expression before. */
  readonly hostKnowsWildcards: boolean;
  readonly entries: readonly EntryPoint[];
  readonly assumed: readonly Assumption[];
}

/** One of the two entry points that clients reach. */
interface EntryPoint {
  readonly name: string;
  readonly scheme: 'http' | 'https';
  /** It gives TLS to routers that ask for none. */
  readonly hasTls: boolean;
  /** It is one of those that a router has which names none. */
  readonly isDefault: boolean;
  readonly isSanitized: boolean;
}

function readerOf(surroundings: Surroundings): Reader {
  const { settings } = surroundings;
  const provider = (name: string): string | null => settings.argument(`providers.kubernetesingress.${name}`);
  const version = versionOf(settings);
  return {
    surroundings,
    isStrict: isOn(provider('strictprefixmatching')),
    // The chart sets it.
    takesEmptyServices: isOn(provider('allowemptyservices')) || !isToldByArguments(settings),
    takesExternalNames: isOn(provider('allowexternalnameservices')) || !isToldByArguments(settings),
    hostKnowsWildcards: version === null || version >= 3.07,
    entries: entryPointsOf(settings),
    assumed: version === null ? [ofUnknownVersion] : [],
  };
}

const ofUnknownVersion: Assumption = {
  id: 'traefik-version',
  text: 'nothing shows which version of Traefik runs: read as 3.7',
};

/** `3.07` for v3.7: as an image says it, else the profile; null where neither does. */
function versionOf({ images, version }: ControllerSettings): number | null {
  const ofImage = images.map((image) => /(?:^|\/)traefik:v?(\d+)\.(\d+)/.exec(image)).find((found) => found !== null);
  const [, major, minor] = ofImage ?? /^(\d+)\.(\d+)/.exec(version('traefik') ?? '') ?? [];
  return major === undefined ? null : Number(major) + Number(minor) / 100;
}

function isOn(argument: string | null): boolean {
  return argument !== null && argument !== 'false';
}

/** Whether the arguments say what Traefik is told, and no file does. */
function isToldByArguments({ argument }: ControllerSettings): boolean {
  return argument('entrypoints.web.address') !== null || argument('entrypoints.websecure.address') !== null;
}

/** As the arguments say, else as the chart has them. Source: cmd/traefik/traefik.go (`getDefaultsEntrypoints`). */
function entryPointsOf(settings: ControllerSettings): EntryPoint[] {
  const told = isToldByArguments(settings);
  const names = [
    { name: 'web', scheme: 'http' },
    { name: 'websecure', scheme: 'https' },
  ] as const;
  const own = (name: string, option: string): string | null => settings.argument(`entrypoints.${name}.${option}`);
  const isFlagged = (name: string): boolean => isOn(own(name, 'asdefault'));
  const someFlagged = names.some(({ name }) => isFlagged(name));
  return names.map(({ name, scheme }) => ({
    name,
    scheme,
    hasTls: told
      ? isOn(own(name, 'http.tls')) ||
        ['options', 'certresolver', 'domains[0].main'].some((each) => own(name, `http.tls.${each}`) !== null)
      : scheme === 'https',
    isDefault: !someFlagged || isFlagged(name),
    isSanitized: own(name, 'http.sanitizepath') !== 'false',
  }));
}

/** The annotations of an Ingress that decide. */
interface Annotated {
  readonly hasTls: boolean;
  readonly pathMatcher: string | null;
  /** 0 for the length of the rule. */
  readonly priority: number;
  /** Null for the default ones. */
  readonly entryPoints: readonly string[] | null;
}

const routerFields = new Set([
  'pathmatcher',
  'entrypoints',
  'middlewares',
  'priority',
  'rulesyntax',
  'tls',
  'observability',
]);

/**
 * Null where Traefik can't read them, and passes over the whole Ingress.
 * Source: pkg/provider/kubernetes/ingress/annotations.go (`parseRouterConfig`); traefik/paerser parser.
 */
function annotationsOf(ingress: Ingress): Annotated | null {
  if (unreadValues(ingress).some(({ effect }) => effect === 'ingress-ignored')) return null;
  const written = routerAnnotations(ingress);
  const given = new Map(written.map(({ path, value }) => [path, value]));
  const tls = given.get('tls');
  return {
    hasTls: tls === undefined ? written.some(({ field }) => field === 'tls') : isTls(tls),
    pathMatcher: given.get('pathmatcher') ?? null,
    priority: Number(given.get('priority') ?? '0'),
    entryPoints:
      given
        .get('entrypoints')
        ?.split(',')
        .map((each) => each.trim()) ?? null,
  };
}

/** What an Ingress says of its routers: the annotation, the path into the router's fields, and the first of these. */
function routerAnnotations({ manifest: { annotations } }: Ingress): {
  readonly name: string;
  readonly path: string;
  readonly field: string;
  readonly value: string;
}[] {
  const start = `${prefix}router.`;
  return [...annotations].flatMap(([name, value]) => {
    if (!name.startsWith(start)) return [];
    const path = name.slice(start.length).toLowerCase();
    return [{ name, path, field: path.split(/[.[]/)[0] ?? '', value }];
  });
}

function isTls(value: string): boolean {
  return value === '' || value.toLowerCase() === 'true';
}

const pathMatchers = ['Path', 'PathPrefix', 'PathRegexp'];

/**
 * For one field that a router hasn't the whole Ingress is passed over. A `tls` other than true is none.
 * Source: pkg/provider/kubernetes/ingress/{annotations,kubernetes}.go; traefik/paerser parser/nodes_metadata.go.
 */
function unreadValues(ingress: Ingress): UnreadValue[] {
  const asksForMatcher = ingress.rules.some(({ pathType }) => pathType === 'ImplementationSpecific');
  return routerAnnotations(ingress).flatMap(({ name, path, field, value }): UnreadValue[] => {
    const short = name.slice(prefix.length);
    if (!routerFields.has(field))
      return [{ name, what: `${short} is no field of Traefik's routers`, effect: 'ingress-ignored' }];
    if (path === 'priority' && !/^[+-]?\d+$/.test(value))
      return [{ name, what: noInteger(short, value), effect: 'ingress-ignored' }];
    if (path === 'tls' && !isTls(value) && value.toLowerCase() !== 'false')
      return [{ name, what: noBoolean(short, value), effect: 'taken-for-false' }];
    if (path === 'pathmatcher' && asksForMatcher && !pathMatchers.includes(value))
      return [{ name, what: noneOf(short, pathMatchers, value), effect: 'paths-ignored' }];
    return [];
  });
}

/** An Ingress whose annotations could be read. */
interface Asking {
  readonly ingress: Ingress;
  readonly annotated: Annotated;
}

interface Router {
  readonly rank: number;
  readonly rule: string;
  readonly route: TableRoute;
}

/** What a path asks of a request, and as text, of which the length counts. */
interface Rule {
  readonly match: RouteMatch;
  readonly text: string;
}

/**
 * The routers of an Ingress; of two with one rule the later.
 * Source: kubernetes.go (`loadConfigurationFromIngresses`).
 */
function routersOf(asking: Asking, reader: Reader): Router[] {
  const byRule = new Map<string, Router>();
  for (const path of asking.ingress.rules) {
    const rule = isServed(asking.ingress, path.backend, reader) ? ruleOf(asking, path, reader) : null;
    if (rule !== null) byRule.set(rule.text, routerOf(asking, path, rule, reader));
  }
  return [...byRule.values()].filter(({ route: { match } }) => isRead(match.path));
}

function routerOf({ ingress, annotated }: Asking, path: IngressPath, { match, text }: Rule, reader: Reader): Router {
  const route = routeOf(match, forwardOf(ingress, path, reader), { ingress, rule: path }, [becauseOf(ingress, path)]);
  return {
    rule: text,
    rank: annotated.priority === 0 ? bytesIn(text) : annotated.priority,
    route: { ...route, assumed: match.host.kind === 'wildcard' ? reader.assumed : [] },
  };
}

/** A router whose expression Go refuses isn't there. */
function isRead(path: PathMatch): boolean {
  if (path.kind !== 'expression') return true;
  const fault = expressionFault(path.expression, path.dialect);
  return fault === null || fault.kind === 'not-looked-into';
}

/** Null where no request can meet it. Source: kubernetes.go (`loadRouter`, `buildRule`). */
function ruleOf({ ingress, annotated }: Asking, rule: IngressPath, reader: Reader): Rule | null {
  const scheme = schemeOf(annotated, reader);
  const path = pathOf({ ingress, annotated }, rule, reader);
  if (scheme === 'neither' || path === null) return null;
  const host = hostOf(rule, reader);
  const text = [host.text, path.text].filter((each) => each !== '').join(' && ');
  return text === '' ? null : { match: { ...anything, scheme, host: host.match, path: path.match }, text };
}

/** The requests that a router's entry points and its TLS let it take: null for both. */
function schemeOf({ entryPoints, hasTls }: Annotated, { entries }: Reader): 'http' | 'https' | 'neither' | null {
  const taken = entries.filter(
    ({ name, scheme, isDefault, hasTls: givesTls }) =>
      (entryPoints === null ? isDefault : entryPoints.includes(name)) && (scheme === 'https') === (hasTls || givesTls),
  );
  const [first] = taken;
  return first === undefined ? 'neither' : taken.length > 1 ? null : first.scheme;
}

/** Source: pkg/muxer/domain.go (`DomainMatchHostExpression`); before 3.7 kubernetes.go (`buildHostRule`). */
function hostOf(
  { host }: IngressPath,
  { hostKnowsWildcards }: Reader,
): { readonly match: HostMatch; readonly text: string } {
  if (host === null) return { match: anything.host, text: '' };
  if (!host.startsWith('*.'))
    return { match: { kind: 'exact', host: host.toLowerCase() }, text: `Host(${quoted(host)})` };
  return {
    match: { kind: 'wildcard', pattern: host.toLowerCase(), labels: 'one', but: [] },
    text: hostKnowsWildcards
      ? `Host(${quoted(host)})`
      : `HostRegexp(\`^[a-zA-Z0-9-]+${host.slice(1).replaceAll('.', '\\.')}$\`)`,
  };
}

/** Null where Traefik passes over the path. */
function pathOf(
  { ingress, annotated }: Asking,
  rule: IngressPath,
  { isStrict }: Reader,
): { readonly match: PathMatch; readonly text: string } | null {
  const { path, pathType } = rule;
  if (textAt(valueAt(ingress.manifest.value, ...rule.at), 'path') === undefined || path === '')
    return { match: anything.path, text: '' };
  const matcher =
    pathType === 'Exact' ? 'Path' : pathType === 'Prefix' ? 'PathPrefix' : (annotated.pathMatcher ?? 'PathPrefix');
  const text = `${matcher}(${quoted(path)})`;
  switch (matcher) {
    case 'Path':
      return { match: { kind: 'exact', path }, text };
    case 'PathRegexp':
      return {
        match: { kind: 'expression', expression: path, dialect: 'RE2', ignoresCase: false, anchors: 'none' },
        text,
      };
    case 'PathPrefix': {
      if (!isStrict || path === '/') return { match: { kind: 'text-prefix', path }, text };
      const bare = path.replace(/\/$/, '');
      return {
        match: { kind: 'elements', path },
        text: `(Path(${quoted(bare)}) || PathPrefix(${quoted(`${bare}/`)}))`,
      };
    }
    default:
      return null;
  }
}

/** Whether a router is made for a backend. Source: kubernetes.go (`loadService`). */
function isServed({ namespace }: Ingress, backend: Backend | null, reader: Reader): boolean {
  if (backend === null) return false;
  const found = reader.surroundings.service(namespace, backend.service);
  if (found === null) return false;
  const { service, hasEndpoints } = found;
  if (service === null) return true;
  const port = portNamed(service, backend.port);
  if (port === undefined) return false;
  if (service.type === 'ExternalName') return reader.takesExternalNames;
  return reader.takesEmptyServices || annotationOf(service, 'service.nativelb') === 'true' || hasEndpoints(port);
}

function portNamed({ ports }: Service, wanted: Backend['port']): ServicePort | undefined {
  return ports.find(({ port, name }) => port === wanted || (name !== '' && name === wanted));
}

function annotationOf({ manifest: { annotations } }: Service, name: string): string | null {
  return annotations.get(`${prefix}${name}`) ?? null;
}

/**
 * With `passHostHeader: false` a backend is asked by its own address; with `nativeLB` it is the Service's.
 * Source: pkg/proxy/httputil/proxy.go; kubernetes.go (`loadService`).
 */
function forwardOf(ingress: Ingress, rule: IngressPath | null, { surroundings }: Reader): Forward {
  const forward = forwardTo(ingress, rule);
  const [{ service: name } = { service: null }] = forward.to;
  const service = name === null ? null : (surroundings.service(ingress.namespace, name)?.service ?? null);
  const passesHost = service === null || annotationOf(service, 'service.passhostheader') !== 'false';
  const isNative = service !== null && annotationOf(service, 'service.nativelb') === 'true';
  return {
    ...forward,
    to: forward.to.map((each) => ({ ...each, viaClusterAddress: isNative })),
    edits: passesHost ? [] : [{ kind: 'host-of-backend' }],
  };
}

/** The longest first; those as long in an order by chance. Source: pkg/muxer/http/mux.go (`AddRoute`, `Less`). */
function inOrder(routers: readonly Router[]): TableRoute[] {
  return routers.toSorted((a, b) => b.rank - a.rank).map(({ rank, route }) => ({ ...route, tie: rank }));
}

/**
 * Of the Ingresses without rules one has its default backend taken, by chance: the first that is read. One beside rules
 * is ignored.
 */
function defaultRouters(asking: readonly Asking[], reader: Reader): TableRoute[] {
  const able = asking.filter(
    ({ ingress }) =>
      itemsAt(ingress.manifest.value, 'spec', 'rules').length === 0 &&
      isServed(ingress, ingress.defaultBackend, reader),
  );
  return able.flatMap(({ ingress, annotated }): TableRoute[] => {
    const scheme = schemeOf(annotated, reader);
    const because = [becauseOf(ingress, null)];
    const of = { ingress, rule: null };
    const made =
      scheme === 'neither' ? [] : [routeOf({ ...anything, scheme }, forwardOf(ingress, null, reader), of, because)];
    const nothing = { kind: 'answer', status: 404, reason: 'no-matching-rule', location: null, text: '' } as const;
    const others = scheme === null || able.length < 2 ? [] : [routeOf(anything, nothing, of, because)];
    return [...made, ...others].slice(0, 1).map((each) => ({ ...each, tie: Number.NEGATIVE_INFINITY }));
  });
}

/** What meets nothing else and a rule whose Service, or its port, isn't there: Traefik makes no router of that. */
function withoutService(asking: Asking, reader: Reader): TableRoute[] {
  const { ingress } = asking;
  return ingress.rules.flatMap((path) => {
    if (path.backend === null || isServed(ingress, path.backend, reader)) return [];
    const rule = ruleOf(asking, path, reader);
    if (rule === null || !isRead(rule.match.path)) return [];
    return [{ ...routerOf(asking, path, rule, reader).route, statusWithoutBackend: 404 }];
  });
}

/**
 * An entry point that redirects all.
 * Source: pkg/provider/traefik/internal.go (`redirection`), pkg/middlewares/redirect.
 */
function redirects({ surroundings: { settings }, entries }: Reader): TableRoute[] {
  return entries.flatMap(({ name, scheme, hasTls }) => {
    const asked = (option: string): string | null =>
      settings.argument(`entrypoints.${name}.http.redirections.entrypoint.${option}`);
    const to = asked('to');
    if (to === null || hasTls !== (scheme === 'https')) return [];
    const port =
      /^:(\d+)$/.exec(to)?.[1] ?? /:(\d+)(?:\/|$)/.exec(settings.argument(`entrypoints.${to}.address`) ?? '')?.[1];
    if (port === undefined) return [];
    const target = asked('scheme') ?? 'https';
    const isUsual = port === (target === 'https' ? '443' : target === 'http' ? '80' : '');
    const host = { of: 'before-colon', what: { of: 'authority' } } as const;
    const location = [`${target}://`, host, isUsual ? '' : `:${port}`, { of: 'asked' }] as const;
    const isPermanent = asked('permanent') !== 'false';
    return (['GET', null] as const).map((method) => {
      const status = isPermanent ? (method === 'GET' ? 301 : 308) : method === 'GET' ? 302 : 307;
      const text = `entry point ${name} redirects to {location} (${status})`;
      const answer = { kind: 'answer', status, reason: 'redirect', location, text } as const;
      return routeOf({ ...anything, scheme, method }, answer, null, []);
    });
  });
}
