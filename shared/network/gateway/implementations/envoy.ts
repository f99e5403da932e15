import type { ExpressionReading } from '../implementation.ts';

/**
 * Envoy's `safe_regex`: RE2, the whole text, with regard to case. Source: envoyproxy/envoy
 * api/envoy/config/route/v3/route_components.proto (1.34).
 */
export function inEnvoy(rank: ExpressionReading['rank']): ExpressionReading {
  return { dialect: 'RE2', ignoresCase: false, anchors: 'both', inHeaders: 'both', rank };
}
