/**
 * An object of each judged kind that the API server takes, with every field that is judged, and some that are only
 * decoded. `randomKind.ts` changes them.
 */
const probe = (handler: object, more: object = {}): object => ({
  ...handler,
  initialDelaySeconds: 5,
  timeoutSeconds: 2,
  periodSeconds: 10,
  failureThreshold: 3,
  ...more,
});

const container = {
  name: 'web',
  image: 'example/web:1',
  imagePullPolicy: 'IfNotPresent',
  command: ['serve'],
  ports: [
    { name: 'http', containerPort: 8080, protocol: 'TCP' },
    { name: 'metrics', containerPort: 9090, hostPort: 9090, hostIP: '10.0.0.1' },
    { containerPort: 53, protocol: 'UDP', hostPort: 53 },
  ],
  env: [
    { name: 'PORT', value: '8080' },
    { name: 'POD_IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  ],
  readinessProbe: probe(
    { httpGet: { path: '/ready', port: 'http', scheme: 'HTTP', httpHeaders: [{ name: 'Host', value: 'a.example' }] } },
    { successThreshold: 2 },
  ),
  livenessProbe: probe({ tcpSocket: { port: 8080 } }, { terminationGracePeriodSeconds: 10, successThreshold: 1 }),
  startupProbe: probe({ grpc: { port: 9090, service: 'health' } }),
  lifecycle: { preStop: { sleep: { seconds: 5 } }, postStart: { exec: { command: ['true'] } } },
  resources: { limits: { cpu: '500m', memory: '1Gi' } },
  volumeMounts: [{ name: 'data', mountPath: '/data', readOnly: true }],
  securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
};

const podSpec = {
  containers: [container, { name: 'proxy', image: 'example/proxy', ports: [{ name: 'http', containerPort: 80 }] }],
  initContainers: [
    { name: 'prepare', image: 'example/prepare', ports: [{ containerPort: 81, hostPort: 81 }] },
    {
      name: 'sidecar',
      image: 'example/sidecar',
      restartPolicy: 'Always',
      ports: [{ name: 'admin', containerPort: 82, hostPort: 82 }],
      readinessProbe: probe({ httpGet: { port: 'admin' } }),
    },
  ],
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 20,
  dnsPolicy: 'ClusterFirst',
  dnsConfig: {
    nameservers: ['10.96.0.10'],
    searches: ['shop.svc.cluster.local'],
    options: [{ name: 'ndots', value: '2' }],
  },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  readinessGates: [{ conditionType: 'example.com/ready' }],
  schedulingGates: [{ name: 'example.com/gate' }],
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['db.example', 'db'] }],
  hostname: 'web-0',
  subdomain: 'web',
  volumes: [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }],
  tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'web', effect: 'NoSchedule' }],
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'web' } } },
        },
      ],
    },
  },
};

