import { type FieldPath, itemsAt, textAt, textOf, type Value, valueAt } from '../value.ts';
import type { Faults } from './fieldError.ts';
import { labelValue, qualifiedName } from './formats.ts';
import { judgeLabels } from './metadata.ts';
import { textEntries } from './shape.ts';

/**
 * What the API server has against a selector of labels; whether it can be read.
 * Source: k8s.io/apimachinery pkg/apis/meta/v1/validation `ValidateLabelSelector` (0.36).
 */
export function judgeLabelSelector(selector: Value | undefined, path: FieldPath, faults: Faults): boolean {
  const before = faults.errors.length;
  judgeLabels(valueAt(selector, 'matchLabels'), [...path, 'matchLabels'], faults);
  for (const [index, requirement] of itemsAt(selector, 'matchExpressions').entries())
    judgeRequirement(requirement, [...path, 'matchExpressions', index], faults);
  return faults.errors.length === before;
}

function judgeRequirement(requirement: Value, path: FieldPath, faults: Faults): void {
  const values = itemsAt(requirement, 'values').map((each) => textOf(each) ?? '');
  const operator = textAt(requirement, 'operator') ?? '';
  if (operator === 'In' || operator === 'NotIn') {
    if (values.length === 0)
      faults.add('Required', [...path, 'values'], 'must be specified when `operator` is In or NotIn');
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length > 0)
      faults.add('Forbidden', [...path, 'values'], 'may not be specified when `operator` is Exists or DoesNotExist');
  } else faults.oneOf([...path, 'operator'], operator, ['In', 'NotIn', 'Exists', 'DoesNotExist'], 'Invalid');
  faults.invalid([...path, 'key'], qualifiedName(textAt(requirement, 'key') ?? ''));
  for (const [index, value] of values.entries()) faults.invalid([...path, 'values', index], labelValue(value));
}

/** Whether a selector has neither labels nor expressions: it would take everything. */
export function isEmptySelector(selector: Value | undefined): boolean {
  return textEntries(valueAt(selector, 'matchLabels')).length + itemsAt(selector, 'matchExpressions').length === 0;
}

/**
 * What of a selector labels don't meet, each with its path in it; empty for labels that it takes.
 * Source: k8s.io/apimachinery pkg/labels/selector.go `Requirement.Matches` (0.36).
 */
export function unmetBy(labels: ReadonlyMap<string, string>, selector: Value | undefined): FieldPath[] {
  return [
    ...textEntries(valueAt(selector, 'matchLabels'))
      .filter(([key, value]) => labels.get(key) !== value)
      .map(([key]) => ['matchLabels', key]),
    ...itemsAt(selector, 'matchExpressions').flatMap((requirement, index) =>
      isMet(requirement, labels) ? [] : [['matchExpressions', index]],
    ),
  ];
}

function isMet(requirement: Value, labels: ReadonlyMap<string, string>): boolean {
  const value = labels.get(textAt(requirement, 'key') ?? '');
  const values = itemsAt(requirement, 'values').map((each) => textOf(each) ?? '');
  switch (textAt(requirement, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
