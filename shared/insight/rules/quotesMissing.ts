import { isRendered } from '../../built/builtSet.ts';
import { quotesFieldOf } from '../../manifest/manifest.ts';
import { pathText } from '../../manifest/validation/fieldError.ts';
import { textAt } from '../../manifest/value.ts';
import { quoting, safely } from '../fixes.ts';
import { refusalsOf } from '../refusals.ts';
import { rule } from '../rule.ts';

/**
 * A number, `true` or `false` in a field that takes a text: an annotation or a label, a name, a selector's value.
 * Source: k8s.io/apimachinery pkg/runtime/serializer/json: the decoder takes a text for a `string` only.
 */
export const quotesMissing = rule({
  id: 'quotes-missing',
  topic: 'api',
  severity: 'error',
  meaning: 'The API server takes only a text there and refuses the object, so nothing of it comes to be.',
  remedy: 'Put the value in quotes; in a template of a chart, print it by `| quote`.',
  link: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/',
  refuses: 'API server',
  about: 'object',
  *check(manifest, { model }) {
    for (const { path, detail, isUnquoted } of refusalsOf(manifest, model.profile.kubernetesMinor)) {
      if (isUnquoted !== true) continue;
      const fault = isRendered(manifest.uri)
        ? `the chart prints ${textAt(manifest.value, ...path) ?? ''} without quotes, and it must be a text: ` +
          'put it in quotes, in a template by `| quote`'
        : detail;
      yield {
        message: `${pathText(path)}: ${fault}. The API server refuses ${manifest.kind} ${manifest.name}.`,
        at: quotesFieldOf(manifest, ...path),
        fixes: safely(quoting('Put it in quotes', manifest, ...path)),
      };
    }
  },
  bad: {
    says: 'metadata.annotations[service.beta.kubernetes.io/aws-load-balancer-internal]: is true; it must be a text',
    yaml: `
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: { app: web, version: 1.10 }
                               ~~~~
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-internal: true
                                                           ~~~~
spec:
  type: LoadBalancer
  selector: { app: web }
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations: { prometheus.io/port: 9090 }
                                         ~~~~
    spec: { containers: [{ name: web, image: web }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data:
  PORT: 8080
        ~~~~
  DEBUG: true
         ~~~~
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: { app: web, version: "1.10" }
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-internal: "true"
spec:
  type: LoadBalancer
  selector: { app: web }
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata:
      labels: { app: web }
      annotations: { prometheus.io/port: "9090" }
    spec: { containers: [{ name: web, image: web }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data:
  PORT: "8080"
  DEBUG: "true"
`,
  isMended: true,
});
