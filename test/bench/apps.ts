import type { SeededRandom } from '../seededRandom.ts';

/**
 * A made-up company's manifests, one file for each app, as teams keep them: of 100 manifests 40 are workloads (one in
 * eight a StatefulSet), 40 Services of every type, 10 Ingresses, 2 Gateways and 8 HTTPRoutes. One app in twenty has a
 * mistake, so that there is something to report. File names are relative to the workspace's folder.
 */
export type Texts = ReadonlyMap<string, string>;

export interface App {
  readonly name: string;
  readonly team: string;
}

const names = ['api', 'cart', 'checkout', 'mail', 'search', 'stock', 'users', 'web'];

/** Each team's folder has the same eight names of apps, so that each folder is a manifest set of its own. */
export function teamsFolders(random: SeededRandom, manifests: number): Texts {
  const files = new Map<string, string>();
  let made = 0;
  for (let team = 0; made < manifests; team++) {
    const folder = `team-${team}`;
    if (random.below(6) === 0) files.set(`${folder}/hoplens.yaml`, profile(folder, 1 + random.below(5)));
    for (const name of names) {
      if (made >= manifests) break;
      const documents = appManifests(random, { name, team: folder });
      made += documents.length;
      files.set(`${folder}/${name}.yaml`, documents.join('---\n'));
    }
  }
  return files;
}

/** The worst shape: every name is unique, and all files lie in one folder, which is one manifest set. */
export function oneFolder(random: SeededRandom, manifests: number): Texts {
  const files = new Map([['hoplens.yaml', profile('one', 5)]]);
  let made = 0;
  for (let index = 0; made < manifests; index++) {
    const team = `team-${Math.floor(index / names.length)}`;
    const documents = appManifests(random, { name: `${names[index % names.length] ?? ''}-${index}`, team });
    made += documents.length;
    files.set(`app-${index}.yaml`, documents.join('---\n'));
  }
  return files;
}

/** One file of many documents, at least `bytes` long. */
export function largeFile(random: SeededRandom, bytes: number): string {
  const documents: string[] = [];
  for (let index = 0, size = 0; size < bytes; index++) {
    const app = appManifests(random, { name: `${names[index % names.length] ?? ''}-${index}`, team: 'large' });
    documents.push(...app);
    for (const document of app) size += document.length + 4;
  }
  return documents.join('---\n');
}

function appManifests(random: SeededRandom, app: App): string[] {
  const isStateful = random.below(8) === 0;
  const hasMistake = random.below(20) === 0;
  return [
    `# The ${app.name} of ${app.team}.\n${workload(random, app, isStateful)}`,
    service(random, app, { isHeadless: isStateful, hasMistake }),
    ...(random.below(4) === 0 ? [ingress(random, app)] : []),
    ...(random.below(20) === 0 ? [gateway(random, app)] : []),
    ...(random.below(5) === 0 ? [route(random, app)] : []),
  ];
}

function profile(name: string, nodes: number): string {
  return `apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata:
  name: ${name}
spec:
  nodes:
    count: ${nodes}
`;
}

function workload(random: SeededRandom, { name, team }: App, isStateful: boolean): string {
  return `apiVersion: apps/v1
kind: ${isStateful ? 'StatefulSet' : 'Deployment'}
metadata:
  name: ${name}
  labels:
    app: ${name}
    team: ${team}
spec:
  replicas: ${1 + random.below(4)} # by hand
  selector:
    matchLabels:
      app: ${name}
${isStateful ? `  serviceName: ${name}\n` : ''}  template:
    metadata:
      labels:
        app: ${name}
        version: v${1 + random.below(3)}
    spec:
      containers:
        - name: main
          image: registry.example.com/${team}/${name}:1.${random.below(20)}.${random.below(10)}
          ports:
            - name: http
              containerPort: 8080
          resources:
            requests: { cpu: 100m, memory: 128Mi }
`;
}

