import { existsSync, globSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DocumentPiece, splitStream } from '../../shared/manifest/documentStream.ts';
import { type DocumentText, parseDocument } from '../../shared/manifest/parseDocument.ts';
import type { Value } from '../../shared/manifest/value.ts';
import { refusedCharacter } from '../../shared/manifest/yamlScanner.ts';
import { readYaml } from '../../shared/manifest/yamlTree.ts';
import { valueOf } from '../../shared/manifest/yamlValue.ts';
import { seededRandom, type SeededRandom } from '../seededRandom.ts';
import { shrink } from '../shrink.ts';
import { yamlCases } from './yamlCases.ts';
import { buildJudge, isJudgeBuilt, JudgeProgram } from './judgeProgram.ts';

/**
 * The packages by which kubectl reads a file (k8s.io/apimachinery `util/yaml`, sigs.k8s.io/yaml) beside our reading:
 * each document of a text has the same value or can't be read, for both; and a key that is written twice is one that
 * they refuse in strict decoding. Not compared: what only we leave alone (nesting beyond 200 levels), and which of two
 * keys wins that come to the same text and aren't the same (`1` and `"1"`), which Go leaves to chance;
 * a control character that Go doesn't come to, because its document ends long before; and two byte order marks, of
 * which Go takes the second for one at each line of its buffer.
 */
const source = { folder: join(import.meta.dirname, 'yaml'), name: 'yaml-judge' };

export const buildYaml = (): string | null => buildJudge(source);
export const isYamlBuilt = (): boolean => isJudgeBuilt(source);

/** A document that can't be read is null. */
type Read = { readonly value: unknown } | null;

interface Answer {
  readonly documents: readonly { readonly value?: unknown; readonly problem?: string }[];
  /** What strict decoding has against each text. */
  readonly strict: readonly string[];
}

export class YamlJudge {
  readonly #program = new JudgeProgram<Answer>(source);

  /** What kubectl reads in a text, as `ownDocuments` has it. */
  async documents(text: string): Promise<readonly string[]> {
    const { documents } = await this.#program.ask({ text, strict: [] });
    return documents.map(({ value, problem }) => (problem === undefined ? canonical(value) : unread));
  }

  async disagreement(text: string): Promise<string | null> {
    const own = readingsOf(text);
    const yaml = own.filter(({ piece, read }) => piece.form === 'yaml' && read !== null);
    const strict = yaml.map(({ piece }) => piece.text.slice(piece.from));
    const answer = await this.#program.ask({ text, strict });
    if (own.some(({ isLeftAlone }) => isLeftAlone) || text.includes('\ufeff\ufeff')) return null;
    const differing = yaml.find(({ piece, isRepeating }, index) => {
      const theirs = answer.strict[index]?.includes('already set in map') === true;
      // Strictly, a key isn't to be written beside a merge key that brings it either.
      return isRepeating !== theirs && !(theirs && piece.text.includes('<<')) && !hasOtherKeys(piece.text);
    });
    if (differing !== undefined) return `one says that a key is written twice: ${differing.piece.text}`;
    const ours = toldOf(own);
    const theirs = answer.documents.map(({ value, problem }) => (problem === undefined ? canonical(value) : unread));
    if (ours.join('\n') === theirs.join('\n')) return null;
    if (own.some(({ isRepeating, piece }) => isRepeating && hasOtherKeys(piece.text))) return null;
    if (refusedCharacter.test(text) && ours.length === theirs.length && ours.includes(unread)) return null;
    const problems = answer.documents.flatMap(({ problem }) => problem ?? []);
    return `ours:\n${ours.join('\n')}\ntheirs:\n${theirs.join('\n')}\n${problems.join('\n')}`;
  }

  close(): void {
    this.#program.close();
  }
}

const unread = "can't be read";

/** What we read in a text: the value of each document, without those that are empty. */
export function ownDocuments(text: string): readonly string[] {
  return toldOf(readingsOf(text));
}

function readingsOf(text: string): readonly (Reading & { readonly piece: DocumentPiece })[] {
  return splitStream(text, { text: '', documents: [] }).map((piece) => ({ piece, ...readDocument(piece) }));
}

function toldOf(readings: readonly Reading[]): readonly string[] {
  const filled = readings.filter(({ read }) => read === null || read.value !== null);
  return filled.map(({ read }) => (read === null ? unread : canonical(read.value)));
}

