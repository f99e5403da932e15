import { matchesAll, matchesLabels, readLabelSelector } from '../../cluster/labelSelector.ts';
import { selectedPods, servicesIn } from '../../cluster/lookups.ts';
import { fieldOf, groupOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { booleanAt, itemsAt, textAt, textOf, valueAt } from '../../manifest/value.ts';
import { replacing } from '../fixes.ts';
import { misspeltSelector } from '../misspeltSelector.ts';
import { theObject } from '../related.ts';
import { type JudgedSet, rule, type Yielded } from '../rule.ts';
import { isLike } from '../spelling.ts';

/**
 * A ServiceMonitor selects Services by their labels and names their ports; a PodMonitor does the same with pods and
 * their containers' ports.
 * Source: prometheus-operator v0.85 pkg/apis/monitoring/v1/servicemonitor_types.go, podmonitor_types.go.
 */
export const monitorScrapesNothing = rule({
  id: 'monitor-scrapes-nothing',
  topic: 'names',
  severity: 'warning',
  meaning: 'Prometheus finds no target by this monitor, or none by this port.',
  remedy: 'Write the labels of the Services (or pods), and the name of one of their ports.',
  details:
    'It speaks where the selector picks nothing and a label differs by a slip, and where it picks some and none of ' +
    'them has a port of that name.',
  link: 'https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor',
  about: 'object',
  *check(manifest, judged): Generator<Yielded> {
    if (!judged.isComplete || groupOf(manifest) !== 'monitoring.coreos.com') return;
    if (manifest.kind === 'ServiceMonitor') yield* judgeServiceMonitor(judged, manifest);
    if (manifest.kind === 'PodMonitor') yield* judgePodMonitor(judged, manifest);
  },
  bad: {
    says: 'none of the Services that it selects has a port named metrcs; they have http, metrics',
    yaml: `
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  endpoints:
    - port: metrcs
            ~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: web, labels: { app: web } }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }, { name: metrics, port: 9090 }] }
`,
  },
  also: [
    {
      says: 'selects no Service, so Prometheus finds no target. Service web has app: web instead of app: wbe.',
      yaml: `
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: web }
spec:
  selector: { matchLabels: { app: wbe } }
            ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  endpoints: [{ port: http }]
---
apiVersion: v1
kind: Service
metadata: { name: web, labels: { app: web } }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }] }
`,
    },
    {
      says: 'The nearest, Deployment web, has app: web instead of app: wbe.',
      yaml: `
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata: { name: web }
spec:
  selector: { matchLabels: { app: wbe } }
            ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  podMetricsEndpoints: [{ port: http }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, ports: [{ name: http, containerPort: 8080 }] }] }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  endpoints: [{ port: metrics }]
---
apiVersion: v1
kind: Service
metadata: { name: web, labels: { app: web } }
spec: { selector: { app: web }, ports: [{ name: http, port: 80 }, { name: metrics, port: 9090 }] }
`,
});

const selectorAt = ['spec', 'selector'];

/** The namespaces in which a monitor looks; null for all. */
function namespacesOf(manifest: Manifest): readonly string[] | null {
  const where = valueAt(manifest.value, 'spec', 'namespaceSelector');
  if (booleanAt(where, 'any') === true) return null;
  const named = itemsAt(where, 'matchNames').flatMap((each) => textOf(each) ?? []);
  return named.length > 0 ? named : [namespaceOf(manifest)];
}

function* judgeServiceMonitor({ model }: JudgedSet, manifest: Manifest): Generator<Yielded> {
  const selector = readLabelSelector(valueAt(manifest.value, ...selectorAt));
  if (matchesAll(selector)) return;
  const near = namespacesOf(manifest)?.flatMap((each) => servicesIn(model, each)) ?? model.services;
  const matched = near.filter((each) => matchesLabels(selector, each.manifest.labels));
  if (matched.length > 0) {
    const offered = [...new Set(matched.flatMap(({ ports }) => ports.flatMap(({ name }) => name || [])))];
    yield* judgePorts(manifest, 'endpoints', { of: 'Services', offered });
    return;
  }
  for (const { manifest: service } of near) {
    const differing = [...selector.labels].filter(([key, value]) => service.labels.get(key) !== value);
    const [[key, value] = ['', ''], another] = differing;
    const has = service.labels.get(key);
    if (another !== undefined || has === undefined || selector.expressions.length > 0 || !isLike(has, value)) continue;
    yield {
      message:
        `ServiceMonitor ${manifest.name} selects no Service, so Prometheus finds no target. ` +
        `Service ${service.name} has ${key}: ${has} instead of ${key}: ${value}.`,
      at: fieldOf(manifest, ...selectorAt),
      related: [theObject(service)],
      fixes: replacing(`Use ${key}: ${has}`, manifest, has, ...selectorAt, 'matchLabels', key),
    };
    return;
  }
}

function* judgePodMonitor(judged: JudgedSet, manifest: Manifest): Generator<Yielded> {
  const selector = readLabelSelector(valueAt(manifest.value, ...selectorAt));
  const namespaces = namespacesOf(manifest);
  if (namespaces === null || selector.labels.size === 0) return;
  const pods = namespaces
    .flatMap((namespace) => selectedPods(judged.model, { namespace, selector: selector.labels }))
    .filter(({ labels }) => matchesLabels(selector, labels));
  const names = pods.flatMap(({ containers }) =>
    containers.flatMap(({ ports }) => ports.flatMap((each) => each.name || [])),
  );
  if (pods.length > 0) yield* judgePorts(manifest, 'podMetricsEndpoints', { of: 'pods', offered: [...new Set(names)] });
  const misspelt = misspeltSelector(judged, { manifest, at: selectorAt, selector, namespaces });
  if (misspelt === null) return;
  const { hint, ...rest } = misspelt;
  yield {
    message: `PodMonitor ${manifest.name} selects no pod, so Prometheus finds no target. ${hint}`,
    at: fieldOf(manifest, ...selectorAt),
    ...rest,
  };
}

function* judgePorts(
  manifest: Manifest,
  list: string,
  { of, offered }: { readonly of: string; readonly offered: readonly string[] },
): Generator<Yielded> {
  for (const [index, each] of itemsAt(manifest.value, 'spec', list).entries()) {
    const port = textAt(each, 'port');
    if (port === undefined || offered.includes(port)) continue;
    const alike = offered.find((name) => isLike(name, port));
    const at = ['spec', list, index, 'port'];
    yield {
      severity: alike === undefined ? 'info' : 'warning',
      message:
        `${manifest.kind} ${manifest.name} scrapes port ${port}, but none of the ${of} that it selects has a port ` +
        `named ${port}; they have ${offered.join(', ') || 'no named ports'}.`,
      at: fieldOf(manifest, ...at),
      fixes: alike === undefined ? [] : replacing(`Use port ${alike}`, manifest, alike, ...at),
    };
  }
}
