import { groupOf, type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { isMap, keysAt, textAt, type Value, valueAt } from '../manifest/value.ts';
import { once } from './once.ts';

/**
 * What operators make of their custom resources, where it can be known: the labels of the pods and the names of the
 * Services. `*` stands for the object's name, `?` for any text.
 */
interface Operator {
  readonly group: string;
  readonly kinds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly services: readonly string[];
}

const elastic = 'common.k8s.elastic.co/type';

const operators: readonly Operator[] = [
  // prometheus-operator v0.85 pkg/prometheus/server/statefulset.go `makeSelectorLabels`, pkg/alertmanager/operator.go
  // `selectorLabels`, pkg/thanos/operator.go; `governingServiceName` of each.
  {
    group: 'monitoring.coreos.com',
    kinds: ['Prometheus'],
    labels: {
      prometheus: '*',
      'app.kubernetes.io/name': 'prometheus',
      'app.kubernetes.io/instance': '*',
      'app.kubernetes.io/managed-by': 'prometheus-operator',
      'app.kubernetes.io/version': '?',
      'operator.prometheus.io/?': '?',
    },
    services: ['prometheus-operated'],
  },
  {
    group: 'monitoring.coreos.com',
    kinds: ['PrometheusAgent'],
    labels: {
      'app.kubernetes.io/name': 'prometheus-agent',
      'app.kubernetes.io/instance': '*',
      'app.kubernetes.io/managed-by': 'prometheus-operator',
      'app.kubernetes.io/version': '?',
      'operator.prometheus.io/?': '?',
    },
    services: ['prometheus-agent-operated'],
  },
  {
    group: 'monitoring.coreos.com',
    kinds: ['Alertmanager'],
    labels: {
      alertmanager: '*',
      'app.kubernetes.io/name': 'alertmanager',
      'app.kubernetes.io/instance': '*',
      'app.kubernetes.io/managed-by': 'prometheus-operator',
      'app.kubernetes.io/version': '?',
    },
    services: ['alertmanager-operated'],
  },
  {
    group: 'monitoring.coreos.com',
    kinds: ['ThanosRuler'],
    labels: {
      'thanos-ruler': '*',
      'app.kubernetes.io/name': 'thanos-ruler',
      'app.kubernetes.io/instance': '*',
      'app.kubernetes.io/managed-by': 'prometheus-operator',
      'app.kubernetes.io/version': '?',
    },
    services: ['thanos-ruler-operated'],
  },
  // cloudnative-pg docs/src/labels_annotations.md, service_management.md (1.27)
  {
    group: 'postgresql.cnpg.io',
    kinds: ['Cluster'],
    labels: { 'cnpg.io/cluster': '*', 'cnpg.io/?': '?', role: '?', postgresql: '*' },
    services: ['*-rw', '*-ro', '*-r'],
  },
  {
    group: 'postgresql.cnpg.io',
    kinds: ['Pooler'],
    labels: { 'cnpg.io/poolerName': '*', 'cnpg.io/?': '?' },
    services: ['*'],
  },
  // zalando/postgres-operator docs/reference/operator_parameters.md (`cluster_labels`, `cluster_name_label`,
  // `pod_role_label`), pkg/cluster/util.go `serviceName`
  {
    group: 'acid.zalan.do',
    kinds: ['postgresql'],
    labels: {
      application: '?',
      'cluster-name': '*',
      'spilo-role': '?',
      team: '?',
      'connection-pooler': '?',
      version: '?',
    },
    services: ['*', '*-repl', '*-config', '*-pooler', '*-pooler-repl'],
  },
  // strimzi-kafka-operator api/…/model/kafka/KafkaResources.java, KafkaConnectResources.java,
  // KafkaBridgeResources.java; operator-common/…/model/Labels.java
  {
    group: 'kafka.strimzi.io',
    kinds: ['Kafka'],
    labels: { 'strimzi.io/cluster': '*', 'strimzi.io/?': '?', 'app.kubernetes.io/?': '?' },
    services: [
      '*-kafka-bootstrap',
      '*-kafka-brokers',
      '*-kafka-?-bootstrap',
      '*-kafka-?',
      '*-zookeeper-client',
      '*-zookeeper-nodes',
      '*-cruise-control',
    ],
  },
  {
    group: 'kafka.strimzi.io',
    kinds: ['KafkaConnect'],
    labels: { 'strimzi.io/cluster': '*', 'strimzi.io/?': '?', 'app.kubernetes.io/?': '?' },
    services: ['*-connect-api', '*-connect'],
  },
  {
    group: 'kafka.strimzi.io',
    kinds: ['KafkaBridge'],
    labels: { 'strimzi.io/cluster': '*', 'strimzi.io/?': '?', 'app.kubernetes.io/?': '?' },
    services: ['*-bridge-service'],
  },
  {
    group: 'kafka.strimzi.io',
    kinds: ['KafkaMirrorMaker2'],
    labels: { 'strimzi.io/cluster': '*', 'strimzi.io/?': '?', 'app.kubernetes.io/?': '?' },
    services: ['*-mirrormaker2-api', '*-mirrormaker2'],
  },
  {
    group: 'kafka.strimzi.io',
    kinds: ['KafkaNodePool'],
    labels: { 'strimzi.io/pool-name': '*', 'strimzi.io/?': '?', 'app.kubernetes.io/?': '?' },
    services: [],
  },
  // elastic/cloud-on-k8s v3.5.0 pkg/controller/elasticsearch/label/label.go, pkg/controller/kibana/label/label.go and
  // labels.go of the others; `NewNamer` and the suffixes in pkg/apis/*/name.go, pkg/controller/*/name.go
  {
    group: 'elasticsearch.k8s.elastic.co',
    kinds: ['Elasticsearch'],
    labels: {
      [elastic]: 'elasticsearch',
      'elasticsearch.k8s.elastic.co/cluster-name': '*',
      'elasticsearch.k8s.elastic.co/?': '?',
    },
    services: ['*-es-http', '*-es-internal-http', '*-es-transport', '*-es-remote-cluster', '*-es-?'],
  },
  {
    group: 'kibana.k8s.elastic.co',
    kinds: ['Kibana'],
    labels: { [elastic]: 'kibana', 'kibana.k8s.elastic.co/name': '*', 'kibana.k8s.elastic.co/?': '?' },
    services: ['*-kb-http'],
  },
  {
    group: 'apm.k8s.elastic.co',
    kinds: ['ApmServer'],
    labels: { [elastic]: 'apm-server', 'apm.k8s.elastic.co/name': '*', 'apm.k8s.elastic.co/?': '?' },
    services: ['*-apm-http'],
  },
  {
    group: 'enterprisesearch.k8s.elastic.co',
    kinds: ['EnterpriseSearch'],
    labels: {
      [elastic]: 'enterprise-search',
      'enterprisesearch.k8s.elastic.co/name': '*',
      'enterprisesearch.k8s.elastic.co/?': '?',
    },
    services: ['*-ent-http'],
  },
  {
    group: 'logstash.k8s.elastic.co',
    kinds: ['Logstash'],
    labels: { [elastic]: 'logstash', 'logstash.k8s.elastic.co/name': '*', 'logstash.k8s.elastic.co/?': '?' },
    services: ['*-ls-api', '*-ls-?'],
  },
  {
    group: 'agent.k8s.elastic.co',
    kinds: ['Agent'],
    labels: { [elastic]: 'agent', 'agent.k8s.elastic.co/name': '*', 'agent.k8s.elastic.co/?': '?' },
    services: ['*-agent-http'],
  },
  {
    group: 'beat.k8s.elastic.co',
    kinds: ['Beat'],
    labels: { [elastic]: 'beat', 'beat.k8s.elastic.co/name': '*', 'beat.k8s.elastic.co/?': '?' },
    services: [],
  },
  // knative/serving pkg/reconciler/revision/resources/meta.go `makeLabels`; the route's Service is the Service's name,
  // each revision's is NAME-00001 and the like
  {
    group: 'serving.knative.dev',
    kinds: ['Service'],
    labels: { 'serving.knative.dev/service': '*', 'serving.knative.dev/?': '?', app: '?' },
    services: ['*', '*-?'],
  },
  // OT-CONTAINER-KIT/redis-operator internal/k8sutils/labels.go `getRedisLabels`
  {
    group: 'redis.redis.opstreelabs.in',
    kinds: ['Redis', 'RedisReplication'],
    labels: { app: '*', redis_setup_type: '?', role: '?', 'redis-role': '?' },
    services: ['*', '*-headless', '*-additional', '*-master', '*-replica'],
  },
  {
    group: 'redis.redis.opstreelabs.in',
    kinds: ['RedisCluster', 'RedisSentinel'],
    labels: { app: '?', redis_setup_type: '?', role: '?' },
    services: ['*', '*-?'],
  },
  // dragonflydb/dragonfly-operator internal/resources/resources.go `GetDragonflyResources`
  {
    group: 'dragonflydb.io',
    kinds: ['Dragonfly'],
    labels: { app: '*', 'app.kubernetes.io/name': 'dragonfly', 'app.kubernetes.io/part-of': 'dragonfly', role: '?' },
    services: ['*'],
  },
  // rabbitmq/cluster-operator internal/metadata/label.go `Label`; the labels of the object itself are added
  {
    group: 'rabbitmq.com',
    kinds: ['RabbitmqCluster'],
    labels: {
      'app.kubernetes.io/name': '*',
      'app.kubernetes.io/component': 'rabbitmq',
      'app.kubernetes.io/part-of': '?',
    },
    services: ['*', '*-nodes'],
  },
  // mongodb/mongodb-kubernetes-operator v0.9.0 controllers/construct/mongodbstatefulset.go,
  // api/v1/mongodbcommunity_types.go `ServiceName`
  {
    group: 'mongodbcommunity.mongodb.com',
    kinds: ['MongoDBCommunity'],
    labels: { app: '*-svc' },
    services: ['*-svc', '*-?'],
  },
  // percona/percona-server-mongodb-operator pkg/naming/labels.go
  {
    group: 'psmdb.percona.com',
    kinds: ['PerconaServerMongoDB'],
    labels: {
      'app.kubernetes.io/name': 'percona-server-mongodb',
      'app.kubernetes.io/instance': '*',
      'app.kubernetes.io/?': '?',
    },
    services: ['*-mongos', '*-rs0', '*-?'],
  },
  // VictoriaMetrics/operator api/operator/v1beta1/*_types.go `SelectorLabels`, `PrefixedName`
  ...['VMSingle', 'VMAgent', 'VMAlert', 'VMAlertmanager', 'VMAuth'].map((kind): Operator => ({
    group: 'operator.victoriametrics.com',
    kinds: [kind],
    labels: {
      'app.kubernetes.io/name': kind.toLowerCase(),
      'app.kubernetes.io/instance': '*',
      'app.kubernetes.io/component': 'monitoring',
      'managed-by': 'vm-operator',
    },
    services: [`${kind.toLowerCase()}-*`],
  })),
  {
    group: 'operator.victoriametrics.com',
    kinds: ['VMCluster'],
    labels: {
      'app.kubernetes.io/name': '?',
      'app.kubernetes.io/instance': '*',
      'app.kubernetes.io/component': 'monitoring',
      'managed-by': 'vm-operator',
    },
    services: ['vmselect-*', 'vminsert-*', 'vmstorage-*'],
  },
  // grafana/grafana-operator controllers/model/grafana_resources.go, controllers/reconcilers/grafana/
  {
    group: 'grafana.integreatly.org',
    kinds: ['Grafana'],
    labels: { app: '*' },
    services: ['*-service'],
  },
  // CrunchyData/postgres-operator internal/naming/names.go, labels.go
  {
    group: 'postgres-operator.crunchydata.com',
    kinds: ['PostgresCluster'],
    labels: { 'postgres-operator.crunchydata.com/cluster': '*', 'postgres-operator.crunchydata.com/?': '?' },
    services: ['*-primary', '*-replicas', '*-pods', '*-ha', '*-ha-config', '*-pgbouncer', '*-pgadmin'],
  },
  // open-telemetry/opentelemetry-operator internal/naming/main.go, internal/manifests/manifestutils/labels.go
  {
    group: 'opentelemetry.io',
    kinds: ['OpenTelemetryCollector'],
    labels: {
      'app.kubernetes.io/name': '*-collector',
      'app.kubernetes.io/instance': '?',
      'app.kubernetes.io/?': '?',
    },
    services: ['*-collector', '*-collector-headless', '*-collector-monitoring', '*-targetallocator'],
  },
];

const operatorOf = new Map(
  operators.flatMap((each) => each.kinds.map((kind): [string, Operator] => [`${each.group}/${kind}`, each])),
);

/** What an operator makes of a custom resource. */
export interface MadeByOperator {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly owner: { readonly kind: string; readonly name: string };
  /** The labels of its pods that are certain. */
  readonly labels: ReadonlyMap<string, string>;
  /** The names of its Services that are certain. */
  readonly services: readonly string[];
  readonly operator: Operator;
}

/** What an operator makes of a manifest; null where it is no custom resource that is known here. */
export const madeByOperator = once((manifest: Manifest): MadeByOperator | null => {
  const { kind, name } = manifest;
  const operator = operatorOf.get(`${groupOf(manifest)}/${kind}`);
  if (operator === undefined) return null;
  const labels = Object.entries(operator.labels).flatMap(([key, value]): [string, string][] =>
    key.includes('?') || value.includes('?') ? [] : [[key, value.replace('*', name)]],
  );
  const services = operator.services.flatMap((each) => (each.includes('?') ? [] : [each.replace('*', name)]));
  const own = { namespace: namespaceOf(manifest), owner: { kind, name }, manifest, operator };
  return { ...own, services, labels: new Map([...writtenLabels(manifest), ...labels]) };
});

/** Labels of the object itself and of whatever template it holds: which of them its pods get is the operator's. */
const writtenLabels = once((manifest: Manifest): ReadonlyMap<string, string> => {
  const found = new Map(manifest.labels);
  const look = (value: Value | undefined): void => {
    for (const key of keysAt(value)) {
      const inner = valueAt(value, key);
      if (/^(?:pod)?labels$/i.test(key) && isMap(inner))
        for (const label of Object.keys(inner)) found.set(label, textAt(inner, label) ?? '');
      else look(inner);
    }
  };
  look(valueAt(manifest.value, 'spec'));
  return found;
});

/** Whether a selector may pick the pods of a custom resource. */
export function maySelect(
  selector: ReadonlyMap<string, string>,
  { labels, operator, manifest }: MadeByOperator,
): boolean {
  // A label that is listed by its name is what it says; of the others, a prefix may leave them open.
  const isOpen = ([key, value]: readonly [string, string]): boolean => {
    const listed = operator.labels[key];
    const patterns = Object.keys(operator.labels).filter((each) => each.includes('?'));
    if (listed === undefined) return patterns.some((each) => fits(each, key, manifest.name));
    return listed.includes('?') && fits(listed, value, manifest.name);
  };
  return [...selector].every((each) => labels.get(each[0]) === each[1] || isOpen(each));
}

/** Whether an operator makes a Service of that name. */
export function makesService({ operator, manifest }: MadeByOperator, service: string): boolean {
  return operator.services.some((each) => fits(each, service, manifest.name));
}

function fits(pattern: string, text: string, name: string): boolean {
  const [before = '', after] = pattern.replace('*', name).split('?');
  if (after === undefined) return text === before;
  return text.length > before.length + after.length && text.startsWith(before) && text.endsWith(after);
}

const builtInGroups = new Set(['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions', 'hoplens.dev']);

/** Custom resources of these groups make no pods of a Service's kind, whatever their kind. */
const podlessGroups = new Set([
  'acme.cert-manager.io',
  'apisix.apache.org',
  'appprotect.f5.com',
  'appprotectdos.f5.com',
  'authorization.openshift.io',
  'bitnami.com',
  'cert-manager.io',
  'certmanager.k8s.io',
  'cilium.io',
  'cloud.google.com',
  'config.openshift.io',
  'configuration.konghq.com',
  'constraints.gatekeeper.sh',
  'crd.projectcalico.org',
  'elbv2.k8s.aws',
  'extensions.istio.io',
  'external-secrets.io',
  'gateway.envoyproxy.io',
  'generators.external-secrets.io',
  'getambassador.io',
  'image.toolkit.fluxcd.io',
  'k8s.cni.cncf.io',
  'k8s.nginx.org',
  'kyverno.io',
  'linkerd.io',
  'metallb.io',
  'networking.gke.io',
  'networking.istio.io',
  'notification.toolkit.fluxcd.io',
  'policy.linkerd.io',
  'project.openshift.io',
  'projectcalico.org',
  'route.openshift.io',
  'security.istio.io',
  'security.openshift.io',
  'source.toolkit.fluxcd.io',
  'split.smi-spec.io',
  'telemetry.istio.io',
  'templates.gatekeeper.sh',
  'traefik.containo.us',
  'traefik.io',
]);

/** The kinds that make none in groups where others do. */
const podlessKinds = new Set([
  'argoproj.io/AnalysisTemplate',
  'argoproj.io/AppProject',
  'argoproj.io/ClusterAnalysisTemplate',
  'argoproj.io/Rollout',
  'grafana.integreatly.org/GrafanaDashboard',
  'grafana.integreatly.org/GrafanaDatasource',
  'grafana.integreatly.org/GrafanaFolder',
  'keda.sh/ClusterTriggerAuthentication',
  'keda.sh/ScaledObject',
  'keda.sh/TriggerAuthentication',
  'monitoring.coreos.com/AlertmanagerConfig',
  'monitoring.coreos.com/PodMonitor',
  'monitoring.coreos.com/Probe',
  'monitoring.coreos.com/PrometheusRule',
  'monitoring.coreos.com/ScrapeConfig',
  'monitoring.coreos.com/ServiceMonitor',
  'projectcontour.io/ExtensionService',
  'projectcontour.io/HTTPProxy',
  'projectcontour.io/TLSCertificateDelegation',
]);

/**
 * Whether something outside the set may make pods of a manifest whose labels aren't known: a custom resource, its
 * definition (its objects may be applied from elsewhere), or what has a chart or a folder applied (a HelmRelease, an
 * Application).
 */
export const mayMakePods = once((manifest: Manifest): boolean => {
  const { kind, value } = manifest;
  if (kind !== 'CustomResourceDefinition')
    return madeByOperator(manifest) === null && isUnknown(groupOf(manifest), kind);
  return isUnknown(textAt(value, 'spec', 'group') ?? '', textAt(value, 'spec', 'names', 'kind') ?? '');
});

function isUnknown(group: string, kind: string): boolean {
  return (
    !builtInGroups.has(group) &&
    !group.endsWith('.k8s.io') &&
    !podlessGroups.has(group) &&
    !podlessKinds.has(`${group}/${kind}`)
  );
}
