import type { Manifest } from '../manifest/manifest.ts';
import { once } from './once.ts';
import { offerOf } from './references.ts';

/**
 * The namespace of the manifests that don't say theirs. Whoever applies them decides it (`kubectl -n`, kustomize,
 * Flux), and all of a set land in the same: so they are in one namespace, which nobody has named. It is another than a
 * named one only if something in the set says so. If an object names what only the other side has, both are in the same
 * namespace:
 *
 * - an object that doesn't say its namespace names something that is only in `shop`: it is in `shop`;
 * - an object in `shop` names something of `shop` that only one without a namespace could be: that is in `shop`.
 *
 * A namespace that has an object of the same name as one without is another. Where such references lead to different
 * namespaces equally often, or there are none, it is `default`.
 */
export function unknownNamespace(facts: readonly NamespaceFact[]): string {
  if (!facts.some(({ namespace }) => namespace === null) || facts.every(({ namespace }) => namespace === null))
    return 'default';
  const definitions = new Map<string, Set<string | null>>();
  for (const { key, namespace, kind } of facts) {
    if (kind !== 'defines') continue;
    const known = definitions.get(key);
    if (known === undefined) definitions.set(key, new Set([namespace]));
    else known.add(namespace);
  }
  const votes = new Map<string, number>();
  const impossible = new Set(
    [...definitions]
      .filter(([key, places]) => key.startsWith('=') && places.has(null))
      .flatMap(([, places]) => [...places]),
  );
  for (const { key, namespace, kind } of facts) {
    const places = kind === 'names' ? [...(definitions.get(key) ?? [])] : [];
    const [only] = places;
    if (places.length !== 1 || only === undefined || (only === null) === (namespace === null)) continue;
    const named = only ?? namespace ?? 'default';
    if (impossible.has(named)) continue;
    votes.set(named, (votes.get(named) ?? 0) + 1);
  }
  const [first, second] = [...votes].toSorted(([, a], [, b]) => b - a);
  return first === undefined || first[1] === second?.[1] ? 'default' : first[0];
}

/** That an object of a namespace, or of none that is written, is defined, or names another. */
export interface NamespaceFact {
  readonly kind: 'defines' | 'names';
  readonly key: string;
  readonly namespace: string | null;
}

/** What is the cluster's has no namespace, and a grant is asked for by no name. */
const ofNoNamespace = /^=?(?:GatewayClass|IngressClass|Namespace|ReferenceGrant)\b/;

/** What a manifest says about namespaces. Where a reference has a namespace of its own, the object is in another. */
export const namespaceFacts = once((manifest: Manifest): readonly NamespaceFact[] => {
  const offer = offerOf(manifest);
  if (offer === null) return [];
  const { namespace } = manifest;
  const names = offer.wants.filter((want) => want.takes !== 'beside' && want.namespace === namespace);
  return [
    ...[`=${manifest.kind} ${manifest.name}`, ...offer.keys].map((key): NamespaceFact => ({
      kind: 'defines',
      key,
      namespace,
    })),
    ...names.map(({ key }): NamespaceFact => ({ kind: 'names', key, namespace })),
  ].filter(({ key }) => !ofNoNamespace.test(key));
});

const placed = new WeakMap<Manifest, Manifest>();

/** A manifest in the namespace of those that don't say theirs. It is the same object, by its key. */
export function inNamespace(manifest: Manifest, namespace: string): Manifest {
  if (manifest.namespace !== null) return manifest;
  const known = placed.get(manifest);
  if (known?.namespace === namespace) return known;
  const made = { ...manifest, namespace };
  placed.set(manifest, made);
  return made;
}
