import { expect, test } from 'vitest';
import { rules } from '../shared/insight/rules/all.ts';
import { cluster } from './scene.ts';

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

test.each(rules.map((rule) => [rule.id, rule] as const))('%s', (_, rule) => {
  const { yaml, underlined } = drawn(rule.bad.yaml);
  const findings = rule.check({ model: cluster(yaml), isComplete: true });
  expect(findings.map(({ site: { range } }) => `${range.start.line}:${range.start.character}-${range.end.character}`).toSorted()).toEqual(underlined.toSorted());
  expect(findings.map(({ message }) => message).join('\n')).toContain(rule.bad.says);
  expect(rule.check({ model: cluster(rule.good), isComplete: true })).toEqual([]);
});
