import { byKeyOfModel, type ClusterModel, indexOfModel, ofModel } from '../../cluster/clusterModel.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { type Ingress, isGoneIngress, isIngress, readIngress } from '../../cluster/ingress.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { controllerOf, type IngressController, ingressControllersOf } from '../ingressController.ts';
import { ruledHosts } from './compiled.ts';
import { dialectOf, dialects } from './dialects.ts';

/** What a rule for any host is found under, and an Ingress without rules. */
const anyHost = '';

const byHost = indexOfModel(
  ({ ingresses }) => ingresses,
  (ingress: Ingress) => {
    const { tlsHosts, defaultBackend } = ingress;
    return [...new Set([...ruledHosts(ingress), ...tlsHosts.map(lower), ...(defaultBackend ? [anyHost] : [])])];
  },
);

function lower(text: string): string {
  return text.toLowerCase();
}

const byFurtherHost = indexOfModel(
  ({ ingresses }) => ingresses,
  (ingress: Ingress) => [...new Set(dialects.flatMap(({ furtherHosts }) => furtherHosts?.(ingress) ?? []))],
);

const countingForAll = indexOfModel(
  ({ ingresses }) => ingresses,
  (ingress: Ingress) => (dialects.some(({ countsForAllHosts }) => countsForAllHosts?.(ingress)) ? [anyHost] : []),
);

const byService = indexOfModel(({ ingresses }) => ingresses, servicesOf);

function servicesOf({ namespace, rules, defaultBackend }: Ingress): string[] {
  const backends = [...rules.map(({ backend }) => backend), defaultBackend].filter((each) => each !== null);
  return [...new Set(backends.map(({ service }) => `${namespace}/${service}`))];
}

/** Where each stands in the set. */
const placesOf = ofModel(({ ingresses }) => new Map(ingresses.map((ingress, index) => [ingress, index])));

/** The Ingresses that name a host, then those that take it by a wildcard. */
export function ingressesNaming(model: ClusterModel, asked: string): readonly Ingress[] {
  const host = withoutLastDot(asked);
  const dot = host.indexOf('.');
  return [...byHost(model).get(host), ...(dot > 0 ? byHost(model).get(`*${host.slice(dot)}`) : [])];
}

const goneByHost = indexOfModel(
  ({ declared }) => declared.ofKind('Ingress'),
  (manifest: Manifest) =>
    isIngress(manifest) && manifest.apiVersion !== 'networking.k8s.io/v1'
      ? [...new Set(ruledHosts(readIngress(manifest)))]
      : [],
);

/** An Ingress that names a host, or takes it by a wildcard, and isn't there: its version is gone. Null for none. */
export function goneIngressNaming(model: ClusterModel, asked: string): Ingress | null {
  const host = withoutLastDot(asked);
  const dot = host.indexOf('.');
  const index = goneByHost(model);
  const naming = [...index.get(host), ...(dot > 0 ? index.get(`*${host.slice(dot)}`) : [])];
  const [first] = naming.filter((each) => isGoneIngress(each, model.profile.kubernetesMinor));
  return first === undefined ? null : readIngress(first);
}

function withoutLastDot(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1) : host;
}

/**
 * The Ingresses of a controller that count for requests to a host, in the set's order;
 * the others might as well not be there.
 */
export function ingressesFor(model: ClusterModel, controller: IngressController, host: string): readonly Ingress[] {
  const name = withoutLastDot(host.toLowerCase().replace(/:\d+$/, ''));
  const near = [...ingressesNaming(model, name), ...byHost(model).get(anyHost), ...fartherWildcards(model, name)];
  return withThoseBeside(model, controller, ofController(model, controller, [...near, ...fromAfar(model, name)]));
}

/** With the Ingresses that decide about one of them. */
function withThoseBeside(
  model: ClusterModel,
  controller: IngressController,
  some: readonly Ingress[],
): readonly Ingress[] {
  const { besideHosts } = dialectOf(controller.implementation);
  if (besideHosts === undefined) return some;
  const found = new Set(some);
  for (const ingress of found)
    for (const host of besideHosts(ingress)) for (const each of byHost(model).get(host)) found.add(each);
  return found.size === some.length ? some : ofController(model, controller, [...found]);
}

/** Those with a wildcard of which more than one label would stand in the star's place: some controllers take that. */
function fartherWildcards(model: ClusterModel, host: string): Ingress[] {
  const labels = host.split('.').slice(2);
  return labels.flatMap((_, index) => byHost(model).get(`*.${labels.slice(index).join('.')}`));
}

/** Those of other hosts that count for this one all the same, with all that these hang together with. */
function fromAfar(model: ClusterModel, host: string): Ingress[] {
  const own = [...byFurtherHost(model).get(host), ...countingForAll(model).get(anyHost)];
  return own.flatMap((ingress) => [
    ingress,
    ...ruledHosts(ingress).flatMap((each) => byHost(model).get(each)),
    ...servicesOf(ingress).flatMap((each) => byService(model).get(each)),
  ]);
}

/** An Ingress together with those of its controller that count for one of its hosts, in the set's order. */
export function withItsHosts(model: ClusterModel, ingress: Ingress): readonly Ingress[] {
  const controller = controllerOf(model, ingress);
  const at = controller === null ? -1 : ingressControllersOf(model).findIndex((each) => each === controller);
  return groupByKey(model, `${at} ${[...new Set(ruledHosts(ingress))].toSorted().join(' ')}`);
}

/** By a controller's place among them and the hosts: one and the same list for all Ingresses of these hosts. */
const groupByKey = byKeyOfModel(
  (model, key): readonly Ingress[] => {
    const [place = '', ...hosts] = key.split(' ');
    const at = Number(place);
    const near = hosts.flatMap((host) => [...byHost(model).get(host), ...fromAfar(model, host)]);
    return ofController(model, at < 0 ? null : (ingressControllersOf(model)[at] ?? null), near);
  },
  { same: sameItems },
);

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
