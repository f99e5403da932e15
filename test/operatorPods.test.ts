import { expect, test } from 'vitest';
import { oneFile } from './scene.ts';

/** What is found in a Service that selects by `selector`, and an Ingress that leads to `backend`, beside an object. */
function found({ object, selector, backend }: { object: string; selector: string; backend: string }): string[] {
  const yaml = `
${object.trim()}
---
apiVersion: v1
kind: Service
metadata: { name: own, namespace: shop }
spec: { selector: { ${selector} }, ports: [{ port: 80 }] }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: shop }
spec: { defaultBackend: { service: { name: ${backend}, port: { number: 80 } } } }
`;
  return oneFile(yaml)
    .findings('test.yaml')
    .filter(({ severity }) => severity !== 'hint')
    .map(({ rule, severity }) => `${severity} ${rule}`);
}

const object = (apiVersion: string, kind: string, more = ''): string =>
  `{ apiVersion: ${apiVersion}, kind: ${kind}, metadata: { name: db, namespace: shop }, spec: { ${more} } }`;

test.each([
  [
    'monitoring.coreos.com/v1',
    'Prometheus',
    'prometheus: db, app.kubernetes.io/name: prometheus',
    'prometheus-operated',
  ],
  ['monitoring.coreos.com/v1', 'Alertmanager', 'alertmanager: db', 'alertmanager-operated'],
  ['postgresql.cnpg.io/v1', 'Cluster', 'cnpg.io/cluster: db, cnpg.io/instanceRole: primary', 'db-rw'],
  ['acid.zalan.do/v1', 'postgresql', 'cluster-name: db, spilo-role: master', 'db-repl'],
  ['kafka.strimzi.io/v1beta2', 'Kafka', 'strimzi.io/cluster: db, strimzi.io/name: db-kafka', 'db-kafka-bootstrap'],
  ['elasticsearch.k8s.elastic.co/v1', 'Elasticsearch', 'elasticsearch.k8s.elastic.co/cluster-name: db', 'db-es-http'],
  ['serving.knative.dev/v1', 'Service', 'serving.knative.dev/service: db', 'db'],
  ['rabbitmq.com/v1beta1', 'RabbitmqCluster', 'app.kubernetes.io/name: db', 'db'],
  ['grafana.integreatly.org/v1beta1', 'Grafana', 'app: db', 'db-service'],
])('%s %s: its pods are selected, its Services are there', (apiVersion, kind, selector, backend) => {
  expect(found({ object: object(apiVersion, kind), selector, backend })).toEqual([]);
});

test('what an operator would call otherwise is missing', () => {
  const cluster = object('postgresql.cnpg.io/v1', 'Cluster');
  expect(found({ object: cluster, selector: 'cnpg.io/cluster: bd2', backend: 'db-rww' })).toEqual([
    'warning selector-matches-no-pod',
    'info ingress-backend-missing',
  ]);
});

test("labels that are written in the custom resource are its pods'", () => {
  const prometheus = object('monitoring.coreos.com/v1', 'Prometheus', 'podMetadata: { labels: { team: shop } }');
  expect(found({ object: prometheus, selector: 'team: shop', backend: 'own' })).toEqual([]);
});

test('a custom resource that nobody knows may make any pod, one that makes none does not', () => {
  const pod = object('v1', 'Pod', 'containers: [{ name: p, image: p:1 }]');
  const beside = (custom: string): string[] =>
    found({ object: `${pod}\n---\n${custom}`, selector: 'app: unknown', backend: 'own' });
  expect(beside(object('example.com/v1', 'Database'))).toEqual([]);
  expect(beside(object('cert-manager.io/v1', 'Certificate'))).toEqual(['warning selector-matches-no-pod']);
});
