import { type ClusterModel, clusterModelOf } from '../../shared/cluster/clusterModel.ts';
import type { ClusterNode } from '../../shared/cluster/node.ts';
import { isProfile, readProfile } from '../../shared/cluster/profile.ts';
import { manifestsOf } from '../../shared/manifest/manifest.ts';
import { parseFile } from '../../shared/manifest/parseFile.ts';
import { seededRandom } from '../seededRandom.ts';
import { randomCluster } from './randomCluster.ts';

/** The made-up cluster of a seed, by way of its manifests, and the node that is looked at. */
export function randomModel(seed: number): { model: ClusterModel; node: ClusterNode } {
  const random = seededRandom(seed);
  const manifests = manifestsOf(parseFile('random.json', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: randomCluster(random) })));
  const profile = manifests.find(isProfile);
  if (profile === undefined) throw new Error('The made-up cluster has no profile.');
  const model = clusterModelOf(manifests, readProfile(profile).profile);
  return { model, node: random.pick(model.nodes) };
}
