import { byKeyOfDeclared, type Declared, indexOfDeclared } from '../../cluster/declared.ts';
import type { Index } from '../../cluster/derived.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { allowsNamespace, type Gateway, type ListenerSet } from '../../cluster/gatewayApi/gateway.ts';
import { byAge, type ParentReference, type Route } from '../../cluster/gatewayApi/route.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { valueAt } from '../../manifest/value.ts';
import { implementationOf } from './chosenImplementation.ts';
import type { Condition, ConditionReason } from './condition.ts';
import { covers, intersection } from './hostnames.ts';
import { isAllowed, type JudgedListener, listenersOf } from './listeners.ts';
import type { Ways } from './ways.ts';

/**
 * Which routes stand behind which listeners, as every controller must decide it.
 * Source: kubernetes-sigs/gateway-api apis/v1/shared_types.go (`ParentReference`, `RouteConditionReason`; v1.6.1).
 */
export interface JudgedGateway {
  readonly gateway: Gateway;
  readonly listeners: readonly ServingListener[];
  /** Why routes of which it can't be said may stand behind it too; empty where all is known. */
  readonly perhaps: readonly string[];
}

export interface ServingListener extends JudgedListener {
  readonly attached: readonly AttachedRoute[];
}

export interface AttachedRoute {
  readonly route: Route;
  /** The hosts that both take; null for any. */
  readonly hostnames: readonly string[] | null;
}

/** One of a route's parents, and what became of it. */
export interface JudgedParent {
  readonly route: Route;
  readonly reference: ParentReference;
  readonly outcome: ParentOutcome;
}

export type ParentOutcome =
  | {
      readonly kind: 'attached';
      readonly gateway: Gateway;
      readonly listeners: readonly JudgedListener[];
      /** The hostnames of the listeners that the reference doesn't lead to. */
      readonly others: readonly string[];
    }
  | { readonly kind: 'refused'; readonly condition: Condition }
  /** The parent isn't in the set. */
  | { readonly kind: 'absent' }
  /** A Service as parent (a mesh), or a kind of an implementation's own: outside what is modelled. */
  | { readonly kind: 'outside' }
  /** It depends on a namespace that isn't written, or on labels that the set doesn't hold. */
  | { readonly kind: 'unknown'; readonly gateway: Gateway; readonly text: string };

export interface Attachment {
  readonly gateways: readonly JudgedGateway[];
  readonly parents: readonly JudgedParent[];
}

/** All of a set. */
export function attachmentOf(declared: Declared): Attachment {
  const { routes } = declared.gatewayApi;
  return { gateways: judgedGateways(declared), parents: routes.flatMap((route) => parentsOf(declared, route)) };
}

/** Every Gateway of the set, with what stands behind it. */
export function judgedGateways(declared: Declared): readonly JudgedGateway[] {
  return declared.gatewayApi.gateways.flatMap((gateway) => judgedGatewayOf(declared, gateway) ?? []);
}

/** A Gateway with what stands behind it; null for one that isn't in the set. */
export function judgedGatewayOf(declared: Declared, { manifest }: Gateway): JudgedGateway | null {
  return gatewayWithParents(declared, manifest.key)?.judged ?? null;
}

/** What became of each of a route's parents, in their order. */
export function parentsOf(declared: Declared, { manifest }: Route): readonly JudgedParent[] {
  return parentsByRoute(declared, manifest.key);
}

const gatewaysByKey = indexOfDeclared(
  ({ gatewayApi }) => gatewayApi.gateways,
  ({ manifest }: Gateway) => [manifest.key],
);
const routesByKey = indexOfDeclared(
  ({ gatewayApi }) => gatewayApi.routes,
  ({ manifest }: Route) => [manifest.key],
);
const gatewaysByName = indexOfDeclared(
  ({ gatewayApi }) => gatewayApi.gateways,
  ({ namespace, name, manifest }: Gateway) => namesOf(namespace, name, manifest),
);
const setsByName = indexOfDeclared(
  ({ gatewayApi }) => gatewayApi.listenerSets,
  ({ namespace, name, manifest }: ListenerSet) => namesOf(namespace, name, manifest),
);

/** By namespace and name; one whose namespace isn't written may be in any. */
function namesOf(namespace: string, name: string, manifest: Manifest): string[] {
  return [`${namespace}/${name}`, ...(manifest.namespace === null ? [`*/${name}`] : [])];
}