/** Whether a key may be another than a text. */
function hasOtherKeys(text: string): boolean {
  return /(?:^|[{,?\n-])\s*["']?(?:[-+.\d~!&*]|y|n|on|off|true|false|null)[^\n]*:/i.test(text);
}

interface Reading {
  readonly read: Read;
  readonly isRepeating: boolean;
  /** Refused by us alone. */
  readonly isLeftAlone: boolean;
}

function readDocument(piece: DocumentText): Reading {
  const { content } = parseDocument(piece);
  const codes = new Set(content.problems.map(({ code }) => code));
  const isRepeating = codes.has('yaml-duplicate-key');
  const isLeftAlone = codes.has('yaml-too-deep');
  if (codes.has('yaml-template')) {
    // A template is left alone, whatever could be read of it.
    const { value, fault, repeated } = valueOf(readYaml(piece.text, piece.from), () => false);
    return { read: fault === null ? { value } : null, isRepeating: repeated.length > 0, isLeftAlone };
  }
  const isRefused = codes.has('yaml-syntax') || codes.has('yaml-too-large');
  return { read: isRefused ? null : { value: content.value }, isRepeating, isLeftAlone };
}

/** As text, with the keys in order; numbers are doubles for both. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each: Value) => {
    if (typeof each === 'string') return each.toWellFormed();
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    const names = Object.keys(each).sort();
    return Object.fromEntries(names.map((name) => [name.toWellFormed(), Reflect.get(each, name)]));
  });
}

const root = join(import.meta.dirname, '..', '..');
const shared = join(root, '..', 'shared');

/** The texts that are read: others' manifests where they are there, else our own examples. */
export function corpusTexts(): { readonly path: string; readonly text: string }[] {
  const folders = ['corpus', 'corpus-more', 'built']
    .map((each) => join(shared, each))
    .filter((each) => existsSync(each));
  const from = folders.length > 0 ? folders : [join(root, 'examples')];
  return from.flatMap((folder) =>
    globSync('**/*.{yaml,yml,json}', { cwd: folder })
      .sort()
      .map((file) => join(folder, file))
      .filter((path) => statSync(path).isFile())
      .map((path) => ({ path, text: readFileSync(path, 'utf8') })),
  );
}

/** Part of a text, changed at some places; of four, one is made up. */
export function mutated(seed: number, texts: readonly { readonly text: string }[]): string {
  const random = seededRandom(seed);
  if (random.below(4) === 0) return jumble(random);
  const lines = random.pick(texts).text.split(/(?<=\n)/);
  const first = random.below(2) === 0 ? 0 : random.below(lines.length);
  let text = lines.slice(first, first + 5 + random.below(60)).join('');
  for (let changes = random.below(3); changes >= 0; changes--) text = changed(random, text);
  return random.below(20) === 0 ? text.replaceAll('\n', '\r\n') : text;
}

/** A short text of what means something, which seldom means anything. */
function jumble(random: SeededRandom): string {
  const parts = Array.from({ length: 1 + random.below(14) }, () => random.pick(random.below(3) === 0 ? scalars : bits));
  return (random.below(5) === 0 ? '{"a":1}' : '') + parts.join('') + random.pick(['', '\n']);
}

function changed(random: SeededRandom, text: string): string {
  const at = random.below(text.length + 1);
  const lines = text.split('\n');
  const line = random.below(lines.length);
  const own = lines[line] ?? '';
  switch (random.below(9)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + random.below(3));
    case 1:
      return text.slice(0, at) + text.slice(at - random.below(4), at) + text.slice(at);
    case 2:
    case 3:
      return text.slice(0, at) + random.pick(bits) + text.slice(at + random.below(2));
    case 4:
      return lines.with(line, ' '.repeat(random.below(6)) + own.slice(random.below(4))).join('\n');
    case 5:
      return lines.toSpliced(line, 1, own, own).join('\n');
    case 6:
      return lines.toSpliced(line, 1).join('\n');
    case 7:
      return lines.toSpliced(line, 2, own + (lines[line + 1] ?? '')).join('\n');
    default: {
      const value = /[:-] +(?=\S)/.exec(own);
      const from = value === null ? own.length : value.index + value[0].length;
      return lines.with(line, own.slice(0, from) + random.pick(scalars)).join('\n');
    }
  }
}

/** What means something in YAML, and what doesn't. */
const bits = [
  ...' \n\t\r#:-,"\'{}[]|>?%@\\`/+=$(.e_~01&*!é\u0085\u2028\ufeff\0😀',
  ...'---  \n---\n  \n--- a\n  \n---\n---\n  ...  \n...\n  {{ a }}  {{  }}  }{  }\n{  &a b  *a  !a b'.split('  '),
  ...'!!str 1  !!int 1  !!float 1  !!binary  !!null  <<: *a  <<: [*a, {b: c}]  ? a  - b  - - b  : c'.split('  '),
  ...'|  >  |-  >+  |2  |1-  >0  \\x41  \\u00e9  \\ud83d  \\/  ""  \'\'  []  {}  [a, b]  {a: b}'.split('  '),
  ...'a|b|a: |b: |\n|\n |\n  |\n- |\na: |\n  b: |\n    c: '.split('|'),
  ...',|, | #|\n#|\n \n|\r\n|\n\t|\n  |\\\n|! |- |: |%YAML 1.1\n---\n|%TAG ! a\n'.split('|'),
];

/** What a value may be turned into. */
const scalars = [
  'yes  off  y  NO  ~  null  Null  True  010  08  0o17  0x1F  0b11  0b-1  1_000  -0  1e3  .5  1.  +1  1:30  .inf  .nan',
  '2001-01-01  18446744073709551615  1e400  -  ?  @a  `a  !!str 1  !!int 1.5  !!float 1  !!bool yes  !!binary aGk=',
  '!!timestamp 2001-02-30  !foo 1  &a b  *a  a: b  a:b  [a,  {a: b  "a  \'a  |  >-  a #b  "a"#b  [a]b  {"a":1}  {a:1}',
  '[? a : b]  [a: b]',
].flatMap((line) => line.split('  '));

/** `npm run oracle -- yaml COUNT`: every text of the corpora, then as many mutations; SEED=N begins elsewhere. With
 * KEEP=1 what kubectl reads of the cases is kept. */
export async function askYaml(count: number): Promise<number> {
  const problem = buildYaml();
  if (problem !== null) {
    console.log(`skipped: the judge could not be built: ${problem}`);
    return problem.startsWith('Go is not') ? 0 : 1;
  }
  const judge = new YamlJudge();
  if (process.env.KEEP === '1') await keep(judge);
  const texts = corpusTexts();
  const first = Number(process.env.SEED ?? 1);
  let differing = 0;
  const compare = async (name: string, text: string): Promise<void> => {
    const found = await judge.disagreement(text);
    if (found === null) return;
    differing++;
    const smallest = await smallestText(judge, text);
    console.log(`${name}:\n${JSON.stringify(smallest)}\n${await judge.disagreement(smallest)}\n`);
  };
  if (process.env.SEED === undefined) for (const { path, text } of texts) await compare(path, text);
  for (let seed = first; seed < first + count && differing < mostShown; seed++)
    await compare(`SEED=${seed} npm run oracle -- yaml 1`, mutated(seed, texts));
  judge.close();
  console.log(
    `${differing} of ${process.env.SEED === undefined ? texts.length : 0} texts and ${count} mutations differ ` +
      `(seeds ${first} to ${first + count - 1})`,
  );
  return differing === 0 ? 0 : 1;
}

/** Keeps what kubectl reads of the cases, for the tests that run without Go. */
async function keep(judge: YamlJudge): Promise<void> {
  const lines: string[] = [];
  for (const text of Object.values(yamlCases).flat())
    lines.push(JSON.stringify([text, ...(await judge.documents(text))]));
  const versions = '"k8s.io/apimachinery v0.36.4, sigs.k8s.io/yaml v1.6.0, go.yaml.in/yaml/v2 v2.4.3"';
  writeFileSync(
    join(import.meta.dirname, 'yaml.json'),
    `{ "version": ${versions},\n  "cases": [\n${lines.join(',\n')}\n] }\n`,
  );
}

const mostShown = 20;

/** The smallest text that still is read otherwise: fewer lines, then fewer characters. */
async function smallestText(judge: YamlJudge, text: string): Promise<string> {
  const differs = async (parts: readonly string[]): Promise<boolean> =>
    (await judge.disagreement(parts.join(''))) !== null;
  const lines = await shrink(text.split(/(?<=\n)/), differs);
  return (await shrink(Array.from(lines.join('')), differs)).join('');
}
