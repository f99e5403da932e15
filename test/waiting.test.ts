import { expect, test } from 'vitest';
import { iptablesRules } from '../shared/network/kubeProxy/iptablesRules.ts';
import { lensOf } from '../shared/insight/lenses.ts';
import { verdictSentence } from '../shared/trace/verdictText.ts';
import { clusterOf, foundIn, traceIn } from './scene.ts';

/** What a status says of pods counts, and what keeps pods from being there; a plain manifest's pods are to be. */
const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { clusterIP: '10.96.0.50', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
};
const client = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'client' },
  spec: { containers: [{ name: 'client', image: 'example/client' }] },
};
const metadata = { name: 'web', labels: { app: 'web' } };
const containers = [{ name: 'web', image: 'example/web', ports: [{ containerPort: 8080 }] }];

function pod(spec: object, status: object): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec }, status };
}

function workload(kind: string, spec: object, status: object = {}, podSpec: object = {}): object {
  const isJob = kind === 'CronJob' || kind === 'Job';
  const template = { metadata, spec: { containers, ...(isJob ? { restartPolicy: 'Never' } : {}), ...podSpec } };
  const apiVersion = isJob ? 'batch/v1' : 'apps/v1';
  const selector = isJob ? {} : { selector: { matchLabels: { app: 'web' } } };
  const schedule = '0 3 * * *';
  const inner = kind === 'CronJob' ? { schedule, jobTemplate: { spec: { template } } } : { ...selector, template };
  return { apiVersion, kind, metadata: { name: 'web' }, spec: { ...inner, ...spec }, status };
}

const ready = { conditions: [{ type: 'Ready', status: 'True' }] };
const complete = { type: 'Complete', status: 'True' };
const scheduled = { type: 'PodScheduled', status: 'True' };
const oneReady = { replicas: 1, readyReplicas: 1 };
const bound = { nodeName: 'node-1' };
const gates = { schedulingGates: [{ name: 'quota' }] };

