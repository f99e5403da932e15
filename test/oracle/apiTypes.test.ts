import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildOracle, Oracle } from './judge.ts';

const file = join(import.meta.dirname, '..', '..', 'shared', 'manifest', 'validation', 'apiTypes.ts');

/** A type a line, what doesn't fit in 110 columns on lines that begin with a space. */
function written(types: Readonly<Record<string, string>>): string {
  const lines = Object.entries(types)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, fields]) => `${name} ${fields}`.replaceAll(/(.{1,110})(?: |$)/g, '$1\n ').trim());
  return [
    '/**',
    " * The fields of the judged kinds' types and of all that they hold, as the API's Go types have them: k8s.io/api",
    ' * and k8s.io/apimachinery 0.36.3. `[T]` is a list, `{T}` a map by name; a type of another group than the core',
    ' * has that before its name. `UPDATE=1 npx vitest run test/oracle/apiTypes.test.ts` makes this file, by',
    ' * `test/oracle/api_types.go`.',
    ' */',
    `export const apiTypes = \`\n${lines.join('\n')}\n\`;`,
    '',
  ].join('\n');
}

test('the shapes are those of the Go types', { timeout: 600_000 }, async ({ skip }) => {
  const problem = buildOracle();
  if (problem !== null) return skip(problem);
  const oracle = new Oracle();
  const types = written(await oracle.types());
  oracle.close();
  if (process.env.UPDATE === '1') writeFileSync(file, types);
  expect(readFileSync(file, 'utf8')).toBe(types);
});