/**
 * The one of that namespace and name; else one of that name whose namespace isn't written, so that it may be that one.
 */
function objectNamed<T extends object>(
  index: Index<T>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): T | undefined {
  return index.get(`${namespace}/${name}`)[0] ?? index.get(`*/${name}`)[0];
}

/** Routes by the name of what they refer to, in whatever namespace. */
const routesByParent = indexOfDeclared(
  ({ gatewayApi }) => gatewayApi.routes,
  ({ parents }: Route) => [
    ...new Set(parents.map(({ kind, name }) => (isSet(kind) ? `set ${name}` : `gateway ${name}`))),
  ],
);

function isSet(kind: string): boolean {
  return kind === 'ListenerSet' || kind === 'XListenerSet';
}

interface GatewayWithParents {
  readonly judged: JudgedGateway;
  readonly parents: readonly JudgedParent[];
}

const gatewayWithParents = byKeyOfDeclared((declared, key): GatewayWithParents | null => {
  const [gateway] = gatewaysByKey(declared).get(key);
  if (gateway === undefined) return null;
  const judged = listenersByGateway(declared, key);
  const sets = declared.gatewayApi.listenerSets.filter(({ parent }) => parent.name === gateway.name);
  const candidates = [`gateway ${gateway.name}`, ...sets.map(({ name }) => `set ${name}`)];
  const routes = [...new Set(candidates.flatMap((each) => routesByParent(declared).get(each)))];
  const each = routes.flatMap((route) =>
    route.parents.flatMap((reference): JudgedParent[] => {
      const named = referredTo(declared, reference);
      if (named.kind !== 'gateway' || named.gateway !== gateway) return [];
      return [{ route, reference, outcome: judge(declared, judged, named, { route, reference }) }];
    }),
  );
  const { ways } = implementationOf(declared, gateway).implementation;
  const parents = ways.servesKindsTogether ? each : oneKindAHost(each);
  const attached = Map.groupBy(
    parents.flatMap(({ route, outcome }) =>
      outcome.kind === 'attached'
        ? outcome.listeners.map((listener) => ({ route, listener, others: outcome.others }))
        : [],
    ),
    ({ listener }) => listener,
  );
  return {
    parents,
    judged: {
      gateway,
      listeners: judged.map((each) => ({ ...each, attached: attachedTo(each, attached.get(each) ?? [], ways) })),
      perhaps: parents.flatMap(({ outcome }) => (outcome.kind === 'unknown' ? [outcome.text] : [])),
    },
  };
});

const listenersByGateway = byKeyOfDeclared((declared, key): readonly JudgedListener[] => {
  const [gateway] = gatewaysByKey(declared).get(key);
  if (gateway === undefined) return [];
  return listenersOf(declared, gateway, implementationOf(declared, gateway).implementation.ways);
});

const parentsByRoute = byKeyOfDeclared(
  (declared, key): readonly JudgedParent[] => {
    const [route] = routesByKey(declared).get(key);
    if (route === undefined) return [];
    return route.parents.map((reference): JudgedParent => {
      const named = referredTo(declared, reference);
      if (named.kind !== 'gateway') return { route, reference, outcome: named };
      const parents = gatewayWithParents(declared, named.gateway.manifest.key)?.parents ?? [];
      const own = parents.find((each) => each.route === route && each.reference === reference);
      return own ?? { route, reference, outcome: { kind: 'absent' } };
    });
  },
  { same: sameParents },
);

function sameParents(a: readonly JudgedParent[], b: readonly JudgedParent[]): boolean {
  return a.length === b.length && a.every((each, index) => isSameParent(each, b[index]));
}

function isSameParent({ route, reference, outcome }: JudgedParent, other: JudgedParent | undefined): boolean {
  if (other === undefined || route !== other.route || reference !== other.reference) return false;
  const was = other.outcome;
  switch (outcome.kind) {
    case 'attached':
      return (
        was.kind === 'attached' &&
        outcome.gateway === was.gateway &&
        sameItems(outcome.listeners, was.listeners) &&
        sameItems(outcome.others, was.others)
      );
    case 'refused':
      return was.kind === 'refused' && outcome.condition.text === was.condition.text;
    case 'unknown':
      return was.kind === 'unknown' && outcome.text === was.text;
    case 'absent':
    case 'outside':
      return was.kind === outcome.kind;
    default:
      return outcome satisfies never;
  }
}

