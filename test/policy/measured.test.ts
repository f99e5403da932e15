import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cluster } from '../scene.ts';
import { type Probe, probed } from './probes.ts';

/** What others' tests of policies expect, where they are at hand. */
const files = [
  { name: 'e2e-1.36', count: 506, of: "Kubernetes' own e2e tests" },
  { name: 'cyclonus', count: 24_329, of: "cyclonus' generated sets" },
].map((each) => ({ ...each, file: new URL(`../../../shared/truth/policy/${each.name}.json`, import.meta.url) }));

interface PolicyCase {
  readonly name: string;
  readonly manifests: string;
  readonly probes: readonly Probe[];
}

/** Pods that can be asked from outside: a probe says who asks, not how its packet comes there. */
const routable =
  '\n---\napiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: test }\n' +
  'spec: { podNetwork: { routable: true } }\n';

for (const { of, count, file } of files) {
  const isThere = existsSync(file);
  test.skipIf(!isThere)(`all ${count} probes of ${of}${isThere ? '' : ': not at hand'}`, () => {
    const cases = JSON.parse(readFileSync(file, 'utf8')) as PolicyCase[];
    const different = cases.flatMap(({ name, manifests, probes }) => {
      // Of its names one is `y`, which YAML takes for a yes where nobody quotes it.
      const model = cluster(manifests.replaceAll(/: y$/gm, ': "y"') + routable);
      return probes.flatMap((probe) => {
        const found = probed(model, probe);
        return found === probe.expect ? [] : [`${name}: ${JSON.stringify(probe)}: ${found}`];
      });
    });
    expect(cases.flatMap(({ probes }) => probes)).toHaveLength(count);
    expect(different).toEqual([]);
  });
}
