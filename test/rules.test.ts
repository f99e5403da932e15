import { expect, test } from 'vitest';
import type { Finding, Rule } from '../shared/insight/rule.ts';
import { rules } from '../shared/insight/rules/all.ts';
import { oneFile } from './scene.ts';

/** Takes the squiggles out of an example: the YAML, and the ranges that they underline. */
function drawn(picture: string): { yaml: string; underlined: string[] } {
  const lines: string[] = [];
  const underlined: string[] = [];
  for (const line of picture.split('\n')) {
    const squiggle = /^ *(~+)$/.exec(line);
    if (squiggle === null) lines.push(line);
    else underlined.push(`${lines.length - 1}:${line.indexOf('~')}-${line.length}`);
  }
  return { yaml: lines.join('\n'), underlined };
}

/** The text with each finding's first fix made, from the end to the beginning. */
function mended(yaml: string, findings: readonly Finding[]): string {
  const edits = findings
    .flatMap(({ fixes: [first] }) => first?.edits ?? [])
    .toSorted(
      (a, b) =>
        b.site.range.start.line - a.site.range.start.line ||
        b.site.range.start.character - a.site.range.start.character,
    );
  return edits.reduce(
    (
      text,
      {
        site: {
          range: { start, end },
        },
        text: added,
      },
    ) => {
      const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
      const at = ({ line, character }: typeof start): number => (starts[line] ?? text.length) + character;
      return text.slice(0, at(start)) + added + text.slice(at(end));
    },
    yaml,
  );
}

/** What a rule alone finds in a text, at its places. */
function findingsOf(rule: Rule, yaml: string): readonly Finding[] {
  return oneFile(yaml)
    .findings('test.yaml')
    .filter((each) => each.rule === rule.id);
}

test.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  for (const example of [rule.bad, ...(rule.also ?? [])]) {
    const { yaml, underlined } = drawn(example.yaml);
    const findings = findingsOf(rule, yaml);
    expect(
      findings
        .map(({ site: { range } }) => `${range.start.line}:${range.start.character}-${range.end.character}`)
        .toSorted(),
    ).toEqual(underlined.toSorted());
    expect(findings.map(({ message }) => message).join('\n')).toContain(example.says);
    if (rule.isMended === true) expect(findingsOf(rule, mended(yaml, findings))).toEqual([]);
  }
  expect(findingsOf(rule, rule.good)).toEqual([]);
});