/** What a reference leads to: a Gateway, by way of a ListenerSet perhaps; or why to none. */
type ReferredTo =
  | { readonly kind: 'gateway'; readonly gateway: Gateway; readonly set: ListenerSet | null }
  | { readonly kind: 'absent' | 'outside' };

function referredTo(declared: Declared, reference: ParentReference): ReferredTo {
  if (reference.kind !== 'Gateway' && !isSet(reference.kind)) return { kind: 'outside' };
  const set = isSet(reference.kind) ? objectNamed(setsByName(declared), reference) : undefined;
  if (isSet(reference.kind) && set === undefined) return { kind: 'absent' };
  const gateway = objectNamed(gatewaysByName(declared), set === undefined ? reference : set.parent);
  return gateway === undefined ? { kind: 'absent' } : { kind: 'gateway', gateway, set: set ?? null };
}

/** Of a reference without a namespace that leads to no Gateway, the only one of that name elsewhere. */
export function gatewayElsewhere({ gatewayApi }: Declared, { route, reference }: JudgedParent): Gateway | null {
  const isUnsaid = valueAt(route.manifest.value, ...reference.at, 'namespace') === undefined;
  if (!isUnsaid || reference.kind !== 'Gateway' || reference.name === '' || route.manifest.namespace === null)
    return null;
  const [only, other] = gatewayApi.gateways.filter(({ name }) => name === reference.name);
  return only === undefined || other !== undefined || only.manifest.namespace === null ? null : only;
}

/**
 * Behind one listener, a host is an HTTPRoute's or a GRPCRoute's: of two that share one, the younger is refused there.
 * Some implementations serve both (`servesKindsTogether`).
 * Source: kubernetes-sigs/gateway-api apis/v1/grpcroute_types.go (`Hostnames`; v1.6.1).
 */
function oneKindAHost(parents: readonly JudgedParent[]): JudgedParent[] {
  const taken = new Map<JudgedListener, Route[]>();
  const decided = new Map<JudgedParent, ParentOutcome>();
  for (const parent of parents.toSorted((a, b) => byAge(a.route, b.route))) {
    const { route, reference, outcome } = parent;
    if (outcome.kind !== 'attached' || (route.kind !== 'HTTPRoute' && route.kind !== 'GRPCRoute')) continue;
    const rivalOn = (listener: JudgedListener): Route | undefined =>
      taken
        .get(listener)
        ?.find(
          (other) =>
            other.kind !== route.kind &&
            shareHost(
              intersection(listener.hostname, route.hostnames),
              intersection(listener.hostname, other.hostnames),
            ),
        );
    const kept = outcome.listeners.filter((listener) => rivalOn(listener) === undefined);
    for (const listener of kept) taken.set(listener, [...(taken.get(listener) ?? []), route]);
    const [rival] = outcome.listeners.flatMap((listener) => rivalOn(listener) ?? []);
    if (rival === undefined) continue;
    decided.set(
      parent,
      kept.length > 0
        ? { ...outcome, listeners: kept }
        : {
            kind: 'refused',
            condition: {
              type: 'Accepted',
              reason: 'Conflicted',
              text: `${rival.kind} ${rival.name} has its hosts there, and a host is for HTTPRoutes or for GRPCRoutes.`,
              manifest: route.manifest,
              at: [...reference.at, 'name'],
            },
          },
    );
  }
  return parents.map((parent) => ({ ...parent, outcome: decided.get(parent) ?? parent.outcome }));
}

/** Null is any host. */
function shareHost(one: readonly string[] | null, other: readonly string[] | null): boolean {
  return one === null || other === null || one.some((a) => other.some((b) => a === b || covers(a, b) || covers(b, a)));
}

/** A route counts once on a listener, however often it names it: what a later reference says again is nothing new. */
function attachedTo(
  { hostname }: JudgedListener,
  found: readonly { readonly route: Route; readonly others: readonly string[] }[],
  ways: Ways,
): AttachedRoute[] {
  return [...Map.groupBy(found, ({ route }) => route)].map(([route, references]) => {
    const served = references.map(({ others }) =>
      ways.hostnames({ listener: hostname, route: route.hostnames, others }),
    );
    const hostnames = served.reduce((known, more) =>
      known === null || more === null ? null : more.some((each) => known.includes(each)) ? known : [...known, ...more],
    );
    return { route, hostnames };
  });
}

