import { itemsAt, type FieldPath, textAt, textOf, type Value, valueAt } from '../value.ts';
import { type FieldError, Faults } from './fieldError.ts';
import { dnsLabel, type Format, labelValue, qualifiedName } from './formats.ts';
import { judgeShape, textEntries } from './shape.ts';

/** Whose finalizers may stand without a domain: the built-in kinds know some by name. */
export type FinalizerNames = 'standard or qualified' | 'qualified';

/** Source: k8s.io/kubernetes pkg/apis/core/helper `IsStandardFinalizerName` (1.36). */
const standardFinalizers = ['foregroundDeletion', 'kubernetes', 'orphan'];
/** Source: k8s.io/apimachinery pkg/api/validation `TotalAnnotationSizeLimitB` (0.36). */
const mostAnnotationBytes = 256 * 1024;

/**
 * What the API server has against labels, annotations and finalizers. A fault of a label or an annotation stands at its
 * key.
 * Source: k8s.io/apimachinery pkg/api/validation/objectmeta.go `ValidateObjectMeta` (0.36); kubernetes/kubernetes
 * pkg/apis/core/validation `ValidateObjectMeta` (1.36).
 */
export function judgeMetadata(metadata: Value | undefined, faults: Faults, finalizerNames: FinalizerNames): void {
  judgeLabels(valueAt(metadata, 'labels'), ['metadata', 'labels'], faults);
  judgeAnnotations(valueAt(metadata, 'annotations'), ['metadata', 'annotations'], faults);
  judgeFinalizers(
    itemsAt(metadata, 'finalizers').map((each) => textOf(each) ?? ''),
    ['metadata', 'finalizers'],
    faults,
    finalizerNames,
  );
}

/** Source: k8s.io/apimachinery pkg/apis/meta/v1/validation `ValidateLabels` (0.36). */
export function judgeLabels(labels: Value | undefined, path: FieldPath, faults: Faults): void {
  for (const [key, text] of textEntries(labels)) {
    faults.invalidKey([...path, key], qualifiedName(key));
    faults.invalid([...path, key], labelValue(text));
  }
}

/** Source: k8s.io/apimachinery pkg/api/validation/objectmeta.go `ValidateAnnotations` (0.36). */
export function judgeAnnotations(value: Value | undefined, path: FieldPath, faults: Faults): void {
  const annotations = textEntries(value);
  for (const [key] of annotations) faults.invalidKey([...path, key], qualifiedName(key.toLowerCase()));
  const bytes = annotations.reduce((total, [key, text]) => total + byteLength(key) + byteLength(text), 0);
  if (bytes > mostAnnotationBytes)
    faults.add('TooLong', path, `come to ${bytes} bytes; at most ${mostAnnotationBytes} are taken together`);
}

/**
 * What the API server has against an object's name, or against the beginning of one that it is to make up: it puts five
 * characters behind that, cut off at 58.
 * Source: k8s.io/apimachinery pkg/api/validation/objectmeta.go, generic.go `maskTrailingDash` (0.36); k8s.io/apiserver
 * pkg/storage/names/generate.go (0.36).
 */
export function judgeName(object: Value, format: Format<string>, faults: Faults): void {
  const name = nameOf(object);
  if (name === '') return faults.add('Required', ['metadata', 'name'], 'is missing: name or generateName is required');
  const isWritten = name === textAt(object, 'metadata', 'name');
  faults.invalid(['metadata', isWritten ? 'name' : 'generateName'], format(name));
}

/** The same for the beginning as it is written, whatever name there is; it may end with a dash. */
export function judgeBeginning(object: Value, format: Format<string>, faults: Faults): void {
  const beginning = textAt(object, 'metadata', 'generateName') ?? '';
  if (beginning === '') return;
  const masked = beginning.length > 1 && beginning.endsWith('-') ? `${beginning.slice(0, -2)}a` : beginning;
  const known = faults.errors.filter(({ path }) => path[1] === 'generateName').map(({ detail }) => detail);
  faults.invalid(
    ['metadata', 'generateName'],
    format(masked).filter((each) => !known.includes(each)),
  );
}

/** The name that an object has, or one that the server could make up for it. */
export function nameOf(object: Value): string {
  const beginning = textAt(object, 'metadata', 'generateName') ?? '';
  return textAt(object, 'metadata', 'name') || (beginning === '' ? '' : `${beginning.slice(0, 58)}x4x4x`);
}

/** The namespace of an object that has one. */
export function judgeNamespace(object: Value, faults: Faults): void {
  const namespace = textAt(object, 'metadata', 'namespace') ?? '';
  if (namespace !== '') faults.invalid(['metadata', 'namespace'], dnsLabel(namespace));
}

function judgeFinalizers(
  names: readonly string[],
  path: FieldPath,
  faults: Faults,
  finalizerNames: FinalizerNames,
): void {
  for (const [index, name] of names.entries()) {
    faults.invalid([...path, index], qualifiedName(name));
    if (finalizerNames === 'standard or qualified' && !name.includes('/') && !standardFinalizers.includes(name))
      faults.add('Invalid', [...path, index], unqualified);
  }
  if (names.includes('orphan') && names.includes('foregroundDeletion'))
    faults.add('Invalid', path, "'orphan' and 'foregroundDeletion' cannot be both set");
}

/** The server names a finalizer by its index, but the whole list if the name itself is no valid one. */
export const unqualified = 'is neither a standard finalizer name nor fully qualified';

export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** What the API server has against the metadata of an object whose other fields nobody judges here. */
export function validateMetadata(value: Value, finalizerNames: FinalizerNames): readonly FieldError[] {
  const faults = new Faults();
  judgeShape(valueAt(value, 'metadata') ?? null, 'ObjectMeta', ['metadata'], faults);
  if (faults.errors.some(({ kind: fault }) => fault === 'WrongType')) return faults.errors;
  judgeMetadata(valueAt(value, 'metadata'), faults, finalizerNames);
  return faults.errors;
}
