import { expect, test } from 'vitest';
import { familyOf, ofFamily } from '../../shared/cluster/address.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { policyEnforcers } from '../../shared/cluster/profile.ts';
import type { Pod } from '../../shared/cluster/pod.ts';
import { type Answer, answerOf } from '../../shared/insight/reachability/answers.ts';
import { tracedTo, whatOf } from '../../shared/insight/reachability/judging.ts';
import { met } from '../../shared/insight/reachability/readings.ts';
import { type Reachability, reachability } from '../../shared/insight/reachability/reachability.ts';
import type { What } from '../../shared/insight/reachability/what.ts';
import type { AskedPort, Workload } from '../../shared/insight/reachability/workloads.ts';
import { likelyEndsOf } from '../../shared/trace/ends.ts';
import { traceRequest } from '../../shared/trace/traceRequest.ts';
import { randomCluster } from '../randomCluster.ts';
import { clusterOf } from '../scene.ts';
import { seededRandom } from '../seededRandom.ts';
import { randomPolicies, randomPolicy, randomTiers } from './randomPolicies.ts';

const everything = { from: null, to: null, port: null };

/** What the traces from each pod of one to each of the other say, together. */
function traced(model: ClusterModel, senders: Workload, receivers: Workload, port: AskedPort): Answer {
  return answerOf(
    senders.pods.flatMap((pod) =>
      receivers.pods.flatMap((other) =>
        other === pod && senders.pods.length > 1 ? [] : tracedBetween(model, pod, other, port),
      ),
    ),
  );
}

function tracedBetween(model: ClusterModel, pod: Pod, other: Pod, { port, protocol }: AskedPort) {
  const { graph } = traceRequest(model, {
    from: { kind: 'pod', pod },
    target: { kind: 'pod', name: other.name, namespace: other.namespace, port },
    protocol,
    method: 'GET',
    headers: new Map(),
  });
  return likelyEndsOf(graph).map(({ verdict, probability }) => [met(whatOf(verdict)), probability] as const);
}

/** An answer in short, without the rule that comes nearest. */
function shown({ outcomes }: Answer): string[] {
  const texts = outcomes.map(({ share, what }) => {
    const facts =
      what.kind === 'denied'
        ? [what.direction, ...what.policies]
        : what.kind === 'reaches'
          ? []
          : ['text' in what ? what.text : ''];
    return { share, text: [what.kind, ...facts].join(' ') };
  });
  const all = new Map<string, number>();
  for (const { share, text } of texts) all.set(text, (all.get(text) ?? 0) + share.valueOf());
  return [...all].map(([text, share]) => `${share.toFixed(6)} ${text}`).toSorted();
}

/** Addresses of the internet that policies of random sets tell apart, and one that none names. */
const outside = ['198.51.100.7', '203.0.113.1', '203.0.113.200', '8.8.8.8', '2001:db8:7::7'];
const outsidePorts = [1, 53, 54, 80, 81, 443, 444, 1053, 1080, 8000, 8080, 8081, 8500, 9000, 9001, 9080, 9081];

/** Whether pods get out is what traces of each of them to each of these say. */
function expectInternet(model: ClusterModel, { rows, receivers }: Reachability): void {
  const column = receivers.findIndex(({ kind }) => kind === 'internet');
  for (const { sender, answers } of rows) {
    const answer = answers[column];
    if (sender.kind !== 'workload' || answer == null) continue;
    const { who, pods } = sender.workload;
    const wanted = pods.map((pod) => getsOut(model, pod));
    for (const { what, share } of answer.outcomes)
      expect({ who, kind: what.kind, share: share.valueOf() }).toEqual({
        who,
        kind: what.kind,
        share: expect.closeTo(wanted.filter((each) => each === what.kind).length / pods.length, 9),
      });
  }
}

