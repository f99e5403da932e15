import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import type { Route } from '../../cluster/gatewayApi/route.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { parentsOf } from '../../network/gateway/attachment.ts';
import { claims } from '../../network/gateway/implementation.ts';
import { implementationOf } from '../../network/gateway/chosenImplementation.ts';
import { type Yielded, rule } from '../rule.ts';

/**
 * Something optional in the standard that the Gateway's implementation doesn't claim to do in its own conformance
 * report.
 */
export const gatewayFeatureUnclaimed = rule({
  id: 'gateway-feature-unclaimed',
  topic: 'gateways',
  severity: 'info',
  meaning: 'The implementation may refuse the route, or leave out what the field says.',
  remedy: "Ask the implementation's documentation, or say it without the field.",
  details: "Goes by the implementations' own conformance reports; an implementation without one is left alone.",
  link: 'https://gateway-api.sigs.k8s.io/implementations/',
  about: 'Route',
  *check(route, { model }): Generator<Yielded> {
    const said = new Set<string>();
    for (const { outcome, reference } of parentsOf(model.declared, route)) {
      if (outcome.kind !== 'attached') continue;
      const { implementation } = implementationOf(model, outcome.gateway);
      for (const { feature, at, text } of [
        ...(reference.port === null
          ? []
          : [{ feature: 'HTTPRouteParentRefPort', at: [...reference.at, 'port'], text: "a parent's port" }]),
        ...featuresOf(route),
      ]) {
        const key = JSON.stringify([at, implementation.id]);
        if (claims(implementation, feature) || said.has(key)) continue;
        said.add(key);
        yield {
          message: messageOf(implementation.product, outcome.gateway, feature, text),
          at: fieldOf(route.manifest, ...at),
        };
      }
    }
  },
  bad: {
    says: 'HTTPRouteMethodMatching',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: gke-l7-rilb, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - matches: [{ method: POST }]
                          ~~~~
`,
  },
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: eg, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - matches: [{ method: POST }]
`,
});

function messageOf(product: string, { className }: Gateway, feature: string, text: string): string {
  return (
    `${product} (class ${className}) doesn't claim ${text} in its conformance report (${feature}): it may refuse ` +
    'the route or leave this out.'
  );
}

/**
 * The optional features that an HTTPRoute uses, and where. Source: kubernetes-sigs/gateway-api
 * pkg/features/httproute.go (v1.6.1).
 */
function featuresOf({ kind, rules }: Route): { feature: string; at: FieldPath; text: string }[] {
  if (kind !== 'HTTPRoute') return [];
  return rules.flatMap(({ matches, filters, backends }) => [
    ...matches.flatMap(({ method, query, at }) => [
      ...(method === null
        ? []
        : [{ feature: 'HTTPRouteMethodMatching', at: [...at, 'method'], text: 'to match methods' }]),
      ...(query.length === 0
        ? []
        : [{ feature: 'HTTPRouteQueryParamMatching', at: [...at, 'queryParams'], text: 'to match query parameters' }]),
    ]),
    ...filters.flatMap((filter): { feature: string; at: FieldPath; text: string }[] => {
      const { at } = filter;
      switch (filter.kind) {
        case 'ResponseHeaderModifier':
          return [{ feature: 'HTTPRouteResponseHeaderModification', at, text: 'to change response headers' }];
        case 'RequestMirror':
          return [
            {
              feature:
                filter.share[0] === filter.share[1] ? 'HTTPRouteRequestMirror' : 'HTTPRouteRequestPercentageMirror',
              at,
              text: 'to mirror requests',
            },
          ];
        case 'CORS':
          return [{ feature: 'HTTPRouteCORS', at, text: 'CORS' }];
        case 'URLRewrite':
          return [
            ...(filter.hostname === null ? [] : [{ feature: 'HTTPRouteHostRewrite', at, text: 'to rewrite hosts' }]),
            ...(filter.path === null ? [] : [{ feature: 'HTTPRoutePathRewrite', at, text: 'to rewrite paths' }]),
          ];
        case 'RequestRedirect':
          return [
            ...(filter.scheme === null
              ? []
              : [{ feature: 'HTTPRouteSchemeRedirect', at, text: 'to redirect to another scheme' }]),
            ...(filter.port === null
              ? []
              : [{ feature: 'HTTPRoutePortRedirect', at, text: 'to redirect to another port' }]),
            ...(filter.path === null
              ? []
              : [{ feature: 'HTTPRoutePathRedirect', at, text: 'to redirect to another path' }]),
            ...([303, 307, 308].includes(filter.status)
              ? [
                  {
                    feature: `HTTPRoute${filter.status}RedirectStatusCode`,
                    at,
                    text: `redirects with status ${filter.status}`,
                  },
                ]
              : []),
          ];
        default:
          return [];
      }
    }),
    ...backends.flatMap((backend) =>
      backend.filters
        .filter((each) => each.kind === 'RequestHeaderModifier')
        .map(({ at }) => ({
          feature: 'HTTPRouteBackendRequestHeaderModification',
          at,
          text: 'to change request headers for one backend',
        })),
    ),
  ]);
}
