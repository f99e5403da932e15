import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { oneFile } from './scene.ts';

const puzzle = readFileSync(join(import.meta.dirname, '..', 'client', 'walkthrough', 'puzzle.yaml'), 'utf8');

const over = (yaml: string, name: string): string[] =>
  oneFile(yaml)
    .lenses('test.yaml')
    .flatMap(({ kind, way }) => (kind === name ? [way] : []));

test("the walkthrough's puzzle has the answer that its article gives, and its second question another one", () => {
  expect(over(puzzle, 'Ingress')).toEqual(['3 hops from LB, SNAT applied']);
  expect(over(puzzle.replace('Policy: Cluster', 'Policy: Local'), 'Ingress')).toEqual([
    expect.stringMatching(/^no way in/),
  ]);
  const found = oneFile(puzzle).findings('test.yaml');
  expect(found.filter(({ severity }) => severity === 'error' || severity === 'warning')).toEqual([]);
});
