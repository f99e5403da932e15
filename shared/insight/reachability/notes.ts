import type { Assumption } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { clusterPoliciesOf, networkPoliciesOf } from '../../network/policy/policiesOf.ts';
import { assumedReading, switchedPolicies } from '../../trace/policyGate.ts';

/** By whose reading all of it is judged, and which policies do nothing by it. Nothing where there are no policies. */
export function readingNotes(model: ClusterModel): Assumption[] {
  const policies = [
    ...networkPoliciesOf(model).map(({ name }) => ({ kind: 'NetworkPolicy' as const, name })),
    ...clusterPoliciesOf(model),
  ];
  if (policies.length === 0) return [];
  const chosen = chosenPlugin(model.profile);
  const switched = switchedPolicies(chosen, policies);
  const { plugin, said } = chosen;
  const isAnyEnforced = policies.some(({ kind }) => plugin.enforces.includes(kind));
  if (!isAnyEnforced) return switched;
  const reading: Assumption =
    said === null
      ? assumedReading(plugin)
      : { id: 'network-policy', text: `policies are enforced by ${plugin.title}, as the profile's ${said} says` };
  return [reading, ...switched];
}
