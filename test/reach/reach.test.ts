import { expect, test } from 'vitest';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { policyEnforcers } from '../../shared/cluster/profile.ts';
import type { Pod } from '../../shared/cluster/pod.ts';
import { type Answer, answerOf } from '../../shared/insight/reachability/answers.ts';
import { whatOf } from '../../shared/insight/reachability/judging.ts';
import { met } from '../../shared/insight/reachability/readings.ts';
import { reachability } from '../../shared/insight/reachability/reachability.ts';
import type { AskedPort, Workload } from '../../shared/insight/reachability/workloads.ts';
import { likelyEndsOf } from '../../shared/trace/ends.ts';
import { traceRequest } from '../../shared/trace/traceRequest.ts';
import { randomCluster } from '../randomCluster.ts';
import { randomClusterPolicies } from '../policy/randomClusterPolicy.ts';
import { clusterOf } from '../scene.ts';
import { seededRandom } from '../seededRandom.ts';
import { clusterWords as words, randomPolicies, randomPolicy } from './randomPolicies.ts';

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

function expectTraces(objects: readonly object[]): number {
  const model = clusterOf(objects);
  const { rows, receivers } = reachability({ model, isComplete: true }, everything);
  let pairs = 0;
  for (const { sender, answers } of rows) {
    if (sender.kind !== 'workload') continue;
    receivers.forEach((receiver, index) => {
      const answer = answers[index];
      if (receiver.kind !== 'workload' || answer == null) return;
      pairs++;
      const name = `${sender.workload.who} to ${receiver.workload.who}:${receiver.port.port}`;
      expect({ name, answer: shown(answer) }).toEqual({
        name,
        answer: shown(traced(model, sender.workload, receiver.workload, receiver.port)),
      });
    });
  }
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

/** A profile by which policies are read in one of all ways. */
function reading(seed: number): object {
  const metadata = { name: 'own' };
  return {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata,
    spec: readings[seed % readings.length],
  };
}

test('reach and the trace say the same of random workloads and policies, whoever reads them', () => {
  let pairs = 0;
  for (let seed = 1; seed <= Math.max(sets, readings.length); seed++) {
    const random = seededRandom(seed);
    const objects = randomPolicies(random, { workloads: 6, policies: 1 + random.below(8) });
    pairs += expectTraces([...objects, ...(seed % 3 === 0 ? randomClusterPolicies(random, words) : []), reading(seed)]);
  }
  expect(pairs).toBeGreaterThan(sets * 30);
});

test('and of random clusters, as dumps have them', () => {
  for (let seed = 1; seed <= sets; seed++) {
    const random = seededRandom(seed);
    const policies = Array.from({ length: random.below(4) }, (_, index) => randomPolicy(random, index, ['default']));
    expectTraces([...randomCluster(random), ...policies]);
  }
});
