import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const widest = 120;

/** A comment's line that holds an address and nothing else can't be broken. */
const address = /^\s*(?:\/\/|\/?\*+)\s*https?:\/\/\S+(?:\s*\*\/)?$/;
/** What is printed in a test is data: it is as long as it is. */
const snapshot = /(?<=toMatchInlineSnapshot\(\s*`)(?:\\[^]|[^\\`])*(?=`)/g;

/** The formatter breaks code, but neither texts nor comments, and oxlint has no rule for it. */
test(`no line of our TypeScript is longer than ${widest} columns`, () => {
  const files = globSync('{shared,server,client,cli,test}/**/*.{ts,tsx,mjs}', { cwd: root }).toSorted();
  const long = files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .replace(snapshot, (text) => text.replace(/.+/g, ''))
      .split(/\r?\n/)
      .flatMap((line, index) => {
        const columns = [...line].length;
        return columns > widest && !address.test(line) ? [`${file}:${index + 1}: ${columns} columns`] : [];
      }),
  );
  expect(long).toEqual([]);
});
