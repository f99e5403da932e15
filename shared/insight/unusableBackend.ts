import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Gateway } from '../cluster/gatewayApi/gateway.ts';
import type { Route, RouteBackend } from '../cluster/gatewayApi/route.ts';
import { parentsOf } from '../network/gateway/attachment.ts';
import { implementationOf } from '../network/gateway/chosenImplementation.ts';

/** Whether requests are lost where a backend can't be used: its weight is not 0, and some parent may take the route. */
export function losesRequests(model: ClusterModel, route: Route, { weight }: Pick<RouteBackend, 'weight'>): boolean {
  return weight > 0 && !isBehindNone(model, route);
}

/**
 * What becomes of the requests for a backend that can't be used, as half a sentence.
 * Source: kubernetes-sigs/gateway-api apis/v1/{http,grpc,tls,tcp,udp}route_types.go (`BackendRefs`; v1.6.1).
 */
export function effectOfUnusable(model: ClusterModel, route: Route, { weight }: Pick<RouteBackend, 'weight'>): string {
  if (isBehindNone(model, route)) return 'no gateway takes this route as it stands';
  if (weight === 0) return 'no request goes there as long as its weight is 0';
  if (route.parents.length > 0 && route.parents.every(({ kind }) => kind === 'Service'))
    return 'the mesh has nowhere to send its requests';
  if (route.kind === 'UDPRoute') return 'the gateway drops the packets';
  if (route.kind !== 'HTTPRoute' && route.kind !== 'GRPCRoute') return 'the gateway closes the connection';
  const gateways = gatewaysOf(model, route);
  const isLeftOut = (gateway: Gateway): boolean =>
    implementationOf(model.declared, gateway).implementation.ways.withoutBackend === 'left-out';
  const answer = route.kind === 'GRPCRoute' ? 'UNAVAILABLE' : '500';
  return gateways.length > 0 && gateways.every(isLeftOut)
    ? `the gateway leaves it out, and answers ${answer} itself where there is no other`
    : `the gateway answers ${answer} itself`;
}

/** The same where a mirror's backend can't be used: to most, only the copies matter. */
export function effectOfUnusableMirror(model: ClusterModel, route: Route): string {
  if (isBehindNone(model, route)) return 'no gateway takes this route as it stands';
  const gateways = gatewaysOf(model, route);
  const isRequired = (gateway: Gateway): boolean =>
    implementationOf(model.declared, gateway).implementation.ways.mirrors === 'required';
  return gateways.length > 0 && gateways.every(isRequired)
    ? "the gateway answers the rule's requests with 500 itself"
    : 'the copies of its requests are lost';
}

function gatewaysOf(model: ClusterModel, route: Route): Gateway[] {
  return parentsOf(model.declared, route).flatMap(({ outcome }) =>
    outcome.kind === 'attached' ? [outcome.gateway] : [],
  );
}

/** It names no parent, or all refuse it. One that isn't in the set may take it. */
function isBehindNone(model: ClusterModel, route: Route): boolean {
  return parentsOf(model.declared, route).every(({ outcome }) => outcome.kind === 'refused');
}
