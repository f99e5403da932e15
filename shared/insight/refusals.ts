import { isService } from '../cluster/service.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { definedBy } from '../manifest/validation/builtInKinds.ts';
import { validateEndpointSlice } from '../manifest/validation/endpointSlice.ts';
import type { FieldError } from '../manifest/validation/fieldError.ts';
import { validateMetadata } from '../manifest/validation/metadata.ts';
import { validateService } from '../manifest/validation/service.ts';
import { validateStatus } from '../manifest/validation/status.ts';
import { keysAt, textOf, valueAt } from '../manifest/value.ts';

/** What was found for a manifest, by version: a manifest never changes. */
const known = new WeakMap<Manifest, { readonly minor: number; readonly errors: readonly FieldError[] }>();

/**
 * What the API server has against an object: every field of a Service and an EndpointSlice, the metadata of other
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
  const { kind, apiVersion, value } = manifest;
  if (isService(manifest)) return [...validateService(value, kubernetesMinor), ...validateStatus(kind, value)];
  if (kind === 'EndpointSlice' && apiVersion === 'discovery.k8s.io/v1')
    return validateEndpointSlice(value, kubernetesMinor);
  const owner = definedBy(manifest);
  if (owner === null) return [];
  const names = owner === 'Kubernetes' ? 'standard or qualified' : 'qualified';
  return [...validateMetadata(value, kind, names), ...(owner === 'Kubernetes' ? validateStatus(kind, value) : [])];
}

/** A value or a key that something fills in before it is applied: `{{ … }}`, `${…}`, `$(…)`, `<…>`. */
function isPlaceholder({ value }: Manifest, { path }: FieldError): boolean {
  const found = valueAt(value, ...path);
  return [String(path.at(-1)), textOf(found) ?? '', ...keysAt(found)].some((text) =>
    /\{\{|\$\{|\$\(|<[^>]*>|^__|%\w+%|^\$[A-Z_]/.test(text),
  );
}
