import { expect, test } from 'vitest';
import { isFault } from '../shared/insight/rule.ts';
import { Workspace } from '../shared/insight/workspace.ts';

/** What the rules find in a set of one file, but for hints: `line rule: message`, without who refuses whom. */
function refusalsOf(yaml: string): string[] {
  const workspace = new Workspace();
  workspace.put('set/test.yaml', yaml);
  return workspace
    .findings('set/test.yaml')
    .filter(isFault)
    .map(
      ({ rule, message, site }) =>
        `${site.range.start.line + 1} ${rule}: ${message.replace(/\.? The API server refuses .*/, '')}`,
    );
}

/** A Service's lines after those that every one has. */
const service = (metadata: string, spec = ''): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: web, ${metadata} }\nspec: { ports: [{ port: 80 }], ${spec} }\n`;
const route = (metadata: string): string =>
  `apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: { name: web, ${metadata} }\nspec: {}\n`;

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'true for an annotation, once, however much else is wrong',
    service('annotations: { example.com/x: true }', 'type: Nodeport'),
    ['3 quotes-missing: metadata.annotations[example.com/x]: is true; it must be a text: put it in quotes'],
  ],
  [
    'a number for a label of a kind whose spec nobody judges',
    route('labels: { version: 2 }'),
    ['3 quotes-missing: metadata.labels.version: is the number 2; it must be a text: put it in quotes'],
  ],
  [
    'a map for an annotation has no quotes to be put in',
    service('annotations: { x: { y: z } }'),
    ['3 refused-by-api-server: metadata.annotations.x: is a map; it must be a text'],
  ],
  [
    'a kind called as what any object has is nobody of ours',
    ['toString', 'constructor', '__proto__']
      .map((kind) => `apiVersion: apps/v1\nkind: ${kind}\nmetadata: { name: web }\n`)
      .join('---\n'),
    [],
  ],
  ['null for an annotation is the empty text', service('annotations: { x: null, y: }'), []],
  [
    'a CronJob says what its pods will have',
    `apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: web }\nspec:\n  jobTemplate:\n    spec:\n` +
      `      template:\n        metadata: { annotations: { sidecar.istio.io/inject: false } }\n`,
    [
      '8 quotes-missing: spec.jobTemplate.spec.template.metadata.annotations[sidecar.istio.io/inject]: is false; ' +
        'it must be a text: put it in quotes',
    ],
  ],
  [
    'a misspelt field of the metadata',
    route('lables: { app: web }'),
    ['3 refused-by-api-server: metadata.lables: is no field of the API; labels is'],
  ],
  [
    'a key with two slashes',
    service('labels: { a/b/c: web }'),
    [
      "3 refused-by-api-server: metadata.labels[a/b/c]: the key must be a name of letters, digits, '-', '_' or " +
        "'.', with a DNS subdomain and '/' before it or without",
    ],
  ],
  [
    'true and numbers where a workload selects pods and nodes',
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  selector:\n` +
      `    matchLabels: { version: 2 }\n  template:\n    metadata: { labels: { version: '2' } }\n` +
      `    spec: { nodeSelector: { gpu: true, zone: { a: b } } }\n`,
    [
      '6 quotes-missing: spec.selector.matchLabels.version: is the number 2; it must be a text: put it in quotes',
      '9 quotes-missing: spec.template.spec.nodeSelector.gpu: is true; it must be a text: put it in quotes',
      '9 refused-by-api-server: spec.template.spec.nodeSelector.zone: is a map; it must be a text',
    ],
  ],
  [
    "a pod's node, an old controller's pods, a CronJob's",
    `apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { nodeSelector: { gpu: true } }\n---\n` +
      `apiVersion: v1\nkind: ReplicationController\nmetadata: { name: b }\nspec: { selector: { version: 2 } }\n---\n` +
      `apiVersion: batch/v1\nkind: CronJob\nmetadata: { name: c }\n` +
      `spec: { jobTemplate: { spec: { template: { spec: { nodeSelector: { gpu: true } } } } } }\n`,
    [
      '4 quotes-missing: spec.nodeSelector.gpu: is true; it must be a text: put it in quotes',
      '9 quotes-missing: spec.selector.version: is the number 2; it must be a text: put it in quotes',
      '14 quotes-missing: spec.jobTemplate.spec.template.spec.nodeSelector.gpu: is true; it must be a text: ' +
        'put it in quotes',
    ],
  ],
  [
    'a bad key and a bad value',
    service(`labels: { 'a b': web, app: 'a b' }`),
    [
      "3 refused-by-api-server: metadata.labels[a b]: the key's name part must consist of letters, digits, '-', " +
        "'_' or '.', and start and end with a letter or digit",
      "3 refused-by-api-server: metadata.labels.app: must be empty or consist of letters, digits, '-', '_' or " +
        "'.', and start and end with a letter or digit",
    ],
  ],
  ['what is filled in later', service(`labels: { app: '\${APP}', '\${KEY}': x }, annotations: { '<key> x': y }`), []],
  [
    'more annotations than fit',
    service(`annotations: { a: ${'x'.repeat(262_144)} }`),
    ['3 refused-by-api-server: metadata.annotations: come to 262145 bytes; at most 262144 are taken together'],
  ],
  [
    'a ConfigMap of letters of three bytes that is too large for etcd',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n' +
      `data: { a: ${'€'.repeat(200_000)}, b: ${'€'.repeat(200_000)} }\n`,
    ['1 refused-by-api-server: ConfigMap a holds 1200000 bytes; it must hold no more than 1048576'],
  ],
  [
    'a finalizer without a domain, once',
    service('finalizers: [kubernetes, a b]'),
    [
      "3 refused-by-api-server: metadata.finalizers[1]: name part must consist of letters, digits, '-', '_' or " +
        "'.', and start and end with a letter or digit; is neither a standard finalizer name nor fully qualified",
    ],
  ],
  ['a custom resource may have one', route('finalizers: [wait]'), []],
  [
    'two families of a SingleStack Service',
    service('', 'ipFamilies: [IPv6, IPv4], ipFamilyPolicy: SingleStack'),
    [
      '4 refused-by-api-server: spec.ipFamilyPolicy: must be RequireDualStack or PreferDualStack when multiple ' +
        'IP families are specified',
    ],
  ],
  [
    'two addresses without a policy',
    service('', `clusterIP: 10.96.0.9, clusterIPs: [10.96.0.9, 'fd00:10:96::9']`),
    [
      '4 refused-by-api-server: spec.ipFamilyPolicy: must be RequireDualStack or PreferDualStack when multiple ' +
        'cluster IPs are specified (it is SingleStack where nothing is written)',
    ],
  ],
  ['two families, headless, without selector', service('', 'clusterIP: None, ipFamilies: [IPv6, IPv4]'), []],
  [
    'two families, headless, with a selector',
    service('', 'clusterIP: None, ipFamilies: [IPv6, IPv4], selector: { app: web }'),
    [
      '4 refused-by-api-server: spec.ipFamilyPolicy: must be RequireDualStack or PreferDualStack when multiple ' +
        'IP families are specified (it is SingleStack where nothing is written)',
    ],
  ],
  [
    'a version that lacks the kind',
    'apiVersion: apps/v2\nkind: Deployment\nmetadata: { name: web }\n',
    ['1 no-such-api-version: No matches for kind "Deployment" in version "apps/v2"; write apps/v1.'],
  ],
  [
    'a version that had the kind once',
    'apiVersion: batch/v2alpha1\nkind: CronJob\nmetadata: { name: web }\n',
    ['1 gone-api-version: batch/v2alpha1 CronJob is gone since Kubernetes 1.21; write batch/v1.'],
  ],
  [
    "somebody's own kind of the same name, and what is no object of a cluster",
    `apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: { name: web, labels: { a: 1 } }\n---\n` +
      `apiVersion: backstage.io/v1alpha1\nkind: Component\n` +
      `metadata: { name: web, tags: [a], annotations: { a: true } }\n`,
    [],
  ],
  [
    'an IPv6 address in another form',
    `apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: web }\naddressType: IPv6\n` +
      `endpoints: [{ addresses: ['fd00:0:0::1'] }]\n`,
    ['5 refused-by-api-server: endpoints[0].addresses[0]: must be in canonical form (fd00::1)'],
  ],
  [
    'which Kubernetes 1.32 took',
    `apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: old }\n` +
      `spec: { kubernetesVersion: '1.32' }\n---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n` +
      `metadata: { name: web }\naddressType: IPv6\nendpoints: [{ addresses: ['fd00:0:0::1'] }]\n`,
    [],
  ],
];

