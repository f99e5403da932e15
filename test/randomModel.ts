import { familyOf } from '../shared/cluster/address.ts';
import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import type { Asked } from './oracle/question.ts';
import { randomCluster } from './randomCluster.ts';
import { clusterOf } from './scene.ts';
import { seededRandom } from './seededRandom.ts';

/** The made-up cluster of a seed as objects, and what is asked of it: one node, one of its families. */
export function randomQuestion(seed: number): {
  readonly objects: object[];
  readonly choice: number;
  readonly asked: Asked;
} {
  const random = seededRandom(seed);
  const objects = randomCluster(random);
  const choice = random.below(1000);
  return { objects, choice, asked: questionOf(objects, choice) };
}

/** What is asked of a cluster: the choice, taken modulo what is there, picks the node and the family. */
export function questionOf(objects: readonly object[], choice: number): Asked {
  const model = clusterOf(objects);
  const families = model.profile.podNetwork.cidrs.map(familyOf);
  const node = model.nodes[choice % model.nodes.length];
  const family = families[choice % families.length];
  if (node === undefined || family === undefined) throw new Error('a cluster without nodes or families');
  return { model, node, family, mode: modeOf(model) };
}

function modeOf({ profile }: ClusterModel): 'iptables' | 'nftables' {
  return profile.kubeProxy.mode === 'nftables' ? 'nftables' : 'iptables';
}
