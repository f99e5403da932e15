import type { HeaderChange } from '../../../cluster/gatewayApi/routeFilter.ts';
import type { ExpressionReading } from '../expressionReading.ts';
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

export function removedFirst({ set, add, remove }: HeaderChange): HeaderChange[] {
  return [
    { set: [], add: [], remove },
    { set, add, remove: [] },
  ].filter((each) => each.set.length + each.add.length + each.remove.length > 0);
}
