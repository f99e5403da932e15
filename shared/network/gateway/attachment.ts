import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { allowsNamespace, type Gateway } from '../../cluster/gatewayApi/gateway.ts';
import type { GatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { byAge, type ParentReference, type Route } from '../../cluster/gatewayApi/route.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import type { Condition, ConditionReason } from './condition.ts';
import { covers, intersection } from './hostnames.ts';
import { isAllowed, type JudgedListener, listenersOf } from './listeners.ts';

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
  | { readonly kind: 'attached'; readonly gateway: Gateway; readonly listeners: readonly JudgedListener[] }
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

/** Found once for the Gateway API's objects, which alone decide it: also where a model gets an assumed proxy. */
const found = new WeakMap<GatewayApi, Attachment>();

export function attachmentOf(model: ClusterModel): Attachment {
  const known = found.get(model.gatewayApi) ?? attach(model);
  found.set(model.gatewayApi, known);
  return known;
}

function attach(model: ClusterModel): Attachment {
  const { gateways, routes } = model.gatewayApi;
  const judged = new Map(gateways.map((gateway) => [gateway, listenersOf(model, gateway)]));
  const parents = oneKindAHost(
    routes.flatMap((route) =>
      route.parents.map((reference): JudgedParent => ({
        route,
        reference,
        outcome: judge(model, judged, route, reference),
      })),
    ),
  );
  return {
    parents,
    gateways: gateways.map((gateway) => ({
      gateway,
      listeners: (judged.get(gateway) ?? []).map((each) => ({ ...each, attached: attachedTo(each, parents) })),
      perhaps: parents.flatMap(({ outcome }) =>
        outcome.kind === 'unknown' && outcome.gateway === gateway ? [outcome.text] : [],
      ),
    })),
  };
}

/**
 * Behind one listener, a host is an HTTPRoute's or a GRPCRoute's: of two that share one, the younger is refused there.
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

/** A route counts once on a listener, however often it names it. */
function attachedTo(judged: JudgedListener, parents: readonly JudgedParent[]): AttachedRoute[] {
  const routes = new Set(
    parents.flatMap(({ route, outcome }) =>
      outcome.kind === 'attached' && outcome.listeners.includes(judged) ? [route] : [],
    ),
  );
  return [...routes].map((route) => ({ route, hostnames: intersection(judged.hostname, route.hostnames) }));
}

function judge(
  model: ClusterModel,
  judged: ReadonlyMap<Gateway, readonly JudgedListener[]>,
  route: Route,
  reference: ParentReference,
): ParentOutcome {
  const { gatewayApi } = model;
  const isSet = reference.kind === 'ListenerSet' || reference.kind === 'XListenerSet';
  if (reference.kind !== 'Gateway' && !isSet) return { kind: 'outside' };
  const set = isSet ? objectNamed(gatewayApi.listenerSets, reference) : undefined;
  if (isSet && set === undefined) return { kind: 'absent' };
  const named = set === undefined ? reference : set.parent;
  const gateway = objectNamed(gatewayApi.gateways, named);
  if (gateway === undefined) return { kind: 'absent' };
  const refused = (reason: ConditionReason, text: string, ...rest: readonly string[]): ParentOutcome => ({
    kind: 'refused',
    condition: { type: 'Accepted', reason, text, manifest: route.manifest, at: [...reference.at, ...rest] },
  });
  if (set !== undefined && isAllowed(model, gateway, set) === false)
    return refused(
      'NotAllowedByListeners',
      `Gateway ${gateway.name} takes no listeners of ListenerSet ${set.name}.`,
      'name',
    );

  const own = (judged.get(gateway) ?? []).filter(
    ({ listener }) => listener.owner.manifest === (set ?? gateway).manifest,
  );
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
        text: `${route.kind} ${route.name} names no namespace, and whether Gateway ${gateway.name} takes it hangs on the one that it is applied to.`,
      };
    if (allowing.some(({ allows }) => allows === null))
      return {
        kind: 'unknown',
        gateway,
        text: `Whether Gateway ${gateway.name} takes ${route.kind}s of namespace ${route.namespace} hangs on that namespace's labels, which are not in these files.`,
      };
    const [first] = wanted;
    const why =
      ofKind.length === 0
        ? `${wanted.length === 1 ? `its listener ${first?.listener.name ?? ''} carries` : 'its listeners carry'} no ${route.kind}`
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
  return { kind: 'attached', gateway, listeners: sharing };
}

/** The one of that namespace and name; else one of that name whose namespace isn't written, so that it may be that one. */
function objectNamed<T extends { readonly namespace: string; readonly name: string; readonly manifest: Manifest }>(
  objects: readonly T[],
  wanted: { readonly namespace: string; readonly name: string },
): T | undefined {
  return (
    objects.find(({ namespace, name }) => namespace === wanted.namespace && name === wanted.name) ??
    objects.find(({ name, manifest }) => name === wanted.name && manifest.namespace === null)
  );
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
