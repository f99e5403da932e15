import { type ClusterModel, ofModel } from '../cluster/clusterModel.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { forwardedAddresses } from './forwarded.ts';
import { settingsOf } from './ingress/controllerSettings.ts';
import { dialectOf } from './ingress/dialects.ts';
import { ingressControllersOf } from './ingressController.ts';

/**
 * Whether anybody in a cluster goes by `X-Forwarded-For`: a controller that believes it, or an Ingress or a route that
 * speaks of it. Proxies make another value of it for each way that a request comes; it only matters where it is read.
 */
export const isForwardedForRead = ofModel((model): boolean => isBelieved(model) || isWritten(model), { eager: true });

function isBelieved(model: ClusterModel): boolean {
  return ingressControllersOf(model).some(({ implementation, pods: [pod] }) => {
    return pod !== undefined && dialectOf(implementation).forwardedFor(settingsOf(model, pod)) === 'trusts';
  });
}

function isWritten({ ingresses, gatewayApi }: ClusterModel): boolean {
  const speaksOfIt = ({ manifest }: { readonly manifest: Manifest }): boolean =>
    JSON.stringify(manifest.value).toLowerCase().includes(forwardedAddresses);
  return ingresses.some(speaksOfIt) || gatewayApi.routes.some(speaksOfIt);
}
