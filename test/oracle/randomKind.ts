import type { SeededRandom } from '../seededRandom.ts';
import { goodObjects } from './goodObjects.ts';

export const kinds = Object.keys(goodObjects);

/**
 * An object of a kind that the API server takes, with a few random changes: a field less, another value, an item twice,
 * a field more, a name misspelt, a value of another type.
 */
export function randomKind(kind: string, random: SeededRandom): Record<string, unknown> {
  const object: Record<string, unknown> = structuredClone({ ...goodObjects[kind] });
  const changes = random.pick([0, 1, 1, 1, 2, 2, 3, 4, 6]);
  for (let change = 0; change < changes; change++) changed(random, object);
  return object;
}

/** Fields whose values nobody judges: they are decoded alone. */
const decodedAlone = new Set([
  'affinity',
  'annotations',
  'apiVersion',
  'fieldRef',
  'kind',
  'metrics',
  'resources',
  'schedule',
  'securityContext',
  'tolerations',
  'volumeMounts',
  'volumes',
]);

interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string;
  /** The field's name: a list's for its items. */
  readonly field: string;
  readonly isJudged: boolean;
}

function placesIn(holder: Record<string, unknown> | unknown[], field: string, isJudged: boolean): Place[] {
  return Object.keys(holder).flatMap((key) => {
    const name = Array.isArray(holder) ? field : key;
    const isOwn = isJudged && !decodedAlone.has(name);
    const value: unknown = Reflect.get(holder, key);
    return [{ holder, key, field: name, isJudged: isOwn }, ...(isHolder(value) ? placesIn(value, name, isOwn) : [])];
  });
}

function isHolder(value: unknown): value is Record<string, unknown> | unknown[] {
  return typeof value === 'object' && value !== null;
}

/** What of an object is changed, beside its metadata. */
const contents = new Set(['spec', 'type', 'data', 'stringData', 'binaryData', 'immutable']);

function changed(random: SeededRandom, object: Record<string, unknown>): void {
  const places = placesIn(object, '', true).filter(({ key, holder }) => holder !== object || contents.has(key));
  const judged = places.filter(({ isJudged }) => isJudged);
  if (places.length === 0) return;
  const place = random.pick(judged.length > 0 ? judged : places);
  const value: unknown = Reflect.get(place.holder, place.key);
  switch (random.below(16)) {
    case 0:
    case 1:
    case 2:
      if (Array.isArray(place.holder)) place.holder.splice(Number(place.key), 1);
      else Reflect.deleteProperty(place.holder, place.key);
      return;
    case 3:
      if (Array.isArray(place.holder)) place.holder.push(structuredClone(value));
      else Reflect.set(place.holder, place.key, null);
      return;
    case 4:
    case 5:
    case 6: {
      const holders = judged.filter(({ holder }) => !Array.isArray(holder));
      const { holder } = random.pick(holders.length > 0 ? holders : [place]);
      const isData = [object['data'], object['stringData'], object['binaryData']].includes(holder);
      const [field, values] = random.pick(Object.entries(isData ? moreData : more));
      if (!Array.isArray(holder) && (isData || fitting(holder, field)))
        Reflect.set(holder, field, structuredClone(random.pick(values)));
      return;
    }
    case 7: {
      const anywhere = random.pick(places);
      const isText = typeof Reflect.get(anywhere.holder, anywhere.key) === 'string';
      const fits = anywhere.isJudged ? wrong : isText ? noText : ['text'];
      if (random.below(3) === 0) Reflect.set(anywhere.holder, anywhere.key, structuredClone(random.pick(fits)));
      return;
    }
    case 8: {
      const anywhere = random.pick(places.filter(({ holder }) => !Array.isArray(holder)));
      if (random.below(3) === 0) Reflect.set(anywhere.holder, `${anywhere.key}s`, 'x');
      return;
    }
    default: {
      const scalars = judged.filter(({ holder, key }) => !isHolder(Reflect.get(holder, key)));
      if (scalars.length === 0) return;
      const scalar = random.pick(scalars);
      Reflect.set(scalar.holder, scalar.key, another(random, scalar));
    }
  }
}

/** Whether a field may be added there without being one that the API lacks: it goes where its neighbours are. */
function fitting(holder: Record<string, unknown>, field: string): boolean {
  const neighbours = beside[field] ?? [];
  return neighbours.some((each) => Object.hasOwn(holder, each));
}

function another(random: SeededRandom, { holder, key, field }: Place): unknown {
  const known = Object.hasOwn(holder, 'stringData') ? secretTypes : (values[field] ?? more[field] ?? moreData[field]);
  if (known !== undefined && random.below(8) > 0) return structuredClone(random.pick(known));
  const value: unknown = Reflect.get(holder, key);
  if (typeof value === 'boolean') return !value;
  return typeof value === 'number' ? random.pick(numbers) : random.pick(texts);
}

