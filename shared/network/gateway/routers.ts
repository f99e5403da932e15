import type { GrpcPath, Route, RouteMatch, RouteRule } from '../../cluster/gatewayApi/route.ts';
import type { HostMatch, PathMatch } from '../match.ts';
import type { PathReading } from '../normalization.ts';
import type { Filtering } from './filtering.ts';

/**
 * How a proxy goes about it that makes a router of each match of a rule at each listener, ranks all routers of a port
 * by numbers, and knows nothing of listeners any more when a request comes.
 */
export interface Routers {
  /** The highest is tried first; of routers with the same, any. */
  readonly rank: (router: Router) => number;
  readonly hostOf: (hostname: string | null) => HostMatch;
  readonly grpcPathOf: (path: GrpcPath) => PathMatch;
  readonly filtering: Filtering;
  /** What a rule answers that has no backend of any weight. */
  readonly statusWithoutBackend: (route: Route, rule: RouteRule) => 500 | 503;
  /** How it says a path itself: to backends, and in redirects. */
  readonly says: PathReading;
}

/** A match of a rule, at one listener. */
export interface Router {
  readonly route: Route;
  readonly rule: RouteRule;
  readonly match: RouteMatch;
  /** The hosts that the listener and the route both take; null for any. */
  readonly hostnames: readonly string[] | null;
}
