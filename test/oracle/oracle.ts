import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { questionOf, randomQuestion } from '../randomModel.ts';
import { seededRandom } from '../seededRandom.ts';
import { shrink } from '../shrink.ts';
import { allocationDisagreement, randomCreation, theirRefusals } from './allocation.ts';
import { digest } from './compare.ts';
import { buildOracle, disagreement, Oracle } from './judge.ts';
import { kinds, randomKind } from './randomKind.ts';
import { randomObject } from './randomObject.ts';
import { answerDigest, ownErrors, validationDisagreement } from './validation.ts';

/**
 * `npm run oracle`: random clusters from a seed; our rules for a node beside those of kube-proxy's own packages, in
 * both modes and families. A disagreement is shrunk and printed; REPLAY=FILE asks a printed one again. With KEEP=1, the
 * digests of the first answers are kept for the tests that run without Go. `npm run oracle -- NAME COUNT` asks another
 * judge: `traefik`, `traefik-gateway`, `contour`, `contour-gateway`, `envoy-gateway`, `istio`, `istio-gateway`,
 * `istio-routes`, `render`, `yaml`, `crds`, `cyclonus` or `kube-network-policies`; `write-crds` reads the CRDs anew.
 */
const judges: Readonly<Record<string, (sets: number) => Promise<number>>> = {
  traefik: async (count) => (await import('./traefik.ts')).askTraefik('traefik', count),
  'traefik-gateway': async (count) => (await import('./traefik.ts')).askTraefik('traefik-gateway', count),
  contour: async (count) => (await import('./contour.ts')).askContour('contour', count),
  'contour-gateway': async (count) => (await import('./contour.ts')).askContour('contour-gateway', count),
  'envoy-gateway': async (count) => ((await (await import('./envoyGateway.ts')).ask(count)) ? 0 : 1),
  istio: async (count) => (await import('./istio.ts')).askIstio('istio', count),
  'istio-routes': async (count) => (await import('./istio.ts')).askIstio('istio-routes', count),
  render: async (count) => (await import('./render.ts')).askRender(count),
  'istio-gateway': async (count) => (await import('./istio.ts')).askIstio('istio-gateway', count),
  yaml: async (count) => (await import('./yaml.ts')).askYaml(count),
  crds: async (count) => (await import('./crds.ts')).askCrds(count),
  cyclonus: async (count) =>
    (await import('./policyJudge.ts')).askEngine((await import('./cyclonus.ts')).cyclonus, count),
  'kube-network-policies': async (count) =>
    (await import('./policyJudge.ts')).askEngine((await import('./kubeNetworkPolicies.ts')).kubeNetworkPolicies, count),
  'write-crds': async () => (await import('./crdModules.ts')).writeCrds(),
};
const [judgeName, sets] = process.argv.slice(2);
if (judgeName !== undefined) {
  const judge = judges[judgeName];
  if (judge === undefined) {
    console.log(`There is no judge ${judgeName}; there are ${Object.keys(judges).join(', ')}.`);
    process.exit(2);
  }
  process.exit(await judge(Number(sets ?? 500)));
}

const mostKept = 300;
const mostKeptOfKind = 200;
const first = Number(process.env.SEED ?? 1);
const count = Number(process.env.COUNT ?? 2000);

const problem = buildOracle();
if (problem !== null) {
  console.log(`skipped: the oracle could not be built: ${problem}`);
  process.exit(problem.startsWith('Go is not') ? 0 : 1);
}
const oracle = new Oracle();
if (process.env.REPLAY !== undefined) {
  const { objects, choice }: { objects: object[]; choice: number } = JSON.parse(
    readFileSync(process.env.REPLAY, 'utf8'),
  );
  console.log((await disagreement(oracle, questionOf(objects, choice))) ?? 'they agree');
  oracle.close();
  process.exit(0);
}

