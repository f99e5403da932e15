import { itemsAt, textAt, textOf, textsAt, type Value } from '../manifest/value.ts';

/**
 * A `LabelSelector`: one without anything in it matches whatever it is asked about.
 * Source: k8s.io/apimachinery pkg/apis/meta/v1/helpers.go `LabelSelectorAsSelector` (0.36).
 */
export interface LabelSelector {
  readonly labels: ReadonlyMap<string, string>;
  readonly expressions: readonly LabelExpression[];
}

export interface LabelExpression {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

export function readLabelSelector(value: Value | undefined): LabelSelector {
  return {
    labels: textsAt(value, 'matchLabels') ?? new Map(),
    expressions: itemsAt(value, 'matchExpressions').map((each) => ({
      key: textAt(each, 'key') ?? '',
      operator: textAt(each, 'operator') ?? '',
      values: itemsAt(each, 'values').flatMap((text) => textOf(text) ?? []),
    })),
  };
}

export function matchesLabels(
  { labels: wanted, expressions }: LabelSelector,
  labels: ReadonlyMap<string, string>,
): boolean {
  return (
    [...wanted].every(([key, value]) => labels.get(key) === value) &&
    expressions.every((each) => holds(each, labels.get(each.key)))
  );
}

export function matchesAll({ labels, expressions }: LabelSelector): boolean {
  return labels.size === 0 && expressions.length === 0;
}

function holds({ operator, values }: LabelExpression, label: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    default:
      return false;
  }
}
