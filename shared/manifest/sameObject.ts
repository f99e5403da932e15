import { groupOf, type Manifest, namespaceOf } from './manifest.ts';

/**
 * Names the object that a manifest defines: of several with one name the last counts, as `kubectl apply` takes them one
 * after the other. Null for one without a name. Within a file objects of any kind are compared. Across files most kinds
 * aren't: a second definition there is a variant or another example (`manifestSet.ts`), or a kustomization's patch;
 * what only a dump holds is no such thing.
 */
export function definedObject(manifest: Manifest): string | null {
  if (manifest.name === '') return null;
  const where = dumpedKinds.has(manifest.kind) ? '' : manifest.uri;
  return `${where}\n${groupOf(manifest)}/${manifest.kind}/${namespaceOf(manifest)}/${manifest.name}`;
}

const dumpedKinds = new Set(['Node', 'Endpoints', 'ServiceCIDR']);
