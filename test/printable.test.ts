import { expect, test } from 'vitest';
import { printable } from '../shared/manifest/printable.ts';

test.each([
  ['/cart → größer', '/cart → größer'],
  ['a\nb', 'a\\u000ab'],
  ['\u001b[2J\u009b1m', '\\u001b[2J\\u009b1m'],
  ['left\u202Eright', 'left\\u202eright'],
])('%j is printed as %j', (text, wanted) => {
  expect(printable(text)).toBe(wanted);
});
