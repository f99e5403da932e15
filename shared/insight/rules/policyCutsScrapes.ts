import { anyPod } from '../../cluster/anyPod.ts';
import { type ClusterModel, ofModel } from '../../cluster/clusterModel.ts';
import { eachOfDeclared } from '../../cluster/declared.ts';
import { targetPortOn } from '../../cluster/endpoints.ts';
import { matchesLabels, readLabelSelector } from '../../cluster/labelSelector.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { servicesSelecting } from '../../cluster/lookups.ts';
import { madeByOperator } from '../../cluster/operatorPods.ts';
import { type Pod, readPodTemplate } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import { fieldOf, groupOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { booleanAt, type FieldPath, itemsAt, textAt, textOf, textsAt, valueAt } from '../../manifest/value.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { judgeAtGate } from '../../network/policy/gate.ts';
import { ofPod, toldOf } from '../policies/policyPods.ts';
import { theObject } from '../related.ts';
import { rule, type Yielded } from '../rule.ts';

/** Pods that are scraped, and who is to scrape them. */
const scraped = `apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: web }
spec: { selector: { matchLabels: { app: web } }, endpoints: [{ port: metrics }] }
---
apiVersion: v1
kind: Service
metadata: { name: web, labels: { app: web } }
spec: { selector: { app: web }, ports: [{ name: http, port: 8080 }, { name: metrics, port: 9090 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: prometheus, namespace: monitoring }
spec:
  template:
    metadata: { labels: { app: prometheus } }
    spec: { containers: [{ name: prometheus, image: 'quay.io/prometheus/prometheus:v3.5.0' }] }`;

/**
 * Prometheus scrapes the pods themselves, from its own.
 * Source: prometheus-operator v0.85 pkg/apis/monitoring/v1/servicemonitor_types.go, podmonitor_types.go; the
 * annotations `prometheus.io/scrape` and `prometheus.io/port` of pods and Services as its usual configuration reads
 * them, prometheus-community/helm-charts charts/prometheus/values.yaml (`kubernetes-pods`,
 * `kubernetes-service-endpoints`).
 */
export const policyCutsScrapes = rule({
  id: 'policy-cuts-scrapes',
  topic: 'policies',
  severity: 'warning',
  meaning: "Prometheus can't get to the pods that it is to scrape: their targets are down.",
  remedy: "Let in Prometheus' pods to the port of the metrics, by their labels and their namespace.",
  details: `
Said where the set has pods of Prometheus and policies let in none of them. The port is that of a ServiceMonitor, of a
PodMonitor, or of the annotations \`prometheus.io/scrape\` and \`prometheus.io/port\` of the pods or their Service,
unless an operator makes the Prometheus: it reads none. Without a port, Prometheus tries all that the pods declare or
the Service leads to, and it is told where none of these is open.
`,
  link: 'https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor',
  about: 'NetworkPolicy',
  *check(policy, { model, isComplete }): Generator<Yielded> {
    if (!isComplete || !policy.isolates.ingress) return;
    const [scraper] = scrapersOf(model);
    if (scraper === undefined) return;
    for (const pod of toldOf(model, policy, 'ingress'))
      for (const { by, ports } of shutOutOf(model, pod) ?? []) {
        yield {
          message:
            `NetworkPolicy ${policy.name} shuts out Prometheus (${scraper.owner.kind} ${scraper.owner.name}), which ` +
            `is to scrape port ${ports.join(' or ')} of ${pod.owner.kind} ${pod.owner.name} by ${by.kind} ` +
            `${by.name}: no rule lets it in.`,
          at: fieldOf(policy.manifest, 'spec', 'podSelector'),
          related: [theObject(by), theObject(scraper.manifest, scraper.owner)],
        };
        return;
      }
  },
  bad: {
    says: 'Prometheus (StatefulSet prometheus), which is to scrape port 9090 of Deployment web by ServiceMonitor web',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  ingress: [{ ports: [{ port: 8080 }] }]
---
${scraped}
`,
  },
  also: [
    {
      says: 'which is to scrape port 80 of Deployment carts by Service carts',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: carts }
spec:
  podSelector: { matchLabels: { name: carts } }
               ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  ingress: [{ from: [{ podSelector: { matchLabels: { name: front-end } } }] }]
---
apiVersion: v1
kind: Service
metadata: { name: carts, annotations: { prometheus.io/scrape: 'true', prometheus.io/path: /metrics } }
spec: { selector: { name: carts }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: carts }
spec: { template: { metadata: { labels: { name: carts } } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: prometheus, namespace: monitoring }
spec:
  template:
    metadata: { labels: { app: prometheus } }
    spec: { containers: [{ name: prometheus, image: 'prom/prometheus:v3.5.0' }] }
`,
    },
  ],
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - ports: [{ port: 8080 }]
    - from: [{ namespaceSelector: { matchLabels: { kubernetes.io/metadata.name: monitoring } } }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: api }
spec:
  podSelector: { matchLabels: { app: api } }
  ingress: [{ ports: [{ port: 8081 }] }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  template:
    metadata: { labels: { app: api }, annotations: { prometheus.io/scrape: 'true' } }
    spec: { containers: [{ name: api, ports: [{ containerPort: 8080 }, { containerPort: 8081 }] }] }
---
${scraped}
`,
});

/** A pod of each Prometheus that the set shows. */
const scrapersShown = ofModel(
  ({ pods }: ClusterModel): readonly Pod[] => {
    const own = pods.filter(({ containers }) => containers.some(({ image }) => isPrometheus.test(image)));
    return [...new Map(own.toReversed().map((pod) => [pod.manifest.key, pod])).values()];
  },
  { eager: true, same: sameItems },
);

/** Those that operators make too. */
function scrapersOf(model: ClusterModel): readonly Pod[] {
  const some = anyPod(model, '');
  const made = some === null ? [] : byOperators(model.declared).map((each): Pod => ({ ...some, ...each }));
  return [...scrapersShown(model), ...made];
}

/** What operators make Prometheus of. */
const byOperators = eachOfDeclared(
  (declared) => [
    ...declared.ofKind('Prometheus'),
    ...declared.ofKind('PrometheusAgent'),
    ...declared.ofKind('VMSingle'),
    ...declared.ofKind('VMAgent'),
  ],
  (manifest: Manifest) => {
    const made = madeByOperator(manifest);
    return made === null ? [] : [{ manifest, namespace: made.namespace, labels: made.labels, owner: made.owner }];
  },
);

const isPrometheus = /(?:^|\/)(?:prometheus|vmagent)(?:[:@]|$)/;

/** A target that is scraped at a pod, and by what it is said. */
interface Scrape {
  readonly by: Manifest;
  /** One of these has the metrics. */
  readonly ports: readonly number[];
}

/** What no Prometheus gets to. */
const shutOutOf = ofPod(
  (model, pod) => {
    const scrapers = scrapersOf(model);
    return scrapesOf(model, pod).filter(
      ({ ports }) =>
        ports.length > 0 &&
        ports.every((port) => scrapers.every((each) => isShutOut(model, pod, { from: each, port }))),
    );
  },
  (a, b) => a.length === 0 && b.length === 0,
);

const monitors = eachOfDeclared(
  (declared) => [...declared.ofKind('ServiceMonitor'), ...declared.ofKind('PodMonitor')],
  (manifest: Manifest) => (groupOf(manifest) === 'monitoring.coreos.com' ? [manifest] : []),
);

function scrapesOf(model: ClusterModel, pod: Pod): Scrape[] {
  const services = servicesSelecting(model, pod);
  const byMonitors = monitors(model.declared).flatMap((by): Scrape[] => {
    if (!looksIn(by, pod.namespace)) return [];
    const selector = readLabelSelector(valueAt(by.value, 'spec', 'selector'));
    if (by.kind === 'PodMonitor')
      return matchesLabels(selector, pod.labels)
        ? portsNamed(by, 'podMetricsEndpoints').flatMap((name) => {
            const found = pod.containers.flatMap(({ ports }) => ports).find((each) => each.name === name);
            return found === undefined ? [] : [{ by, ports: [found.port] }];
          })
        : [];
    return services
      .filter(({ manifest }) => matchesLabels(selector, manifest.labels))
      .flatMap(({ ports }) =>
        portsNamed(by, 'endpoints').flatMap((name) => {
          const found = ports.find((each) => each.name === name);
          const port = found === undefined ? null : targetPortOn(pod, found);
          return port === null ? [] : [{ by, ports: [port] }];
        }),
      );
  });
  return byOperators(model.declared).length > 0 ? byMonitors : [...byMonitors, ...byAnnotations(pod, services)];
}

function portsNamed({ value }: Manifest, list: string): string[] {
  return itemsAt(value, 'spec', list).flatMap((each) => textAt(each, 'port') ?? []);
}

/** Whether a monitor looks for its targets in a namespace. */
function looksIn(manifest: Manifest, namespace: string): boolean {
  const where = valueAt(manifest.value, 'spec', 'namespaceSelector');
  const named = itemsAt(where, 'matchNames').map(textOf);
  return (
    booleanAt(where, 'any') === true ||
    (named.length === 0 ? namespaceOf(manifest) === namespace : named.includes(namespace))
  );
}

function byAnnotations(pod: Pod, services: readonly Service[]): Scrape[] {
  const { manifest, containers } = pod;
  const specPath = readPodTemplate(manifest)?.specPath ?? [];
  const declared = containers.flatMap(({ ports }) => ports).filter(({ protocol }) => protocol === 'TCP');
  const own = annotated(manifest, [...specPath.slice(0, -1), 'metadata'], () => declared.map(({ port }) => port));
  const ofServices = services.map((service) =>
    annotated(service.manifest, ['metadata'], () =>
      service.ports.filter(({ protocol }) => protocol === 'TCP').flatMap((port) => targetPortOn(pod, port) ?? []),
    ),
  );
  return [own, ...ofServices].flatMap((each) => each ?? []);
}

/** What the annotations in some metadata have scraped; null for nothing. */
function annotated(by: Manifest, metadata: FieldPath, otherwise: () => readonly number[]): Scrape | null {
  const annotations = textsAt(by.value, ...metadata, 'annotations');
  if (annotations?.get('prometheus.io/scrape') !== 'true') return null;
  const port = annotations.get('prometheus.io/port');
  return { by, ports: port !== undefined && /^\d+$/.test(port) ? [Number(port)] : otherwise() };
}

function isShutOut(
  model: ClusterModel,
  pod: Pod,
  { from, port }: { readonly from: Pod; readonly port: number },
): boolean {
  if (from.manifest.key === pod.manifest.key) return false;
  const at = { pod, direction: 'ingress', protocol: 'TCP', peer: from, port } as const;
  return judgeAtGate(model, at, chosenPlugin(model.profile).plugin).kind === 'denied';
}
