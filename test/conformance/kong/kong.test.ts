import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kong } from '../../../shared/network/ingress/kong.ts';
import { checkGolden, type Golden } from '../golden.ts';

const golden: Golden = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8'));

test.each(golden.cases)('$name', (each) => checkGolden(kong, golden, each));

test(`the cases of ${golden.repository} ${golden.version} are all here`, () => {
  expect(golden.cases).toHaveLength(53);
});
