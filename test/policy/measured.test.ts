import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cluster } from '../scene.ts';
import { differences } from './probes.ts';
import { type PolicyCase, selectedCases } from './selectedCases.ts';

/** What others' tests of policies expect, where they are at hand. */
const files = [
  { name: 'e2e-1.36', count: 506, of: "Kubernetes' own e2e tests" },
  { name: 'cyclonus', count: 24_329, of: "cyclonus' generated sets" },
  { name: 'policy-assistant', count: 562, of: "policy-assistant's tests" },
  { name: 'conformance-cnp-v1alpha2', count: 301, of: "ClusterNetworkPolicy's conformance tests" },
  { name: 'conformance-anp-v1alpha1', count: 289, of: "AdminNetworkPolicy's conformance tests" },
  { name: 'edge', count: 156, of: 'corner cases' },
].map((each) => ({ ...each, file: new URL(`../../../shared/truth/policy/${each.name}.json`, import.meta.url) }));

/** The API server refuses a range with host bits from 1.36 on: pkg/features/kube_features.go StrictIPCIDRValidation. */
const versions: Readonly<Record<string, string>> = { 'edge/16 cidr with host bits, IPv6 apart': '1.35' };

/** Pods can be asked from outside: a probe says who asks, not how its packet comes there. */
function profileFor({ name, cni }: PolicyCase): string {
  const plugin = cni === undefined ? '' : `, cni: ${cni}`;
  return `
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec: { kubernetesVersion: "${versions[name] ?? '1.36'}", podNetwork: { routable: true${plugin} } }
`;
}

/** What the probes of a case expect otherwise. */
function differing(policyCase: PolicyCase): string[] {
  const { name, manifests, probes } = policyCase;
  const model = cluster(manifests + profileFor(policyCase));
  return probes.flatMap((probe) => {
    const found = differences(model, probe);
    return found.length === 0 ? [] : [`${name}: ${JSON.stringify(probe)}: ${found.join('; ')}`];
  });
}

for (const { of, count, file } of files) {
  const isThere = existsSync(file);
  test.skipIf(!isThere)(`all ${count} probes of ${of}${isThere ? '' : ': not at hand'}`, () => {
    const cases = JSON.parse(readFileSync(file, 'utf8')) as PolicyCase[];
    expect(cases.flatMap(({ probes }) => probes)).toHaveLength(count);
    // One name is `y`, which YAML takes for a yes where nobody quotes it.
    const quoted = cases.map((each) => ({ ...each, manifests: each.manifests.replaceAll(/: y$/gm, ': "y"') }));
    expect(quoted.flatMap(differing)).toEqual([]);
  });
}

test('155 probes of all these tests, kept here', () => {
  const cases = selectedCases();
  expect(cases.flatMap(({ probes }) => probes)).toHaveLength(155);
  expect(cases.flatMap(differing)).toEqual([]);
});