test.each([
  ['a plain Pod', pod({}, {}), null],
  ['a bound one without a status', pod(bound, {}), null],
  ['one with an address', pod(bound, { phase: 'Running', podIP: '10.244.1.9', ...ready }), null],
  ['one of which a hand wrote only that it is ready', pod(bound, ready), null],
  ['pending, on no node', pod({}, { phase: 'Pending' }), "Pod web isn't scheduled to a node yet"],
  [
    'pending, refused by the scheduler',
    pod({ nodeSelector: { gpu: 'yes' } }, { conditions: [{ type: 'PodScheduled', status: 'False' }] }),
    "Pod web isn't scheduled to a node yet",
  ],
  [
    'bound, without an address',
    pod(bound, { phase: 'Pending', conditions: [scheduled] }),
    'Pod web has no address yet',
  ],
  [
    'on the host network, bound, without an address',
    pod({ ...bound, hostNetwork: true }, { phase: 'Pending' }),
    'Pod web has no address yet',
  ],
  ['running, without an address', pod(bound, { phase: 'Running', ...ready }), 'Pod web has no address yet'],
  ['with a scheduling gate', pod(gates, {}), "Pod web isn't scheduled to a node yet"],
  ['a plain Deployment', workload('Deployment', {}), null],
  [
    'a Deployment of pods with a scheduling gate',
    workload('Deployment', {}, {}, gates),
    "a pod of Deployment web isn't scheduled to a node yet",
  ],
  [
    'a Deployment that is paused',
    workload('Deployment', { paused: true }),
    'Deployment web is paused, so it has made no pods',
  ],
  ['one that was paused later', workload('Deployment', { paused: true }, oneReady), null],
  ['a Deployment with a status that counts nothing yet', workload('Deployment', {}, {}), null],
  [
    'one whose pod is ready',
    workload('Deployment', {}, { observedGeneration: 2, replicas: 1, readyReplicas: 1 }),
    null,
  ],
  [
    'one whose pod is not ready',
    workload('Deployment', {}, { observedGeneration: 1, replicas: 1, unavailableReplicas: 1 }),
    "the pod of Deployment web isn't ready, by its status",
  ],
  [
    'one that has made no pod (a quota)',
    workload('Deployment', { replicas: 3 }, { observedGeneration: 1, unavailableReplicas: 3 }),
    'none of the 3 pods of Deployment web is ready, by its status',
  ],
  [
    'a StatefulSet',
    workload('StatefulSet', { replicas: 2 }, { replicas: 1, currentReplicas: 1 }),
    'none of the 2 pods of StatefulSet web is ready, by its status',
  ],
  [
    'a DaemonSet',
    workload('DaemonSet', {}, { desiredNumberScheduled: 3, currentNumberScheduled: 3, numberReady: 0 }),
    'none of the 3 pods of DaemonSet web is ready, by its status',
  ],
  ['a Job that runs', workload('Job', {}, { active: 1, ready: 1 }), null],
  [
    'a Job whose pod is not ready',
    workload('Job', {}, { active: 1, ready: 0 }),
    "the pod of Job web isn't ready, by its status",
  ],
  [
    'a CronJob whose running Job is elsewhere',
    workload('CronJob', {}, { active: [{ kind: 'Job', name: 'web-1' }] }),
    "CronJob web runs Job web-1, which isn't in these files, nor any pod of it",
  ],
  ['a Job that is suspended', workload('Job', { suspend: true }), 'Job web is suspended, so it has no pods'],
  ['one that has done its work', workload('Job', {}, { conditions: [complete] }), 'Job web has done its work'],
  ['one that has failed', workload('Job', {}, { conditions: [{ ...complete, type: 'Failed' }] }), 'Job web has failed'],
  [
    'a pod that has failed, on a node that is gone',
    pod({ nodeName: 'gone' }, { phase: 'Failed', podIP: '10.244.1.9', ...ready }),
    'Pod web has failed',
  ],
  ['a pod that has ended', pod(bound, { phase: 'Succeeded', podIP: '10.244.1.9' }), 'Pod web has done its work'],
  ['a CronJob', workload('CronJob', {}), 'CronJob web has pods at its times only, and none is taken to run now'],
])('%s', (_, object, expected) => {
  const model = clusterOf([service, object, client]);
  const { paths, assumptions } = traceIn(model, 'svc/web', 'pod/client');
  const [node] = model.nodes;
  const printed = node === undefined ? '' : iptablesRules(model, node, 'IPv4');
  const [written] = model.manifests;
  const lens = written === undefined ? null : lensOf({ model, isComplete: true }, written);
  const found = foundIn(model).map(({ severity, message }) => `${severity}: ${message}`);
  if (expected === null) {
    expect(found).toEqual([]);
    expect(paths.map(({ verdict }) => verdict.kind)).toEqual(['delivered']);
    expect(printed).toContain('KUBE-SEP-');
    expect(lens?.outcome).toBe('arrives');
    return;
  }
  expect(paths.map(({ verdict }) => verdict)).toMatchObject([{ kind: 'rejected', reason: 'no-endpoints' }]);
  expect(paths.map(({ verdict }) => verdictSentence(verdict))).toEqual([
    `Service web has no ready endpoint: ${expected}.`,
  ]);
  expect(assumptions.map(({ text }) => text)).toContain(`no endpoint of Service web: ${expected}`);
  expect(found).toEqual([
    `${expected.includes('paused') ? 'warning' : 'info'}: Service web has no ready endpoint, ` +
      `so every connection to it is rejected: ${expected}.`,
  ]);
  expect(printed).not.toContain('KUBE-SEP-');
  expect(lens?.way).toBe(`no way in: ${expected}`);
});

/** The shares of what is sent to the Service, and what is said of those that get nothing. */
function sharesOf(...objects: readonly object[]): string[] {
  const { paths, assumptions } = traceIn(clusterOf([service, ...objects, client]), 'svc/web', 'pod/client');
  return [
    ...paths.map(({ probability, verdict }) => `${probability.toFraction()} ${verdict.kind}`),
    ...assumptions.filter(({ id }) => id.startsWith('waiting:')).map(({ text }) => text),
  ];
}

