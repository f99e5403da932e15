import Fraction from 'fraction.js';
import { type Because, written } from '../../../cluster/because.ts';
import type { NamedTextMatch } from '../../match.ts';
import type { RouteMatch, WeightedBackend } from '../../routing/routeTable.ts';
import { all, annotated } from '../compiled.ts';
import { nginxName } from '../nginxAnnotation.ts';
import type { CanaryPolicy } from './annotations.ts';
import type { LocationContext } from './locationContext.ts';
import type { NginxLocation } from './servers.ts';
import { portOf, type Upstream } from './upstreams.ts';

/** To whom a location sends, on what condition. */
export interface ConditionalForward {
  readonly condition: Partial<Pick<RouteMatch, 'headers' | 'cookies'>>;
  readonly to: readonly WeightedBackend[];
  readonly because: readonly Because[];
}

/**
 * The Service alone; or with its canary, of which the header decides, then the cookie, then the weight. Only the first
 * canary counts, and only while both have an endpoint.
 * Source: rootfs/etc/nginx/lua/balancer.lua `route_to_alternative_balancer` of kubernetes/ingress-nginx v1.14.5.
 */
export function forwardsOf({ configuration, location }: LocationContext, own: Upstream): ConditionalForward[] {
  const [name] = own.canaries;
  const canary = name === undefined ? undefined : configuration.upstreams.get(name);
  const only = (upstream: Upstream): WeightedBackend => weighted(upstream, { share: all, location, because: [] });
  if (canary === undefined || canary.of === null || !own.isReachable() || !canary.isReachable())
    return [{ condition: {}, to: [only(own)], because: [] }];
  const { policy, of } = canary;
  const decided = decisions(policy).map(({ takes, annotation, text, ...condition }): ConditionalForward => ({
    condition,
    to: [only(takes ? canary : own)],
    because: [annotated(of.ingress, nginxName(annotation), text)],
  }));
  return [...decided, { condition: {}, to: byWeight(own, canary, location), because: [] }];
}

interface Decision {
  readonly takes: boolean;
  readonly annotation: string;
  readonly text: string;
  readonly headers?: readonly NamedTextMatch[];
  readonly cookies?: readonly NamedTextMatch[];
}

function decisions({ header, headerValue, headerPattern, cookie }: CanaryPolicy): Decision[] {
  return [
    ...(header === '' ? [] : headerDecisions(header, headerValue, headerPattern)),
    ...(cookie === '' ? [] : ['always', 'never']).map((text) => ({
      takes: text === 'always',
      annotation: 'canary-by-cookie',
      text: `cookie ${cookie}: ${text}`,
      cookies: [{ name: cookie, match: { kind: 'exact', text } } as const],
    })),
  ];
}

/** A header with `_` in its name doesn't reach nginx's variables. */
function headerDecisions(written: string, value: string, pattern: string): Decision[] {
  const name = written.toLowerCase().replaceAll('_', '-');
  const exactly = (text: string, takes: boolean, annotation: string): Decision => ({
    takes,
    annotation,
    text: `header ${written}: ${text}`,
    headers: [{ name, match: { kind: 'exact', text } }],
  });
  if (value !== '') return [exactly(value, true, 'canary-by-header-value')];
  if (pattern === '') return ['always', 'never'].map((text) => exactly(text, text === 'always', 'canary-by-header'));
  const match = {
    kind: 'expression',
    expression: pattern,
    dialect: 'PCRE',
    ignoresCase: false,
    anchors: 'none',
  } as const;
  return [
    {
      takes: true,
      annotation: 'canary-by-header-pattern',
      text: `header ${written} fits ${pattern}`,
      headers: [{ name, match }],
    },
  ];
}

function byWeight(own: Upstream, canary: Upstream, location: NginxLocation): WeightedBackend[] {
  const { weight: written, weightTotal } = canary.policy;
  const total = Math.max(weightTotal, 100);
  const weight = Math.min(Math.max(written, 0), total);
  const of = canary.of?.ingress;
  const text = `canary-weight ${written} of ${total}`;
  const because = weight === 0 || of === undefined ? [] : [annotated(of, nginxName('canary-weight'), text)];
  return [
    weighted(own, { share: new Fraction(total - weight, total), location, because }),
    weighted(canary, { share: new Fraction(weight, total), location, because }),
  ].filter(({ share }) => !share.equals(0));
}

/** A backend of a location: the Service that its rule names, or another that takes its place. */
export function weighted(
  { service, viaClusterAddress, of }: Upstream,
  {
    share,
    location,
    because,
  }: { readonly share: Fraction; readonly location: NginxLocation; readonly because: readonly Because[] },
): WeightedBackend {
  const rule = location.rule?.backend ?? null;
  const isRules = rule !== null && of !== null && service?.name === rule.service && location.owner !== null;
  const ingress = isRules ? location.owner : (of?.ingress ?? null);
  const backend = isRules ? rule : (of?.backend ?? null);
  return {
    namespace: service?.namespace ?? '',
    service: service?.name ?? null,
    port: service === null ? null : portOf(service),
    share,
    ingress,
    because,
    viaClusterAddress,
    at:
      ingress === null || backend === null
        ? null
        : written(ingress.manifest, `backend ${backend.service}`, ...backend.at),
  };
}
