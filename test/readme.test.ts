import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { rules } from '../shared/insight/rules/all.ts';
import { shortTable } from './rulePages.ts';

const readme = join(import.meta.dirname, '..', 'README.md');

/** The README's table is made from the rules' files: `UPDATE=1 npx vitest run test/readme.test.ts` writes it. */
test("the README's table of rules is true", () => {
  const count = `${rules.length} rules, each with [a page of its own](docs/rules/README.md).`;
  const table = `${count}\n\n${shortTable('docs/rules/README.md')}`;
  const text = readFileSync(readme, 'utf8');
  const wanted = text.replace(/<!-- rules -->[^]*<!-- \/rules -->/, () => `<!-- rules -->\n${table}\n<!-- /rules -->`);
  if (process.env.UPDATE === '1') writeFileSync(readme, wanted);
  else expect(text).toBe(wanted);
});
