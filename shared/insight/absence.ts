import { serviceNamed } from '../cluster/clusterModel.ts';
import type { Backend, Ingress } from '../cluster/ingress.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service } from '../cluster/service.ts';
import { groupOf, type Manifest } from '../manifest/manifest.ts';
import type { JudgedSet } from './rule.ts';
import { isLike } from './spelling.ts';

/**
 * What the absence of something in a set proves. Much is applied from elsewhere: an operator's pods, a Service of another
 * repository. So absence alone is never called broken; it takes a sign that the thing was meant to be here.
 */
export type Absence = 'sure' | 'perhaps';

/** A backend's Service that the Ingress's namespace doesn't hold; null where it does. */
export function absentBackend({ model, isComplete }: JudgedSet, ingress: Ingress, backend: Backend): { absence: Absence; elsewhere: Service | null; alike: Service | null } | null {
  const { namespace } = ingress;
  if (serviceNamed(model, namespace, backend.service) !== undefined) return null;
  const elsewhere = model.services.find(({ name }) => name === backend.service) ?? null;
  const alike = model.services.find((each) => each.namespace === namespace && isLike(each.name, backend.service)) ?? null;
  const hasSiblings = [ingress.defaultBackend, ...ingress.rules.map((each) => each.backend)].some((each) => each !== null && each.service !== backend.service && serviceNamed(model, namespace, each.service) !== undefined);
  return { elsewhere, alike, absence: isComplete && (elsewhere !== null || alike !== null || hasSiblings) ? 'sure' : 'perhaps' };
}

/** For a selector that picks no pod: whether pods for it can come from outside the set, and the pod that it was meant for, if one is near. */
export function absentPods({ model, isComplete }: JudgedSet, service: Service, selector: ReadonlyMap<string, string>): { absence: Absence; nearest: { pod: Pod; difference: string } | null } {
  const pods = model.pods.filter(({ namespace }) => namespace === service.namespace);
  const found = nearest(service, selector, pods);
  const isSure = isComplete && (found !== null || pods.length > 0 && !model.manifests.some(mayMakePods));
  return { absence: isSure ? 'sure' : 'perhaps', nearest: found };
}

const builtInGroups = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions', 'hoplens.dev']);

/** A custom resource, or its definition: an operator may make pods of it. */
function mayMakePods(manifest: Manifest): boolean {
  const group = groupOf(manifest);
  return manifest.kind === 'CustomResourceDefinition' || !builtInGroups.has(group) && !group.endsWith('.k8s.io');
}

/** The pod that misses the fewest of the selector's labels, if it was plausibly meant; null where none was. */
function nearest(service: Service, selector: ReadonlyMap<string, string>, pods: readonly Pod[]): { pod: Pod; difference: string } | null {
  let best: { pod: Pod; difference: string; missing: number } | null = null;
  for (const pod of pods) {
    const missing = [...selector].filter(([key, value]) => pod.labels.get(key) !== value);
    if (!isMeant(service, selector, pod, missing) || best !== null && best.missing <= missing.length) continue;
    const [key, value] = missing[0] ?? ['', ''];
    const has = pod.labels.get(key);
    best = { pod, missing: missing.length, difference: has === undefined ? `no label ${key}` : `${key}: ${has} instead of ${key}: ${value}` };
  }
  return best;
}

/** Labels that many different workloads of one application share: agreeing on them says little. */
const sharedByMany = new Set(['app.kubernetes.io/part-of', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/version', 'helm.sh/chart', 'heritage', 'release', 'chart', 'version']);

/** The pod's workload bears the Service's name; or it agrees but for one label, which it lacks or which is misspelt. */
function isMeant(service: Service, selector: ReadonlyMap<string, string>, pod: Pod, missing: readonly (readonly [string, string])[]): boolean {
  if (pod.owner.name === service.name) return true;
  const [first, second] = missing;
  if (first === undefined || second !== undefined) return false;
  const [key, value] = first;
  const has = pod.labels.get(key);
  if (has !== undefined) return isLike(has, value);
  return [...selector.keys()].some((each) => each !== key && !sharedByMany.has(each));
}
