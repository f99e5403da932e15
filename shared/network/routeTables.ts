import type { Because } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Ingress } from '../cluster/ingress.ts';
import { judgedGatewayOf } from './gateway/attachment.ts';
import { gatewayEntryOf } from './gateway/gatewayEntry.ts';
import { gatewayTable } from './gateway/gatewayTable.ts';
import type { WeightedRouteBackend } from './gateway/ruleRoutes.ts';
import { settingsOf, unknownSettings } from './ingress/controllerSettings.ts';
import { dialectOf } from './ingress/dialects.ts';
import { ingressesFor } from './ingress/ingressesByHost.ts';
import { cloudTable, type ServedTable, servedTable } from './ingress/servedTable.ts';
import { surroundingsOf } from './ingress/surroundings.ts';
import { controllerOf, type IngressController, ingressControllersOf } from './ingressController.ts';
import { type HostMatch, matchesHost } from './match.ts';
import { answerText, editText, hostText, matchText } from './routing/routeText.ts';
import type {
  Forward,
  RouteAction,
  RouteMatch,
  RouteTable,
  TableRoute,
  WeightedBackend,
} from './routing/routeTable.ts';
import { entryOf } from './wayIn.ts';

/** What one proxy does with requests, as rows for a reader: what one would read out of its running configuration. */
export interface ListedTable {
  /** `ingress-nginx, class nginx`, `Gateway edge (Envoy Gateway)` */
  readonly title: string;
  readonly product: string;
  readonly rows: readonly ListedRoute[];
  /** How many routes more there are. */
  readonly left: number;
}

export interface ListedRoute {
  readonly host: HostMatch;
  readonly hostText: string;
  /** What it asks besides the host; empty where it takes all. */
  readonly when: string;
  /** What the proxy does then. */
  readonly does: string;
  readonly action: RouteAction<unknown>['kind'];
  readonly status: number | null;
  /** With its share, where there are several. */
  readonly to: readonly ListedBackend[];
  readonly because: readonly Because[];
}

export interface ListedBackend {
  readonly namespace: string;
  readonly service: string;
  readonly port: number | string | null;
  readonly share: string;
}

/**
 * The tables of every Ingress controller, cloud's balancer and Gateway that serves something in the set; with a host,
 * the routes that a request to it may meet.
 */
export function listedTables(model: ClusterModel, host: string | null = null): ListedTable[] {
  return [...controllerTables(model, host), ...cloudTables(model, host), ...gatewayTables(model, host)];
}

function controllerTables(model: ClusterModel, host: string | null): ListedTable[] {
  return ingressControllersOf(model).flatMap((controller) => {
    const { ingresses, table } = servedBy(model, controller, host);
    if (ingresses.length === 0) return [];
    const { product } = dialectOf(controller.implementation);
    const title = `${product}, class ${controller.classes.join(', ')}`;
    return [listed(table, { title, product, host }, ofIngress)];
  });
}

/** What a controller makes of the Ingresses for a host, or of all that it serves. */
function servedBy(model: ClusterModel, controller: IngressController, host: string | null): ServedTable {
  const [pod] = controller.pods;
  const known = pod === undefined || host === null ? null : servedTable(model, controller, pod, host);
  if (known !== null) return known;
  const ingresses =
    host === null
      ? model.ingresses.filter((ingress) => controllerOf(model, ingress) === controller)
      : ingressesFor(model, controller, host);
  const surroundings = surroundingsOf(model, pod === undefined ? unknownSettings : settingsOf(model, pod));
  return { ingresses, table: dialectOf(controller.implementation).compile(ingresses, surroundings) };
}

function cloudTables(model: ClusterModel, host: string | null): ListedTable[] {
  const seen = new Set<Ingress>();
  return model.ingresses.flatMap((ingress) => {
    if (seen.has(ingress)) return [];
    const { way } = entryOf(model, ingress);
    const served = cloudTable(model, ingress);
    if (way.kind !== 'cloud' || served === null) return [];
    for (const each of served.ingresses) seen.add(each);
    const names = served.ingresses.map(({ name }) => name).join(', ');
    const { product } = dialectOf(way.product);
    return [listed(served.table, { title: `${product}, Ingress ${names}`, product, host }, ofIngress)];
  });
}

function gatewayTables(model: ClusterModel, host: string | null): ListedTable[] {
  return model.gatewayApi.gateways.flatMap((gateway) => {
    const judged = judgedGatewayOf(model.declared, gateway);
    if (judged === null) return [];
    const { implementation } = gatewayEntryOf(model, gateway).chosen;
    const table = gatewayTable(judged, implementation);
    const title = `Gateway ${gateway.name} (${implementation.product})`;
    return [listed(table, { title, product: implementation.product, host }, ofRoute)];
  });
}

type NameOf<To> = (to: To) => ListedBackend;

const ofIngress: NameOf<WeightedBackend> = ({ namespace, service, port, share }) => ({
  namespace,
  service: service ?? '(no Service)',
  port,
  share: share.toFraction(),
});

const ofRoute: NameOf<WeightedRouteBackend> = ({ backend: { namespace, name, port }, share }) => ({
  namespace,
  service: name,
  port,
  share: share.toFraction(),
});

function listed<Of, To>(
  { routes, left }: RouteTable<Of, To>,
  { host, ...heading }: Pick<ListedTable, 'title' | 'product'> & { readonly host: string | null },
  nameOf: NameOf<To>,
): ListedTable {
  const met = host === null ? routes : routes.filter(({ match }) => mayTake(match, host));
  return { ...heading, left, rows: met.map((route) => listedRoute(route, nameOf)) };
}

/** Whether a request to a host may be one of a route's: by its Host, and by the name in its TLS handshake. */
function mayTake({ host, serverName }: RouteMatch, asked: string): boolean {
  return matchesHost(host, asked) !== false && (serverName === null || matchesHost(serverName, asked) !== false);
}

function listedRoute<Of, To>(route: TableRoute<Of, To>, nameOf: NameOf<To>): ListedRoute {
  const { match, action, because } = route;
  return {
    host: match.host,
    hostText: hostText(match.host),
    when: matchText(match),
    does: doesText(route, nameOf),
    action: action.kind,
    status: action.kind === 'answer' ? action.status : null,
    to: action.kind === 'forward' ? action.to.map(nameOf) : [],
    because,
  };
}

function doesText<Of, To>({ action, match, statusWithoutBackend }: TableRoute<Of, To>, nameOf: NameOf<To>): string {
  switch (action.kind) {
    case 'forward':
      return action.to.length === 0 ? `${statusWithoutBackend}, no backend` : forwardText(action, nameOf);
    case 'answer':
      return answerText(action);
    case 'close':
      return match.scheme === 'http' ? 'closes the connection: no plain HTTP' : 'closes the connection';
    case 'unknown':
      return `not known: ${action.what}`;
    default:
      return action satisfies never;
  }
}

function forwardText<To>({ to, edits, passesTls }: Forward<To>, nameOf: NameOf<To>): string {
  const names = to.map((each) => {
    const { namespace, service, port, share } = nameOf(each);
    const name = `${namespace === 'default' ? service : `${service}.${namespace}`}${port === null ? '' : `:${port}`}`;
    return share === '1' ? name : `${name} (${share})`;
  });
  return [names.join(', '), ...(passesTls ? ['TLS as it is'] : []), ...edits.map(editText)].join('; ');
}
