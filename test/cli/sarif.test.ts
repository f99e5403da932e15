import draft04 from 'ajv-draft-04';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { lintFormats } from '../../cli/lintFormats.ts';
import { sarif } from '../../cli/sarif.ts';
import type { Finding } from '../../shared/insight/rule.ts';
import { rules } from '../../shared/insight/rules/all.ts';
import { oneFile } from '../scene.ts';

const schema = createRequire(import.meta.url).resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json');
const isSarif = new draft04.default({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(
  JSON.parse(readFileSync(schema, 'utf8')),
);

function findingsIn(yaml: string): readonly Finding[] {
  return oneFile(yaml.replace(/^ *~+\n/gm, '')).findings('test.yaml');
}

const service = `apiVersion: v1
kind: Service
metadata: { name: web, annotations: { a: true } }
spec: { ports: [{ port: 80 }] }
`;

test('what is found in the examples of all rules is SARIF by its own schema', () => {
  const findings = rules.flatMap(({ bad, also = [] }) => [bad, ...also].flatMap(({ yaml }) => findingsIn(yaml)));
  expect(findings.length).toBeGreaterThan(rules.length);
  // As JSON has it: what is undefined is left out.
  expect(isSarif(JSON.parse(JSON.stringify(sarif(findings, () => 'a line'))))).toBe(true);
  expect(isSarif.errors).toBe(null);
});

/** The fingerprints of what is found in a text. */
function prints(text: string): unknown[] {
  const log: Log = JSON.parse(
    lintFormats.sarif(findingsIn(text), ({ range }) => text.split('\n')[range.start.line] ?? ''),
  );
  return log.runs.flatMap(({ results }) => results.map(({ partialFingerprints }) => partialFingerprints));
}

interface Log {
  readonly runs: readonly { readonly results: readonly { readonly partialFingerprints: object }[] }[];
}

test('a finding has the same fingerprint when lines move, and each its own', () => {
  const twice = `${service}---\n${service.replace('name: web', 'name: web, namespace: b')}`;
  const moved = `# A comment\n${twice.replace('spec:', '# Another\nspec:')}`;
  expect(prints(moved)).toEqual(prints(twice));
  expect(new Set(prints(`${service}---\n${service}`).map((each) => JSON.stringify(each))).size).toBe(
    prints(`${service}---\n${service}`).length,
  );
});

const over = (endLine: number, endCharacter: number): Finding => ({
  rule: 'r',
  severity: 'hint',
  message: 'a,\nb:%',
  site: {
    uri: 'a,b.yaml',
    range: { start: { line: 1, character: 2 }, end: { line: endLine, character: endCharacter } },
  },
  related: [],
  fixes: [],
});

test.each([
  [over(1, 9), 'line=2,endLine=2,col=3,endColumn=10'],
  [over(3, 4), 'line=2,endLine=4'],
  [over(3, 0), 'line=2,endLine=3'],
])('an annotation of GitHub has columns on one line alone', (finding, where) => {
  expect(lintFormats.github([finding])).toBe(`::notice file=a%2Cb.yaml,${where},title=r::a,%0Ab:%25\n`);
});
