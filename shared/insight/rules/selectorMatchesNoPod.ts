import { endpointsFor } from '../../cluster/clusterModel.ts';
import { selectedPods } from '../../cluster/podSelection.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import { siteOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/**
 * A Service whose selector picks no pod has no endpoints. Said only where the set's own pods show that it was meant for
 * one of them: a workload of the same name in the namespace, or one that differs in a single missing or misspelt label.
 * A Service for pods that somebody else makes (an operator, another repository) is left alone.
 */
export const selectorMatchesNoPod = rule({
  id: 'selector-matches-no-pod',
  severity: 'warning',
  meaning: 'The Service has no endpoints: every connection to it is rejected.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service',
  *check({ model, isComplete }) {
    if (!isComplete) return;
    const byNamespace = Map.groupBy(model.pods, ({ namespace }) => namespace);
    for (const service of model.services) {
      const { selector, namespace, name } = service;
      if (selector === null || service.type === 'ExternalName' || endpointsFor(model, service).source !== 'pods' || selectedPods(service, model.pods).length > 0) continue;
      const near = nearest(service, selector, byNamespace.get(namespace) ?? []);
      if (near === null) continue;
      yield {
        message: `Service ${name} selects no pod, so every connection to it is rejected. The nearest, ${near.pod.owner.kind} ${near.pod.owner.name}, has ${near.difference}.`,
        site: siteOf(service.manifest, 'spec', 'selector'),
        related: [{ message: `${near.pod.owner.kind} ${near.pod.owner.name}`, site: siteOf(near.pod.manifest, 'metadata', 'name') }],
      };
    }
  },
  bad: {
    says: 'has app: web instead of app: wbe',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: wbe }
            ~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
});

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
