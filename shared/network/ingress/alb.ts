import Fraction from 'fraction.js';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { integerAt, isList, isMap, itemsAt, textAt, type Value } from '../../manifest/value.ts';
import { goBoolean, goInteger } from '../goText.ts';
import type { HostMatch, PathMatch } from '../match.ts';
import { asItIs } from '../normalization.ts';
import type { LocationPiece, LocationTemplate } from '../routing/location.ts';
import { anything, type RouteAction, tableOf, type TableRoute } from '../routing/routeTable.ts';
import { annotated, answer, backendOf, becauseOf, defaultRoutes, forwardTo, hostMatchOf, routeOf } from './compiled.ts';
import { dialect } from './standard.ts';
import { noBoolean, noInteger, noneOf, type UnreadValue } from './unreadValue.ts';

const targetType = 'alb.ingress.kubernetes.io/target-type';

/**
 * AWS Load Balancer Controller 2 and 3: an Application Load Balancer for each Ingress, or for each group of them. Its
 * rules are tried as they are written, group order first; only within one rule of an Ingress are paths sorted. No host
 * has rules of its own: what its paths leave, a later rule takes.
 * Sources: kubernetes-sigs/aws-load-balancer-controller v3.5.0 pkg/ingress/model_build_listener_rules.go,
 * model_build_listener.go, model_builder.go, model_build_actions.go, enhanced_backend_builder.go, group_loader.go, with
 * their tests. Left out: `conditions.*` and `transforms.*`, who must log in, which ports are listened at, and what
 * fails the whole group (two default backends, wildcards in a `Prefix`).
 */
export const alb = dialect({
  id: 'alb',
  product: 'AWS Load Balancer Controller',
  presence: { kind: 'cloud', classNames: ['alb'], controllerName: 'ingress.k8s.aws/alb' },
  annotations: {
    prefixes: ['alb.ingress.kubernetes.io/'],
    modelled: ['target-type', 'group.name', 'group.order', 'ssl-redirect', 'use-regex-path-match'].map(
      (name) => `alb.ingress.kubernetes.io/${name}`,
    ),
    harmless: new RegExp(
      [
        'healthcheck',
        'subnets',
        'security-groups',
        'certificate-arn',
        'tags',
        'scheme',
        'ip-address-type',
        'load-balancer-',
        'success-codes',
        'actions\\.',
        'listen-ports',
        'ssl-policy',
        'wafv2',
        'shield',
      ].join('|'),
    ),
  },
  compile(ingresses) {
    const sorted = ingresses.toSorted(byGroupOrder);
    return tableOf([...redirectOf(sorted), ...sorted.flatMap(rulesOf), ...defaultRoutes(sorted)], asItIs);
  },
  unread: unreadValues,
  namesAction: (ingress, { service, port }) =>
    port === 'use-annotation' && said(ingress, `actions.${service}`) !== undefined,
  // What a Service says beats what the Ingress says.
  sendsToPods: (service, ingress) =>
    (service.manifest.annotations.get(targetType) ?? ingress?.manifest.annotations.get(targetType)) === 'ip',
  // One target group, of IPv6 as soon as the Service has it: pkg/ingress/model_build_target_group.go (3.5).
  podFamily: ({ ipFamilies }) => (ipFamilies.includes('IPv6') ? 'IPv6' : 'IPv4'),
  groupOf: ({ namespace, name, manifest: { annotations } }) =>
    annotations.get('alb.ingress.kubernetes.io/group.name') ?? `${namespace}/${name}`,
  remark:
    'Each Ingress has a load balancer of its own, unless `group.name` puts several on one. Rules are tried as they ' +
    'are written, a wildcard before an exact host too; within a rule `Exact`, the longest `Prefix`, then the others. ' +
    'An `ImplementationSpecific` path is exact, with `*` and `?` as wildcards.',
  sources: [
    'kubernetes-sigs/aws-load-balancer-controller pkg/ingress (3.5.0), docs/guide/ingress/annotations.md',
    'docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html (path conditions)',
  ],
});

function said({ manifest: { annotations } }: Ingress, name: string): string | undefined {
  return annotations.get(`alb.ingress.kubernetes.io/${name}`);
}

/**
 * A group of which one Ingress can't be read is left as it is; an Ingress with a broken group name is in none.
 * Sources: group_loader.go, model_builder.go, model_build_target_group.go, model_build_listener_rules.go,
 * enhanced_backend_builder.go; pkg/annotations/parser.go.
 */
