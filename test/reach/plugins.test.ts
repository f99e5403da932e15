import { expect, test } from 'vitest';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import type { Answer } from '../../shared/insight/reachability/answers.ts';
import { reachability, type Reachability } from '../../shared/insight/reachability/reachability.ts';
import type { Workload } from '../../shared/insight/reachability/workloads.ts';
import { likelyEndsOf } from '../../shared/trace/ends.ts';
import { traceRequest } from '../../shared/trace/traceRequest.ts';
import { randomClusterPolicies } from '../policy/randomClusterPolicy.ts';
import { clusterOf } from '../scene.ts';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';
import { clusterWords as words, randomPolicies } from './randomPolicies.ts';

const everything = { from: null, to: null, port: null };
const sets = Number(process.env['SETS'] ?? 10);

function profile(podNetwork: object, kubeProxy: object = {}): object {
  return {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name: 'own' },
    spec: { podNetwork, kubeProxy },
  };
}

/** Those that a set without a profile tells of, each with a profile that says it. */
const others: readonly (readonly [title: string, profile: object])[] = [
  ['Calico eBPF', profile({ policies: 'calico-ebpf' })],
  ['Cilium beside kube-proxy', profile({ policies: 'cilium' })],
  ['Antrea', profile({ policies: 'antrea' })],
  ['OVN-Kubernetes', profile({ policies: 'ovn-kubernetes' })],
  ['AWS VPC CNI with its agent', profile({ policies: 'aws-vpc' })],
];

/** With policies for the whole cluster in every third. */
function randomSet(random: SeededRandom, seed: number): object[] {
  return [
    ...randomPolicies(random, { workloads: 6, policies: 1 + random.below(8) }),
    ...(seed % 3 === 0 ? randomClusterPolicies(random, words) : []),
  ];
}

/** Which share of the packets of each pair comes through; between those that are workloads, and to the internet. */
function sharesOf({ rows, receivers }: Reachability): Map<string, { readonly share: number; readonly answer: Answer }> {
  const shares = new Map<string, { readonly share: number; readonly answer: Answer }>();
  for (const { sender, answers } of rows) {
    if (sender.kind !== 'workload' || isOnNodes(sender.workload)) continue;
    receivers.forEach((receiver, index) => {
      const answer = answers[index];
      if (answer == null || answer.kind === 'unknown') return;
      // Of those a trace tells, gate by gate.
      if (receiver.kind === 'workload' && isOnNodes(receiver.workload)) return;
      // A pod that asks itself.
      if (receiver.kind === 'workload' && receiver.workload.who === sender.workload.who) return;
      const whom = receiver.kind === 'workload' ? `${receiver.workload.who}:${receiver.port.port}` : receiver.kind;
      shares.set(`${sender.workload.who} to ${whom}`, { share: reached(answer), answer });
    });
  }
  return shares;
}

function isOnNodes({ pods }: Workload): boolean {
  return pods.some(({ hostNetwork }) => hostNetwork);
}

function reached({ outcomes }: Answer): number {
  return outcomes.reduce(
    (sum, { share, what }) => sum + (what.kind === 'reaches' || what.kind === 'limited' ? share.valueOf() : 0),
    0,
  );
}

const judged = (model: ClusterModel): Reachability => reachability({ model, isComplete: true }, everything);

test('without a profile, a pair tells of exactly those that decide otherwise', () => {
  let told = 0;
  for (let seed = 1; seed <= sets; seed++) {
    const objects = randomSet(seededRandom(seed), seed);
    const own = sharesOf(judged(clusterOf(objects)));
    for (const [title, written] of others) {
      const by = sharesOf(judged(clusterOf([...objects, written])));
      const found = [...own].flatMap(([pair, { share, answer }]) => {
        const other = by.get(pair);
        if (other === undefined) return [];
        const more = other.share - share;
        const should = Math.abs(more) < 1e-9 ? null : more > 0 ? 'more' : 'less';
        const sentence = answer.otherwise.find((each) => each.includes(title) && !each.includes('to Service'));
        const says =
          sentence === undefined ? null : (/would let (?:perhaps )?(more|less)/.exec(sentence)?.[1] ?? 'others');
        if (says !== null) told++;
        return should === says ? [] : [{ seed, title, pair, should, says, sentence }];
      });
      expect(found).toEqual([]);
    }
  }
  expect(told).toBeGreaterThan(sets);
});

test('a gate that sees Services tells of exactly those Services that are decided otherwise than their pods', () => {
  let told = 0;
  for (let seed = 1; seed <= 3 * sets; seed++) {
    const objects = [...randomPolicies(seededRandom(seed), { workloads: 6, policies: 4 }), others[4]?.[1] ?? {}];
    const model = clusterOf(objects);
    const own = sharesOf(judged(model));
    for (const [pair, { share, answer }] of own)
      for (const { name, byService } of askedByServices(model, pair)) {
        const says = answer.otherwise.some((each) => each.startsWith(`asked by Service ${name},`));
        if (says) told++;
        const isOther = Math.abs(byService - share) > 1e-9;
        expect({ seed, pair, name, isOther, share, byService }).toEqual({
          seed,
          pair,
          name,
          isOther: says,
          share,
          byService,
        });
      }
  }
  expect(told).toBeGreaterThan(3);
});

/** Of the Services that lead to all pods of a workload and to no other: which share a trace by each of them has. */
function askedByServices(model: ClusterModel, pair: string): { readonly name: string; readonly byService: number }[] {
  const [sender = '', receiver = ''] = pair.split(' to ');
  const ofWorkload = (who: string) =>
    model.pods.filter(({ owner, namespace }) => {
      const [, name = '', own = 'default'] = /\/([^.:]+)(?:\.([^:]+))?/.exec(who) ?? [];
      return owner.name === name && namespace === own;
    });
  const [pods, asked] = [ofWorkload(sender), ofWorkload(receiver)];
  if (receiver === 'internet' || sender === receiver.replace(/:.*/, '')) return [];
  return model.services.flatMap((service) => {
    const endpoints = [...model.endpointsOf(service).byFamily.values()].flat(2);
    const port = Number(receiver.split(':')[1]);
    const isWhole =
      service.clusterIP !== null &&
      endpoints.length === asked.length &&
      endpoints.every((each) => each.pod !== null && asked.includes(each.pod) && each.port === port);
    if (!isWhole || service.clusterIP === null) return [];
    const target = { kind: 'socket', host: service.clusterIP, port: 80 } as const;
    const shares = pods.map((pod) => {
      const from = { kind: 'pod', pod } as const;
      const { graph } = traceRequest(model, { from, target, protocol: 'TCP', method: 'GET', headers: new Map() });
      return likelyEndsOf(graph).reduce(
        (sum, { verdict, probability }) => sum + (verdict.kind === 'delivered' ? probability.valueOf() : 0),
        0,
      );
    });
    const name = service.namespace === 'default' ? service.name : `${service.name}.${service.namespace}`;
    return [{ name, byService: shares.reduce((sum, each) => sum + each, 0) / pods.length }];
  });
}
