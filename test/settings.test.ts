import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { levels } from '../shared/insight/levels.ts';
import { otherFindings } from '../shared/insight/otherFindings.ts';
import { rules } from '../shared/insight/rules/all.ts';

const path = join(import.meta.dirname, '..', 'package.json');

/** Made from the rules' files: `UPDATE=1 npx vitest run test/settings.test.ts` writes it. */
test('the setting hoplens.rules knows all that can be found', () => {
  const known = [...rules, ...otherFindings];
  const manifest: Manifest = JSON.parse(readFileSync(path, 'utf8'));
  const written = manifest.contributes.configuration.properties['hoplens.rules'];
  const wanted = {
    additionalProperties: { type: 'string', enum: levels },
    propertyNames: { enum: known.map(({ id }) => id), enumDescriptions: known.map(({ meaning }) => meaning) },
  };
  if (process.env.UPDATE !== '1') return expect(written).toMatchObject(wanted);
  Object.assign(written, wanted);
  writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
});

interface Manifest {
  readonly contributes: { readonly configuration: { readonly properties: { readonly 'hoplens.rules': object } } };
}
