import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { byKeyOfDeclared } from '../../cluster/declared.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import { byAge, type Route, type RouteMatch, type RouteRule } from '../../cluster/gatewayApi/route.ts';
import { once } from '../../cluster/once.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { isMap, sameValue, type Value, valueAt } from '../../manifest/value.ts';
import { judgedGatewayOf, parentsOf, type ServingListener } from '../../network/gateway/attachment.ts';
import { implementationOf } from '../../network/gateway/chosenImplementation.ts';
import { gatewayTable } from '../../network/gateway/gatewayTable.ts';
import { intersection } from '../../network/gateway/hostnames.ts';
import { oneConnection } from '../../network/routing/asked.ts';
import { routeFor, tiedWith } from '../../network/routing/routeTable.ts';
import { witnessOfMatch } from '../asks.ts';
import { type Yielded, rule } from '../rule.ts';
import { plainRequest, unnamedHost } from '../ruledTable.ts';

/** Two rules behind one listener that ask for exactly the same: the implementation's table says which gets requests. */
export const sameMatchTwice = rule({
  id: 'same-match-twice',
  topic: 'gateways',
  severity: 'warning',
  meaning: 'Only one of the two gets the requests: the older route, then the first by name, then the first rule.',
  remedy: 'Take one of the two away, or have it ask for something else.',
  details: "Which of them gets the requests, the implementation's own order says.",
  link: 'https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule',
  about: 'Route',
  *check(own, { model }): Generator<Yielded> {
    const said = new Set<RouteMatch>();
    const gateways = parentsOf(model.declared, own).flatMap(({ outcome }) =>
      outcome.kind === 'attached' ? [outcome.gateway] : [],
    );
    for (const gateway of new Set(gateways)) {
      for (const claims of claimsAt(model.declared, gateway.manifest.key).values()) {
        if (!claims.some(({ route }) => route === own)) continue;
        const winners = winnersAmong(model, gateway, claims);
        for (const claim of claims) {
          if (claim.route !== own || said.has(claim.match)) continue;
          const other = isChance(winners)
            ? claims.find(({ match }) => match !== claim.match)
            : (winners[0] ?? claims[0]);
          // Where it is by chance, or isn't known, the later one is told.
          const isTold = isChance(winners) ? claim !== claims[0] : other !== claim;
          // A match of a route with two hostnames that come to one is the same still.
          if (other === undefined || !isTold || other.match === claim.match) continue;
          said.add(claim.match);
          yield found(claim, other, winners);
        }
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
  readonly listener: ServingListener;
  readonly route: Route;
  readonly hostname: string | null;
  readonly rule: RouteRule;
  readonly match: RouteMatch;
  readonly text: string;
}

function isChance(winners: readonly MatchClaim[]): boolean {
  return winners.length > 1;
}

function found(claim: MatchClaim, other: MatchClaim, winners: readonly MatchClaim[]): Yielded {
  const isOwn = claim.route === other.route;
  const whose = `${other.route.kind} ${other.route.name}`;
  const who = isOwn ? `another rule of ${whose}` : whose;
  const isAgeKnown = other.route.createdAt !== null && claim.route.createdAt !== null;
  const outcome = isChance(winners)
    ? '; which of them gets the requests is by chance'
    : isOwn
      ? ', which gets the requests'
      : isAgeKnown
        ? ', which is older and gets the requests'
        : '; the older of the two routes gets the requests';
  // Nobody loses by which of them it is.
  const isSame = (isChance(winners) ? winners : [other]).every((each) => doSame(each, claim));
  return {
    severity: isSame ? 'info' : 'warning',
    message:
      `${claim.text} is asked for twice: here, and by ${who}${outcome}.` +
      (isSame ? ' Both do the same with them.' : ''),
    at: fieldOf(claim.route.manifest, ...claim.match.at),
    related: [{ message: who, at: fieldOf(other.route.manifest, ...other.match.at) }],
  };
}

function doSame(a: MatchClaim, b: MatchClaim): boolean {
  return a.route.namespace === b.route.namespace && sameValue(deedOf(a), deedOf(b));
}

/** What a rule does with its requests, as it is written. */
function deedOf({ route, rule: { at } }: MatchClaim): Value {
  const written = valueAt(route.manifest.value, ...at);
  if (!isMap(written)) return {};
  return Object.fromEntries(Object.entries(written).filter(([field]) => field !== 'name' && field !== 'matches'));
}

/** Those that get requests, of some that ask for the same: several by chance; empty where that isn't known. */
function winnersAmong(model: ClusterModel, gateway: Gateway, claims: readonly MatchClaim[]): readonly MatchClaim[] {
  const [first] = claims;
  const judged = judgedGatewayOf(model.declared, gateway);
  const { implementation } = implementationOf(model.declared, gateway);
  const witness = first === undefined ? null : witnessOfMatch(first.match, implementation.expressions, first.route);
  if (first === undefined || judged === null || witness === null) return [];
  const { port, protocol } = first.listener.listener;
  const [hostname = null] =
    intersection(first.listener.hostname, first.hostname === null ? [] : [first.hostname]) ?? [];
  const host = hostname?.replace(/^\*\./, 'any.') ?? unnamedHost;
  const serverName = protocol === 'HTTP' ? null : host;
  const { path, query, details } = witness;
  const headers = new Map(Object.entries(details.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const scheme = protocol === 'HTTP' ? 'http' : 'https';
  const request = plainRequest({ scheme, host, path, query, method: details.method, headers, serverName });
  const asked = oneConnection({ port, protocol: 'TCP', serverName }, request);
  const table = gatewayTable(judged, implementation);
  const taken = routeFor(table, asked);
  if (taken === null || taken === 'left-out' || !taken.isKnown) return [];
  const winners = tiedWith(table, taken.route, asked).flatMap(({ of }) => of?.entry?.written ?? []);
  return claims.filter(({ match }) => winners.includes(match));
}

/**
 * All that is asked of a Gateway, by listener, host and match, each in the order in which the standard tries them; only
 * what is asked twice.
 */
const claimsAt = byKeyOfDeclared((declared, key): ReadonlyMap<string, readonly MatchClaim[]> => {
  const gateway = declared.gatewayApi.gateways.find(({ manifest }) => manifest.key === key);
  const judged = gateway === undefined ? null : judgedGatewayOf(declared, gateway);
  const claims = new Map<string, MatchClaim[]>();
  for (const [number, listener] of (judged?.listeners ?? []).entries()) {
    for (const { route, hostnames } of listener.attached.toSorted((a, b) => byAge(a.route, b.route))) {
      if (route.kind !== 'HTTPRoute' && route.kind !== 'GRPCRoute') continue;
      for (const hostname of hostnames ?? [null]) {
        for (const [ruled, match] of route.rules.flatMap((each) => each.matches.map((one) => [each, one] as const))) {
          const asked = JSON.stringify([number, listener.listener.name, route.kind, hostname, wordsOf(match)]);
          const { path } = match;
          const where = path.kind === 'GRPC' ? `${path.service ?? '*'}/${path.method ?? '*'}` : path.value;
          const claim = { listener, route, hostname, rule: ruled, match, text: `${hostname ?? 'Any host, '}${where}` };
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
