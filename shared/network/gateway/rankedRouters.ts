import type { RouteMatch, RouteRule } from '../../cluster/gatewayApi/route.ts';
import { faultOf } from '../match.ts';
import type { AttachedRoute, ServingListener } from './attachment.ts';
import type { ExpressionReading } from './expressionReading.ts';
import { requestMatch } from './routeEntries.ts';
import type { RouteEntry } from './routeEntry.ts';
import type { Routers } from './routers.ts';

/** A router: a match of a rule, host by host. */
export interface RankedRouter {
  readonly listener: ServingListener;
  readonly rank: number;
  readonly entries: readonly RouteEntry[];
}

/** The routers behind some listeners, in the order in which they are tried. */
export function rankedRouters(
  listeners: readonly ServingListener[],
  routers: Routers,
  reading: ExpressionReading | null,
): RankedRouter[] {
  const made = listeners.flatMap((listener) =>
    listener.attached
      .filter(({ route: { kind } }) => kind === 'HTTPRoute' || kind === 'GRPCRoute')
      .flatMap((attached) =>
        attached.route.rules.flatMap((rule) => rule.matches.map((match) => ({ listener, attached, rule, match }))),
      ),
  );
  // A match for the same hosts, at two listeners of a port, is one router: that of the first.
  const distinct = [...Map.groupBy(made, ({ match }) => match).values()].flatMap((same) => [
    ...new Map(same.toReversed().map((each) => [String(each.attached.hostnames), each])).values(),
  ]);
  return distinct
    .map(({ listener, attached, rule, match }) => {
      const { route, hostnames } = attached;
      const rank = routers.rank({ route, rule, match, hostnames });
      return { listener, rank, entries: entriesOfRouter(attached, { rule, match, routers, reading }) };
    })
    .filter(({ entries }) => entries.every(isRead))
    .toSorted((a, b) => b.rank - a.rank);
}

function entriesOfRouter(
  { route, hostnames }: AttachedRoute,
  {
    rule,
    match,
    routers,
    reading,
  }: {
    readonly rule: RouteRule;
    readonly match: RouteMatch;
    readonly routers: Routers;
    readonly reading: ExpressionReading | null;
  },
): RouteEntry[] {
  return (hostnames ?? [null]).map((hostname) => {
    const asked = requestMatch(hostname, match, reading);
    const path = match.path.kind === 'GRPC' ? routers.grpcPathOf(match.path) : asked.path;
    return { route, rule, written: match, hostname, match: { ...asked, host: routers.hostOf(hostname), path } };
  });
}

/** A router whose expression its engine refuses isn't there. */
function isRead({ match }: RouteEntry): boolean {
  const fault = faultOf(match);
  return fault === null || fault.kind === 'not-looked-into';
}
