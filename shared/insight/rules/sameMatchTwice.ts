import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { byAge, type Route, type RouteMatch } from '../../cluster/gatewayApi/route.ts';
import { siteOf } from '../../manifest/manifest.ts';
import { attachmentOf } from '../../network/gateway/attachment.ts';
import { type Found, rule } from '../rule.ts';

/** Two rules behind one listener that ask for exactly the same: the later one never gets a request. */
export const sameMatchTwice = rule({
  id: 'same-match-twice',
  severity: 'warning',
  meaning: 'Only one of the two gets the requests: the older route, then the first by name, then the first rule.',
  link: 'https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule',
  *check({ model }): Generator<Found> {
    const said = new Set<RouteMatch>();
    for (const claims of claimsOf(model).values()) {
      const [first, ...rest] = claims;
      for (const later of rest) {
        if (first === undefined || said.has(later.match)) continue;
        said.add(later.match);
        const isOwn = later.route === first.route;
        const who = isOwn
          ? `an earlier rule of ${later.route.kind} ${later.route.name}`
          : `${first.route.kind} ${first.route.name}`;
        yield {
          message: `${later.text} is asked for twice: here, and by ${who}${isOwn ? ', which gets the requests' : first.route.createdAt === null || later.route.createdAt === null ? '; the older of the two routes gets the requests' : ', which is older and gets the requests'}.`,
          site: siteOf(later.route.manifest, ...later.match.at),
          related: [{ message: who, site: siteOf(first.route.manifest, ...first.match.at) }],
        };
      }
    }
  },
  bad: {
    says: 'asked for twice',
    yaml: `
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
  hostnames: [shop.example.com]
  rules:
    - matches: [{ path: { type: PathPrefix, value: /cart } }]
      backendRefs: [{ name: one, port: 80 }]
    - matches: [{ path: { type: PathPrefix, value: /cart } }]
                ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
      backendRefs: [{ name: two, port: 80 }]
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
  hostnames: [shop.example.com]
  rules:
    - matches: [{ path: { type: PathPrefix, value: /cart } }]
      backendRefs: [{ name: one, port: 80 }]
    - matches: [{ path: { type: PathPrefix, value: /cart }, method: POST }]
      backendRefs: [{ name: two, port: 80 }]
`,
});

interface Claim {
  readonly route: Route;
  readonly match: RouteMatch;
  readonly text: string;
}

/** All that is asked for, by listener, host and match, each in the order in which it is tried. */
function claimsOf(model: ClusterModel): Map<string, Claim[]> {
  const claims = new Map<string, Claim[]>();
  for (const [number, { listener, attached }] of attachmentOf(model)
    .gateways.flatMap(({ listeners }) => listeners)
    .entries()) {
    for (const { route, hostnames } of attached.toSorted((a, b) => byAge(a.route, b.route))) {
      if (route.kind !== 'HTTPRoute' && route.kind !== 'GRPCRoute') continue;
      for (const hostname of hostnames ?? [null])
        for (const { matches } of route.rules)
          for (const match of matches) {
            const { path, method, headers, query } = match;
            const key = JSON.stringify([
              number,
              listener.name,
              route.kind,
              hostname,
              path,
              method,
              headers.map(({ name, ...rest }) => [name.toLowerCase(), rest]).toSorted(),
              query,
            ]);
            const where = path.kind === 'GRPC' ? `${path.service ?? '*'}/${path.method ?? '*'}` : path.value;
            claims.set(key, [
              ...(claims.get(key) ?? []),
              { route, match, text: `${hostname ?? 'Any host, '}${where}` },
            ]);
          }
    }
  }
  return claims;
}
