import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';

/**
 * What the editor shows of Hoplens can be said in other languages: package.json's words stand in package.nls.json, the
 * client's and its panel's in l10n/bundle.l10n.json. `UPDATE=1 npx vitest run test/localization.test.ts` writes both.
 */
const root = join(import.meta.dirname, '..');
const isUpdate = process.env.UPDATE === '1';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The fields of package.json that a person reads. */
const shownFields = new Set([
  'title',
  'shortTitle',
  'description',
  'markdownDescription',
  'displayName',
  'contents',
  'label',
  'altText',
  'enumDescriptions',
  'markdownEnumDescriptions',
]);

/** The rules' meanings are made from their files and say what the findings say, which speak English. */
const left = new Set(['propertyNames']);

interface Gathered {
  readonly value: Json;
  readonly texts: Readonly<Record<string, string>>;
}

/** Takes the texts out of a part of package.json; `name` is what the part is called by. */
function gathered(value: Json, name: string, known: Readonly<Record<string, string>>): Gathered {
  const texts: Record<string, string> = {};
  const taken = (text: string, key: string): string => {
    const [, written] = /^%(.+)%$/.exec(text) ?? [];
    texts[written ?? key] = written === undefined ? text : (known[written] ?? '');
    return written === undefined ? `%${key}%` : text;
  };
  const within = (each: Json, key: string): Json => {
    const found = gathered(each, key, known);
    Object.assign(texts, found.texts);
    return found.value;
  };
  if (Array.isArray(value)) return { value: value.map((each: Json, index) => within(each, `${name}.${index}`)), texts };
  if (typeof value !== 'object' || value === null) return { value, texts };
  const own = Object.entries(value);
  const called = ['command', 'id']
    .map((key) => own.find(([each]) => each === key)?.[1])
    .find((id) => typeof id === 'string');
  const here = called ?? name;
  const fields = own.map(([key, field]): [string, Json] => {
    if (left.has(key)) return [key, field];
    const isShown = shownFields.has(key) || (key === 'name' && called !== undefined);
    if (isShown && typeof field === 'string') return [key, taken(field, `${here}.${key}`)];
    if (isShown && Array.isArray(field))
      return [
        key,
        field.map((each: Json, index) => (typeof each === 'string' ? taken(each, `${here}.${key}.${index}`) : each)),
      ];
    return [key, within(field, key.startsWith('hoplens.') ? key : `${here}.${key}`)];
  });
  return { value: Object.fromEntries(fields), texts };
}

test("package.json's words are in package.nls.json", () => {
  const [path, wordsPath] = [join(root, 'package.json'), join(root, 'package.nls.json')];
  const manifest: { contributes: Json } = JSON.parse(readFileSync(path, 'utf8'));
  const known: Record<string, string> = existsSync(wordsPath) ? JSON.parse(readFileSync(wordsPath, 'utf8')) : {};
  const { value, texts } = gathered(manifest.contributes, 'hoplens', known);
  if (isUpdate) {
    writeFileSync(path, `${JSON.stringify({ ...manifest, contributes: value }, null, 2)}\n`);
    writeFileSync(wordsPath, `${JSON.stringify(texts, null, 2)}\n`);
  } else {
    expect(value).toEqual(manifest.contributes);
    expect(known).toEqual(texts);
    expect(Object.entries(texts).filter(([, text]) => text === '')).toEqual([]);
  }
});

/** A text in quotes behind `l10n.t(`, which may stand in parts. */
const quoted = /(?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/.source;
const localized = new RegExp(String.raw`\bl10n\.t\(\s*(${quoted}(?:\s*\+\s*${quoted})*)`, 'g');

const clientFiles = globSync('client/**/*.{ts,tsx}', { cwd: root })
  .map((each) => each.replaceAll('\\', '/'))
  .toSorted();

test("the client's words are in l10n/bundle.l10n.json", () => {
  const texts = clientFiles.flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(localized)].map(([, parts = '']) =>
      [...parts.matchAll(/'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"/g)]
        .map(([, single, double]) => (single ?? double ?? '').replace(/\\(.)/g, '$1'))
        .join(''),
    ),
  );
  const wanted = Object.fromEntries([...new Set(texts)].toSorted().map((text) => [text, text]));
  const path = join(root, 'l10n', 'bundle.l10n.json');
  if (isUpdate) writeFileSync(path, `${JSON.stringify(wanted, null, 2)}\n`);
  else expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(wanted);
});

/** What a person reads and is no `l10n.t(…)`. Names of things (a product's, an icon's) have no blank in them. */
const unsaid = [
  /\.show(?:Information|Warning|Error)Message(?:<[^>]*>)?\(\s*['"`]/g,
  /\b(?:title|place[Hh]older|prompt|tooltip|message|description|detail|label):\s*['"`][^'"`\n]*[A-Za-z] [A-Za-z]/g,
  /\bl10n\.t\(\s*`/g,
];

test.each(clientFiles)('%s says all that it says by l10n.t', (file) => {
  const text = readFileSync(join(root, file), 'utf8');
  expect(unsaid.flatMap((each) => [...text.matchAll(each)].map(([found]) => found))).toEqual([]);
});

const literal = `(?:${quoted}|\`[^\`]*\`)`;
const inserted = /\$\{(?:[^{}]|\{[^{}]*\})*\}/g;

/** Keys, selectors and a header's name: nobody reads them as words. */
const noWords = new Set([
  'frame …',
  'start ',
  'reply … …',
  'userSpaceOnUse',
  ' crosses',
  'as drawn',
  '.diagram svg',
  ', X-Forwarded-For: …',
]);

function literalsIn(code: string): string[] {
  return [...code.matchAll(new RegExp(literal, 'g'))].flatMap(([text]) => [
    text.slice(1, -1).replaceAll(inserted, '…'),
    ...[...text.matchAll(inserted)].flatMap(([each]) => literalsIn(each)),
  ]);
}

/** The texts of a part of the panel that are no `l10n.t(…)` and read as words: with a blank, or a capital letter. */
function bareTexts(source: string): string[] {
  const { code } = transformSync(source, { loader: 'tsx', jsx: 'automatic', target: 'esnext', charset: 'utf8' });
  const rest = code
    .replaceAll(new RegExp(String.raw`\bfrom "[^"]*"|\bl10n\.t\(\s*${literal}`, 'g'), '')
    // Names of classes and keys, and what a path is drawn by.
    .replaceAll(/\bclass: .*$|\bevent\.key === "\w+"|\bd: ".*"|\bviewBox: ".*"/gm, '');
  return literalsIn(rest).filter((text) => /[A-Za-z] |[ ][A-Za-z]|[A-Z][a-z]/.test(text) && !noWords.has(text));
}

test.each(clientFiles.filter((each) => each.startsWith('client/panel/')))('%s says its words by l10n.t', (file) => {
  expect(bareTexts(readFileSync(join(root, file), 'utf8'))).toEqual([]);
});

test('a word that is forgotten is found', () => {
  expect(
    bareTexts("const a = <p title='Who asks'>Tracing… <b>{x} of it</b>{l10n.t('Said')}{`${n} nodes`}</p>;"),
  ).toEqual(['Who asks', 'Tracing… ', ' of it', '… nodes']);
});
