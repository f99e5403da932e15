import type { ClusterModel } from '../cluster/clusterModel.ts';
import { once } from '../cluster/once.ts';
import { internetClient } from '../cluster/standIns.ts';
import type { Ingress } from '../cluster/ingress.ts';
import { type RuleOfIngress, ruledPaths } from '../network/ingress/compiled.ts';
import { type ControllerSettings, settingsOf } from '../network/ingress/controllerSettings.ts';
import { dialectOf } from '../network/ingress/dialects.ts';
import type { IngressDialect } from '../network/ingress/ingressDialect.ts';
import { withItsHosts } from '../network/ingress/ingressesByHost.ts';
import { type Surroundings, unknownSurroundings } from '../network/ingress/surroundings.ts';
import { controllerOf } from '../network/ingressController.ts';
import type { PathMatch } from '../network/match.ts';
import { oneRequest, type SeenRequest } from '../network/routing/asked.ts';
import { routeFor, type RouteTable, tiedWith } from '../network/routing/routeTable.ts';
import { entryOf } from '../network/wayIn.ts';

/**
 * What a rule compiles an Ingress with: the settings of the controller that serves it, and nothing of the Services and
 * Secrets, which have rules of their own.
 */
export function ruleSurroundings(model: ClusterModel, ingress: Ingress): Surroundings {
  const [pod] = controllerOf(model, ingress)?.pods ?? [];
  return withSettings(pod === undefined ? unknownSurroundings.settings : settingsOf(model, pod));
}

const withSettings = once((settings: ControllerSettings): Surroundings => ({ ...unknownSurroundings, settings }));

/**
 * How the controller that takes an Ingress reads it: one of the set, one that its class asks for, or a cloud's;
 * null where none does.
 */
export function dialectFor(model: ClusterModel, ingress: Ingress): IngressDialect | null {
  const { way } = entryOf(model, ingress);
  if (way.kind === 'cloud') return dialectOf(way.product);
  const controller = controllerOf(model, ingress);
  return controller === null ? null : dialectOf(controller.implementation);
}

/** An Ingress and those of its hosts as one table: once for all Ingresses of the same hosts. */
export function ruledTable(model: ClusterModel, dialect: IngressDialect, ingress: Ingress): RouteTable {
  return tables(dialect)(ruleSurroundings(model, ingress))(withItsHosts(model, ingress));
}

const tables = once((dialect: IngressDialect) =>
  once((surroundings: Surroundings) => once((together: readonly Ingress[]) => dialect.compile(together, surroundings))),
);

/** What a table makes of the paths of one Ingress. */
export function pathsOf(
  table: RouteTable,
  { manifest: { key } }: Ingress,
): readonly (RuleOfIngress & { readonly path: PathMatch })[] {
  return pathsByIngress(table).get(key) ?? [];
}

const pathsByIngress = once((table: RouteTable) =>
  Map.groupBy(ruledPaths(table), ({ ingress: { manifest } }) => manifest.key),
);

/** A GET as a proxy sees it, of a client in the internet, to ask tables about. */
export function plainRequest(asked: Pick<SeenRequest, 'scheme' | 'host' | 'path'> & Partial<SeenRequest>): SeenRequest {
  return {
    serverName: asked.scheme === 'https' ? asked.host : null,
    method: 'GET',
    headers: new Map(),
    query: new Map(),
    search: '',
    client: internetClient.IPv4,
    ...asked,
  };
}

/**
 * The rules by which a table forwards requests for a host and a path: several where it is by chance which of them
 * does, empty where it forwards none, or that can't be known.
 */
export function forwardersOf(table: RouteTable, host: string | null, path: string): readonly RuleOfIngress[] {
  for (const scheme of ['http', 'https'] as const) {
    const asked = oneRequest(plainRequest({ scheme, host: host?.replace(/^\*\./, 'any.') ?? unnamedHost, path }));
    const found = routeFor(table, asked);
    if (found === null || found === 'left-out' || !found.isKnown || found.route.action.kind !== 'forward') continue;
    return tiedWith(table, found.route, asked).flatMap(({ of }) =>
      of?.rule == null ? [] : [{ ingress: of.ingress, rule: of.rule }],
    );
  }
  return [];
}

/** No Ingress names it: RFC 2606 keeps it for that. */
export const unnamedHost = 'unnamed.invalid';
