import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { seededRandom } from '../seededRandom.ts';
import { largeFile, nestedMergeKeys, oneFolder, teamsFolders } from './apps.ts';
import { commentEdit, edited, randomEdit } from './edits.ts';

test.each([
  ["teams' folders", teamsFolders(seededRandom(1), 1000)],
  ['one folder', oneFolder(seededRandom(1), 1000)],
])('%s: the share of each kind is as documented', (_, texts) => {
  const kinds = [...texts.values()].join('\n').matchAll(/^kind: (\w+)$/gm);
  const counts = Map.groupBy(kinds, ([, kind]) => kind);
  const share = (...names: string[]): number =>
    Math.round(names.reduce((sum, name) => sum + (counts.get(name)?.length ?? 0), 0) / 10);
  expect(share('Deployment', 'StatefulSet')).toBeCloseTo(40, -1);
  expect(share('Service')).toBeCloseTo(40, -1);
  expect(share('Ingress')).toBeCloseTo(10, -1);
  expect(share('HTTPRoute')).toBeCloseTo(8, -1);
});

test.each([
  ['an edit', randomEdit],
  ['a comment', commentEdit],
])('%s leaves well-formed YAML, and says something else each time', (_, edit) => {
  const random = seededRandom(1);
  let text = largeFile(random, 8000);
  const { length } = parseAllDocuments(text);
  for (let count = 0; count < 100; count++) {
    const before = text;
    text = edited(text, edit(random, text));
    expect(text).not.toBe(before);
  }
  const documents = parseAllDocuments(text);
  expect(documents).toHaveLength(length);
  for (const { errors } of documents) expect(errors).toEqual([]);
});

test('the nested merge keys are as short as they were found', () => {
  expect(nestedMergeKeys()).toHaveLength(978);
});
