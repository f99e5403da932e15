import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { rendererBeside } from '../../render/beside.ts';
import { isFault } from '../../shared/insight/rule.ts';
import { builtWorkspace } from '../built/changedSources.ts';

/** Real manifests beside the project; without them, these tests are skipped. */
const shared = join(import.meta.dirname, '..', '..', '..', 'shared');
const corpora = ['corpus', 'corpus-more', 'built'].filter((each) => existsSync(join(shared, each)));
const corpus = join(shared, 'corpus');

/** What was found, looked at with the manifest in front, and is true; by file. */
const reviewed: Readonly<Record<string, readonly { line: number; rule: string; severity: string; why: string }[]>> =
  JSON.parse(readFileSync(join(import.meta.dirname, 'reviewed.json'), 'utf8'));

// Whether a build is quick is asked elsewhere.
const renderer = rendererBeside({ mostMilliseconds: 60_000 });
afterAll(() => renderer.stop());

const repositories = corpora.flatMap((each) =>
  readdirSync(join(shared, each), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `${each}/${name}`),
);

describe.skipIf(corpora.length < 3)(
  `the corpus of real manifests${corpora.length < 3 ? ' (skipped: ../shared is not there)' : ''}`,
  () => {
    test.each(repositories)('%s: what is found is known, and known to be true', { timeout: 120_000 }, async (name) => {
      const { workspace } = await builtWorkspace(renderer, join(shared, name));
      const found = workspace
        .uris()
        .flatMap((uri) => workspace.findings(uri))
        .filter(isFault)
        .map(
          ({ rule, severity, site: { uri, range } }) =>
            `${uri.slice(shared.length + 1)}:${range.start.line + 1} ${severity} ${rule}`,
        );
      const known = Object.entries(reviewed)
        .filter(([file]) => file.startsWith(`${name}/`))
        .flatMap(([file, all]) => all.map(({ line, severity, rule }) => `${file}:${line} ${severity} ${rule}`));
      expect([...new Set(found)].toSorted()).toEqual([...new Set(known)].toSorted());
      for (const uri of workspace.uris()) {
        workspace.lenses(uri);
        const places = workspace.findings(uri).map(({ rule, site }) => JSON.stringify([rule, site.range]));
        expect(places.toSorted()).toEqual([...new Set(places)].toSorted());
      }
      // Whatever is built leads back to a source, and not just to the kustomization or the chart as a whole.
      const lost = workspace.plans().flatMap(({ root, entry }) => {
        const file = workspace.builtAt(root)?.file;
        const lenses = file === undefined ? [] : workspace.sceneOfBuild(root).lenses(file);
        return lenses.filter(({ site }) => site.uri === entry).map(({ kind, name }) => `${root}: ${kind} ${name}`);
      });
      expect(lost).toEqual([]);
    });

    test("microservices-demo's release manifest has the right lenses", async () => {
      const folder = join(corpus, 'GoogleCloudPlatform__microservices-demo', 'release');
      const { workspace } = await builtWorkspace(renderer, folder);
      const lenses = workspace.lenses(join(folder, 'kubernetes-manifests.yaml'));
      expect(lenses.map(({ name, way }) => `${name}: ${way}`).toSorted()).toEqual([
        ...['adservice', 'cartservice', 'checkoutservice', 'currencyservice', 'emailservice'].map(
          (name) => `${name}: 1 hop from pod, no SNAT`,
        ),
        'frontend-external: 2 hops from LB, SNAT applied',
        'frontend: 1 hop from pod, no SNAT',
        ...['paymentservice', 'productcatalogservice', 'recommendationservice', 'redis-cart', 'shippingservice'].map(
          (name) => `${name}: 1 hop from pod, no SNAT`,
        ),
      ]);
      expect(lenses.every(({ notes }) => notes[0] === '→ 1 pod')).toBe(true);
    });
  },
);
