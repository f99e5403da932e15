import { byKeyOfModel, type ClusterModel, nameKey, podNamed, podsOfManifest } from '../../cluster/clusterModel.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import type { Pod } from '../../cluster/pod.ts';
import { controllerAt, type IngressController } from '../ingressController.ts';
import type { RouteTable } from '../routing/routeTable.ts';
import { type ControllerSettings, settingsOf } from './controllerSettings.ts';
import { dialectOf } from './dialects.ts';
import type { IngressDialect } from './ingressDialect.ts';
import { ingressesFor } from './ingressesByHost.ts';
import { surroundingsOf } from './surroundings.ts';

/** What a controller does with the requests for one host. */
export interface HostTable {
  readonly dialect: IngressDialect;
  readonly settings: ControllerSettings;
  /** The Ingresses that count for the host. */
  readonly ingresses: readonly Ingress[];
  readonly table: RouteTable;
}

/** The table by which a controller's pod takes a request for a host; the same for all pods of its workload. */
export function hostTable(model: ClusterModel, { pod }: { readonly pod: Pod }, host: string): HostTable | null {
  const [first = pod] = podsOfManifest(model, pod.manifest);
  return tables(model, JSON.stringify([nameKey(first), host.toLowerCase().replace(/:\d+$/, '')]));
}

const tables = byKeyOfModel((model, key): HostTable | null => {
  const [name, host]: [string, string] = JSON.parse(key);
  const slash = name.indexOf('/');
  const pod = podNamed(model, name.slice(0, slash), name.slice(slash + 1));
  const controller = pod === null ? null : controllerAt(model, pod);
  return pod === null || controller === null ? null : tableOf(model, { pod, controller }, host);
});

function tableOf(
  model: ClusterModel,
  { pod, controller }: { readonly pod: Pod; readonly controller: IngressController },
  host: string,
): HostTable {
  const dialect = dialectOf(controller.implementation);
  const settings = settingsOf(model, pod);
  const ingresses = ingressesFor(model, controller, host);
  return { dialect, settings, ingresses, table: dialect.compile(ingresses, surroundingsOf(model, settings)) };
}
