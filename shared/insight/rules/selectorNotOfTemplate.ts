import { readPodTemplate } from '../../cluster/pod.ts';
import { fieldOf, keyFieldOf, type Manifest } from '../../manifest/manifest.ts';
import { unmetBy } from '../../manifest/validation/labelSelector.ts';
import { notOfTemplate } from '../../manifest/validation/workload.ts';
import { type FieldPath, textAt, type Value, valueAt } from '../../manifest/value.ts';
import { adding, replacing } from '../fixes.ts';
import { refusalsOf } from '../refusals.ts';
import { rule } from '../rule.ts';

/**
 * A workload whose selector doesn't take the labels of its own template.
 * Source: kubernetes/kubernetes pkg/apis/apps/validation, pkg/apis/core/validation
 * `ValidatePodTemplateSpecForRC` (1.36).
 */
export const selectorNotOfTemplate = rule({
  id: 'selector-not-of-template',
  topic: 'pods',
  severity: 'error',
  meaning: 'The API server refuses a workload whose selector does not take its own pods, so none of them starts.',
  remedy: "Write the same labels in the selector and in the template's metadata.",
  details: 'It keeps silent where a kustomization that is not built here may add labels to both.',
  link: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector',
  refuses: 'API server',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    const isRefused = refusalsOf(manifest, model.profile.kubernetesMinor).some(
      ({ detail }) => detail === notOfTemplate,
    );
    const template = readPodTemplate(manifest);
    if (!isComplete || !isRefused || template === null) return;
    const selector = selectorOf(manifest);
    const of = `${manifest.kind} ${manifest.name}'s selector doesn't take its own pods`;
    const labelsPath = ['spec', 'template', 'metadata', 'labels'];
    for (const [list, key] of unmetBy(template.labels, selector.value)) {
      const path = [...selector.path, ...(manifest.kind === 'ReplicationController' ? [] : [list ?? '']), key ?? ''];
      const wanted = textAt(manifest.value, ...path);
      const has = template.labels.get(String(key));
      const refused = `the API server refuses it, so none of them starts`;
      if (wanted === undefined || typeof key !== 'string')
        yield { message: `${of}: their labels don't meet this; ${refused}.`, at: fieldOf(manifest, ...path) };
      else if (has === undefined)
        yield {
          message: `${of}: it asks for \`${key}: ${wanted}\`, which they lack; ${refused}.`,
          at: keyFieldOf(manifest, ...path),
          fixes: adding(`Give them ${key}: ${wanted}`, manifest, { key, text: JSON.stringify(wanted) }, ...labelsPath),
        };
      else {
        const own: FieldPath = [...labelsPath, key];
        yield {
          message: `${of}: it asks for \`${key}: ${wanted}\`, and they have \`${key}: ${has}\`; ${refused}.`,
          at: fieldOf(manifest, ...own),
          related: [{ message: 'the selector', at: fieldOf(manifest, ...path) }],
          fixes: [
            ...replacing(`Give them ${key}: ${wanted}`, manifest, wanted, ...own),
            ...replacing(`Select ${key}: ${has}`, manifest, has, ...path),
          ],
        };
      }
    }
  },
  bad: {
    says: "Deployment web's selector doesn't take its own pods: it asks for `app: shop`, and they have `app: shopp`",
    yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shopp } }
                               ~~~~~
    spec: { containers: [{ name: web, image: web }] }
---
apiVersion: v1
kind: ReplicationController
metadata: { name: old }
spec:
  selector: { app: old, tier: front }
                        ~~~~
  template:
    metadata: { labels: { app: old } }
    spec: { containers: [{ name: web, image: web }] }
`,
  },
  isMended: true,
  good: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: shop }, matchExpressions: [{ key: old, operator: DoesNotExist }] }
  template:
    metadata: { labels: { app: shop, tier: front } }
    spec: { containers: [{ name: web, image: web }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec: { template: { metadata: { labels: { app: agent } } } }
`,
});

/** The selector as one of labels and expressions: a ReplicationController has the labels alone. */
function selectorOf(manifest: Manifest): { readonly path: FieldPath; readonly value: Value } {
  const path = ['spec', 'selector'];
  const value = valueAt(manifest.value, ...path) ?? null;
  return { path, value: manifest.kind === 'ReplicationController' ? { matchLabels: value } : value };
}
