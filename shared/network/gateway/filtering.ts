import type Fraction from 'fraction.js';
import type { RouteKind, WrittenPath } from '../../cluster/gatewayApi/route.ts';
import type { HeaderChange, PathChange, RouteFilter } from '../../cluster/gatewayApi/routeFilter.ts';
import type { Edit } from '../routing/edits.ts';
import type { LocationTemplate } from '../routing/location.ts';
import type { Answer } from '../routing/routeTable.ts';

/** What a proxy makes of the filters of a rule, or of a backend, where not all do the same. */
export interface Filtering {
  /** What it answers in place of all that the rule asks, for a filter that it doesn't take; null for one it takes. */
  readonly refusal: (filter: RouteFilter, kind: RouteKind) => Answer | null;
  /** What it does to the headers that it sends on. */
  readonly headers: (change: HeaderChange) => Edit[];
  /** The share of requests that is copied, by what is written. */
  readonly mirrored: (share: Fraction) => Fraction;
  /** What the path becomes, by the path that the rule asked for; null where it is left as it is. */
  readonly rewritten: (change: PathChange, path: WrittenPath) => LocationTemplate | null;
  readonly location: (filter: RedirectFilter, path: WrittenPath, entrance: Entrance) => LocationTemplate;
}

export type RedirectFilter = Extract<RouteFilter, { kind: 'RequestRedirect' }>;

/** Where a request came in. */
export interface Entrance {
  readonly scheme: 'http' | 'https';
  readonly port: number | null;
}

/** Who gets a copy, of what share. */
export interface Mirrored {
  readonly backend: Extract<RouteFilter, { kind: 'RequestMirror' }>['backend'];
  readonly share: Fraction;
}
