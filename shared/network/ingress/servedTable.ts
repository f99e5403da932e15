import { byKeyOfModel, type ClusterModel } from '../../cluster/clusterModel.ts';
import { podsOfManifest } from '../../cluster/lookups.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import type { Pod } from '../../cluster/pod.ts';
import { assignmentOf, controllerOf, type IngressController, ingressControllersOf } from '../ingressController.ts';
import type { RouteTable } from '../routing/routeTable.ts';
import { balancerOf, ingressesByBalancer } from '../wayIn.ts';
import { settingsOf, unknownSettings } from './controllerSettings.ts';
import { dialectOf } from './dialects.ts';
import { ingressesFor } from './ingressesByHost.ts';
import { surroundingsOf } from './surroundings.ts';

/** Ingresses that count together, and what a controller or a cloud's balancer makes of them. */
export interface ServedTable {
  readonly ingresses: readonly Ingress[];
  readonly table: RouteTable;
}

/** What counts for a host, compiled once for each controller and host, for all requests to it. */
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
  const surroundings = surroundingsOf(model, settingsOf(model, pod), () =>
    model.ingresses.filter((each) => controllerOf(model, each) === controller),
  );
  return { ingresses, table: dialectOf(controller.implementation).compile(ingresses, surroundings) };
});

/** What a cloud's balancer makes of all Ingresses that share it, compiled once; null where no cloud's serves it. */
export function cloudTable(model: ClusterModel, ingress: Ingress): ServedTable | null {
  const balancer = balancerOf(model.declared, ingress);
  return balancer === null ? null : tablesByBalancer(model, balancer);
}

const tablesByBalancer = byKeyOfModel((model, balancer): ServedTable | null => {
  const ingresses = ingressesByBalancer(model.declared, balancer);
  const [first] = ingresses;
  const assignment = first === undefined ? null : assignmentOf(model.declared, first);
  if (assignment?.kind !== 'cloud') return null;
  return { ingresses, table: dialectOf(assignment.product).compile(ingresses, surroundingsOf(model, unknownSettings)) };
});
