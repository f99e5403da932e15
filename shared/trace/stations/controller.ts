import { familyOf } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { nodeNamed } from '../../cluster/lookups.ts';
import type { Pod } from '../../cluster/pod.ts';
import { firstForwarded } from '../../network/forwarded.ts';
import { settingsOf } from '../../network/ingress/controllerSettings.ts';
import { dialectOf } from '../../network/ingress/dialects.ts';
import type { IngressDialect } from '../../network/ingress/ingressDialect.ts';
import { servedTable } from '../../network/ingress/servedTable.ts';
import type { IngressController } from '../../network/ingressController.ts';
import { asItIs } from '../../network/normalization.ts';
import type { RouteTable } from '../../network/routing/routeTable.ts';
import { type Flight, goesOn, type Moves } from '../flight.ts';
import { backendsOf, type ChosenBackend } from '../ingressRouting.ts';
import { asking, passedOn, proxied, speaking, takenByProxy, toEndpoints } from '../proxying.ts';

/** What an Ingress controller does with a request that reached one of its pods: match, then straight to a pod. */
export function atController(model: ClusterModel, flight: Flight, pod: Pod, controller: IngressController): Moves {
  const dialect = dialectOf(controller.implementation);
  const settings = settingsOf(model, pod);
  const forwardedFor = dialect.forwardedFor(settings);
  const taken = takenByProxy(flight, dialect.readsProxyProtocol(settings), dialect.product);
  if (taken.kind === 'ended') return taken.moves;
  const { http } = taken.flight;
  const served = http === null ? null : servedTable(model, controller, pod, http.host);
  const client = (forwardedFor === 'trusts' && http !== null ? firstForwarded(http.headers) : null) ?? taken.client;
  const rules = { dialect, ingresses: served?.ingresses ?? [], table: served?.table ?? noTable };
  return backendsOf(model, taken.flight, rules, { settings, client }).flatMap((backend) => {
    if (backend.kind === 'ended') return backend.moves;
    const { service, port, because, flight: sharing, forward } = backend;
    const request =
      backend.request === null || forward.passesTls ? backend.request : passedOn(backend.request, client, forwardedFor);
    const { clusterIP } = service;
    if (!goesByClusterAddress(dialect, backend) || clusterIP === null)
      return toEndpoints(model, sharing, pod, { service, port, request, because });
    const destination = { address: clusterIP, port: port.port };
    const asks = asking(model, speaking(sharing, pod.addresses, familyOf(clusterIP)), service, request);
    return goesOn(proxied(asks, { destination, request, because }), {
      kind: 'leaving',
      node: nodeNamed(model, pod.node) ?? null,
      pod,
      beyond: 'unknown',
    });
  });
}

function goesByClusterAddress(
  dialect: IngressDialect,
  { ingress, service, viaClusterAddress, forward }: ChosenBackend,
): boolean {
  return viaClusterAddress ?? (!forward.passesTls && ingress !== null && dialect.viaClusterAddress(ingress, service));
}

/** For what isn't HTTP: nothing is asked of it. */
const noTable: RouteTable = { routes: [], reads: asItIs, says: asItIs, left: 0 };
