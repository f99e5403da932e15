import type { AssumedObject, ClusterModel } from '../cluster/clusterModel.ts';
import type { Declared } from '../cluster/declared.ts';
import { fixedCluster } from '../cluster/liveCluster.ts';
import { assumedProfile, type Profile } from '../cluster/profile.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { assumedController } from './assumedController.ts';
import { assumedProxy } from './assumedProxy.ts';
import { assumedGateway } from './gateway/assumedGateway.ts';
import { assignmentOf } from './ingressController.ts';

/**
 * Everything that has to be assumed of what is written: an Ingress controller for each class that nobody serves here,
 * and the proxy of each Gateway that nobody shows.
 */
export function assumedObjects(declared: Declared): AssumedObject[] {
  const classes = new Set<string | null>();
  for (const ingress of declared.ingresses) {
    const assignment = assignmentOf(declared, ingress);
    if (assignment.kind === 'assumed') classes.add(assignment.className);
  }
  const gateways = declared.gatewayApi.gateways.flatMap((gateway) => assumedGateway(declared, gateway) ?? []);
  return [...[...classes].toSorted().map(assumedController), ...gateways].flatMap((each) =>
    assumedProxy(declared, each),
  );
}

/** The cluster of manifests that never change, with all that has to be assumed. */
export function clusterModelOf(manifests: readonly Manifest[], profile: Profile = assumedProfile): ClusterModel {
  return fixedCluster(manifests, profile, assumedObjects);
}
