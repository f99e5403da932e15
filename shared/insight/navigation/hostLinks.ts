import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { once } from '../../cluster/once.ts';
import { type Field, groupOf, type Manifest } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import { type Link, type Mark, markAt } from './links.ts';
import { writtenReferences } from './referencePlaces.ts';

/** A host that a manifest writes. */
interface WrittenHostName {
  readonly mark: Mark;
  /** In lower case. */
  readonly host: string;
  readonly isServed: boolean;
}

/** The hosts that a manifest writes; several where a field lists them with commas. */
export function hostsIn(manifest: Manifest): WrittenHostName[] {
  return writtenReferences(manifest).flatMap(({ at, to }) => {
    if (to.is !== 'host') return [];
    const whole = textAt(manifest.value, ...at) ?? '';
    return [...whole.matchAll(/[^\s,]+/g)].flatMap(({ 0: text, index }) => {
      const mark = markAt(manifest, at, { text, at: index });
      return mark === null ? [] : [{ mark, host: text.toLowerCase(), isServed: to.isServed }];
    });
  });
}

const servedIn = once((manifest: Manifest): ReadonlyMap<string, readonly Field[]> => {
  const served = hostsIn(manifest).filter(({ isServed }) => isServed);
  const byHost = Map.groupBy(served, ({ host }) => host);
  return new Map([...byHost].map(([host, all]) => [host, all.map(({ mark }) => mark.field)]));
});

/** Where requests for a host are taken by that very name. */
function fieldsServing({ declared }: ClusterModel, host: string): Field[] {
  return declared.manifests.flatMap((manifest) => servedIn(manifest).get(host) ?? []);
}

/** The same by a wildcard above it, of the same API: a listener for a route's hosts, not for an Ingress's. */
function wildcardsServing({ declared }: ClusterModel, host: string, by: Manifest): Field[] {
  const labels = host.split('.').slice(1);
  const above = labels.map((_, index) => `*.${labels.slice(index).join('.')}`);
  return declared.manifests
    .filter((each) => groupOf(each) === groupOf(by))
    .flatMap((each) => above.flatMap((name) => servedIn(each).get(name) ?? []));
}

/** From each host to all that serve it. */
export function hostLinks(manifest: Manifest): Link[] {
  return hostsIn(manifest).map(({ mark, host }) => ({
    by: 'host',
    from: mark,
    to: (model) => [...fieldsServing(model, host), ...wildcardsServing(model, host, manifest)],
    asks: JSON.stringify([host, groupOf(manifest)]),
  }));
}