function unreadValues(ingress: Ingress): UnreadValue[] {
  const unread = (
    short: string,
    whatOf: (value: string) => string | null,
    effect: UnreadValue['effect'] = 'balancer-unchanged',
  ): UnreadValue[] => {
    const value = said(ingress, short);
    const what = value === undefined ? null : whatOf(value);
    return what === null ? [] : [{ name: `alb.ingress.kubernetes.io/${short}`, what, effect }];
  };
  const actions = ingress.rules.flatMap(({ backend }) =>
    backend?.port === 'use-annotation' ? [`actions.${backend.service}`] : [],
  );
  const asksForExpressions = ingress.rules.some(({ pathType }) => pathType === 'ImplementationSpecific');
  return [
    ...unread(
      'group.name',
      (value) =>
        value.length <= 63 && /^(?:[a-z0-9][-a-z0-9.]*)?[a-z0-9]$/.test(value)
          ? null
          : `group.name is no name of small letters, digits, hyphens and dots: ${value}`,
      'ingress-ignored',
    ),
    ...unread('group.order', (value) => {
      const order = goInteger(value);
      if (order === null) return noInteger('group.order', value);
      return Math.abs(order) > 1000 ? `group.order is not between -1000 and 1000: ${value}` : null;
    }),
    ...unread('ssl-redirect', (value) => (goInteger(value) === null ? noInteger('ssl-redirect', value) : null)),
    ...unread('target-type', (value) =>
      ['instance', 'ip'].includes(value) ? null : noneOf('target-type', ['instance', 'ip'], value),
    ),
    ...unread('use-regex-path-match', (value) =>
      !asksForExpressions || goBoolean(value) !== null ? null : noBoolean('use-regex-path-match', value),
    ),
    ...[...new Set(actions)].flatMap((short) =>
      unread(short, (value) => (readJson(value) === undefined ? `${short} is no JSON` : null)),
    ),
  ];
}

/** Source: group_loader.go `sortGroupMembers`. */
function byGroupOrder(a: Ingress, b: Ingress): number {
  const orderOf = (each: Ingress): number => Number(said(each, 'group.order') ?? 0) || 0;
  const nameOf = ({ namespace, name }: Ingress): string => `${namespace}/${name}`;
  return orderOf(a) - orderOf(b) || (nameOf(a) < nameOf(b) ? -1 : 1);
}

/** Where one of the group asks, nothing else answers plain HTTP. Source: model_builder.go `buildSSLRedirectConfig`. */
function redirectOf(ingresses: readonly Ingress[]): TableRoute[] {
  const ingress = ingresses.find((each) => said(each, 'ssl-redirect') !== undefined);
  if (ingress === undefined) return [];
  const port = said(ingress, 'ssl-redirect') ?? '443';
  const location: LocationTemplate = ['https://', { of: 'host' }, `:${port}`, { of: 'asked' }];
  const text = 'The load balancer redirects plain HTTP to {location}.';
  const because = annotated(ingress, 'alb.ingress.kubernetes.io/ssl-redirect', `ssl-redirect: ${port}`);
  return [
    routeOf({ ...anything, scheme: 'http' }, answer(301, 'tls-redirect', text, location), { ingress, rule: null }, [
      because,
    ]),
  ];
}

/** Source: model_build_listener_rules.go `buildListenerRules`, `sortIngressPaths`. */
function rulesOf(ingress: Ingress): TableRoute[] {
  const rules = [...Map.groupBy(ingress.rules, ({ at }) => at[2]).values()];
  return rules.flatMap((own) =>
    [
      ...own.filter(({ pathType }) => pathType === 'Exact'),
      ...own.filter(({ pathType }) => pathType === 'Prefix').toSorted((a, b) => b.path.length - a.path.length),
      ...own.filter(({ pathType }) => pathType === 'ImplementationSpecific'),
    ].map((rule) => {
      const { action, scheme } = actionOf(ingress, rule);
      const match = { ...anything, scheme, host: hostOf(rule), path: albPath(rule, ingress) };
      return routeOf(match, action, { ingress, rule }, [becauseOf(ingress, rule)]);
    }),
  );
}

/** A star takes any letters, dots among them. */
function hostOf({ host }: IngressPath): HostMatch {
  return hostMatchOf(host?.toLowerCase() ?? '', [], 'many');
}

/** Source: model_build_listener_rules.go `buildPathPatterns`. */
function albPath({ path, pathType }: IngressPath, ingress: Ingress): PathMatch {
  if (path === '') return anything.path;
  if (pathType === 'Exact') return { kind: 'exact', path };
  if (pathType === 'Prefix') return { kind: 'elements', path };
  if (goBoolean(said(ingress, 'use-regex-path-match') ?? '') === true) return { kind: 'unknown', text: path.slice(1) };
  if (!/[*?]/.test(path)) return { kind: 'exact', path };
  const expression = path
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return { kind: 'expression', expression, dialect: 'RE2', ignoresCase: false, anchors: 'both' };
}

