import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { indexOfDeclared } from '../../cluster/declared.ts';
import { placesAtSteps } from '../../cluster/fieldPlaces.ts';
import { once } from '../../cluster/once.ts';
import { type Field, groupOf, type Manifest } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import { type Link, type Mark, markAt } from './links.ts';
import { referencePlacesOf } from './referencePlaces.ts';

/** A host that a manifest writes. */
interface WrittenHostName {
  readonly mark: Mark;
  /** In lower case. */
  readonly host: string;
  readonly isServed: boolean;
}

/** The hosts that a manifest writes; several where a field lists them with commas. */
export const hostsIn = once((manifest: Manifest): readonly WrittenHostName[] =>
  referencePlacesOf(manifest).flatMap(({ path, to }) =>
    to.is !== 'host'
      ? []
      : placesAtSteps(manifest.value, path).flatMap((at) => {
          const whole = textAt(manifest.value, ...at) ?? '';
          return [...whole.matchAll(/[^\s,]+/g)].flatMap(({ 0: text, index }) => {
            const mark = markAt(manifest, at, { text, at: index });
            return mark === null ? [] : [{ mark, host: text.toLowerCase(), isServed: to.isServed }];
          });
        }),
  ),
);

const servedIn = once((manifest: Manifest): ReadonlyMap<string, readonly Field[]> => {
  const served = hostsIn(manifest).filter(({ isServed }) => isServed);
  const byHost = Map.groupBy(served, ({ host }) => host);
  return new Map([...byHost].map(([host, all]) => [host, all.map(({ mark }) => mark.field)]));
});

const serversByHost = indexOfDeclared(
  ({ manifests }) => manifests,
  (manifest: Manifest) => [...servedIn(manifest).keys()],
);

/** Where requests for a host are taken by that very name. */
export function fieldsServing({ declared }: ClusterModel, host: string): Field[] {
  return serversByHost(declared)
    .get(host)
    .flatMap((manifest) => servedIn(manifest).get(host) ?? []);
}

/** The same by a wildcard above it, of the same API: a listener for a route's hosts, not for an Ingress's. */
function wildcardsServing({ declared }: ClusterModel, host: string, by: Manifest): Field[] {
  const labels = host.split('.').slice(1);
  return labels
    .map((_, index) => `*.${labels.slice(index).join('.')}`)
    .flatMap((name) =>
      serversByHost(declared)
        .get(name)
        .filter((each) => groupOf(each) === groupOf(by))
        .flatMap((each) => servedIn(each).get(name) ?? []),
    );
}

/** From each host to all that serve it. */
export function* hostLinks(model: ClusterModel, manifest: Manifest): Generator<Link> {
  for (const { mark, host } of hostsIn(manifest))
    yield { by: 'host', from: mark, to: [...fieldsServing(model, host), ...wildcardsServing(model, host, manifest)] };
}