const kept: [number, string][] = [];
const keptObjects: [number, readonly string[]][] = [];
let agreed = 0;
for (let seed = first; seed < first + count; seed++) {
  const { objects, choice, asked } = randomQuestion(seed);
  const found = await disagreement(oracle, asked);
  if (found !== null) {
    const smallest = await shrink(
      objects,
      async (candidate) => (await disagreement(oracle, questionOf(candidate, choice))) !== null,
    );
    console.log(
      `seed ${seed}, ${asked.mode}, ${asked.family}, ${asked.node.name}: ` +
        `${await disagreement(oracle, questionOf(smallest, choice))}`,
    );
    console.log(
      'The smallest cluster that shows it, for REPLAY=FILE npm run oracle:\n' +
        `${JSON.stringify({ choice, objects: smallest })}\nOr SEED=${seed} COUNT=1 npm run oracle`,
    );
    break;
  }
  agreed++;
  if (kept.length < mostKept) kept.push([seed, digest(await oracle.rules(asked))]);
}
let valid = 0;
for (let seed = first; seed < first + count; seed++) {
  const object = randomObject(seededRandom(seed));
  const found = await validationDisagreement(oracle, object);
  if (found !== null) {
    const smallest = await shrink(
      object,
      async (candidate) => (await validationDisagreement(oracle, candidate)) !== null,
    );
    console.log(
      `object of seed ${seed}:\n${await validationDisagreement(oracle, smallest)}\n` +
        `To replay: SEED=${seed} COUNT=1 npm run oracle`,
    );
    break;
  }
  valid++;
  if (keptObjects.length < mostKept) keptObjects.push([seed, ownErrors(object)]);
}
let judged = 0;
const keptKinds: Record<string, string> = {};
for (const kind of kinds) {
  let agreeing = 0;
  let shown = 0;
  const answers: string[] = [];
  for (let seed = first; seed < first + count; seed++) {
    const object = randomKind(kind, seededRandom(seed));
    if (answers.length < mostKeptOfKind) answers.push(answerDigest(ownErrors(object)));
    if ((await validationDisagreement(oracle, object)) === null) agreeing++;
    else if (shown++ === 0) {
      const smallest = await shrink(
        object,
        async (candidate) => (await validationDisagreement(oracle, candidate)) !== null,
      );
      console.log(
        `${kind} of seed ${seed}:\n${await validationDisagreement(oracle, smallest)}\n` +
          `To replay: SEED=${seed} COUNT=1 npm run oracle`,
      );
    }
  }
  console.log(`${agreeing} of ${count} random objects of kind ${kind} are judged as the API server judges them`);
  keptKinds[kind] = answers.join(' ');
  judged += agreeing;
}
let created = 0;
const keptCreations: [number, readonly (readonly string[])[]][] = [];
for (let seed = first; seed < first + count; seed++) {
  const creation = randomCreation(seededRandom(seed));
  const theirs = await theirRefusals(oracle, creation);
  const found = allocationDisagreement(creation, theirs);
  if (found !== null) {
    console.log(`Services of seed ${seed}:\n${found}\nTo replay: SEED=${seed} COUNT=1 npm run oracle`);
    break;
  }
  created++;
  if (keptCreations.length < mostKept) keptCreations.push([seed, theirs]);
}
oracle.close();
const lines = (rows: readonly unknown[]): string => rows.map((each) => JSON.stringify(each)).join(',\n');
if (process.env.KEEP === '1')
  writeFileSync(
    join(import.meta.dirname, 'agreement.json'),
    [
      '{ "version": "v1.36.3",',
      ' "packages": ["k8s.io/kubernetes/pkg/proxy/iptables", "k8s.io/kubernetes/pkg/proxy/nftables"],',
      ` "answers": [\n${lines(kept)}\n],\n`,
      `"objects": [\n${lines(keptObjects)}\n],\n`,
      `"creations": [\n${lines(keptCreations)}\n],\n`,
      `"kinds": ${JSON.stringify(keptKinds, null, 1)} }\n`,
    ].join(''),
  );
console.log(`${agreed} of ${count} random clusters agree with kube-proxy (seeds ${first} to ${first + count - 1})`);
console.log(`${valid} of ${count} random Services and EndpointSlices are judged as the API server judges them`);
console.log(
  `${created} of ${count} sets of Services get and are refused what the API server's allocators give and refuse`,
);
process.exit(agreed + valid + created === 3 * count && judged === kinds.length * count ? 0 : 1);
