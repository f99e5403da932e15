import { byKeyOfModel, type ClusterModel } from '../../cluster/clusterModel.ts';
import { podsOfManifest } from '../../cluster/lookups.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import type { Pod } from '../../cluster/pod.ts';
import { type IngressController, ingressControllersOf } from '../ingressController.ts';
import type { RouteTable } from '../routing/routeTable.ts';
import { settingsOf } from './controllerSettings.ts';
import { dialectOf } from './dialects.ts';
import { ingressesFor } from './ingressesByHost.ts';
import { surroundingsOf } from './surroundings.ts';

/** The Ingresses that count for a host, and what a controller makes of them. */
export interface ServedTable {
  readonly ingresses: readonly Ingress[];
  readonly table: RouteTable;
}

/** Compiled once for each controller and host, for all requests to it. */
export function servedTable(
  model: ClusterModel,
  controller: IngressController,
  pod: Pod,
  host: string,
): ServedTable | null {
  const place = ingressControllersOf(model).findIndex((each) => each === controller);
  return tablesByKey(model, `${place}\n${host.toLowerCase()}\n${pod.manifest.key}`);
}

const tablesByKey = byKeyOfModel((model, key): ServedTable | null => {
  const [place = '', host = '', ...workload] = key.split('\n');
  const controller = ingressControllersOf(model)[Number(place)];
  const [pod] = podsOfManifest(model, { key: workload.join('\n') });
  if (controller === undefined || pod === undefined) return null;
  const ingresses = ingressesFor(model, controller, host);
  const surroundings = surroundingsOf(model, settingsOf(model, pod));
  return { ingresses, table: dialectOf(controller.implementation).compile(ingresses, surroundings) };
});
