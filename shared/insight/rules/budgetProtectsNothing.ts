import { readLabelSelector } from '../../cluster/labelSelector.ts';
import { fieldOf, groupOf, namespaceOf } from '../../manifest/manifest.ts';
import { valueAt } from '../../manifest/value.ts';
import { misspeltSelector } from '../misspeltSelector.ts';
import { rule } from '../rule.ts';

/** A PodDisruptionBudget's selector that picks nothing by a slip. */
export const budgetProtectsNothing = rule({
  id: 'budget-protects-nothing',
  topic: 'names',
  severity: 'warning',
  meaning: 'A drained node may take all pods of the workload at once, and with them every endpoint.',
  remedy: 'Write the labels that the pods have.',
  link: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
  about: 'object',
  *check(manifest, judged) {
    if (manifest.kind !== 'PodDisruptionBudget' || groupOf(manifest) !== 'policy') return;
    const at = ['spec', 'selector'];
    const selector = readLabelSelector(valueAt(manifest.value, ...at));
    const misspelt = misspeltSelector(judged, { manifest, at, selector, namespaces: [namespaceOf(manifest)] });
    if (misspelt === null) return;
    const { hint, ...rest } = misspelt;
    yield {
      message: `PodDisruptionBudget ${manifest.name} selects no pod, so it keeps none running. ${hint}`,
      at: fieldOf(manifest, ...at),
      ...rest,
    };
  },
  bad: {
    says: 'The nearest, Deployment web, has app: web instead of app: wbe.',
    yaml: `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec:
  minAvailable: 1
  selector: { matchLabels: { app: wbe } }
            ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
  },
  isMended: true,
  good: `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { minAvailable: 1, selector: { matchLabels: { app: web } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
});
