import { readPodTemplate } from '../cluster/pod.ts';
import { type Field, fieldOf, keyFieldOf, type Manifest } from '../manifest/manifest.ts';
import { definedBy } from '../manifest/validation/builtInKinds.ts';
import type { FieldError } from '../manifest/validation/fieldError.ts';
import { validateMetadata } from '../manifest/validation/metadata.ts';
import { validateObject } from '../manifest/validation/object.ts';
import { validateStatus } from '../manifest/validation/status.ts';
import { isWritten } from '../manifest/validation/shape.ts';
import { notOfTemplate } from '../manifest/validation/workload.ts';
import { type FieldPath, isMap, itemsAt, keysAt, textAt, textOf, valueAt } from '../manifest/value.ts';
import { replacing, safely } from './fixes.ts';
import type { Fix } from './rule.ts';
import { isLike } from './spelling.ts';

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

/** A value or a key that something fills in before it is applied: `{{ … }}`, `${…}`, `$(…)`, `<…>`, but no HTML tag. */
function isPlaceholder({ value }: Manifest, { path, shownAt = path }: FieldError): boolean {
  const found = valueAt(value, ...shownAt);
  return [String(path.at(-1)), textOf(found) ?? '', ...keysAt(found)].some((text) =>
    /\{\{|\$\{|\$\(|<[^>=]*>|^__|%\w+%|^\$[A-Z_]/.test(text),
  );
}

/** Where a fault shows. */
export function fieldOfError(manifest: Manifest, { kind, path, shownAt, isAboutKey }: FieldError): Field {
  if (kind === 'UnknownField' || kind === 'Forbidden' || isAboutKey === true) return keyFieldOf(manifest, ...path);
  const value = valueAt(manifest.value, ...path);
  if (value !== undefined && !(kind === 'Required' && isMap(value))) return fieldOf(manifest, ...path);
  const shown = shownAt === undefined ? undefined : valueAt(manifest.value, ...shownAt);
  if (shownAt !== undefined && shown !== undefined)
    return kind === 'Required' && isMap(shown) ? keyFieldOf(manifest, ...shownAt) : fieldOf(manifest, ...shownAt);
  return kind === 'Required' ? missingFrom(manifest, path) : fieldOf(manifest, ...path);
}

/** What is missing shows at the key of the map that lacks it, or at the first key of a list's item. */
function missingFrom(manifest: Manifest, path: FieldPath): Field {
  const lengths = [...path.keys(), path.length];
  const length = lengths.findLast((each) => isMap(valueAt(manifest.value, ...path.slice(0, each)))) ?? 0;
  const holder = path.slice(0, length);
  const [first] = keysAt(manifest.value, ...holder);
  if (typeof holder.at(-1) === 'string') return keyFieldOf(manifest, ...holder);
  return first === undefined ? fieldOf(manifest, ...holder) : keyFieldOf(manifest, ...holder, first);
}

/** Writes the value that was plainly meant, of those that a field can have: safely where no other is like it. */
export function writingMeant(manifest: Manifest, { path, known = [] }: FieldError): Fix[] {
  const text = textAt(manifest.value, ...path) ?? '';
  const same = known.filter((each) => each.toLowerCase() === text.toLowerCase());
  const [meant, another] = same.length > 0 ? same : known.filter((each) => isLike(text, each));
  if (meant === undefined) return [];
  const fixes = replacing(`Write ${meant}`, manifest, meant, ...path);
  return another === undefined ? safely(fixes) : fixes;
}
