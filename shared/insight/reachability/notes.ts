import type { Assumption } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { clusterPoliciesOf, networkPoliciesOf } from '../../network/policy/policiesOf.ts';
import { unfollowedFor } from '../../network/policy/unfollowedPolicies.ts';
import { assumedReading, switchedPolicies, unfollowedOnes } from '../../trace/policyGate.ts';

/** What all of it rests on: by whose reading it is judged, which policies do nothing by it, which aren't followed. */
export function readingNotes(model: ClusterModel): Assumption[] {
  const unfollowed = new Set(model.pods.flatMap((pod) => unfollowedFor(model, pod)));
  return [...enforcementNotes(model), ...unfollowedOnes([...unfollowed], '')];
}

/** Nothing where there are no policies. */
function enforcementNotes(model: ClusterModel): Assumption[] {
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