const numbers = [0, 1, 2, -1, 80, 65535, 65536, 600, 2147483647];
const texts = ['', 'web', 'Web', 'web-1', 'web_1', 'a.b', '-a', 'a b', 'w'.repeat(64), '1', 'x/y', 'a/b/c', '.', '..'];
const wrong: readonly unknown[] = [true, 1, 1.5, 4294967296, 'text', ['x'], [{}], { x: 'y' }, '80'];
const noText: readonly unknown[] = [true, ['x'], { x: 'y' }];
const addresses = [
  '10.0.0.1',
  '010.0.0.1',
  'fd00::1',
  '::ffff:10.0.0.1',
  '127.0.0.1',
  '169.254.1.1',
  '1.2.3',
  '',
  '::',
];
const hosts = [
  'a.example',
  '*.example',
  '*',
  '*.*.example',
  'a.*.example',
  '10.0.0.1',
  'fd00::1',
  'A.example',
  'a_b',
  '',
];
const shares: readonly unknown[] = [0, 1, -1, '0%', '50%', '101%', '1', '', '%', 'half'];
const ranges = [
  '10.0.0.0/8',
  '10.0.0.1/8',
  '10.1.0.0/16',
  '10.0.0.0/33',
  '010.0.0.0/8',
  'fd00::/16',
  'fd00:1::/32',
  '',
];
const portNames = ['http', 'HTTP', 'a--b', '-a', '80', 'sixteen-letters-x', '', 'web', 'http'];
const ports: readonly unknown[] = [80, 0, -1, 65535, 65536, 'http', 'Http', '', '80'];

/** What to put into a field that is there. */
const values: Readonly<Record<string, readonly unknown[]>> = {
  app: ['web', 'shop', '', 'a b'],
  tier: ['front', 'side'],
  operator: ['In', 'NotIn', 'Exists', 'DoesNotExist', 'Equals', ''],
  values: ['front', 'back', 'a b', ''],
  key: ['app', 'tier', 'debug', 'a b', ''],
  type: ['RollingUpdate', 'Recreate', 'OnDelete', 'Rolling', ''],
  maxUnavailable: shares,
  maxSurge: shares,
  minAvailable: shares,
  port: ports,
  endPort: [80, 0, 8005, 70000, 7999],
  number: [80, 0, 65536, -1],
  containerPort: [80, 8080, 9090, 0, 65536, -1],
  hostPort: [53, 9090, 80, 0, 65536],
  hostIP: ['10.0.0.1', '', 'any'],
  protocol: ['TCP', 'UDP', 'SCTP', 'tcp', ''],
  ip: addresses,
  nameservers: addresses,
  searches: ['a.b', '_a.b', '.', 'a.', '', 'A.b'],
  hosts,
  host: hosts,
  hostnames: ['db', 'Db', '', 'a_b'],
  path: ['/', '', 'x', '/x//y', '/x/./y', '/x/../y', '/x%2fy', '/x/..', '/x/.', '/x'],
  pathType: ['Exact', 'Prefix', 'ImplementationSpecific', 'prefix', ''],
  cidr: ranges,
  except: ranges,
  policyTypes: ['Ingress', 'Egress', 'ingress', ''],
  restartPolicy: ['Always', 'OnFailure', 'Never', 'always', ''],
  dnsPolicy: ['ClusterFirst', 'None', 'Default', 'clusterFirst', ''],
  scheme: ['HTTP', 'HTTPS', 'http', ''],
  imagePullPolicy: ['Always', 'always', ''],
  image: ['example/web', '', ' example/web', ' '],
  completionMode: ['Indexed', 'NonIndexed', 'indexed'],
  completions: [0, 1, 3, 100_001, -1],
  parallelism: [0, 1, 10_001, 100_001, -1],
  maxFailedIndexes: [0, 1, 4, 100_001, 10_001, -1],
  podManagementPolicy: ['OrderedReady', 'Parallel', 'parallel', ''],
  concurrencyPolicy: ['Allow', 'Replace', 'allow', ''],
  scope: ['Cluster', 'Namespace', 'cluster', ''],
  controller: ['k8s.io/x', 'nginx', 'K8s.io/x', 'k8s.io/a b', '/x', 'x/', '', `k8s.io/${'x'.repeat(250)}`],
  conditionType: ['example.com/ready', 'Ready', 'a b', '', 'a/b/c'],
  seconds: [0, 5, 20, 21, 31, -1],
  apiGroup: ['k8s.example.com', 'K8s', ''],
  ingressClassName: ['nginx', 'other', 'Nginx', ''],
  'kubernetes.io/ingress.class': ['nginx', 'other'],
  unhealthyPodEvictionPolicy: ['AlwaysAllow', 'IfHealthyBudget', 'Never', ''],
};