test.each([
  [
    'a Deployment with one of three ready',
    workload('Deployment', { replicas: 3 }, { replicas: 3, readyReplicas: 1, unavailableReplicas: 2 }),
    [
      '1 delivered',
      "2 of the 3 pods of Deployment web aren't ready, by its status; " + "it doesn't say which: the last are taken",
    ],
  ],
  [
    'a status that says only how many are not',
    workload('Deployment', { replicas: 3 }, { unavailableReplicas: 1 }),
    [
      '1/2 delivered',
      '1/2 delivered',
      "1 of the 3 pods of Deployment web isn't ready, by its status; " + "it doesn't say which: the last is taken",
    ],
  ],
  [
    'more ready than wanted, in the middle of a change',
    workload('Deployment', { replicas: 1 }, { replicas: 2, readyReplicas: 2 }),
    ['1 delivered'],
  ],
  [
    'a DaemonSet of a cluster with other nodes than these',
    workload('DaemonSet', {}, { desiredNumberScheduled: 2, currentNumberScheduled: 2, numberReady: 2 }),
    ['1/3 delivered', '1/3 delivered', '1/3 delivered'],
  ],
])("a workload's status says how many pods are ready: %s", (_, object, expected) => {
  expect(sharesOf(object)).toEqual(expected);
});

/** The same object, of the same labels, owned by another. */
function owned(object: object, kind: string, owner: string, more: object = {}): object {
  return { ...object, metadata: { ...metadata, ...more, ownerReferences: [{ kind, name: owner }] } };
}

test('pods that are in the set say themselves whether they are ready, whatever the workload counted', () => {
  const deployment = workload('Deployment', { replicas: 2 }, { replicas: 2, readyReplicas: 1 });
  const labels = { app: 'web', 'pod-template-hash': '5d' };
  const pods = [1, 2].map((number) => {
    const there = pod(bound, { phase: 'Running', podIP: `10.244.1.${number + 8}`, ...ready });
    return owned(there, 'ReplicaSet', 'web-5d', { name: `web-${number}`, labels });
  });
  expect(sharesOf(deployment, ...pods)).toEqual(['1/2 delivered', '1/2 delivered']);
});

test.each([
  ['by the name and hash of its ReplicaSet', { 'pod-template-hash': '5d' }, []],
  ['by its ReplicaSet', {}, [owned(workload('ReplicaSet', {}), 'Deployment', 'web', { name: 'web-5d' })]],
])("a pod of the set isn't doubled by one that its Deployment's status counts: %s", (_, labels, more) => {
  const deployment = workload('Deployment', { replicas: 3 }, { replicas: 3, readyReplicas: 1, unavailableReplicas: 2 });
  const there = pod(bound, { phase: 'Running', podIP: '10.244.1.9', ...ready });
  const own = owned(there, 'ReplicaSet', 'web-5d', { name: 'web-5d-x', labels: { app: 'web', ...labels } });
  expect(sharesOf(deployment, own, ...more)).toEqual(['1 delivered']);
});

test('beside a pod that is there, one that is not is no want of endpoints', () => {
  const pending = { ...pod({}, { phase: 'Pending' }), metadata: { ...metadata, name: 'b' } };
  expect(sharesOf(workload('Deployment', {}), pending)).toEqual(['1 delivered', "Pod b isn't scheduled to a node yet"]);
});

test("a CronJob's pods are those of its running Job, where that is in the set", () => {
  const cronJob = workload('CronJob', {}, { active: [{ kind: 'Job', name: 'web' }] });
  const job = (status: object): object => owned(workload('Job', {}, status), 'CronJob', 'web');
  const active = job({ active: 1, ready: 1 });
  const ended = job({ conditions: [{ type: 'Complete', status: 'True' }] });
  const own = owned(pod(bound, { phase: 'Running', podIP: '10.244.1.9', ...ready }), 'Job', 'web');
  expect([[active], [active, own], [own]].map((objects) => sharesOf(cronJob, ...objects))).toEqual([
    ['1 delivered'],
    ['1 delivered'],
    ['1 delivered'],
  ]);
  expect(sharesOf(workload('CronJob', {}), ended)).toEqual([
    '1 rejected',
    'no endpoint of Service web: CronJob web has pods at its times only, and none is taken to run now',
  ]);
});

test.each([
  ['a pending pod with an address', pod(bound, { phase: 'Pending', podIP: '10.244.1.9' })],
  ['a running pod without a condition', pod(bound, { phase: 'Running', podIP: '10.244.1.9' })],
  ['a Job that has done its work', workload('Job', {}, { conditions: [{ type: 'Complete', status: 'True' }] })],
])('%s is no ready endpoint', (_, object) => {
  const model = clusterOf([service, object, client]);
  expect(traceIn(model, 'svc/web', 'pod/client').paths.map(({ verdict }) => verdict.kind)).toEqual(['rejected']);
});

