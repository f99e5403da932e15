import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import { controllerOf } from '../ingressController.ts';

/** What a rule for any host is found under. */
const anyHost = '';

const index = indexOfModel(
  ({ ingresses }) => ingresses,
  ({ rules, tlsHosts }: Ingress) => [
    ...new Set([...rules.map(({ host }) => host ?? anyHost), ...tlsHosts].map((each) => each.toLowerCase())),
  ],
);

/** The Ingresses that name a host, then those that take it by a wildcard. */
export function ingressesNaming(model: ClusterModel, host: string): readonly Ingress[] {
  const byHost = index(model);
  const dot = host.indexOf('.');
  return [...byHost.get(host), ...(dot > 0 ? byHost.get(`*${host.slice(dot)}`) : [])];
}

/** An Ingress together with those of its controller that have a rule for one of its hosts, in the set's order. */
export function withItsHosts(model: ClusterModel, ingress: Ingress): readonly Ingress[] {
  const controller = controllerOf(model, ingress);
  const hosts = new Set(ingress.rules.map(({ host }) => host?.toLowerCase() ?? anyHost));
  const near = new Set([...hosts].flatMap((host) => index(model).get(host)));
  if (near.size <= 1) return [ingress];
  return model.ingresses.filter((each) => near.has(each) && controllerOf(model, each) === controller);
}
