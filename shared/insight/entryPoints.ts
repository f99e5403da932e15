import { type ClusterModel, ofModel } from '../cluster/clusterModel.ts';
import { isOfGatewayApi } from '../cluster/gatewayApi/gatewayApi.ts';
import type { Gateway } from '../cluster/gatewayApi/gateway.ts';
import { isRoute, readRoute, type Route } from '../cluster/gatewayApi/route.ts';
import { type Ingress, isIngress } from '../cluster/ingress.ts';
import { once } from '../cluster/once.ts';
import { sameMembers } from '../cluster/listChanges.ts';
import type { ManualLoadBalancer } from '../cluster/profile.ts';
import { isExternallyAccessible, isService, readService, type Service } from '../cluster/service.ts';
import { type Field, fieldOf, type Manifest } from '../manifest/manifest.ts';
import { judgedGatewayOf, parentsOf } from '../network/gateway/attachment.ts';
import { addressOfManual } from '../network/wayIn.ts';
import { type Askable, askableOf, type Asked, asksByRule, asksOf, asksOfDefault, hostsWithoutPaths } from './asks.ts';
import { lensOf, lensOfAskable, lensOfManual, type LensOfObject, lensOfRoute, type Outcome } from './lenses.ts';
import { placeholderBehind } from './placeholders.ts';
import { plainDetails } from './protocol.ts';
import type { JudgedSet } from './rule.ts';

/**
 * A way into a set from outside, as a person looks for it: a load balancer or a nodePort of a Service, a host and path
 * of an Ingress, a match of a route at a Gateway's listener, a load balancer of the profile. In the lens's words, for
 * this one request alone.
 */
export interface EntryPoint {
  readonly kind: 'load-balancer' | 'node-port' | 'ingress' | 'gateway';
  /** What one would ask for: `shop.example.com/cart`, `frontend :80`. */
  readonly name: string;
  readonly outcome: Outcome;
  /** `3 hops from LB, SNAT applied` */
  readonly way: string;
  /** `→ cart:80`, `~ 3 nodes assumed` */
  readonly notes: readonly string[];
  /** What to trace; null where nothing can be asked. */
  readonly ask: Asked | null;
  /** The line that makes it. */
  readonly at: Field;
}

/** Whether an object may lead in from outside: told by what is written in it alone. */
export const leadsIn = once((manifest: Manifest): boolean => {
  if (isService(manifest)) return isExternallyAccessible(readService(manifest));
  if (!isOfGatewayApi(manifest)) return isIngress(manifest);
  return manifest.kind === 'Gateway' || (isRoute(manifest) && !isOfMesh(readRoute(manifest)));
});

/** A route for Services alone says how pods ask each other: GEP-1324, "GAMMA". Nothing comes in by it. */
function isOfMesh({ parents }: Route): boolean {
  return parents.length > 0 && parents.every(({ kind }) => kind === 'Service' || kind === 'ServiceEntry');
}

/** What a lens says of some requests for an object: all that an entry point has besides its name and place. */
type Tell = (asks: readonly Asked[], lens: () => Told) => Told;
type Told = Pick<LensOfObject, 'outcome' | 'way' | 'notes' | 'ask'>;

const byLens: Tell = (_, lens) => lens();

/** For who asks them anyway: nothing is traced for what can be asked. */
const untraced: Tell = ([ask], lens) => (ask === undefined ? lens() : { outcome: 'unknown', way: '', notes: [], ask });

/** The ways in that an object makes, without what becomes of requests there. */
export function untracedEntryPointsOf(judged: JudgedSet, manifest: Manifest): Omit<EntryPoint, 'outcome' | 'notes'>[] {
  const askable = askableOf(judged.model, manifest);
  return askable === null ? [] : ofAskable(judged, askable, manifest, untraced);
}

/** The ways in that an object makes, in its order. Empty for a route that a Gateway shows, and for what isn't one. */
export function entryPointsOf(judged: JudgedSet, manifest: Manifest): EntryPoint[] {
  const { model } = judged;
  const askable = askableOf(model, manifest);
  if (askable === null) return [];
  const unknown = placeholderBehind(model, askable, manifest);
  const found = ofAskable(judged, askable, manifest, byLens);
  return unknown === null
    ? found
    : found.map((each) => ({ ...each, way: `unknown: ${unknown}`, outcome: 'unknown', notes: [] }));
}

function ofAskable(judged: JudgedSet, askable: Askable, manifest: Manifest, tell: Tell): EntryPoint[] {
  switch (askable.kind) {
    case 'Service':
      return isExternallyAccessible(askable.service) ? [ofService(judged, askable.service, manifest, tell)] : [];
    case 'Ingress':
      return ofIngress(judged, askable.ingress, tell);
    case 'Gateway':
      return ofGateway(judged, askable.gateway, tell);
    case 'Route':
      return ofLooseRoute(judged, askable.route);
    default:
      return askable satisfies never;
  }
}

function ofService(judged: JudgedSet, service: Service, manifest: Manifest, tell: Tell): EntryPoint {
  const ports = service.ports.map(({ port, nodePort, protocol }) => {
    const number = service.type === 'NodePort' && nodePort !== null ? nodePort : port;
    return `:${number}${protocol === 'TCP' ? '' : `/${protocol}`}`;
  });
  const asks = asksOf(judged.model, { kind: 'Service', service });
  const lens = (): Told => lensOf(judged, manifest) ?? lensOfAskable(judged, { kind: 'Service', service }, []);
  return entryPoint(tell(asks, lens), {
    kind: service.type === 'NodePort' ? 'node-port' : 'load-balancer',
    name: [service.name, ...ports].join(' '),
    at: fieldOf(manifest, 'spec', 'type'),
  });
}