const readinessGates = [{ conditionType: 'example.com/in-service' }];
test.each([
  [
    'that nothing sets',
    workload('Deployment', {}, {}, { readinessGates }),
    ['readiness-gate:default/web:example.com/in-service'],
  ],
  ['of a pod whose status knows', pod({ ...bound, readinessGates }, { podIP: '10.244.1.9', ...ready }), []],
])('a readiness gate %s', (_, object, expected) => {
  const { paths, assumptions } = traceIn(clusterOf([service, object, client]), 'svc/web', 'pod/client');
  expect(paths.map(({ verdict }) => verdict.kind)).toEqual(['delivered']);
  expect(assumptions.map(({ id }) => id).filter((id) => id.startsWith('readiness-gate'))).toEqual(expected);
});

test.each([
  ['a DaemonSet: no endpoint there', [workload('DaemonSet', {})], ['1 delivered']],
  ['a Deployment: no new pod there', [workload('Deployment', { replicas: 2 })], ['1/2 delivered', '1/2 delivered']],
  [
    'a pod that its status still calls ready: what is sent there is lost',
    [pod({ nodeName: 'b' }, { podIP: '10.244.2.9', ...ready })],
    ['1 dropped node-not-ready'],
  ],
  ['a pod without a status: not ready', [pod({ nodeName: 'b' }, {})], ['1 rejected no-endpoints']],
])('a node that is not ready, and %s', (_, objects, expected) => {
  const profile = {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name: 'case' },
    spec: { nodes: [{ name: 'a' }, { name: 'b', ready: false }] },
  };
  const model = clusterOf([profile, service, ...objects, { ...client, spec: { ...client.spec, nodeName: 'a' } }]);
  expect(
    traceIn(model, 'svc/web', 'pod/client').paths.map(
      ({ probability, verdict }) =>
        `${probability.toFraction()} ${verdict.kind}${verdict.kind === 'delivered' ? '' : ` ${verdict.reason}`}`,
    ),
  ).toEqual(expected);
});

test.each([
  [
    'that its status calls ready',
    [pod({ nodeName: 'b' }, { podIP: '10.244.2.9', ...ready })],
    ["info: Every connection to Service web is lost: its only ready pod is on node b, which isn't ready."],
  ],
  [
    'that has no status',
    [pod({ nodeName: 'b' }, {})],
    [
      'info: Service web has no ready endpoint, so every connection to it is rejected: ' +
        "Pod web is on node b, which isn't ready.",
    ],
  ],
  ['beside others', [pod({ nodeName: 'b' }, { podIP: '10.244.2.9', ...ready }), workload('Deployment', {})], []],
])('a pod on a node that is not ready, %s: what the rule finds', (_, objects, expected) => {
  const profile = {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name: 'case' },
    spec: { nodes: [{ name: 'a' }, { name: 'b', ready: false }] },
  };
  const found = foundIn(clusterOf([profile, service, ...objects]));
  expect(found.map(({ severity, message }) => `${severity}: ${message}`)).toEqual(expected);
});

test('pods that have ended are not spoken of beside one that is there, nor is one asked from', () => {
  const ended = {
    ...pod({ nodeName: 'gone' }, { phase: 'Failed', podIP: '10.244.1.9' }),
    metadata: { ...metadata, name: 'old' },
  };
  expect(sharesOf(ended, pod(bound, { podIP: '10.244.1.9', ...ready }))).toEqual(['1 delivered']);
  expect(() => traceIn(clusterOf([service, ended]), 'svc/web', 'pod/old')).toThrow('Pod old has ended: nothing');
});

test('a node that is not ready is not reached by its own ports either', () => {
  const profile = {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name: 'case' },
    spec: { nodes: [{ name: 'a' }, { name: 'b', ready: false, address: '192.168.0.12' }] },
  };
  const host = pod({ nodeName: 'b', hostNetwork: true }, {});
  expect(
    traceIn(
      clusterOf([profile, host, { ...client, spec: { ...client.spec, nodeName: 'a' } }]),
      '192.168.0.12:8080',
      'pod/client',
    ).paths.map(({ verdict }) => verdict),
  ).toMatchObject([{ kind: 'dropped', reason: 'node-not-ready' }]);
});

