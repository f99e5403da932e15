import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import type { HostMatch, PathMatch } from '../match.ts';
import { asItIs, type PathReading } from '../normalization.ts';
import { anything, tableOf, type TableRoute } from '../routing/routeTable.ts';
import {
  type AnswerToPlainHttp,
  becauseOf,
  byHost,
  defaultRoutes,
  defaultServiceRoutes,
  forwardTo,
  passThroughRoutes,
  plainHttpAnswered,
  routeOf,
  type RuleOfIngress,
} from './compiled.ts';
import type { ControllerSettings } from './controllerSettings.ts';
import type { IngressDialect, Stated } from './ingressDialect.ts';
import { written } from '../../cluster/because.ts';

/** What tells one controller's reading from another's, where rules are tried by host and rank. */
interface RankedReading {
  /** What a rule's path takes. */
  readonly pathOf: (rule: IngressPath, ingress: Ingress) => PathMatch;
  /** The higher, the earlier, among the rules of one host. */
  readonly rank: (rule: IngressPath, path: PathMatch) => number;
  /** Of two rules of one rank, which is earlier: negative for the first; by default the one that is written earlier. */
  readonly tieBreak?: (one: RuleOfIngress, other: RuleOfIngress) => number;
  /** The Ingresses that count: those whose host another has taken may not. */
  readonly accepted?: (ingresses: readonly Ingress[]) => readonly Ingress[];
  /** What a route's Ingress makes the controller answer to plain HTTP. */
  readonly toPlainHttp?: (
    ingress: Ingress,
    host: HostMatch,
    ingresses: readonly Ingress[],
  ) => readonly AnswerToPlainHttp[];
  /** Where an Ingress closes the port for plain HTTP; null where it doesn't. */
  readonly closesPlainHttp?: (ingress: Ingress) => Stated | null;
  /** Whether an Ingress's TLS is passed on as it is, to be ended by the pods. */
  readonly passesTlsThrough?: (ingress: Ingress) => boolean;
  /** The Service (`namespace/name`) that gets what no rule takes; null where its arguments name none. */
  readonly defaultService?: (settings: ControllerSettings) => string | null;
  readonly reads?: PathReading;
}

/** A controller by what it does of its own; where nothing is said, it does what most do. */
export function dialect(
  own: Pick<IngressDialect, 'id' | 'product' | 'presence' | 'compile' | 'remark' | 'sources'> & Partial<IngressDialect>,
): IngressDialect {
  return {
    forwardedFor: () => 'appends',
    readsProxyProtocol: () => null,
    viaClusterAddress: () => false,
    takesTargetPorts: false,
    namesAction: () => false,
    isCanary: () => false,
    sendsToPods: () => false,
    annotations: { prefixes: [], modelled: [], harmless: /^$/ },
    unread: () => [],
    unreadRules: () => [],
    groupOf: () => '',
    ...own,
  };
}

/** The usual table: exact hosts before wildcards before none, then by rank. */
export function compiledByRank({
  pathOf,
  rank,
  tieBreak = () => 0,
  accepted = (given) => given,
  toPlainHttp = () => [],
  closesPlainHttp = () => null,
  passesTlsThrough = () => false,
  defaultService = () => null,
  reads = asItIs,
}: RankedReading): IngressDialect['compile'] {
  const withAnswers = (route: TableRoute, ingresses: readonly Ingress[]): TableRoute[] =>
    route.of === null
      ? [route]
      : [
          ...toPlainHttp(route.of.ingress, route.match.host, ingresses).map((each) => plainHttpAnswered(route, each)),
          route,
        ];
  return (ingresses, { settings }) => {
    const own = accepted(ingresses);
    const closed = own.flatMap((ingress): TableRoute[] => {
      const stated = closesPlainHttp(ingress);
      if (stated === null) return [];
      const because = [written(ingress.manifest, stated.text, ...stated.at)];
      return [
        routeOf(
          { ...anything, scheme: 'http' },
          { kind: 'close', reason: 'plain-http' },
          { ingress, rule: null },
          because,
        ),
      ];
    });
    const ruled = byHost(own).flatMap(({ host, rules }) =>
      rules
        .map(({ ingress, rule }) => ({ ingress, rule, path: pathOf(rule, ingress) }))
        .toSorted((a, b) => rank(b.rule, b.path) - rank(a.rule, a.path) || tieBreak(a, b))
        .map(({ ingress, rule, path }) =>
          routeOf({ ...anything, host, path }, forwardTo(ingress, rule), { ingress, rule }, [becauseOf(ingress, rule)]),
        ),
    );
    const routes = [
      ...closed,
      ...own.filter(passesTlsThrough).flatMap(passThroughRoutes),
      ...[...ruled, ...defaultRoutes(own)].flatMap((route) => withAnswers(route, ingresses)),
      ...defaultServiceRoutes(defaultService(settings)),
    ];
    return tableOf(routes, reads);
  };
}

/**
 * The Ingress API as it is written: exact host before wildcard before none, and a host that is named at all has a
 * server of its own; then an exact path before the longest prefix; then the first. `ImplementationSpecific` is read as
 * a text prefix, with the gce class's `/*` at the end for any rest.
 * Source: kubernetes.io/docs/concepts/services-networking/ingress (path types, multiple matches, hostname wildcards).
 */
export const standard: IngressDialect = dialect({
  id: 'standard',
  product: 'the standard',
  presence: { kind: 'none' },
  compile: compiledByRank({ pathOf: standardPath, rank: exactThenLongest }),
  remark: 'What a controller does of its own is not known.',
  sources: ['kubernetes.io/docs/concepts/services-networking/ingress'],
});

export function standardPath({ path, pathType }: IngressPath): PathMatch {
  switch (pathType) {
    case 'Exact':
      return { kind: 'exact', path };
    case 'Prefix':
      return { kind: 'elements', path };
    case 'ImplementationSpecific':
      return path.endsWith('/*') ? { kind: 'elements', path: path.slice(0, -2) } : { kind: 'text-prefix', path };
    default:
      return pathType satisfies never;
  }
}

/** An exact path before every prefix, then the longer one. */
export function exactThenLongest({ path, pathType }: IngressPath): number {
  return (pathType === 'Exact' ? 1_000_000 : 0) + path.length;
}
