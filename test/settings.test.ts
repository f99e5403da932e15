import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defaultSettings, inlayHintKinds, lensParts, readSettings } from '../server/settings.ts';
import { levels } from '../shared/insight/levels.ts';
import { otherFindings } from '../shared/insight/otherFindings.ts';
import { rules } from '../shared/insight/rules/all.ts';
import { englishOf, type ExtensionManifest } from './extensionManifest.ts';

const root = join(import.meta.dirname, '..');
const path = join(root, 'package.json');
const read = (): ExtensionManifest => JSON.parse(readFileSync(path, 'utf8'));

/** Made from the rules' files: `UPDATE=1 npx vitest run test/settings.test.ts` writes it. */
test('the setting hoplens.rules knows all that can be found', () => {
  const known = [...rules, ...otherFindings];
  const manifest = read();
  const written = manifest.contributes.configuration.properties['hoplens.rules'] ?? {};
  const wanted = {
    additionalProperties: { type: 'string', enum: levels },
    propertyNames: { enum: known.map(({ id }) => id), enumDescriptions: known.map(({ meaning }) => meaning) },
  };
  if (process.env.UPDATE !== '1') return expect(written).toMatchObject(wanted);
  Object.assign(written, wanted);
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
});

/** The same command writes it. */
test('docs/settings.md lists every setting', () => {
  const { properties } = read().contributes.configuration;
  const sections = Object.entries(properties).map(([name, setting]) => {
    const { markdownDescription, description, scope = 'window' } = setting;
    const items = setting.items ?? setting;
    const values = (items.enum ?? []).map((value, index) => {
      const says = items.enumDescriptions?.[index];
      return `- \`${value}\`${says === undefined ? '' : `: ${englishOf(says)}`}`;
    });
    const where = scope === 'resource' ? ' Each workspace folder can have its own.' : '';
    const facts = `Default: \`${JSON.stringify(setting.default)}\`.${where}`;
    return [
      `## ${name}`,
      englishOf(markdownDescription ?? description ?? ''),
      ...(values.length === 0 ? [] : [values.join('\n')]),
      facts,
    ].join('\n\n');
  });
  const wanted = `# Settings

All begin with \`hoplens.\` and can be set for you, for a workspace, and most for a folder of it. An editor other than
VS Code answers \`workspace/configuration\` with them, or sends them as \`initializationOptions\` and with
\`workspace/didChangeConfiguration\`: [editors.md](editors.md). What is not as it should be counts as not set.

${sections.join('\n\n')}
`;
  const file = join(root, 'docs', 'settings.md');
  if (process.env.UPDATE === '1') writeFileSync(file, wanted);
  else expect(readFileSync(file, 'utf8')).toBe(wanted);
});

test('what the server takes a setting to be by default is what the editor shows', () => {
  const { properties } = read().contributes.configuration;
  const shown = Object.fromEntries(
    Object.entries(properties).map(([name, { default: value }]) => [name.replace('hoplens.', ''), value]),
  );
  const { isExcluded, ...settings } = readSettings(shown);
  expect(isExcluded('a.yaml')).toBe(false);
  expect(settings).toEqual({ ...defaultSettings, isExcluded: undefined });
  expect(properties['hoplens.codeLens']?.items?.enum).toEqual([...lensParts]);
  expect(properties['hoplens.inlayHints']?.enum).toEqual([...inlayHintKinds]);
});

test.each<[given: unknown, parts: string]>([
  [undefined, 'way reach assumed trace'],
  [{ codeLens: true }, 'way reach assumed trace'],
  [{ codeLens: false }, ''],
  [{ codeLens: ['trace', 'way', 'nothing such'] }, 'way trace'],
  [{ codeLens: 'way' }, 'way reach assumed trace'],
  ['no settings', 'way reach assumed trace'],
])('of %j lenses show %j', (given, parts) => expect([...readSettings(given).codeLens].join(' ')).toBe(parts));

test.each<[globs: unknown, path: string, isExcluded: boolean]>([
  [['tests'], 'tests/a/b.yaml', true],
  [['tests/'], 'tests/b.yaml', true],
  [['./tests/**'], 'tests/b.yaml', true],
  [['tests'], 'shop/tests/b.yaml', false],
  [['**/tests'], 'shop/tests/b.yaml', true],
  [['**/*.golden.yaml'], 'shop/a.golden.yaml', true],
  [['*.yaml'], 'shop/a.yaml', false],
  [[3, null], 'a.yaml', false],
  ['tests', 'tests/b.yaml', false],
])('of %j, %s is excluded: %j', (exclude, file, isExcluded) =>
  expect(readSettings({ exclude }).isExcluded(file)).toBe(isExcluded),
);
