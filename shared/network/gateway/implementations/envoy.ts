import type { HeaderChange } from '../../../cluster/gatewayApi/routeFilter.ts';
import type { ExpressionReading } from '../expressionReading.ts';
import type { LocationTemplate } from '../../routing/location.ts';
import type { Entrance, RedirectFilter } from '../filtering.ts';
import { standardWays, type Ways } from '../ways.ts';

/**
 * Envoy's `safe_regex`: RE2, the whole text, with regard to case. Source: envoyproxy/envoy
 * api/envoy/config/route/v3/route_components.proto (1.34).
 */
export function inEnvoy(rank: ExpressionReading['rank']): ExpressionReading {
  return { dialect: 'RE2', ignoresCase: false, anchors: 'both', inHeaders: 'both', rank };
}

/**
 * What Envoy itself does, whoever configures it. Source: envoyproxy/envoy source/common/router/header_parser.cc
 * (`evaluateHeaders`: removes first), weighted_cluster_specifier.cc (`finalizeRequestHeaders`: the backend's before the
 * rule's), source/common/http/utility.cc (`parseQueryString`: not decoded). A filter chain with TLS takes no plain
 * HTTP.
 */
export const envoyWays: Ways = {
  ...standardWays,
  query: 'as-written',
  plainHttpAtTls: 'closed',
  headerSteps: removedFirst,
  firstFilters: 'backend',
};

/**
 * The Host's own port stays, unless another is said or it was the usual one of another scheme. `port` is null where
 * none is said. Source: envoyproxy/envoy source/common/http/utility.cc (`newUri`).
 */
export function hostOfNewUri(
  { scheme, hostname }: RedirectFilter,
  entrance: Entrance,
  port: number | null,
): LocationTemplate {
  if (hostname !== null || port !== null) return [hostname ?? { of: 'host' }, port === null ? '' : `:${port}`];
  return [
    scheme === null || scheme === entrance.scheme
      ? { of: 'authority' }
      : { of: 'authority-without-port', port: entrance.scheme === 'https' ? 443 : 80 },
  ];
}

export function removedFirst({ set, add, remove }: HeaderChange): HeaderChange[] {
  return [
    { set: [], add: [], remove },
    { set, add, remove: [] },
  ].filter((each) => each.set.length + each.add.length + each.remove.length > 0);
}
