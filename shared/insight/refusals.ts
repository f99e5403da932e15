import type { Manifest } from '../manifest/manifest.ts';
import { definedBy } from '../manifest/validation/builtInKinds.ts';
import type { FieldError } from '../manifest/validation/fieldError.ts';
import { validateMetadata } from '../manifest/validation/metadata.ts';
import { validateObject } from '../manifest/validation/object.ts';
import { validateStatus } from '../manifest/validation/status.ts';
import { keysAt, textOf, valueAt } from '../manifest/value.ts';

/** What was found for a manifest, by version: a manifest never changes. */
const known = new WeakMap<Manifest, { readonly minor: number; readonly errors: readonly FieldError[] }>();

/**
 * What the API server has against an object: the fields that touch traffic of the kinds that do, the metadata of other
 * kinds, and the addresses in a status. What something fills in before the object is applied is left out.
 */
export function refusalsOf(manifest: Manifest, kubernetesMinor: number): readonly FieldError[] {
  const found = known.get(manifest);
  if (found?.minor === kubernetesMinor) return found.errors;
  const errors = validate(manifest, kubernetesMinor).filter((error) => !isPlaceholder(manifest, error));
  known.set(manifest, { minor: kubernetesMinor, errors });
  return errors;
}

function validate(manifest: Manifest, kubernetesMinor: number): readonly FieldError[] {
  const { kind, value } = manifest;
  const owner = definedBy(manifest);
  if (owner === null) return [];
  const names = owner === 'Kubernetes' ? 'standard or qualified' : 'qualified';
  return [
    ...(validateObject(manifest, kubernetesMinor) ?? validateMetadata(value, names)),
    ...(owner === 'Kubernetes' ? validateStatus(kind, value) : []),
  ];
}

/** A value or a key that something fills in before it is applied: `{{ … }}`, `${…}`, `$(…)`, `<…>`. */
function isPlaceholder({ value }: Manifest, { path }: FieldError): boolean {
  const found = valueAt(value, ...path);
  return [String(path.at(-1)), textOf(found) ?? '', ...keysAt(found)].some((text) =>
    /\{\{|\$\{|\$\(|<[^>]*>|^__|%\w+%|^\$[A-Z_]/.test(text),
  );
}