function service(
  random: SeededRandom,
  { name }: App,
  { isHeadless, hasMistake }: { readonly isHeadless: boolean; readonly hasMistake: boolean },
): string {
  const type = random.pick(['ClusterIP', 'ClusterIP', 'ClusterIP', 'NodePort', 'LoadBalancer']);
  const way = isHeadless
    ? '  clusterIP: None\n'
    : type === 'ClusterIP'
      ? '  type: ClusterIP\n'
      : `  type: ${type}\n  externalTrafficPolicy: ${random.pick(['Cluster', 'Local'])}\n`;
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
${way}  internalTrafficPolicy: ${random.pick(['Cluster', 'Cluster', 'Local'])}
  selector:
    app: ${name}
  ports:
    - name: http
      port: 80
      targetPort: ${hasMistake ? 'web' : random.pick(['8080', 'http'])}
`;
}

function ingress(random: SeededRandom, { name, team }: App): string {
  return `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: ${name}
spec:
  ingressClassName: ${random.pick(['nginx', 'nginx', 'traefik'])}
  rules:
    - host: ${name}.${team}.example.com
      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: ${name}
                port:
                  number: 80
`;
}

function gateway(random: SeededRandom, { name, team }: App): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata:
  name: ${name}
spec:
  gatewayClassName: ${random.pick(['eg', 'istio'])}
  listeners:
    - name: http
      port: 80
      protocol: HTTP
      hostname: "*.${team}.example.com"
`;
}

function route(random: SeededRandom, { name, team }: App): string {
  return `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: ${name}
spec:
  parentRefs:
    - name: ${random.pick([name, name, 'edge'])}
  hostnames:
    - ${name}.${team}.example.com
  rules:
    - matches:
        - path:
            type: PathPrefix
            value: /
      backendRefs:
        - name: ${name}
          port: 80
`;
}

/** What a busy cluster says of its pods and Services, as one JSON list: six pods for each Service. */
export function dump({ pods, services }: { readonly pods: number; readonly services: number }): string {
  const items = [
    ...Array.from({ length: pods }, (_, index) => dumpedPod(index, services)),
    ...Array.from({ length: services }, (_, index) => dumpedService(index)),
  ];
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items });
}

const time = '2026-03-01T08:00:00Z';

function dumpedPod(index: number, services: number): object {
  const app = `app-${index % services}`;
  const ip = `10.244.${index % 40}.${2 + Math.floor(index / 40)}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${app}-7d9f-${index}`,
      namespace: 'shop',
      uid: `pod-${index}`,
      resourceVersion: '48213',
      creationTimestamp: time,
      labels: { app, 'pod-template-hash': '7d9f' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${app}-7d9f`, uid: app, controller: true }],
    },
    spec: {
      nodeName: `node-${index % 40}`,
      serviceAccountName: 'default',
      restartPolicy: 'Always',
      containers: [
        {
          name: 'main',
          image: `registry.example.com/shop/${app}:1.4.2`,
          env: [{ name: 'LOG', value: 'info' }],
          ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
          resources: { requests: { cpu: '100m', memory: '128Mi' } },
          readinessProbe: { httpGet: { path: '/ready', port: 'http' }, periodSeconds: 10 },
        },
      ],
    },
    status: {
      phase: 'Running',
      hostIP: `192.168.0.${index % 40}`,
      podIP: ip,
      podIPs: [{ ip }],
      startTime: time,
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({ type, status: 'True' })),
      containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: { startedAt: time } } }],
    },
  };
}

function dumpedService(index: number): object {
  const ip = `10.96.${Math.floor(index / 200)}.${10 + (index % 200)}`;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `app-${index}`, namespace: 'shop', uid: `service-${index}`, creationTimestamp: time },
    spec: {
      type: 'ClusterIP',
      clusterIP: ip,
      clusterIPs: [ip],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      selector: { app: `app-${index}` },
      ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
    },
    status: { loadBalancer: {} },
  };
}

/** Fewer than 1,000 bytes that a naive reader of merge keys expands 2^25 times. */
export function nestedMergeKeys(): string {
  const lines = Array.from(
    { length: 25 },
    (_, index) => `m${index + 1}: &m${index + 1} {<<: [*m${index}, *m${index}], k: *m${index}}`,
  );
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nested-keys}\nm0: &m0 {k: 1}\n${lines.join('\n')}\n`;
}
