import { type ClusterModel, indexOfModel, ofModel } from '../../cluster/clusterModel.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import { controllerOf, type IngressController } from '../ingressController.ts';
import { dialects } from './dialects.ts';

/** What a rule for any host is found under, and an Ingress without rules. */
const anyHost = '';

const byHost = indexOfModel(
  ({ ingresses }) => ingresses,
  ({ rules, tlsHosts, defaultBackend }: Ingress) => {
    const named = [...rules.map(({ host }) => host ?? anyHost), ...tlsHosts, ...(defaultBackend ? [anyHost] : [])];
    return [...new Set(named.map((each) => each.toLowerCase()))];
  },
);

const byFurtherHost = indexOfModel(
  ({ ingresses }) => ingresses,
  (ingress: Ingress) => [...new Set(dialects.flatMap(({ furtherHosts }) => furtherHosts?.(ingress) ?? []))],
);

/** Where each stands in the set. */
const placesOf = ofModel(({ ingresses }) => new Map(ingresses.map((ingress, index) => [ingress, index])));

/** The Ingresses that name a host, then those that take it by a wildcard. */
export function ingressesNaming(model: ClusterModel, host: string): readonly Ingress[] {
  const dot = host.indexOf('.');
  return [...byHost(model).get(host), ...(dot > 0 ? byHost(model).get(`*${host.slice(dot)}`) : [])];
}

/**
 * The Ingresses of a controller that count for requests to a host, in the set's order;
 * the others might as well not be there.
 */
export function ingressesFor(model: ClusterModel, controller: IngressController, host: string): readonly Ingress[] {
  const name = host.toLowerCase().replace(/\.?(?::\d+)?$/, '');
  const near = [...ingressesNaming(model, name), ...byHost(model).get(anyHost), ...byFurtherHost(model).get(name)];
  return ofController(model, controller, near);
}

/** An Ingress together with those of its controller that have a rule for one of its hosts, in the set's order. */
export function withItsHosts(model: ClusterModel, ingress: Ingress): readonly Ingress[] {
  const hosts = new Set(ingress.rules.map(({ host }) => host?.toLowerCase() ?? anyHost));
  const near = [...hosts].flatMap((host) => byHost(model).get(host));
  return near.length <= 1 ? [ingress] : ofController(model, controllerOf(model, ingress), near);
}

/**
 * Whoever asks has read each of them by a key. When two change places, their keys are told: so the order is looked up
 * without depending on it.
 */
function ofController(model: ClusterModel, controller: IngressController | null, some: readonly Ingress[]): Ingress[] {
  const own = [...new Set(some)].filter((each) => controllerOf(model, each) === controller);
  if (own.length < 2) return own;
  const places = model.graph.untracked(() => placesOf(model));
  return own.toSorted((a, b) => (places.get(a) ?? 0) - (places.get(b) ?? 0));
}
