import { itemsAt, type FieldPath, textOf, type Value, valueAt } from '../value.ts';
import { type FieldError, Faults } from './fieldError.ts';
import { labelValue, qualifiedName } from './formats.ts';
import { judgeShape, type Shape, textEntries } from './shape.ts';

/** Source: k8s.io/apimachinery pkg/apis/meta/v1 types.go `ObjectMeta` (0.36). */
export const metadataShape: Shape = {
  fields: {
    name: 'text',
    generateName: 'text',
    namespace: 'text',
    selfLink: 'text',
    uid: 'text',
    resourceVersion: 'text',
    generation: 'integer',
    creationTimestamp: 'text',
    deletionTimestamp: 'text',
    deletionGracePeriodSeconds: 'integer',
    labels: 'texts by name',
    annotations: 'texts by name',
    ownerReferences: 'anything',
    finalizers: { list: 'text' },
    managedFields: 'anything',
  },
};

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
function judgeLabels(labels: Value | undefined, path: FieldPath, faults: Faults): void {
  for (const [key, text] of textEntries(labels)) {
    faults.invalidKey([...path, key], qualifiedName(key));
    faults.invalid([...path, key], labelValue(text));
  }
}

/** Source: k8s.io/apimachinery pkg/api/validation/objectmeta.go `ValidateAnnotations` (0.36). */
function judgeAnnotations(value: Value | undefined, path: FieldPath, faults: Faults): void {
  const annotations = textEntries(value);
  for (const [key] of annotations) faults.invalidKey([...path, key], qualifiedName(key.toLowerCase()));
  const bytes = annotations.reduce((total, [key, text]) => total + byteLength(key) + byteLength(text), 0);
  if (bytes > mostAnnotationBytes)
    faults.add('TooLong', path, `come to ${bytes} bytes; at most ${mostAnnotationBytes} are taken together`);
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

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

/**
 * What the API server has against the metadata of an object whose other fields nobody judges here: its own, and that of
 * what it makes; and the types of what selects its pods and their nodes. Fields of the wrong type come alone.
 */
export function validateMetadata(value: Value, kind: string, finalizerNames: FinalizerNames): readonly FieldError[] {
  const faults = new Faults();
  const ofPods = podTemplates.get(kind);
  const places = [
    ['metadata'],
    ...(kind === 'CronJob' ? [jobTemplate] : []),
    ...(ofPods === undefined ? [] : [ofPods]),
  ];
  for (const path of places) judgeShape(valueAt(value, ...path) ?? null, metadataShape, path, faults);
  for (const path of selectorPaths(kind)) judgeShape(valueAt(value, ...path) ?? null, 'texts by name', path, faults);
  if (faults.errors.some(({ kind: fault }) => fault === 'WrongType')) return faults.errors;
  judgeMetadata(valueAt(value, 'metadata'), faults, finalizerNames);
  if (ofPods === undefined) return faults.errors;
  judgeLabels(valueAt(value, ...ofPods, 'labels'), [...ofPods, 'labels'], faults);
  judgeAnnotations(valueAt(value, ...ofPods, 'annotations'), [...ofPods, 'annotations'], faults);
  return faults.errors;
}

/**
 * The maps by which a workload selects pods, and pods their nodes: only decoded.
 * Source: k8s.io/api apps/v1, batch/v1, core/v1 types.go (0.36): `LabelSelector`, `PodSpec`.
 */
function selectorPaths(kind: string): FieldPath[] {
  if (kind === 'Pod') return [['spec', 'nodeSelector']];
  const ofPods = podTemplates.get(kind);
  if (ofPods === undefined) return [];
  const template = ofPods.slice(0, -1);
  const selector = [...template.slice(0, -1), 'selector'];
  return [
    kind === 'ReplicationController' ? selector : [...selector, 'matchLabels'],
    [...template, 'spec', 'nodeSelector'],
  ];
}

/** Only decoded: its labels are judged when a Job is made of it. */
const jobTemplate: FieldPath = ['spec', 'jobTemplate', 'metadata'];
const podTemplate: FieldPath = ['spec', 'template', 'metadata'];
/**
 * Where a workload holds its pods' metadata.
 * Source: kubernetes/kubernetes pkg/apis/core/validation `ValidatePodTemplateSpec` (1.36): labels and annotations
 * alone.
 */
const podTemplates: ReadonlyMap<string, FieldPath> = new Map<string, FieldPath>([
  ['ReplicationController', podTemplate],
  ['ReplicaSet', podTemplate],
  ['Deployment', podTemplate],
  ['StatefulSet', podTemplate],
  ['DaemonSet', podTemplate],
  ['Job', podTemplate],
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template', 'metadata']],
]);
