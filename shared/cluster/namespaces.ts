import type { Manifest } from '../manifest/manifest.ts';
import { type Declared, eachOfDeclared, ofDeclared } from './declared.ts';
import { namespaceNameLabel } from './gatewayApi/gatewayApi.ts';
import { sameEntries, sameMembers } from './listChanges.ts';

/** The namespaces that some object of the set is in, by what is written. */
export const namespacesWritten = ofDeclared((declared) => new Set(namespacesOfObjects(declared)), {
  eager: true,
  same: sameMembers,
});

const namespacesOfObjects = eachOfDeclared(
  ({ manifests }) => manifests,
  ({ namespace, kind }: Manifest) => (kind === 'Namespace' || namespace === null ? [] : [namespace]),
);

/**
 * What is known of namespaces' labels: all of those whose Namespace is in the set, of the others the one that the API
 * server gives each.
 */
export const knownNamespaces: (declared: Declared) => ReadonlyMap<string, ReadonlyMap<string, string>> = ofDeclared(
  (declared) =>
    new Map([
      ...[...namespacesWritten(declared)].map((name): [string, ReadonlyMap<string, string>] => [
        name,
        new Map([[namespaceNameLabel, name]]),
      ]),
      ...declared.gatewayApi.namespaceLabels,
    ]),
  { eager: true, same: (a, b) => sameEntries(a, b, (one, other) => sameEntries(one, other, (x, y) => x === y)) },
);
