import { createHash } from 'node:crypto';
import { type FieldError, type FieldErrorKind, pathText } from '../../shared/manifest/validation/fieldError.ts';
import { givenByServer } from '../../shared/manifest/validation/job.ts';
import { unqualified } from '../../shared/manifest/validation/metadata.ts';
import { validateObject } from '../../shared/manifest/validation/object.ts';
import { objectsIn } from '../../shared/manifest/manifest.ts';
import { parseFile } from '../../shared/manifest/parseFile.ts';
import type { Oracle } from './judge.ts';

/** What we have against an object, as the oracle words it: place and kind, each once, in order. */
export function ownErrors(object: object): string[] {
  const [document] = parseFile('object.json', JSON.stringify(object)).documents;
  const [found] = document === undefined ? [] : objectsIn(document.content.value);
  if (found === undefined) throw new Error('no object');
  const errors = validateObject(found, 36);
  if (errors === null) throw new Error(`nobody judges ${found.apiVersion} ${found.kind}`);
  // The server's decoder stops at a wrong type; we also name the unknown fields beside it.
  const wrongTypes = errors.filter(({ kind }) => kind === 'WrongType');
  return inOrder(ofStage(found.kind, (wrongTypes.length > 0 ? wrongTypes : errors).map(worded)));
}

/** The server looks at a PodDisruptionBudget's metadata when its spec is right. */
function ofStage(kind: string, errors: readonly string[]): readonly string[] {
  const isRight = kind !== 'PodDisruptionBudget' || !errors.some((each) => /^spec.*Value/.test(each));
  return isRight ? errors : errors.filter((each) => !/^metadata.*Value/.test(each));
}

export async function theirErrors(oracle: Oracle, object: object): Promise<string[]> {
  const errors = (await oracle.errors(object)).map(
    ({ field, type }) =>
      `${field
        .replaceAll(/LoadBalancerSourceRanges/g, 'loadBalancerSourceRanges')
        .replace(/^((?:binaryD|d)ata)\[([\w-]*)\]$/, '$1.$2')} ${type}`,
  );
  return inOrder(toldOnce(errors, object));
}

/**
 * The server's errors without those that follow from another, which we tell once: a made-up name is as wrong as its
 * beginning; a Job and a ReplicationController without labels get their template's; a selector that can't be read is
 * invalid as a whole as well; what is missing comes twice, and no labels meet it. An autoscaler may scale to 0 by a
 * feature gate.
 */
function toldOnce(errors: readonly string[], object: object): string[] {
  const [kind, name, labels] = ['kind', 'metadata/name', 'metadata/labels'].map((path) => at(object, path));
  const has = (error: string): boolean => errors.includes(error);
  const isKept = (error: string): boolean => {
    if (error === 'metadata.labels FieldValueInvalid' && labels === undefined)
      return !has('spec.template.labels FieldValueInvalid');
    if (error === 'spec.selector FieldValueInvalid') return !errors.some((each) => each.startsWith('spec.selector.'));
    if (error === 'spec.template.metadata.labels FieldValueInvalid')
      return !has('spec.selector FieldValueRequired') && !errors.some((each) => each.includes('/controller-uid]'));
    if (/^spec\.(metrics|minReplicas) /.test(error)) return at(object, 'spec/minReplicas') !== 0;
    return !/Duplicate$|Invalid$/.test(error) || !has(error.replace(/Duplicate$|Invalid$/, 'Required'));
  };
  return errors.filter(isKept).map((error) => {
    if (error === 'metadata.name FieldValueInvalid' && (name ?? '') === '')
      return 'metadata.generateName FieldValueInvalid';
    if (kind === 'DaemonSet' && (at(object, 'spec/selector') ?? null) === null)
      return error.replace(/^spec\.template\.metadata\.labels FieldValueInvalid$/, 'spec.selector FieldValueRequired');
    return error;
  });
}

function at(object: object, path: string): unknown {
  return path
    .split('/')
    .reduce<unknown>(
      (here, key) => (typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined),
      object,
    );
}

/** An answer in six letters: enough to tell one from another. */
export function answerDigest(errors: readonly string[]): string {
  return createHash('sha256').update(errors.join('\n')).digest('hex').slice(0, 6);
}

/** Where we differ from the API server; null where we say the same. */
export async function validationDisagreement(oracle: Oracle, object: object): Promise<string | null> {
  const [ours, theirs] = [ownErrors(object), await theirErrors(oracle, object)];
  return ours.join('\n') === theirs.join('\n')
    ? null
    : `--- Hoplens\n${ours.join('\n')}\n--- API server\n${theirs.join('\n')}\n--- of\n${JSON.stringify(object)}`;
}

function inOrder(errors: readonly string[]): string[] {
  return [...new Set(errors)].toSorted();
}

const serverKinds: Readonly<Record<FieldErrorKind, string>> = {
  Required: 'FieldValueRequired',
  Invalid: 'FieldValueInvalid',
  NotSupported: 'FieldValueNotSupported',
  Forbidden: 'FieldValueForbidden',
  Duplicate: 'FieldValueDuplicate',
  TooMany: 'FieldValueTooMany',
  TooLong: 'FieldValueTooLong',
  WrongType: 'WrongType',
  UnknownField: 'UnknownField',
};

/** Annotations that the server judges by their value. */
const judgedAnnotations: readonly unknown[] = [
  'service.beta.kubernetes.io/load-balancer-source-ranges',
  'service.kubernetes.io/topology-mode',
];

/** What the server names as a whole where we name a part of it, or otherwise than it is written. */
const serverPlaces: readonly (readonly [RegExp, string])[] = [
  [/^metadata\.annotations\[kubernetes\.io\/ingress\.class\]$/, 'annotations.kubernetes.io/ingress.class'],
  [/(\.template)\.metadata(\.(?:labels|annotations))[.[].*$/, '$1$2'],
  [/((?:^metadata|selector|Selector)\.(?:labels|annotations|matchLabels))[.[].*$/i, '$1'],
  [/^(spec\.selector)(?:\[(.*)|\.(?!match).*)$/, '$1'],
  [/(\.nodeSelector)[.[].*$/, '$1'],
  [/(\.httpHeaders)\[\d+\]\.name$/, '$1'],
  [/(\.sleep)\.seconds$/, '$1'],
  [/(\.(?:strategy|updateStrategy))\.type$/, '$1'],
];

/**
 * The server names a map as a whole where we name its key, the list where one address was written,
 * and no place for a wrong type.
 */
function worded({ path, kind, detail }: FieldError): string {
  if (kind === 'WrongType') return ' WrongType';
  const [first, second, third] = path;
  const text = pathText(path);
  if (first === 'metadata' && second === 'finalizers' && kind === 'Invalid' && detail !== unqualified)
    return `metadata.finalizers ${serverKinds[kind]}`;
  if (detail === givenByServer) return `${text.replace('.job-name', '[job-name]')} ${serverKinds[kind]}`;
  if (kind === 'UnknownField' || judgedAnnotations.includes(third)) return `${text} ${serverKinds[kind]}`;
  if (first === 'spec' && second === 'clusterIP')
    return `${kind === 'Forbidden' ? 'spec.clusterIPs' : 'spec.clusterIPs[0]'} ${serverKinds[kind]}`;
  // The server counts each init container's ports from the first's.
  const place = kind === 'Duplicate' ? text.replace(/(\.initContainers)\[\d+\](.*hostPort)$/, '$1[0]$2') : text;
  const theirs = serverPlaces.reduce((said, [ours, replacement]) => said.replace(ours, replacement), place);
  return `${theirs} ${serverKinds[kind]}`;
}
