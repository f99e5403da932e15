import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Declared } from '../../cluster/declared.ts';
import type { BackendTlsPolicy } from '../../cluster/gatewayApi/backendTlsPolicy.ts';
import type { Gateway, ListenerSet } from '../../cluster/gatewayApi/gateway.ts';
import type { Route } from '../../cluster/gatewayApi/route.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { judgedGatewayOf, parentsOf } from './attachment.ts';
import { policyFault, resolveBackend, supersededPolicies } from './backends.ts';
import type { Condition } from './condition.ts';
import { implementationOf } from './chosenImplementation.ts';
import { isAllowed } from './listeners.ts';

/**
 * Everything false that controllers would write in the status of the set's Gateway API objects.
 * Empty where all is well.
 */
export function conditionsOf(model: ClusterModel): Condition[] {
  const { gateways, listenerSets, routes, tlsPolicies } = model.gatewayApi;
  return [
    ...gateways.flatMap((each) => conditionsOfGateway(model, each)),
    ...listenerSets.flatMap((each) => conditionsOfListenerSet(model, each)),
    ...routes.flatMap((each) => conditionsOfRoute(model, each)),
    ...tlsPolicies.flatMap((each) => conditionsOfTlsPolicy(model, each)),
  ];
}

export function conditionsOfGateway({ declared }: ClusterModel, gateway: Gateway): Condition[] {
  return listenerConditions(declared, gateway, gateway.manifest);
}

/** Those of the listeners that one object writes. */
function listenerConditions(declared: Declared, gateway: Gateway, owner: Manifest): Condition[] {
  const listeners = judgedGatewayOf(declared, gateway)?.listeners ?? [];
  return listeners.flatMap(({ conditions }) => conditions.filter(({ manifest }) => manifest === owner));
}

export function conditionsOfListenerSet({ declared }: ClusterModel, set: ListenerSet): Condition[] {
  const gateway = declared.gatewayApi.gateways.find(
    ({ namespace, name }) => namespace === set.parent.namespace && name === set.parent.name,
  );
  if (gateway === undefined) return [];
  if (isAllowed(declared, gateway, set) !== false) return listenerConditions(declared, gateway, set.manifest);
  return [
    {
      type: 'Accepted',
      reason: 'NotAllowed',
      text:
        `Gateway ${gateway.name} allows no ListenerSets of namespace ` +
        `${set.namespace}, so its listeners don't exist.`,
      manifest: set.manifest,
      at: ['spec', 'parentRef'],
    },
  ];
}

function conditionsOfRoute(model: ClusterModel, route: Route): Condition[] {
  const parents = parentsOf(model.declared, route);
  const refused = parents.flatMap(({ outcome }) => (outcome.kind === 'refused' ? [outcome.condition] : []));
  const taken = ownBackendsOf(model, route);
  const backends = route.rules.flatMap((rule) =>
    rule.backends.flatMap((backend): Condition[] => {
      const resolved = resolveBackend(model, route, backend, taken);
      return resolved.kind === 'invalid' ? [resolved.condition] : [];
    }),
  );
  return [...refused, ...backends];
}

/** The API groups that the implementations of a route's Gateways take beside Services; null where that isn't known. */
export function ownBackendsOf(model: ClusterModel, route: Route): readonly string[] | null {
  const gateways = parentsOf(model.declared, route).flatMap(({ outcome }) =>
    outcome.kind === 'attached' ? [outcome.gateway] : [],
  );
  const own = gateways.map((gateway) => implementationOf(model, gateway).implementation.ownBackends);
  return own.length === 0 || own.includes(null) ? null : own.flatMap((each) => each ?? []);
}

export function conditionsOfTlsPolicy(model: ClusterModel, policy: BackendTlsPolicy): Condition[] {
  const fault = policyFault(model, policy);
  const superseded = supersededPolicies(model).filter(({ manifest }) => manifest === policy.manifest);
  return [...(fault === null ? [] : [fault]), ...superseded];
}