/** What a rule does, and for which scheme. */
interface Acting {
  readonly action: RouteAction;
  readonly scheme: TableRoute['match']['scheme'];
}

/**
 * A backend whose port is `use-annotation` is what `actions.NAME` says. A redirect that would lead to itself is left
 * out of the listener. Source: enhanced_backend_builder.go `buildActionViaAnnotation`, rule_optimizer.go.
 */
function actionOf(ingress: Ingress, rule: IngressPath): Acting {
  const { backend } = rule;
  if (backend?.port !== 'use-annotation') return { action: forwardTo(ingress, rule), scheme: null };
  const name = `actions.${backend.service}`;
  const asked = inGoKeys(readJson(said(ingress, name) ?? ''));
  switch (textAt(asked, 'type')) {
    case 'fixed-response': {
      const status = Number(textAt(asked, 'fixedResponseConfig', 'statusCode')) || 503;
      return {
        action: answer(status, 'no-matching-rule', `The load balancer answers itself (${name}).`),
        scheme: null,
      };
    }
    case 'redirect':
      return redirectIn(asked, name);
    case 'forward': {
      const groups = itemsAt(asked, 'forwardConfig', 'targetGroups');
      const weights = groups.map((group) => integerAt(group, 'weight') ?? 1);
      const total = weights.reduce((sum, each) => sum + each, 0);
      const to = groups.map((group, index) => {
        const service = textAt(group, 'serviceName');
        const port = integerAt(group, 'servicePort') ?? textAt(group, 'servicePort') ?? null;
        const written = service === undefined ? null : { service, port, at: backend.at };
        return backendOf(ingress, written, new Fraction(weights[index] ?? 1, Math.max(total, 1)));
      });
      return total > 0
        ? { action: { kind: 'forward', to, edits: [], passesTls: false }, scheme: null }
        : { action: { kind: 'unknown', what: name }, scheme: null };
    }
    default:
      return { action: { kind: 'unknown', what: name }, scheme: null };
  }
}

/** What leads to the same URL under HTTPS isn't asked of HTTPS itself. */
function redirectIn(asked: Value | undefined, name: string): Acting {
  const config = (key: string): string | undefined => textAt(asked, 'redirectConfig', key);
  const isSame =
    (config('host') ?? '#{host}') === '#{host}' &&
    (config('path') ?? '/#{path}') === '/#{path}' &&
    (config('query') ?? '#{query}') === '#{query}';
  const status = config('statusCode') === 'HTTP_302' ? 302 : 301;
  const leadsToHttps = isSame && config('protocol') === 'HTTPS';
  const query = config('query') ?? '#{query}';
  const location: LocationTemplate = [
    ...piecesOf((config('protocol') ?? '#{protocol}').replace(/^HTTPS?$/, (each) => each.toLowerCase())),
    '://',
    ...piecesOf(config('host') ?? '#{host}'),
    ':',
    ...piecesOf(config('port') ?? '#{port}'),
    ...piecesOf(config('path') ?? '/#{path}'),
    ...piecesOf(query === '' ? '' : `?${query}`),
  ];
  const text = `The load balancer redirects to {location} (${name}).`;
  return {
    action: answer(status, leadsToHttps ? 'tls-redirect' : 'redirect', text, location),
    scheme: leadsToHttps ? 'http' : null,
  };
}

/** A text with what stands for the request's own parts. */
function piecesOf(text: string): LocationTemplate {
  return text
    .split(/(\/#\{path\}|\?#\{query\}|#\{(?:protocol|host|port)\})/)
    .filter((each) => each !== '')
    .map((each) => partsOfRequest.get(each) ?? each);
}

const partsOfRequest = new Map<string, LocationPiece>([
  ['#{protocol}', { of: 'scheme' }],
  ['#{host}', { of: 'host' }],
  ['#{port}', { of: 'port', http: 80, https: 443 }],
  ['/#{path}', { of: 'path' }],
  ['?#{query}', { of: 'query' }],
]);

function readJson(text: string): Value | undefined {
  try {
    // What `JSON.parse` gives is a Value by its grammar.
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/** Go finds `type` under `Type` too. */
function inGoKeys(value: Value | undefined): Value | undefined {
  if (isList(value)) return value.map((each) => inGoKeys(each) ?? null);
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key.charAt(0).toLowerCase() + key.slice(1), inGoKeys(each) ?? null]),
  );
}
