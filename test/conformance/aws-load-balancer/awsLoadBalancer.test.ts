import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { alb } from '../../../shared/network/ingress/alb.ts';
import { checkGolden, type Golden } from '../golden.ts';

const golden: Golden = JSON.parse(readFileSync(join(import.meta.dirname, 'cases.json'), 'utf8'));

test.each(golden.cases)('$name', (each) => checkGolden(alb, golden, each));

test(`the cases of ${golden.repository} ${golden.version} are all here`, () => {
  expect(golden.cases).toHaveLength(32);
});