test.each([
  ['beside a pod that is there', [workload('Deployment', {})], {}, []],
  [
    'a headless Service',
    [],
    { clusterIP: 'None' },
    [
      'Service web has no ready endpoint, so its name stands for no address: ' +
        'CronJob web has pods at its times only, and none is taken to run now.',
    ],
  ],
  [
    'a Service that publishes pods before they are ready',
    [workload('Job', {})],
    { publishNotReadyAddresses: true },
    [],
  ],
])("a CronJob's pods, %s: what the rule finds", (_, objects, spec, expected) => {
  const asked = { ...service, spec: { ...service.spec, ...spec } };
  const model = clusterOf([asked, workload('CronJob', {}), ...objects]);
  expect(foundIn(model).map(({ message }) => message)).toEqual(expected);
});

const readinessProbe = { tcpSocket: { port: 'http' } };
const scaledObject = {
  apiVersion: 'keda.sh/v1alpha1',
  kind: 'ScaledObject',
  metadata: { name: 'keda' },
  spec: { scaleTargetRef: { name: 'web' } },
};
const autoscaler = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'hpa' },
  spec: { minReplicas: 2, maxReplicas: 9, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
};
const ingress = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: { name: 'web' },
  spec: { ingressClassName: 'nginx', defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
};

test.each([
  [
    'no replicas, which no autoscaler changes',
    [workload('Deployment', { replicas: 0 }), autoscaler],
    {
      why: 'Deployment web has replicas: 0',
      at: 'spec.replicas',
      lens: 'no way in: answered 503: no backend',
      found: ['warning no-replicas'],
    },
  ],
  [
    'no replicas until somebody starts some',
    [workload('Deployment', { replicas: 0 }), scaledObject],
    {
      why: 'Deployment web has replicas: 0 until ScaledObject keda starts pods of it',
      at: 'spec.replicas',
      lens: 'unknown: Service web: Deployment web has replicas: 0 until ScaledObject keda starts pods of it',
      found: [],
    },
  ],
  [
    "a probe that can't be made",
    [workload('Deployment', {}, {}, { containers: [{ name: 'web', image: 'example/web', readinessProbe }] })],
    {
      why:
        'no pod of Deployment web is ever ready: its readinessProbe asks for port http, which container web ' +
        "doesn't have",
      at: 'spec.template.spec.containers.0.readinessProbe.tcpSocket.port',
      lens: 'no way in: answered 503: no backend',
      found: ['warning probe-port-missing'],
    },
  ],
])('%s is the reason in the trace, the lens and the finding', (_, objects, { why, at, lens, found }) => {
  const model = clusterOf([service, ...objects, ingress, client]);
  const [path] = traceIn(model, 'svc/web', 'pod/client').paths;
  expect(path && verdictSentence(path.verdict)).toBe(`Service web has no ready endpoint: ${why}.`);
  const because = path?.because.flatMap((each) => (each.kind === 'field' ? each.field.path.join('.') : []));
  expect(because).toContain(at);
  const lensOfThe = (kind: string): string | undefined => {
    const manifest = model.manifests.find((each) => each.kind === kind);
    return manifest === undefined ? undefined : lensOf({ model, isComplete: true }, manifest)?.way;
  };
  expect(lensOfThe('Service')?.endsWith(why)).toBe(true);
  expect(lensOfThe('Ingress')).toBe(lens);
  expect(foundIn(model).map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(found);
});

test("a Service whose pods aren't in the set makes its Ingress unknown, not 503", () => {
  const model = clusterOf([service, ingress]);
  const [, manifest] = model.manifests;
  expect(manifest && lensOf({ model, isComplete: false }, manifest)?.way).toBe(
    'unknown: Service web: no pod in these files matches the selector',
  );
});

test('internalTrafficPolicy: Local: the lens says how many nodes drop, the trace from one of them why', () => {
  const local = { ...service, spec: { ...service.spec, internalTrafficPolicy: 'Local' } };
  const on = (nodeName: string): object => ({
    ...client,
    metadata: { name: nodeName },
    spec: { ...client.spec, nodeName },
  });
  const model = clusterOf([local, workload('Deployment', {}), on('node-1'), on('node-2')]);
  const [manifest] = model.manifests;
  expect(manifest && lensOf({ model, isComplete: true }, manifest)?.notes).toContain('from inside, 2 of 3 nodes drop');
  const ends = ['pod/node-1', 'pod/node-2'].map((from) => traceIn(model, 'svc/web', from).paths[0]?.verdict);
  expect(ends.map((each) => each && verdictSentence(each))).toEqual([
    'delivered',
    'node-2 runs no ready pod of Service web, and its traffic policy is Local.',
  ]);
});
