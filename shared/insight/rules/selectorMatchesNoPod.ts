import { endpointsFor } from '../../cluster/clusterModel.ts';
import { selectedPods } from '../../cluster/endpoints.ts';
import { siteOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';

/**
 * A Service whose selector picks no pod has no endpoints. Said only where the set's own pods show that it was meant for
 * one of them: a pod of the same namespace has the selector's key with another value, or all of its labels but some.
 * A Service for pods that somebody else makes (an operator, another repository) is left alone.
 */
export const selectorMatchesNoPod = rule({
  id: 'selector-matches-no-pod',
  severity: 'warning',
  meaning: 'The Service has no endpoints: every connection to it is rejected.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service',
  *check({ model, isComplete }) {
    if (!isComplete) return;
    for (const service of model.services) {
      const { selector, namespace, name } = service;
      if (selector === null || service.type === 'ExternalName' || endpointsFor(model, service).source !== 'pods' || selectedPods(service, model.pods).length > 0) continue;
      const near = nearest(selector, model.pods.filter((pod) => pod.namespace === namespace));
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

type Pods = Parameters<typeof selectedPods>[1];

/** The pod that misses the fewest of the selector's labels, if it was plausibly meant; null where none was. */
function nearest(selector: ReadonlyMap<string, string>, pods: Pods): { pod: Pods[number]; difference: string } | null {
  let best: { pod: Pods[number]; difference: string; missing: number } | null = null;
  for (const pod of pods) {
    const missing = [...selector].filter(([key, value]) => pod.labels.get(key) !== value);
    const isMeant = missing.length < selector.size || missing.some(([key, value]) => isLike(pod.labels.get(key), value));
    if (!isMeant || best !== null && best.missing <= missing.length) continue;
    const [key, value] = missing[0] ?? ['', ''];
    const has = pod.labels.get(key);
    best = { pod, missing: missing.length, difference: has === undefined ? `no label ${key}` : `${key}: ${has} instead of ${key}: ${value}` };
  }
  return best;
}

/** Whether one text is the other with a slip of the finger: at most two letters changed, left out, added or swapped. */
function isLike(has: string | undefined, wanted: string): boolean {
  if (has === undefined || Math.abs(has.length - wanted.length) > 2 || wanted.length < 3) return false;
  return distance(has, wanted) <= 2;
}

/** Damerau's distance, restricted to neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min((rows[i - 1]?.[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (rows[i - 1]?.[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) value = Math.min(value, (rows[i - 2]?.[j - 2] ?? 0) + 1);
      row.push(value);
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
