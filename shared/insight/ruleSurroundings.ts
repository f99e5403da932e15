import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Ingress } from '../cluster/ingress.ts';
import { settingsOf } from '../network/ingress/controllerSettings.ts';
import { type Surroundings, unknownSurroundings } from '../network/ingress/surroundings.ts';
import { controllerOf } from '../network/ingressController.ts';

/**
 * What a rule compiles an Ingress with: the settings of the controller that serves it, and nothing of the Services and
 * Secrets, which have rules of their own.
 */
export function ruleSurroundings(model: ClusterModel, ingress: Ingress): Surroundings {
  const [pod] = controllerOf(model, ingress)?.pods ?? [];
  return pod === undefined ? unknownSurroundings : { ...unknownSurroundings, settings: settingsOf(model, pod) };
}
