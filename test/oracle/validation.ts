import { type FieldError, type FieldErrorKind, pathText } from '../../shared/manifest/validation/fieldError.ts';
import { validateEndpointSlice } from '../../shared/manifest/validation/endpointSlice.ts';
import { unqualified } from '../../shared/manifest/validation/metadata.ts';
import { validateService } from '../../shared/manifest/validation/service.ts';
import { parseFile } from '../../shared/manifest/parseFile.ts';
import type { Oracle } from './judge.ts';

/** What we have against an object, as the oracle words it: place and kind, each once, in order. */
export function ownErrors(object: object): string[] {
  const [document] = parseFile('object.json', JSON.stringify(object)).documents;
  const value = document?.content.value;
  if (value === null || value === undefined) throw new Error('no object');
  const isService = 'kind' in object && object.kind === 'Service';
  const errors = (isService ? validateService : validateEndpointSlice)(value, 36);
  // The server's decoder stops at a wrong type; we also name the unknown fields beside it.
  const wrongTypes = errors.filter(({ kind }) => kind === 'WrongType');
  return inOrder((wrongTypes.length > 0 ? wrongTypes : errors).map(worded));
}

export async function theirErrors(oracle: Oracle, object: object): Promise<string[]> {
  return inOrder(
    (await oracle.errors(object)).map(
      ({ field, type }) => `${field.replaceAll(/LoadBalancerSourceRanges/g, 'loadBalancerSourceRanges')} ${type}`,
    ),
  );
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

/**
 * The server names a map as a whole where we name its key, the list where one address was written,
 * and no place for a wrong type.
 */
function worded({ path, kind, detail }: FieldError): string {
  if (kind === 'WrongType') return ' WrongType';
  if (path[0] === 'metadata' && kind === 'Invalid') {
    const [, field, item] = path;
    if (field === 'labels' || field === 'annotations')
      return `metadata.${field}${judgedAnnotations.includes(item) ? `[${item}]` : ''} ${serverKinds[kind]}`;
    if (field === 'finalizers' && detail !== unqualified) return `metadata.finalizers ${serverKinds[kind]}`;
  }
  const [first, second] = path;
  const place =
    first === 'spec' && second === 'selector'
      ? 'spec.selector'
      : first === 'spec' && second === 'clusterIP'
        ? kind === 'Forbidden'
          ? 'spec.clusterIPs'
          : 'spec.clusterIPs[0]'
        : pathText(path);
  return `${place} ${serverKinds[kind]}`;
}
