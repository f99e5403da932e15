import { byKeyOfDeclared } from '../../cluster/declared.ts';
import { once } from '../../cluster/once.ts';
import { byAge, type Route, type RouteMatch } from '../../cluster/gatewayApi/route.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { judgedGatewayOf, parentsOf } from '../../network/gateway/attachment.ts';
import { type Yielded, rule } from '../rule.ts';

/** Two rules behind one listener that ask for exactly the same: the later one never gets a request. */
export const sameMatchTwice = rule({
  id: 'same-match-twice',
  severity: 'warning',
  meaning: 'Only one of the two gets the requests: the older route, then the first by name, then the first rule.',
  link: 'https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule',
  about: 'Route',
  *check(own, { model }): Generator<Yielded> {
    const said = new Set<RouteMatch>();
    const gateways = parentsOf(model.declared, own).flatMap(({ outcome }) =>
      outcome.kind === 'attached' ? [outcome.gateway] : [],
    );
    const all = [...new Set(gateways)].flatMap((each) => [...claimsAt(model.declared, each.manifest.key).values()]);
    for (const [first, ...rest] of all) {
      for (const later of rest) {
        if (first === undefined || later.route !== own || said.has(later.match)) continue;
        said.add(later.match);
        const isOwn = later.route === first.route;
        const who = isOwn
          ? `an earlier rule of ${later.route.kind} ${later.route.name}`
          : `${first.route.kind} ${first.route.name}`;
        const winner = isOwn
          ? ', which gets the requests'
          : first.route.createdAt === null || later.route.createdAt === null
            ? '; the older of the two routes gets the requests'
            : ', which is older and gets the requests';
        yield {
          message: `${later.text} is asked for twice: here, and by ${who}${winner}.`,
          at: fieldOf(later.route.manifest, ...later.match.at),
          related: [{ message: who, at: fieldOf(first.route.manifest, ...first.match.at) }],
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

interface MatchClaim {
  readonly route: Route;
  readonly match: RouteMatch;
  readonly text: string;
}

/**
 * All that is asked of a Gateway, by listener, host and match, each in the order in which it is tried;
 * only what is asked twice.
 */
const claimsAt = byKeyOfDeclared((declared, key): ReadonlyMap<string, readonly MatchClaim[]> => {
  const gateway = declared.gatewayApi.gateways.find(({ manifest }) => manifest.key === key);
  const judged = gateway === undefined ? null : judgedGatewayOf(declared, gateway);
  const claims = new Map<string, MatchClaim[]>();
  for (const [number, { listener, attached }] of (judged?.listeners ?? []).entries()) {
    for (const { route, hostnames } of attached.toSorted((a, b) => byAge(a.route, b.route))) {
      if (route.kind !== 'HTTPRoute' && route.kind !== 'GRPCRoute') continue;
      for (const hostname of hostnames ?? [null]) {
        for (const match of route.rules.flatMap(({ matches }) => matches)) {
          const asked = JSON.stringify([number, listener.name, route.kind, hostname, wordsOf(match)]);
          const { path } = match;
          const where = path.kind === 'GRPC' ? `${path.service ?? '*'}/${path.method ?? '*'}` : path.value;
          const claim = { route, match, text: `${hostname ?? 'Any host, '}${where}` };
          const known = claims.get(asked);
          if (known === undefined) claims.set(asked, [claim]);
          else known.push(claim);
        }
      }
    }
  }
  return new Map([...claims].filter(([, each]) => each.length > 1));
});

/** A match as text that is equal for two that ask for the same. */
const wordsOf = once(({ path, method, headers, query }: RouteMatch) =>
  JSON.stringify([path, method, headers.map(({ name, ...rest }) => [name.toLowerCase(), rest]).toSorted(), query]),
);