function getsOut(model: ClusterModel, pod: Pod): What['kind'] {
  const hosts = outside.filter((each) => ofFamily(pod.addresses, familyOf(each)).length > 0);
  const kinds = new Set(
    hosts.flatMap((address) =>
      outsidePorts.flatMap((port) =>
        (['TCP', 'UDP'] as const).flatMap((protocol) =>
          tracedTo(model, { kind: 'pod', pod }, { address, port, protocol }).map(([{ what }]) => what.kind),
        ),
      ),
    ),
  );
  if (kinds.has('undecided')) return 'undecided';
  if (!kinds.has('denied')) return 'reaches';
  return kinds.has('reaches') ? 'limited' : 'denied';
}

function expectTraces(objects: readonly object[]): number {
  const model = clusterOf(objects);
  const found = reachability({ model, isComplete: true }, everything);
  const { rows, receivers } = found;
  let pairs = 0;
  for (const { sender, answers } of rows) {
    if (sender.kind !== 'workload') continue;
    receivers.forEach((receiver, index) => {
      const answer = answers[index];
      if (receiver.kind !== 'workload' || answer == null) return;
      const wanted = traced(model, sender.workload, receiver.workload, receiver.port);
      pairs++;
      const name = `${sender.workload.who} to ${receiver.workload.who}:${receiver.port.port}`;
      expect({ name, answer: shown(answer) }).toEqual({ name, answer: shown(wanted) });
    });
  }
  expectInternet(model, found);
  return pairs;
}

const sets = Number(process.env['SETS'] ?? 15);

const readings: readonly object[] = [
  {},
  ...policyEnforcers.map((policies) => ({ podNetwork: { policies } })),
  { podNetwork: { cni: 'flannel' } },
  { podNetwork: { cni: 'aws-vpc' } },
  { podNetwork: { policies: 'cilium' }, kubeProxy: { mode: 'cilium' } },
];

/** A profile by which policies are read. */
function readBy(spec: object | undefined): object {
  return { apiVersion: 'hoplens.dev/v1alpha1', kind: 'ClusterProfile', metadata: { name: 'own' }, spec };
}

test('reach and the trace say the same of random workloads and policies, whoever reads them', () => {
  let pairs = 0;
  for (let seed = 1; seed <= Math.max(sets, readings.length); seed++) {
    const random = seededRandom(seed);
    const objects = randomPolicies(random, { workloads: 6, policies: 1 + random.below(8) });
    pairs += expectTraces([
      ...objects,
      ...(seed % 3 === 0 ? [] : randomTiers(random)),
      readBy(readings[seed % readings.length]),
    ]);
  }
  expect(pairs).toBeGreaterThan(sets * 30);
});

/** By plug-ins that let a pod ask itself by its Service, too: another of a workload's pods is another. */
test.each([
  { policies: 'calico', replicas: 3, wanted: 'denied ingress nobody' },
  { policies: 'cilium', replicas: 3, wanted: 'denied ingress nobody' },
  { policies: 'calico', replicas: 1, wanted: 'reaches' },
])('pods of one workload, by $policies, $replicas: $wanted', ({ policies, replicas, wanted }) => {
  const labels = { app: 'web' };
  const containers = [{ name: 'web', image: 'web', ports: [{ containerPort: 80 }] }];
  const model = clusterOf([
    readBy({ podNetwork: { policies } }),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
    },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: 'nobody' },
      spec: { podSelector: {}, policyTypes: ['Ingress'] },
    },
  ]);
  const [row] = reachability({ model, isComplete: true }, everything).rows;
  expect(row?.answers.map((answer) => answer && shown(answer))).toEqual([[`1.000000 ${wanted}`], ['1.000000 reaches']]);
});

test('and of random clusters, as dumps have them', () => {
  for (let seed = 1; seed <= sets; seed++) {
    const random = seededRandom(seed);
    const policies = Array.from({ length: random.below(4) }, (_, index) => randomPolicy(random, index, ['default']));
    expectTraces([...randomCluster(random), ...policies]);
  }
});
