import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { parse, stringify } from 'yaml';
import { openSandbox, type Rendered, type Sandbox } from '../../render/sandbox.ts';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';
import { built } from './judgeProgram.ts';

/**
 * The real `kustomize` and `helm`, of the versions that the sandbox has, beside the sandbox: on every kustomization and
 * chart of ../shared/built, and on seeded variations of them. `npm run oracle -- render COUNT`.
 */
const judges = { kustomize: 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.0', helm: 'helm.sh/helm/v3/cmd/helm@v3.19.5' };
const folder = join(built, 'render-judges');

export const publicFolders = join(import.meta.dirname, '..', '..', '..', 'shared', 'built');

/** Why they can't be asked, or null. */
export function renderJudgesMissing(): string | null {
  if (!existsSync(publicFolders)) return '../shared/built is not there';
  const gone = Object.keys(judges).filter((name) => !existsSync(join(folder, name)));
  return gone.length === 0 ? null : `never built here: ${gone.join(', ')} (npm run oracle -- render)`;
}

/** Builds those that aren't there; why it can't, or null. */
function buildRenderJudges(): string | null {
  if (spawnSync('go', ['version']).error !== undefined) return 'Go is not on the path';
  mkdirSync(folder, { recursive: true });
  for (const [name, source] of Object.entries(judges)) {
    if (existsSync(join(folder, name))) continue;
    const { status, stderr } = spawnSync('go', ['install', source], {
      env: { ...process.env, GOBIN: folder },
      encoding: 'utf8',
    });
    if (status !== 0) return stderr;
  }
  return null;
}

export const sandboxFile = join(import.meta.dirname, '..', '..', 'render', 'render.wasm.br');

export async function readSandbox(): Promise<Sandbox> {
  return openSandbox(await WebAssembly.compile(brotliDecompressSync(readFileSync(sandboxFile))));
}

/** What is built: a folder, and for a chart the values files given with it. */
export interface Case {
  readonly kind: 'kustomize' | 'helm';
  readonly root: string;
  readonly values: readonly string[];
}

const isKustomization = (name: string): boolean => /^(?:kustomization\.ya?ml|Kustomization)$/.test(name);

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Every kustomization and chart in a folder; a chart alone, and with each of the values files that come with it. */
export function casesIn(root: string): Case[] {
  const files = filesIn(root);
  return files.flatMap((file): Case[] => {
    const base = file.slice(dirname(file).length + 1);
    if (isKustomization(base)) return [{ kind: 'kustomize', root: dirname(file), values: [] }];
    if (base !== 'Chart.yaml') return [];
    const chart = dirname(file);
    const beside = files.filter((each) => /^(?:ci\/.*|[^/]*values[^/]+)\.ya?ml$/.test(relative(chart, each)));
    return [[], ...beside.map((each) => [each])].map((values) => ({ kind: 'helm', root: chart, values }));
  });
}

const release = { release: 'web', namespace: 'shop', kubeVersion: '1.34.0' };

/** What the real programs print, document by document; null if they refuse. */
function theirs({ kind, root, values }: Case): readonly string[] | null {
  const helm = [
    'template',
    release.release,
    root,
    '--namespace',
    release.namespace,
    '--kube-version',
    release.kubeVersion,
  ];
  const args = kind === 'kustomize' ? ['build', root] : [...helm, ...values.flatMap((each) => ['--values', each])];
  const { status, stdout } = spawnSync(join(folder, kind), args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) return null;
  const documents =
    kind === 'kustomize'
      ? stdout.split(/^---\n/m)
      : stdout.split(/^---\n# Source: .*\n/m).filter((text) => !isComment(text));
  return documents.filter((text) => text !== '');
}

const isComment = (text: string): boolean => text.split('\n').every((line) => /^\s*(?:#.*)?$/.test(line));

function ours(sandbox: Sandbox, { kind, root, values }: Case): Rendered {
  return sandbox.build(
    kind === 'kustomize'
      ? { kind, root }
      : { kind, chart: root, values, inline: [], set: [], ...release, apiVersions: [] },
  );
}

/** How the sandbox differs from the real programs; null if it doesn't. What they make up at random is passed over. */
export function renderDifference(sandbox: Sandbox, asked: Case): string | null {
  const expected = theirs(asked);
  const { objects, problem } = ours(sandbox, asked);
  if (expected === null) return problem === null ? 'they refuse what is built here' : null;
  if (problem !== null) return `refused here: ${problem.message}`;
  let again: readonly string[] | null = null;
  for (const [index, text] of expected.entries()) {
    const mine = objects[index]?.text;
    if (mine === text) continue;
    again ??= theirs(asked);
    const lines = text.split('\n');
    const linesAgain = again?.[index]?.split('\n') ?? [];
    const mineLines = mine?.split('\n') ?? [];
    const at = lines.findIndex((line, i) => line === linesAgain[i] && line !== mineLines[i]);
    if (at >= 0) return `document ${index}, line ${at + 1}: here ${mineLines[at]}, there ${lines[at]}`;
  }
  return objects.length === expected.length ? null : `${objects.length} documents here, ${expected.length} there`;
}

export function putAll(sandbox: Sandbox, root: string): void {
  for (const file of filesIn(root)) sandbox.put(file, readFileSync(file, 'utf8'));
}

/** A kustomization over another, of some of the things that overlays do. */
function randomOverlay(random: SeededRandom, base: string, objects: Rendered['objects']): string {
  const read = objects.map(({ text }) => parse(text, { logLevel: 'silent' }));
  const some = <T>(make: () => T): T | undefined => (random.below(3) === 0 ? make() : undefined);
  const target = read.length === 0 ? null : random.pick(read);
  const named = target === null ? {} : { apiVersion: target.apiVersion, kind: target.kind };
  const images = [...JSON.stringify(read).matchAll(/"image":"([^"@]+?)(?::[^":/]*)?"/g)].map(([, name]) => name ?? '');
  const overlay = {
    resources: [base],
    namePrefix: some(() => random.pick(['a-', 'prod-'])),
    nameSuffix: some(() => '-z'),
    namespace: some(() => random.pick(['other', 'shop'])),
    labels: some(() => [
      { pairs: { tier: 'x' }, includeSelectors: random.below(2) === 0, includeTemplates: random.below(2) === 0 },
    ]),
    commonAnnotations: some(() => ({ note: random.pick(['1', 'yes', 'a: b']) })),
    images:
      images.length === 0
        ? undefined
        : some(() => [{ name: random.pick(images), newTag: random.pick(['9.9', '010']) }]),
    replicas:
      target?.kind === 'Deployment' ? some(() => [{ name: target.metadata.name, count: random.below(4) }]) : undefined,
    configMapGenerator: some(() => [{ name: 'made', literals: [`a=${random.below(9)}`, 'b=c'] }]),
    patches:
      target === null
        ? undefined
        : some(() => [
            random.below(2) === 0
              ? {
                  patch: stringify({
                    ...named,
                    metadata: { name: target.metadata?.name, annotations: { patched: 'yes' } },
                    ...(target.kind === 'Service'
                      ? { spec: { type: 'NodePort', externalTrafficPolicy: 'Local' } }
                      : {}),
                  }),
                }
              : {
                  target: { kind: target.kind, name: target.metadata?.name },
                  patch: stringify([{ op: 'add', path: '/metadata/labels/patched', value: 'yes' }]),
                },
          ]),
  };
  return stringify(overlay);
}

function valuesOf(chart: string): unknown {
  const file = join(chart, 'values.yaml');
  return existsSync(file) ? parse(readFileSync(file, 'utf8')) : {};
}

/** A few leaves of a chart's values, changed. */
function randomValues(random: SeededRandom, values: unknown): unknown {
  const paths: (readonly string[])[] = [];
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0)
      for (const [key, each] of Object.entries(value)) walk(each, [...path, key]);
    else if (path.length > 0) paths.push(path);
  };
  walk(values, []);
  const changed = {};
  for (let left = 1 + random.below(4); left > 0 && paths.length > 0; left--) {
    const path = random.pick(paths);
    const was = path.reduce<unknown>((at, key) => Object.entries(at ?? {}).find(([name]) => name === key)?.[1], values);
    let at: Record<string, unknown> = changed;
    for (const key of path.slice(0, -1)) at = (at[key] ??= {}) as Record<string, unknown>;
    at[path.at(-1) ?? ''] = otherThan(random, was);
  }
  return changed;
}

function otherThan(random: SeededRandom, was: unknown): unknown {
  if (typeof was === 'boolean') return !was;
  if (typeof was === 'number') return was + random.pick([1, 7, 1000]);
  if (Array.isArray(was)) return random.pick([[], [{ name: 'x', value: 'y' }], ['x']]);
  if (typeof was === 'string') return random.pick(['', 'other', 'NodePort', 'LoadBalancer', 'a: b', '10']);
  return random.pick([null, 'x', { a: 'b' }, {}]);
}

/** A variation of a seed, in a copy of its repository that is there for a while; what differs, or null. */
export function variationDifference(sandbox: Sandbox, copy: string, seed: number): string | null {
  const random = seededRandom(seed);
  const cases = casesIn(copy);
  const { kind, root, values } = random.pick(cases);
  const made = kind === 'kustomize' ? join(copy, 'zz-overlay', 'kustomization.yaml') : join(copy, 'zz-values.yaml');
  if (kind === 'kustomize') {
    const { objects } = ours(sandbox, { kind, root, values: [] });
    mkdirSync(dirname(made), { recursive: true });
    writeFileSync(made, randomOverlay(random, relative(dirname(made), root), objects));
  } else writeFileSync(made, stringify(randomValues(random, valuesOf(root))));
  sandbox.put(made, readFileSync(made, 'utf8'));
  try {
    const asked: Case =
      kind === 'kustomize' ? { kind, root: dirname(made), values: [] } : { kind, root, values: [...values, made] };
    const found = renderDifference(sandbox, asked);
    return found === null
      ? null
      : `${found}\n${relative(copy, root)} ${values.join(' ')}\n${readFileSync(made, 'utf8')}`;
  } finally {
    sandbox.remove(made);
    rmSync(kind === 'kustomize' ? dirname(made) : made, { recursive: true });
  }
}

/** A copy of one of the public repositories, which a variation may write into. */
export function copyOf(repository: string): string {
  const copy = mkdtempSync(join(tmpdir(), 'hoplens-render-'));
  cpSync(join(publicFolders, repository), copy, { recursive: true });
  return copy;
}

export const repositories = (): string[] =>
  readdirSync(publicFolders, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

/** Everything there is, and as many variations; how the process is to end. */
export async function askRender(count: number): Promise<number> {
  const problem = buildRenderJudges() ?? renderJudgesMissing();
  if (problem !== null) {
    console.log(`skipped: ${problem}`);
    return problem.startsWith('Go is not') ? 0 : 1;
  }
  const sandbox = await readSandbox();
  putAll(sandbox, publicFolders);
  let differing = 0;
  const cases = casesIn(publicFolders);
  let refused = 0;
  for (const each of cases) {
    const found = renderDifference(sandbox, each);
    if (ours(sandbox, each).problem !== null) refused++;
    if (found === null) continue;
    differing++;
    console.log(`${relative(publicFolders, each.root)} ${each.values.join(' ')}: ${found}`);
  }
  console.log(
    `${cases.length - differing} of ${cases.length} kustomizations and charts agree (${refused} refused by both)`,
  );
  const first = Number(process.env.SEED ?? 1);
  let agreed = 0;
  const names = repositories();
  for (const [index, name] of names.entries()) {
    const copy = copyOf(name);
    putAll(sandbox, copy);
    for (let seed = first; seed < first + count; seed++) {
      if (seed % names.length !== index) continue;
      const found = variationDifference(sandbox, copy, seed);
      if (found === null) agreed++;
      else console.log(`${name}, seed ${seed}: ${found}\nTo replay: SEED=${seed} npm run oracle -- render 1`);
    }
    rmSync(copy, { recursive: true });
  }
  console.log(`${agreed} of ${count} variations agree (seeds ${first} to ${first + count - 1})`);
  return differing === 0 && agreed === count ? 0 : 1;
}
