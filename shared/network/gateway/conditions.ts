import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { attachmentOf } from './attachment.ts';
import { policyFault, resolveBackend, supersededPolicies } from './backends.ts';
import type { Condition } from './condition.ts';
import { implementationOf } from './gatewayProxy.ts';
import { isAllowed } from './listeners.ts';

/** Everything false that controllers would write in the status of the set's Gateway API objects. Empty where all is well. */
export function conditionsOf(model: ClusterModel): Condition[] {
  const { gatewayApi } = model;
  const { gateways, parents } = attachmentOf(model);
  const listeners = gateways.flatMap((each) => each.listeners.flatMap(({ conditions }) => conditions));
  const sets = gatewayApi.listenerSets.flatMap((set): Condition[] => {
    const gateway = gatewayApi.gateways.find(
      ({ namespace, name }) => namespace === set.parent.namespace && name === set.parent.name,
    );
    if (gateway === undefined || isAllowed(model, gateway, set) !== false) return [];
    return [
      {
        type: 'Accepted',
        reason: 'NotAllowed',
        text: `Gateway ${gateway.name} allows no ListenerSets of namespace ${set.namespace}, so its listeners don't exist.`,
        manifest: set.manifest,
        at: ['spec', 'parentRef'],
      },
    ];
  });
  const refused = parents.flatMap(({ outcome }) => (outcome.kind === 'refused' ? [outcome.condition] : []));
  const backends = gatewayApi.routes.flatMap((route) => {
    const attached = parents.flatMap((parent) =>
      parent.route === route && parent.outcome.kind === 'attached' ? [parent.outcome.gateway] : [],
    );
    const own = attached.map((gateway) => implementationOf(model, gateway).implementation.ownBackends);
    const ownBackends = own.length === 0 || own.includes(null) ? null : own.flatMap((each) => each ?? []);
    return route.rules.flatMap((rule) =>
      rule.backends.flatMap((backend): Condition[] => {
        const resolved = resolveBackend(model, route, backend, ownBackends);
        return resolved.kind === 'invalid' ? [resolved.condition] : [];
      }),
    );
  });
  const policies = gatewayApi.tlsPolicies.flatMap((policy) => policyFault(model, policy) ?? []);
  return [...listeners, ...sets, ...refused, ...backends, ...policies, ...supersededPolicies(model)];
}
