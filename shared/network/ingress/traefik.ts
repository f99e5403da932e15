import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import type { PathMatch } from '../match.ts';
import { anything, tableOf, type TableRoute } from '../routing/routeTable.ts';
import { becauseOf, byHost, defaultRoutes, forwardTo, routeOf } from './compiled.ts';
import type { ControllerSettings } from './controllerSettings.ts';
import type { IngressDialect } from './ingressDialect.ts';

const prefix = 'traefik.ingress.kubernetes.io/';

/**
 * Traefik 3.6. Each path becomes a rule, and the longest rule, as text, comes first: `PathPrefix` is a longer word than
 * `Path`, and a wildcard host a longer rule than an exact one. A prefix goes letter by letter unless
 * `strictPrefixMatching` is set. A router with TLS takes HTTPS alone. One without takes both, because the chart's
 * `websecure` entry point gives it TLS.
 */
export const traefik: IngressDialect = {
  id: 'traefik',
  product: 'Traefik',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)traefik[:@]/,
    className: 'traefik',
    controllerName: 'traefik.io/ingress-controller',
  },
  compile: (ingresses, { settings }) =>
    tableOf([...rulesOf(ingresses, settings), ...defaultRoutes(ingresses)], 'without-dots-and-double-slashes'),
  forwardedFor: () => 'replaces',
  readsProxyProtocol: () => null,
  viaClusterAddress: (_, { manifest: { annotations } }) =>
    annotations.get('traefik.ingress.kubernetes.io/service.nativelb') === 'true',
  takesTargetPorts: false,
  isCanary: () => false,
  sendsToPods: () => false,
  annotations: {
    prefixes: [prefix],
    modelled: ['router.tls', 'router.pathmatcher', 'router.priority', 'service.nativelb'].map(
      (name) => `${prefix}${name}`,
    ),
    harmless: /router\.tls\.|service\.(?:passhostheader|sticky|serversscheme|serverstransport)|router\.observability/,
  },
  groupOf: () => '',
  remark:
    'A `Prefix` goes letter by letter (`/foo` takes `/foobar`), the longest rule as text wins (a prefix over an ' +
    'exact path of its length), and plain HTTP gets 404 where the Ingress has TLS.',
  sources: [
    'doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress (path matchers, priority, TLS)',
    'doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-ingress ' +
      '(strictPrefixMatching)',
    'doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority',
  ],
};

function annotation({ manifest: { annotations } }: Ingress, name: string): string | null {
  return annotations.get(`${prefix}${name}`) ?? null;
}

function hasTls(ingress: Ingress): boolean {
  return ingress.hasTls || annotation(ingress, 'router.tls') === 'true';
}

function rulesOf(ingresses: readonly Ingress[], settings: ControllerSettings): TableRoute[] {
  const isStrict = settings.argument('providers.kubernetesingress.strictprefixmatching') === 'true';
  const ranked = byHost(ingresses).flatMap(({ host, rules }) =>
    rules.map(({ ingress, rule }) => ({
      rank: priority(ingress, rule, isStrict),
      route: routeOf(
        {
          ...anything,
          scheme: hasTls(ingress) ? 'https' : null,
          host: 'but' in host ? { ...host, but: [] } : host,
          path: traefikPath(ingress, rule, isStrict),
        },
        forwardTo(ingress, rule),
        { ingress, rule },
        [becauseOf(ingress, rule)],
      ),
    })),
  );
  return ranked.toSorted((a, b) => b.rank - a.rank).map(({ route }) => route);
}

function matcher(ingress: Ingress, { pathType }: IngressPath): 'Path' | 'PathPrefix' | 'PathRegexp' {
  if (pathType === 'Exact') return 'Path';
  const asked = annotation(ingress, 'router.pathmatcher');
  return pathType === 'ImplementationSpecific' && (asked === 'Path' || asked === 'PathRegexp') ? asked : 'PathPrefix';
}

function traefikPath(ingress: Ingress, rule: IngressPath, isStrict: boolean): PathMatch {
  const { path, pathType } = rule;
  switch (matcher(ingress, rule)) {
    case 'Path':
      return { kind: 'exact', path };
    case 'PathRegexp':
      return { kind: 'expression', expression: path, dialect: 'RE2', ignoresCase: false, anchors: 'none' };
    default:
      return isStrict && pathType === 'Prefix' ? { kind: 'elements', path } : { kind: 'text-prefix', path };
  }
}

/** The length of the rule as Traefik writes it, unless one is given. */
function priority(ingress: Ingress, rule: IngressPath, isStrict: boolean): number {
  const given = Number(annotation(ingress, 'router.priority') ?? 0);
  if (given > 0) return given;
  const { host, path } = rule;
  const hosts =
    host === null
      ? ''
      : host.startsWith('*.')
        ? `HostRegexp(\`^[a-zA-Z0-9-]+${host.slice(1).replaceAll('.', '\\.')}$\`)`
        : `Host(\`${host}\`)`;
  const bare = path.replace(/\/$/, '');
  const paths =
    isStrict && rule.pathType === 'Prefix' && bare !== ''
      ? `(Path(\`${bare}\`) || PathPrefix(\`${bare}/\`))`
      : `${matcher(ingress, rule)}(\`${path}\`)`;
  return [hosts, paths].filter((each) => each !== '').join(' && ').length;
}
