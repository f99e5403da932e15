import { groupOf, type Manifest } from '../manifest.ts';

/**
 * The built-in kinds that decide about traffic, each with the API versions that some release has had it in, the one to
 * write first. Source: k8s.io/api (0.36), kubernetes.io/docs/reference/using-api/deprecation-guide.
 */
const versions: ReadonlyMap<string, readonly string[]> = new Map([
  ['Service', ['v1']],
  ['Endpoints', ['v1']],
  ['Pod', ['v1']],
  ['Node', ['v1']],
  ['Namespace', ['v1']],
  ['ConfigMap', ['v1']],
  ['Secret', ['v1']],
  ['ReplicationController', ['v1']],
  ['Deployment', ['apps/v1', 'apps/v1beta2', 'apps/v1beta1', 'extensions/v1beta1']],
  ['StatefulSet', ['apps/v1', 'apps/v1beta2', 'apps/v1beta1']],
  ['DaemonSet', ['apps/v1', 'apps/v1beta2', 'extensions/v1beta1']],
  ['ReplicaSet', ['apps/v1', 'apps/v1beta2', 'extensions/v1beta1']],
  ['Job', ['batch/v1']],
  ['CronJob', ['batch/v1', 'batch/v1beta1', 'batch/v2alpha1']],
  ['Ingress', ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1', 'extensions/v1beta1']],
  ['IngressClass', ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1']],
  ['NetworkPolicy', ['networking.k8s.io/v1', 'extensions/v1beta1']],
  ['PodDisruptionBudget', ['policy/v1', 'policy/v1beta1']],
  ['HorizontalPodAutoscaler', ['autoscaling/v2', 'autoscaling/v1', 'autoscaling/v2beta2', 'autoscaling/v2beta1']],
  ['ServiceCIDR', ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1', 'networking.k8s.io/v1alpha1']],
  ['EndpointSlice', ['discovery.k8s.io/v1', 'discovery.k8s.io/v1beta1', 'discovery.k8s.io/v1alpha1']],
]);

/** The groups of the API server itself: in any other, a kind of the same name is somebody's own. */
const builtInGroups = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'discovery.k8s.io',
  'extensions',
  'networking.k8s.io',
  'policy',
]);

/** Groups whose kinds CRDs define, that everybody has from one place. */
const definedGroups: ReadonlySet<string> = new Set(['gateway.networking.k8s.io', 'policy.networking.k8s.io']);

/** Who defines the kind; null for those that we don't know. */
export function definedBy(manifest: Manifest): 'Kubernetes' | 'CRDs' | null {
  if (versions.get(manifest.kind)?.includes(manifest.apiVersion) === true) return 'Kubernetes';
  return definedGroups.has(groupOf(manifest)) ? 'CRDs' : null;
}

/** The version to write, for a built-in kind in a version that no release has had it in; null for any other. */
export function versionMeant(manifest: Manifest): string | null {
  const known = versions.get(manifest.kind);
  if (known === undefined || known.includes(manifest.apiVersion) || !isBuiltIn(groupOf(manifest))) return null;
  return known[0] ?? null;
}

/** The kinds of a version that decide about traffic; empty for one that has none. */
export function kindsIn(apiVersion: string): readonly string[] {
  return [...versions].flatMap(([kind, all]) => (all.includes(apiVersion) ? [kind] : []));
}

/** `core` is how papers call the group without a name; the API server has none such. */
function isBuiltIn(group: string): boolean {
  return group === 'core' || builtInGroups.has(group);
}