function judge(
  declared: Declared,
  judged: readonly JudgedListener[],
  { gateway, set }: Extract<ReferredTo, { kind: 'gateway' }>,
  { route, reference }: Pick<JudgedParent, 'route' | 'reference'>,
): ParentOutcome {
  const { gatewayApi } = declared;
  const refused = (reason: ConditionReason, text: string, ...rest: readonly string[]): ParentOutcome => ({
    kind: 'refused',
    condition: { type: 'Accepted', reason, text, manifest: route.manifest, at: [...reference.at, ...rest] },
  });
  if (set !== null && isAllowed(declared, gateway, set) === false)
    return refused(
      'NotAllowedByListeners',
      `Gateway ${gateway.name} takes no listeners of ListenerSet ${set.name}.`,
      'name',
    );

  const own = judged.filter(({ listener }) => listener.owner.manifest === (set ?? gateway).manifest);
  const wanted = own.filter(
    ({ listener }) =>
      (reference.sectionName === null || listener.name === reference.sectionName) &&
      (reference.port === null || listener.port === reference.port),
  );
  if (wanted.length === 0)
    return refused(
      'NoMatchingParent',
      noMatchingParent(reference, own),
      reference.sectionName !== null ? 'sectionName' : reference.port !== null ? 'port' : 'name',
    );

  const ofKind = wanted.filter(({ kinds }) => kinds.includes(route.kind));
  const allowing = ofKind.map((each) => ({
    each,
    allows: allowsNamespace(
      each.listener.allowedNamespaces,
      each.listener.owner.namespace,
      route.namespace,
      (name) => gatewayApi.namespaceLabels.get(name) ?? null,
    ),
  }));
  const allowed = allowing.filter(({ allows }) => allows === true).map(({ each }) => each);
  if (allowed.length === 0) {
    if (ofKind.length > 0 && route.manifest.namespace === null)
      return {
        kind: 'unknown',
        gateway,
        text:
          `${route.kind} ${route.name} names no namespace, and whether Gateway ${gateway.name} takes it depends ` +
          'on the one that it is applied to.',
      };
    if (allowing.some(({ allows }) => allows === null))
      return {
        kind: 'unknown',
        gateway,
        text:
          `Whether Gateway ${gateway.name} takes ${route.kind}s of namespace ${route.namespace} depends on that ` +
          "namespace's labels, which are not in these files.",
      };
    const [first] = wanted;
    const why =
      ofKind.length === 0
        ? `${wanted.length === 1 ? `its listener ${first?.listener.name ?? ''} carries` : 'its listeners carry'} ` +
          `no ${route.kind}`
        : `its listeners take no routes of namespace ${route.namespace}`;
    return refused('NotAllowedByListeners', `Gateway ${gateway.name} doesn't take it: ${why}.`, 'name');
  }

  const sharing = allowed.filter(({ hostname }) => intersection(hostname, route.hostnames)?.length !== 0);
  if (sharing.length === 0) {
    const theirs = [...new Set(allowed.map(({ hostname }) => hostname ?? '*'))].join(', ');
    return {
      kind: 'refused',
      condition: {
        type: 'Accepted',
        reason: 'NoMatchingListenerHostname',
        text: `None of its hostnames is one of Gateway ${gateway.name}'s (${theirs}).`,
        manifest: route.manifest,
        at: ['spec', 'hostnames'],
      },
    };
  }
  const others = judged.flatMap((each) =>
    each.hostname === null || (each.isAccepted && allowed.includes(each)) ? [] : [each.hostname],
  );
  return { kind: 'attached', gateway, listeners: sharing, others };
}

function noMatchingParent(
  { sectionName, port, kind, name }: ParentReference,
  listeners: readonly JudgedListener[],
): string {
  const asked = [
    ...(sectionName === null ? [] : [`named ${sectionName}`]),
    ...(port === null ? [] : [`on port ${port}`]),
  ].join(' ');
  const there = listeners.map(({ listener }) => `${listener.name} (${listener.port})`).join(', ') || 'none';
  return `${kind} ${name} has no listener ${asked}; it has ${there}.`;
}
