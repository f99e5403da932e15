import type { Assumption } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { ofDeclared } from '../../cluster/declared.ts';
import { sameEntries } from '../../cluster/listChanges.ts';
import { assumptionOf } from '../../cluster/lookups.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import type { Route } from '../../cluster/gatewayApi/route.ts';
import { judgedGateways, parentsOf, type ServingListener } from './attachment.ts';
import { covers } from './hostnames.ts';
import { type Entry, wayTo } from '../wayIn.ts';
import { addressOfGateway } from './assumedGateway.ts';
import { type ChosenImplementation, implementationOf } from './chosenImplementation.ts';
import { proxyOf } from './gatewayProxy.ts';

/** How a request from outside comes to a Gateway's proxy, and whose it is. */
export interface GatewayEntry extends Entry {
  readonly chosen: ChosenImplementation;
  /** What had to be assumed of the implementation itself; null where it is known. */
  readonly follows: Assumption | null;
}

export function gatewayEntryOf(model: ClusterModel, gateway: Gateway): GatewayEntry {
  const chosen = implementationOf(model, gateway);
  const follows = followsOf(gateway, chosen);
  const { dataPlane, product } = chosen.implementation;
  if (dataPlane.kind === 'cloud') {
    const address = addressOfGateway(model.declared, gateway);
    return {
      assumption: null,
      chosen,
      follows,
      way: { kind: 'cloud', product, className: gateway.className, address },
    };
  }
  const running = proxyOf(model, gateway);
  const [pod] = running?.pods ?? [];
  const assumption = pod === undefined ? null : assumptionOf(model, pod.manifest);
  return { assumption, chosen, follows, way: running === null ? { kind: 'none' } : wayTo(model, running) };
}

/** A Gateway that a cloud's load balancer at this address is; null for none. */
export function cloudGatewayAt({ declared }: ClusterModel, address: string): Gateway | null {
  return cloudGateways(declared).get(address) ?? null;
}

/** Those that clouds' load balancers are, by address; the first of one. */
const cloudGateways = ofDeclared(
  (declared) => {
    const clouds = declared.gatewayApi.gateways.filter(
      (each) => implementationOf(declared, each).implementation.dataPlane.kind === 'cloud',
    );
    return new Map(clouds.toReversed().map((each) => [addressOfGateway(declared, each), each]));
  },
  { eager: true, same: sameEntries },
);

function followsOf(
  { name, className }: Gateway,
  { by, implementation, text }: ChosenImplementation,
): Assumption | null {
  if (by === 'nothing')
    return {
      id: 'gateway-implementation',
      text: `Gateway ${name} is taken to follow the standard: ${text} is of no implementation that Hoplens knows`,
    };
  if (by === 'className')
    return {
      id: 'gateway-implementation',
      text:
        `Gateway ${name} is taken to be ${implementation.product}'s, which usually has a class ${className}: its ` +
        'GatewayClass is not in these files',
    };
  return null;
}

/**
 * The Gateway that somebody would reach under a host: one with a route for it, else with a listener,
 * on that port before any other.
 */
export function gatewayNaming(model: ClusterModel, host: string, port: number): Gateway | null {
  const gateways = judgedGateways(model.declared);
  const named = (hostnames: readonly (string | null)[] | null): boolean =>
    hostnames?.some((each) => each !== null && covers(each, host)) ?? false;
  const by = (isNamed: (listener: ServingListener) => boolean): Gateway | null => {
    const naming = gateways.filter(({ listeners }) => listeners.some(isNamed));
    return (
      (
        naming.find(({ listeners }) => listeners.some((each) => isNamed(each) && each.listener.port === port)) ??
        naming[0]
      )?.gateway ?? null
    );
  };
  return (
    by(({ attached }) => attached.some(({ hostnames }) => named(hostnames))) ?? by(({ hostname }) => named([hostname]))
  );
}

/** A route that names the host and whose Gateways are all outside the set; null where there is none. */
export function routeWithoutGateway(model: ClusterModel, host: string): Route | null {
  return (
    model.gatewayApi.routes.find((route) => {
      if (!route.hostnames.some((each) => covers(each, host))) return false;
      const parents = parentsOf(model.declared, route);
      return parents.length > 0 && parents.every(({ outcome }) => outcome.kind === 'absent');
    }) ?? null
  );
}