const labels = { app: 'web', tier: 'front', 'app.kubernetes.io/name': 'web' };
const template = { metadata: { labels, annotations: { 'example.com/note': 'any text' } }, spec: podSpec };
const selector = {
  matchLabels: { app: 'web' },
  matchExpressions: [
    { key: 'tier', operator: 'In', values: ['front', 'back'] },
    { key: 'track', operator: 'NotIn', values: ['canary'] },
    { key: 'app.kubernetes.io/name', operator: 'Exists' },
    { key: 'debug', operator: 'DoesNotExist' },
  ],
};
const jobSpec = {
  parallelism: 2,
  completions: 3,
  completionMode: 'Indexed',
  backoffLimit: 4,
  backoffLimitPerIndex: 1,
  maxFailedIndexes: 2,
  activeDeadlineSeconds: 100,
  ttlSecondsAfterFinished: 60,
  template: { ...template, spec: { ...podSpec, restartPolicy: 'OnFailure' } },
};
const backend = (port: object): object => ({ service: { name: 'web', port } });
const peers = [
  { podSelector: selector },
  { namespaceSelector: { matchLabels: { team: 'a' } }, podSelector: {} },
  { ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.2.0.0/16'] } },
  { ipBlock: { cidr: 'fd00::/16', except: ['fd00:1::/32'] } },
];
const policyPorts = [
  { protocol: 'TCP', port: 80 },
  { protocol: 'UDP', port: 8000, endPort: 8010 },
  { port: 'http' },
  { protocol: 'SCTP' },
];
const subset = {
  addresses: [{ ip: '10.0.0.1', hostname: 'web-0', nodeName: 'node-1' }, { ip: 'fd00::1' }],
  notReadyAddresses: [{ ip: '10.0.0.2' }],
  ports: [
    { name: 'http', port: 80, protocol: 'TCP', appProtocol: 'http' },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ],
};

const metadata = { name: 'web', namespace: 'shop', labels, annotations: { 'example.com/note': 'any text' } };

function good(apiVersion: string, kind: string, rest: object): Record<string, unknown> {
  return { apiVersion, kind, metadata, ...rest };
}

export const goodObjects: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  Pod: good('v1', 'Pod', { spec: podSpec }),
  Endpoints: good('v1', 'Endpoints', { subsets: [subset, { addresses: [{ ip: '10.0.0.3' }], ports: [{ port: 80 }] }] }),
  ReplicationController: good('v1', 'ReplicationController', {
    spec: { replicas: 2, minReadySeconds: 5, selector: { app: 'web' }, template },
  }),
  Deployment: good('apps/v1', 'Deployment', {
    spec: {
      replicas: 2,
      minReadySeconds: 5,
      revisionHistoryLimit: 3,
      progressDeadlineSeconds: 60,
      selector,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
      template,
    },
  }),
  ReplicaSet: good('apps/v1', 'ReplicaSet', { spec: { replicas: 2, minReadySeconds: 5, selector, template } }),
  StatefulSet: good('apps/v1', 'StatefulSet', {
    spec: {
      replicas: 2,
      minReadySeconds: 5,
      serviceName: 'web',
      podManagementPolicy: 'Parallel',
      ordinals: { start: 1 },
      selector,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } },
      template,
    },
  }),
  DaemonSet: good('apps/v1', 'DaemonSet', {
    spec: {
      minReadySeconds: 5,
      revisionHistoryLimit: 3,
      selector,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '10%' } },
      template,
    },
  }),
  Job: good('batch/v1', 'Job', { spec: jobSpec }),
  CronJob: good('batch/v1', 'CronJob', {
    spec: {
      schedule: '*/5 * * * *',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 60,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 1,
      jobTemplate: { metadata: { labels }, spec: jobSpec },
    },
  }),
  Ingress: good('networking.k8s.io/v1', 'Ingress', {
    metadata: { ...metadata, annotations: { 'kubernetes.io/ingress.class': 'nginx' } },
    spec: {
      ingressClassName: 'nginx',
      defaultBackend: backend({ number: 80 }),
      tls: [{ hosts: ['a.example', '*.b.example'], secretName: 'tls' }],
      rules: [
        {
          host: 'a.example',
          http: {
            paths: [
              { path: '/', pathType: 'Prefix', backend: backend({ name: 'http' }) },
              { path: '/x', pathType: 'Exact', backend: backend({ number: 8080 }) },
              { pathType: 'ImplementationSpecific', backend: backend({ number: 8080 }) },
            ],
          },
        },
        {
          host: '*.b.example',
          http: {
            paths: [
              {
                path: '/files',
                pathType: 'Prefix',
                backend: { resource: { apiGroup: 'k8s.example.com', kind: 'Bucket', name: 'files' } },
              },
            ],
          },
        },
        { host: 'c.example' },
      ],
    },
  }),
  IngressClass: good('networking.k8s.io/v1', 'IngressClass', {
    metadata: { name: 'nginx' },
    spec: {
      controller: 'k8s.io/ingress-nginx',
      parameters: { apiGroup: 'k8s.example.com', kind: 'Config', name: 'own', scope: 'Namespace', namespace: 'shop' },
    },
  }),
  NetworkPolicy: good('networking.k8s.io/v1', 'NetworkPolicy', {
    spec: {
      podSelector: selector,
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: peers, ports: policyPorts }],
      egress: [{ to: peers, ports: policyPorts }, {}],
    },
  }),
  ConfigMap: good('v1', 'ConfigMap', {
    immutable: false,
    data: { PORT: '8080', 'app.conf': 'a: b', '.env': '', DEBUG: null },
    binaryData: { 'logo.png': 'aGVsbG8=', empty: '' },
  }),
  Secret: good('v1', 'Secret', {
    metadata: { name: 'web', labels, annotations: { 'kubernetes.io/service-account.name': 'web' } },
    immutable: true,
    type: 'Opaque',
    data: {
      'tls.crt': 'aGVsbG8=',
      'tls.key': 'aGVs\nbG8=',
      username: 'YQ==',
      'ssh-privatekey': 'YQ==',
      '.dockerconfigjson': 'eyJhdXRocyI6e319',
      '.dockercfg': 'e30=',
    },
    stringData: { password: 'any', 'tls.crt': 'any' },
  }),
  PodDisruptionBudget: good('policy/v1', 'PodDisruptionBudget', {
    spec: { minAvailable: '50%', selector, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  }),
  HorizontalPodAutoscaler: good('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: {
      minReplicas: 2,
      maxReplicas: 5,
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
    },
  }),
};
