import { readClusterNetworkPolicy, selectorFaults } from '../../cluster/clusterNetworkPolicy.ts';
import { pathText } from '../../manifest/validation/fieldError.ts';
import { removing } from '../fixes.ts';
import { fieldOfError, writingMeant } from '../refusals.ts';
import { rule } from '../rule.ts';

/** See `selectorFaults`. Of a NetworkPolicy the API server refuses the same, and says so itself. */
export const policySelectorUnreadable = rule({
  id: 'policy-selector-unreadable',
  topic: 'policies',
  severity: 'warning',
  meaning: 'What the selector stands for is left out by network plug-ins: denials and allowances alike.',
  remedy: 'Write one of In, NotIn, Exists and DoesNotExist: the first two with values, the others without.',
  details: `
The API server checks a ClusterNetworkPolicy, an AdminNetworkPolicy or a BaselineAdminNetworkPolicy by their definitions
(CRDs), and these take any text for an operator, a label or a value. Network plug-ins then can't make a selector of it:
kube-network-policies takes it for nobody, OVN-Kubernetes leaves out the whole rule, or the policy where it is its
subject, and Antrea reads on as if it weren't written. Traces take it for nobody. What the API server refuses of a
NetworkPolicy, [refused-by-api-server](refused-by-api-server.md) tells.
`,
  link: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors',
  about: 'object',
  *check(manifest) {
    const policy = readClusterNetworkPolicy(manifest);
    const faults = Map.groupBy(policy === null ? [] : selectorFaults(policy), ({ path, isAboutKey }) =>
      JSON.stringify([path, isAboutKey]),
    );
    for (const [error, ...more] of faults.values()) {
      if (error === undefined) continue;
      const says = [error, ...more].map(({ detail }) => detail).join('; ');
      yield {
        message:
          `${pathText(error.path)}: ${says}. The API server takes it, but no network plug-in can read such a ` +
          `selector, so ${error.path[1] === 'subject' ? 'the policy' : 'this entry'} is for nobody.`,
        at: fieldOfError(manifest, error),
        fixes:
          error.kind === 'Forbidden'
            ? removing('Leave values out', manifest, ...error.path)
            : writingMeant(manifest, error),
      };
    }
  },
  bad: {
    says: 'operator: is "in"; it can be In, NotIn, Exists, DoesNotExist. The API server takes it, but no',
    yaml: `
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: lock }
spec:
  tier: Admin
  priority: 10
  subject:
    namespaces: { matchExpressions: [{ key: team, operator: in, values: [shop] }] }
                                                            ~~
  ingress:
    - action: Deny
      from:
        - namespaces: { matchExpressions: [{ key: team, operator: Exists, values: [edge] }] }
                                                                          ~~~~~~
        - pods: { namespaceSelector: {}, podSelector: { matchExpressions: [{ key: app, operator: DoesNotExists }] } }
                                                                                                 ~~~~~~~~~~~~~
`,
  },
  isMended: true,
  good: `
apiVersion: policy.networking.k8s.io/v1beta1
kind: ClusterNetworkPolicy
metadata: { name: lock }
spec:
  tier: Admin
  priority: 10
  subject:
    namespaces: { matchExpressions: [{ key: team, operator: In, values: [shop] }] }
  ingress:
    - action: Deny
      from:
        - namespaces: { matchExpressions: [{ key: team, operator: Exists }] }
        - pods: { namespaceSelector: {}, podSelector: { matchExpressions: [{ key: app, operator: DoesNotExist }] } }
`,
});
