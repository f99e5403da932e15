import type { Route, RouteMatch, RouteRule } from '../../cluster/gatewayApi/route.ts';
import type { RequestMatch } from '../match.ts';

/** One match of a rule, for one host. */
export interface RouteEntry {
  readonly route: Route;
  readonly rule: RouteRule;
  /** Null where the kind has none: the rule takes every connection. */
  readonly written: RouteMatch;
  readonly match: RequestMatch;
  /** The host that it took part with; null for any. */
  readonly hostname: string | null;
}

/** An entry, and the listener that it stands behind. */
export interface PlacedEntry<Listener> {
  readonly listener: Listener;
  readonly entry: RouteEntry;
  /** The route's hostname that it is of, as it is written; null for any. */
  readonly writtenHostname: string | null;
}