/** A Deployment of one container, with more in its pod's spec and in the container. */
const deployment = (spec: string, pod: string, container: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec:\n  selector: { matchLabels: { app: web } }\n` +
  `  ${spec}\n  template:\n    metadata: { labels: { app: web } }\n    spec:\n      ${pod}\n` +
  `      containers:\n        - { name: web, image: web, ${container} }\n`;
const ingressPath = (path: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: { name: web }\n` +
  `spec: { rules: [{ http: { paths: [${path}] } }] }\n`;

/** What touches traffic in what makes pods, and in Ingresses. */
const traffic: readonly (readonly [string, string, readonly string[]])[] = [
  [
    'a Deployment as it should be',
    deployment('replicas: 1', 'restartPolicy: Always', 'ports: [{ containerPort: 80 }]'),
    [],
  ],
  [
    'two handlers in a probe, and a port that is none',
    deployment('replicas: 1', 'dnsPolicy: Default', 'livenessProbe: { exec: { command: [a] }, httpGet: { port: 0 } }'),
    [
      '12 refused-by-api-server: spec.template.spec.containers[0].livenessProbe.httpGet: may not stand beside exec: ' +
        'one handler only',
    ],
  ],
  [
    "another hostPort than the container's on the host's network",
    deployment('replicas: 1', 'hostNetwork: true', 'ports: [{ containerPort: 80, hostPort: 8080 }]'),
    [
      '12 refused-by-api-server: spec.template.spec.containers[0].ports[0].hostPort: is 8080; it must be the ' +
        'containerPort, 80, when `hostNetwork` is true',
    ],
  ],
  [
    'neither may be unavailable nor be too many',
    deployment('strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: 0% } }', 'hostname: web', 'args: [a]'),
    ['6 refused-by-api-server: spec.strategy.rollingUpdate.maxUnavailable: may not be 0 when `maxSurge` is 0'],
  ],
  [
    'a number where an environment variable takes a text',
    deployment('replicas: 1', 'hostname: web', 'env: [{ name: PORT, value: 8080 }]'),
    [
      '12 quotes-missing: spec.template.spec.containers[0].env[0].value: is the number 8080; it must be a text: ' +
        'put it in quotes',
    ],
  ],
  [
    'a patch: neither selector nor image',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { replicas: 3 }\n',
    [],
  ],
  [
    "an expression that its own template doesn't meet",
    'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: db }\nspec:\n' +
      '  selector: { matchExpressions: [{ key: tier, operator: In, values: [back] }] }\n  template:\n' +
      '    metadata: { labels: { tier: front } }\n    spec: { containers: [{ name: db, image: db }] }\n',
    [
      "5 selector-not-of-template: StatefulSet db's selector doesn't take its own pods: their labels don't meet this" +
        '; the API server refuses it, so none of them starts.',
    ],
  ],
  [
    'the fields of an older Ingress, each once',
    ingressPath('{ path: /, pathType: Prefix, backend: { serviceName: web, servicePort: 80 } }'),
    [
      '4 refused-by-api-server: spec.rules[0].http.paths[0].backend.serviceName: is no field of the API; ' +
        'service.name is',
      '4 refused-by-api-server: spec.rules[0].http.paths[0].backend.servicePort: is no field of the API; ' +
        'service.port is',
    ],
  ],
  [
    'a path that climbs',
    ingressPath('{ path: /a/../b, pathType: Exact, backend: { service: { name: web, port: { number: 80 } } } }'),
    ["4 refused-by-api-server: spec.rules[0].http.paths[0].path: must not contain '/../'"],
  ],
];

const profile = (spec: string): string =>
  `apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: test }\nspec: { ${spec} }\n---\n`;
const named = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ${spec} }\n---\n`;
const serviceCidr = (name: string, cidrs: string): string =>
  `apiVersion: networking.k8s.io/v1\nkind: ServiceCIDR\nmetadata: { name: ${name} }\n` +
  `spec: { cidrs: [${cidrs}] }\n---\n`;

/** What the allocators refuse: numbers that another has, or that nobody can have. */
const allocated: readonly (readonly [string, string, readonly string[]])[] = [
  ['outside a range that is assumed', named('a', 'clusterIP: 172.30.0.10, ports: [{ port: 80 }]'), []],
  [
    'outside a range that only was added to',
    serviceCidr('more', '10.97.0.0/24') + named('a', 'clusterIP: 172.30.0.10, ports: [{ port: 80 }]'),
    [],
  ],
  [
    "outside a dump's ranges",
    serviceCidr('more', '10.97.0.0/24') +
      serviceCidr('kubernetes', '10.96.0.0/24') +
      named('a', 'clusterIP: 10.97.0.10, ports: [{ port: 80 }]') +
      named('b', 'clusterIP: 172.30.0.10, ports: [{ port: 80 }]'),
    [
      "19 cluster-ip-out-of-range: clusterIP 172.30.0.10 is outside the cluster's range 10.96.0.0/24, " +
        '10.97.0.0/24: the API server refuses Service b.',
    ],
  ],
  [
    "an IPv6 range's last address, which is one like any other, and its first",
    profile('serviceCIDR: fd00:96::/112') +
      named('a', `clusterIP: 'fd00:96::ffff', ports: [{ port: 80 }]`) +
      named('b', `clusterIP: 'fd00:96::', ports: [{ port: 80 }]`),
    [
      '14 cluster-ip-out-of-range: clusterIP fd00:96:: is the first address of fd00:96::/112, which no Service ' +
        'gets: the API server refuses Service b.',
    ],
  ],
  [
    "the API server's own address",
    profile('serviceCIDR: 10.96.0.0/24') + named('a', 'clusterIP: 10.96.0.1, ports: [{ port: 80 }]'),
    [
      '9 cluster-ip-taken-twice: clusterIP 10.96.0.1 is taken by Service default/kubernetes already: the API ' +
        'server refuses the second.',
    ],
  ],
  [
    'which is that of its own Service',
    profile('serviceCIDR: 10.96.0.0/24') + named('kubernetes', 'clusterIP: 10.96.0.1, ports: [{ port: 443 }]'),
    [],
  ],
  [
    'dual stack in a cluster of one family, where that is assumed',
    named('a', 'ipFamilyPolicy: RequireDualStack, ports: [{ port: 80 }]'),
    [],
  ],
  [
    'dual stack in a cluster of one family, as a dump shows it',
    serviceCidr('kubernetes', '10.96.0.0/24') + named('a', 'ipFamilyPolicy: RequireDualStack, ports: [{ port: 80 }]'),
    [
      '9 ip-family-not-configured: RequireDualStack asks for two families, and the cluster has IPv4: the API ' +
        'server refuses Service a.',
    ],
  ],
  [
    'one nodePort for two ports of two protocols, and a third time for its like',
    named(
      'a',
      'type: NodePort, ports: [{ name: a, port: 80, nodePort: 30080 }, { name: b, port: 81, protocol: UDP, ' +
        'nodePort: 30080 }, { name: c, port: 80, protocol: UDP, nodePort: 30080 }]',
    ),
    [
      '4 node-port-taken-twice: nodePort 30080 is there twice, and only ports of one number share a nodePort, ' +
        'each with its protocol: the API server refuses Service a.',
    ],
  ],
  [
    "another Service's health check",
    named('a', 'type: NodePort, ports: [{ port: 80, nodePort: 30080 }]') +
      named('b', 'type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 30080, ports: [{ port: 80 }]'),
    [
      '9 node-port-taken-twice: healthCheckNodePort 30080 is taken by Service a already: the API server refuses ' +
        'the second.',
    ],
  ],
  [
    'a health check at no port at all, once',
    named('b', 'type: LoadBalancer, externalTrafficPolicy: Local, healthCheckNodePort: 70000, ports: [{ port: 80 }]'),
    [
      "4 node-port-out-of-range: healthCheckNodePort 70000 is outside the cluster's range 30000-32767: the API " +
        'server refuses Service b.',
    ],
  ],
  [
    'a health check without Local takes no number',
    named('a', 'type: NodePort, ports: [{ port: 80, nodePort: 30080 }]') +
      named('b', 'type: LoadBalancer, healthCheckNodePort: 30080, ports: [{ port: 80 }]'),
    [
      "9 refused-by-api-server: spec.healthCheckNodePort: may only be set when `type` is 'LoadBalancer' and " +
        "`externalTrafficPolicy` is 'Local'",
    ],
  ],
];

test.each(allocated)('%s', (_, yaml, wanted) => expect(refusalsOf(yaml).toSorted()).toEqual(wanted.toSorted()));

test('an address in many files stands for any: a hint', () => {
  const workspace = new Workspace(['set']);
  for (const name of ['a', 'b', 'c'])
    workspace.put(`set/${name}.yaml`, named(name, 'clusterIP: 10.96.0.10, ports: [{ port: 80 }]'));
  expect(workspace.findings('set/b.yaml').map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
    'info cluster-ip-taken-twice',
  ]);
  workspace.remove('set/c.yaml');
  expect(workspace.findings('set/b.yaml').map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
    'error cluster-ip-taken-twice',
  ]);
});

/** What kubectl reads without quotes, by its own parser: go.yaml.in/yaml/v2, asked for each. */
const plain: readonly (readonly [string, string | null])[] = [
  ['yes', 'true'],
  ['y', 'true'],
  ['On', 'true'],
  ['off', 'false'],
  ['No', 'false'],
  ['N', 'false'],
  ['TRUE', 'true'],
  ['1_000', 'the number 1000'],
  ['2024_01_15', 'the number 20240115'],
  ['-0b11', 'the number -3'],
  ['0x_1F', 'the number 31'],
  ['0_17', 'the number 15'],
  ['12_3.5', 'the number 123.5'],
  ['1e3', 'the number 1000'],
  ['oN', null],
  ['yEs', null],
  ['2024-01-15', null],
  ['1:30', null],
  ['_1', null],
  ['1_000_x', null],
  ['0b', null],
  ['1.2.3', null],
  ['"yes"', null],
  ['!!str yes', null],
];

test.each(plain)('a plain %s', (text, read) =>
  expect(refusalsOf(service(`annotations: { x: ${text} }`))).toEqual(
    read === null ? [] : [`3 quotes-missing: metadata.annotations.x: is ${read}; it must be a text: put it in quotes`],
  ),
);

test.each([...cases, ...traffic])('%s', (_, yaml, wanted) =>
  expect(refusalsOf(yaml).toSorted()).toEqual(wanted.toSorted()),
);
