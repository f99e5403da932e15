import { expect, test } from 'vitest';
import { plainLabel, withoutIcons } from '../client/plainLabel.ts';

test.each([
  ['shop', 'shop', 'shop'],
  ['a $(bug) b', 'a $(bug) b', 'a \\$(bug) b'],
  ['$(sync~spin)$(x)', '$(sync~spin)$(x)', '\\$(sync~spin)\\$(x)'],
  ['costs $(5 + 5)', 'costs $(5 + 5)', 'costs $(5 + 5)'],
  ['<img onerror>', '<img onerror>', '<img onerror>'],
  ['a\nb\u202Ec', 'a\\u000ab\\u202ec', 'a\\u000ab\\u202ec'],
  ['x'.repeat(10_000), `${'x'.repeat(200)}…`, `${'x'.repeat(200)}…`],
])('%j as a label is text', (text, label, beside) => {
  expect(plainLabel(text)).toBe(label);
  expect(withoutIcons(text)).toBe(beside);
});
