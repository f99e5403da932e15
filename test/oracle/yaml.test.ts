import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildYaml, corpusTexts, isYamlBuilt, mutated, ownDocuments, YamlJudge } from './yaml.ts';
import { yamlCases } from './yamlCases.ts';

/** What kubectl's own packages read, kept by `KEEP=1 npm run oracle -- yaml 1`. */
const kept: { version: string; cases: readonly (readonly [string, ...string[]])[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'yaml.json'), 'utf8'),
);
const answers = new Map(kept.cases.map(([text, ...documents]) => [text, documents]));

test.each(Object.entries(yamlCases))('%s are read as kubectl reads them', (_, texts) => {
  const told = (read: (text: string) => readonly string[] | undefined) => texts.map((text) => [text, read(text)]);
  expect(told(ownDocuments)).toEqual(told((text) => answers.get(text)));
});

const mutations = { first: 300_001, count: 400 };
const notBuilt = 'the judge was never built here: npm run oracle -- yaml';
const orSkipped = isYamlBuilt() ? '' : `: skipped, ${notBuilt}`;

test(
  `every text there is, and ${mutations.count} mutations, are read as kubectl reads them${orSkipped}`,
  { timeout: 600_000 },
  async ({ skip }) => {
    if (!isYamlBuilt()) return skip(notBuilt);
    const problem = buildYaml();
    if (problem !== null) return skip(problem);
    const judge = new YamlJudge();
    const texts = corpusTexts();
    const differing: string[] = [];
    for (const { path, text } of texts) if ((await judge.disagreement(text)) !== null) differing.push(path);
    for (let seed = mutations.first; seed < mutations.first + mutations.count; seed++) {
      if ((await judge.disagreement(mutated(seed, texts))) !== null)
        differing.push(`SEED=${seed} npm run oracle -- yaml 1`);
    }
    judge.close();
    expect(differing).toEqual([]);
  },
);