/** What to put into a field that may be missing. */
const more: Readonly<Record<string, readonly unknown[]>> = {
  hostNetwork: [true, false],
  hostUsers: [false, true],
  nodeName: ['node-1', 'Node 1', ''],
  activeDeadlineSeconds: [10, 0, -1],
  hostPort: values['hostPort'] ?? [],
  generateName: ['web-', 'Web-', 'w'.repeat(60), 'a.', '-', ''],
  finalizers: [['wait'], ['example.com/wait'], ['orphan', 'foregroundDeletion'], []],
  manualSelector: [true, false],
  selector: [{ matchLabels: { app: 'web' } }, { matchLabels: { 'job-name': 'web' } }, { matchLabels: null }, {}],
  matchLabels: [null, {}, { app: 'shop' }, { 'a b': 'c' }],
  'job-name': ['web', 'other'],
  'batch.kubernetes.io/controller-uid': ['mine'],
  restartPolicy: values['restartPolicy'] ?? [],
  readinessProbe: [{}, { exec: {} }, { exec: { command: ['true'] }, tcpSocket: { port: 80 } }, { httpGet: {} }],
  lifecycle: [{}, { preStop: {} }, { preStop: { sleep: { seconds: 60 } } }, { postStart: { httpGet: { port: 0 } } }],
  exec: [{ command: ['true'] }, {}, null],
  tcpSocket: [{ port: 'http' }, {}],
  httpGet: [
    { port: 80, scheme: 'https' },
    { port: 'x', httpHeaders: [{ name: 'a b', value: '' }] },
  ],
  value: ['set', ''],
  secretKeyRef: [{ name: 'secret', key: 'key' }],
  resource: [{ kind: 'Bucket', name: 'files' }, { kind: 'a/b', name: '' }, null],
  service: [{ name: 'Web', port: { number: 80 } }, { name: '1web', port: {} }, null],
  name: portNames,
  number: values['number'] ?? [],
  maxUnavailable: shares,
  maxSurge: shares,
  minAvailable: shares,
  rollingUpdate: [{ maxSurge: 1 }, { maxUnavailable: 0 }, {}, { partition: -1 }],
  ipBlock: [{ cidr: '10.0.0.0/8' }, {}, null],
  podSelector: [{}, null, { matchExpressions: [{}] }],
  endPort: values['endPort'] ?? [],
  dnsConfig: [{}, { nameservers: ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4'] }, { options: [{}] }, null],
  successPolicy: [{ rules: [{ succeededCount: 0 }] }],
  namespace: ['shop', 'Shop', ''],
  serviceName: ['web', 'Web', 'a.b'],
  schedule: ['', '* * * * *'],
  podFailurePolicy: [{ rules: [{ action: 'Ignore', onPodConditions: [{ type: 'DisruptionTarget' }] }] }],
};

/** The same for what a ConfigMap and a Secret hold. */
const moreData: Readonly<Record<string, readonly unknown[]>> = {
  'tls.crt': ['', 'YQ=='],
  'ssh-privatekey': ['', 'YQ==', 'YQ'],
  '.dockerconfigjson': ['bnVsbA==', 'W10=', '{}', '', null, 'aGVsbG8='],
  '.dockercfg': ['bnVsbA==', 'W10=', '{}', 'aGVsbG8='],
  'a b': ['YQ=='],
  'a/b': [''],
  '..': [''],
  '..a': ['YQ=='],
  '.': ['YQ='],
  PORT: ['8080', 8080, 'aGVs bG8=', 'YR==', '8080\n'],
  'logo.png': ['YQ=='],
  username: [true, 'a-b_'],
};

const secretTypes = [
  'Opaque',
  '',
  'kubernetes.io/tls',
  'kubernetes.io/ssh-auth',
  'kubernetes.io/basic-auth',
  'kubernetes.io/dockerconfigjson',
  'kubernetes.io/dockercfg',
  'kubernetes.io/service-account-token',
  'example.com/own',
];

/** Where those may be put: beside one of these. */
const beside: Readonly<Record<string, readonly string[]>> = {
  hostNetwork: ['containers'],
  hostUsers: ['containers'],
  nodeName: ['containers', 'ip'],
  activeDeadlineSeconds: ['containers', 'parallelism'],
  hostPort: ['containerPort'],
  generateName: ['annotations'],
  finalizers: ['annotations'],
  manualSelector: ['parallelism'],
  selector: ['parallelism', 'replicas', 'minReadySeconds'],
  matchLabels: ['matchExpressions'],
  'job-name': ['tier'],
  'batch.kubernetes.io/controller-uid': ['tier'],
  restartPolicy: ['image', 'containers'],
  readinessProbe: ['image'],
  lifecycle: ['image'],
  exec: ['periodSeconds', 'sleep'],
  tcpSocket: ['periodSeconds'],
  httpGet: ['periodSeconds', 'sleep'],
  value: ['valueFrom'],
  secretKeyRef: ['fieldRef'],
  resource: ['service'],
  service: ['resource'],
  name: ['containerPort', 'number', 'image'],
  number: ['name'],
  maxUnavailable: ['maxSurge', 'minAvailable'],
  maxSurge: ['maxUnavailable'],
  minAvailable: ['unhealthyPodEvictionPolicy'],
  rollingUpdate: ['type'],
  ipBlock: ['podSelector'],
  podSelector: ['ipBlock', 'policyTypes'],
  endPort: ['protocol'],
  dnsConfig: ['dnsPolicy'],
  successPolicy: ['parallelism'],
  namespace: ['annotations', 'controller'],
  serviceName: ['podManagementPolicy'],
  schedule: ['concurrencyPolicy'],
  podFailurePolicy: ['parallelism'],
};
