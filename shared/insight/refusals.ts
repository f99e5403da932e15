import { readPodTemplate } from '../cluster/pod.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { definedBy } from '../manifest/validation/builtInKinds.ts';
import type { FieldError } from '../manifest/validation/fieldError.ts';
import { validateMetadata } from '../manifest/validation/metadata.ts';
import { validateObject } from '../manifest/validation/object.ts';
import { validateStatus } from '../manifest/validation/status.ts';
import { isWritten } from '../manifest/validation/shape.ts';
import { notOfTemplate } from '../manifest/validation/workload.ts';
import { itemsAt, keysAt, textOf, valueAt } from '../manifest/value.ts';

/** What was found for a manifest, by version: a manifest never changes. */
const known = new WeakMap<Manifest, { readonly minor: number; readonly errors: readonly FieldError[] }>();

/**
 * What the API server has against an object: the fields that touch traffic of the kinds that do, the metadata of other
 * kinds, and the addresses in a status. What something fills in before the object is applied is left out.
 */
export function refusalsOf(manifest: Manifest, kubernetesMinor: number): readonly FieldError[] {
  const found = known.get(manifest);
  if (found?.minor === kubernetesMinor) return found.errors;
  const isPart = isPartOfOne(manifest);
  const errors = validate(manifest, kubernetesMinor).filter(
    (error) => !isPlaceholder(manifest, error) && !(isPart && isMissing(error)),
  );
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

/** What is no whole object: a patch, a sketch, or what somebody's tool completes. */
function isPartOfOne(manifest: Manifest): boolean {
  const template = readPodTemplate(manifest);
  if (template === null) return manifest.kind === 'Ingress' && !isWritten(valueAt(manifest.value, 'spec'));
  const hasImage = itemsAt(template.spec, 'containers').some((each) => isWritten(valueAt(each, 'image')));
  return !hasImage && !isWritten(valueAt(manifest.value, 'spec', 'selector'));
}

function isMissing({ kind, path, detail }: FieldError): boolean {
  return kind === 'Required' || detail === notOfTemplate || (kind === 'Invalid' && path.join() === 'spec');
}

/** A value or a key that something fills in before it is applied: `{{ … }}`, `${…}`, `$(…)`, `<…>`. */
function isPlaceholder({ value }: Manifest, { path, shownAt = path }: FieldError): boolean {
  const found = valueAt(value, ...shownAt);
  return [String(path.at(-1)), textOf(found) ?? '', ...keysAt(found)].some((text) =>
    /\{\{|\$\{|\$\(|<[^>]*>|^__|%\w+%|^\$[A-Z_]/.test(text),
  );
}