/** One for each rule, then its default backend. */
function ofIngress(judged: JudgedSet, ingress: Ingress, tell: Tell): EntryPoint[] {
  const asks = asksOf(judged.model, { kind: 'Ingress', ingress });
  if (ingress.rules.length === 0)
    return [
      entryPoint(
        tell(asks, () => lensOfAskable(judged, { kind: 'Ingress', ingress }, asks)),
        {
          kind: 'ingress',
          name: `${hostsWithoutPaths(ingress)[0] ?? '*'}/`,
          at: fieldOf(ingress.manifest, ...(ingress.defaultBackend?.at ?? [])),
        },
      ),
    ];
  const ofRules = ingress.rules.map((rule, index) => {
    const alone = { ...ingress, rules: [rule], defaultBackend: null };
    const own = asks.slice(index, index + 1);
    return entryPoint(
      tell(own, () => lensOfAskable(judged, { kind: 'Ingress', ingress: alone }, own)),
      {
        kind: 'ingress',
        name: `${rule.host ?? '*'}${rule.path}`,
        at: fieldOf(ingress.manifest, ...rule.at),
      },
    );
  });
  return [...ofRules, ...ofDefaultBackend(judged, ingress)];
}

/** What no rule takes, by the first request for it that isn't lost: not every controller hands over all of it. */
function ofDefaultBackend(judged: JudgedSet, ingress: Ingress): EntryPoint[] {
  const alone = { ...ingress, rules: [] };
  const lenses = asksOfDefault(judged.model, ingress).map((ask) =>
    lensOfAskable(judged, { kind: 'Ingress', ingress: alone }, [ask]),
  );
  const telling = lenses.find(({ outcome }) => outcome !== 'lost') ?? lenses[0];
  if (telling === undefined) return [];
  const at = fieldOf(ingress.manifest, ...(ingress.defaultBackend?.at ?? []));
  return [entryPoint(telling, { kind: 'ingress', name: 'anything else', at })];
}

/** One for each match of each route at each listener; a Gateway without routes says so once. */
function ofGateway(judged: JudgedSet, gateway: Gateway, tell: Tell): EntryPoint[] {
  const { model } = judged;
  const listeners = judgedGatewayOf(model.declared, gateway)?.listeners ?? [];
  const found = listeners
    .filter(({ isAccepted }) => isAccepted)
    .flatMap((listener) =>
      listener.attached.flatMap(({ route }) =>
        asksByRule(model, gateway, listener, route).map(({ ask, rule, hostname }) =>
          entryPoint(
            tell([ask], () => lensOfRoute(judged, route, [ask], rule === null ? route.rules : [rule])),
            {
              kind: 'gateway',
              name: nameOf(ask, hostname),
              at: fieldOf(route.manifest, ...(rule?.at ?? [])),
            },
          ),
        ),
      ),
    );
  if (found.length > 0) return found;
  const ports = listeners.map(({ listener }) => `:${listener.port}`).join(' ');
  return [
    entryPoint(lensOfAskable(judged, { kind: 'Gateway', gateway }, []), {
      kind: 'gateway',
      name: `${gateway.name} ${ports}`.trim(),
      at: fieldOf(gateway.manifest, 'spec', 'listeners'),
    }),
  ];
}

/** A route that stands behind no Gateway of the set. */
function ofLooseRoute(judged: JudgedSet, route: Route): EntryPoint[] {
  const isShown = parentsOf(judged.model.declared, route).some(({ outcome }) => outcome.kind === 'attached');
  if (isShown) return [];
  return [
    entryPoint(lensOfRoute(judged, route, []), {
      kind: 'gateway',
      name: route.hostnames[0] ?? route.name,
      at: fieldOf(route.manifest, 'spec', 'parentRefs'),
    }),
  ];
}

/** The load balancers of the profile that lead to a nodePort of the set. */
export function entryPointsOfProfile(judged: JudgedSet): EntryPoint[] {
  const { model } = judged;
  const ports = nodePortsOf(model);
  return model.profile.loadBalancers.flatMap((each) => (ports.has(each.nodePort) ? [ofManual(judged, each)] : []));
}

const nodePortsOf = ofModel(
  (model: ClusterModel) =>
    new Set(model.services.flatMap(({ ports }) => ports.flatMap(({ nodePort }) => nodePort ?? []))),
  { same: sameMembers },
);

function ofManual(judged: JudgedSet, balancer: ManualLoadBalancer): EntryPoint {
  const { name, listen, field } = balancer;
  const host = addressOfManual(judged.model, balancer);
  const ask: Asked = {
    from: 'internet',
    namespace: 'default',
    details: plainDetails,
    target: { text: `${host}:${listen}`, value: { kind: 'socket', host, port: listen } },
  };
  return entryPoint(lensOfManual(judged, ask), { kind: 'load-balancer', name: `${name} :${listen}`, at: field });
}

/** What a match takes, with the host as the listener and the route have it. */
function nameOf({ target: { text, value }, details: { method, headers } }: Asked, hostname: string | null): string {
  const asked =
    value.kind === 'url' ? text.replace(/^(https?:\/\/)[^/:]+/, (_, scheme) => scheme + (hostname ?? '*')) : text;
  const besides = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [...(method === 'GET' ? [] : [method]), asked, ...besides].join(' ');
}

function entryPoint(
  { outcome, way, notes, ask }: Told,
  { kind, name, at }: Pick<EntryPoint, 'kind' | 'name' | 'at'>,
): EntryPoint {
  return { kind, name, outcome, way, notes, ask, at };
}
