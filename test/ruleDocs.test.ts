import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rulePages } from './rulePages.ts';

const folder = join(import.meta.dirname, '..', 'docs', 'rules');

/** `UPDATE=1 npx vitest run test/ruleDocs.test.ts` writes them. */
test('the page of each rule is true, and there is no other', () => {
  const pages = rulePages();
  if (process.env.UPDATE === '1') {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
    for (const [name, text] of pages) writeFileSync(join(folder, name), text);
  }
  const written = existsSync(folder) ? readdirSync(folder).toSorted() : [];
  expect(written).toEqual([...pages.keys()].toSorted());
  for (const [name, text] of pages) expect(readFileSync(join(folder, name), 'utf8'), name).toBe(text);
});
