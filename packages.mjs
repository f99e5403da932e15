// Makes what is published: `npm run package`, after the build. hoplens.vsix for editors, hoplens.tgz for npm. The latter
// is tried from a clean folder, as npx starts it: nothing but the archive is there, and nothing is fetched.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

const root = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), 'hoplens-package-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

run('vsce', [
  'package',
  '--no-dependencies',
  '--allow-missing-repository',
  '--no-rewrite-relative-links',
  '--out',
  'hoplens.vsix',
]);
const listed = run('vsce', ['ls', '--no-dependencies']).split('\n');
for (const [, picture] of readFileSync(join(root, 'README.md'), 'utf8').matchAll(/!\[[^\]]*\]\(([^)]+)\)/g))
  if (!listed.includes(picture)) fail(`README.md shows ${picture}, which .vscodeignore keeps out of hoplens.vsix`);
const vsix = statSync(join(root, 'hoplens.vsix')).size;
// The sandbox is compressed as it is, and hardly smaller in the archive.
const sandbox = statSync(join(root, 'dist', 'render.wasm.gz')).size;
console.log(`hoplens.vsix: ${megabytes(vsix)}, ${megabytes(vsix - sandbox)} of it without kustomize and Helm`);
if (vsix > 12e6) fail('hoplens.vsix is larger than 12 MB');
if (vsix - sandbox > 1.2e6) fail('hoplens.vsix is larger than 1.2 MB without kustomize and Helm');

// All is bundled: whoever installs it needs none of the packages that it was built of.
const staged = join(folder, 'staged');
mkdirSync(join(staged, 'dist'), { recursive: true });
const { name, version, description, license, keywords, type, engines, bin } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const published = { name, version, description, license, keywords, type, engines: { node: engines.node }, bin };
writeFileSync(join(staged, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
for (const each of ['README.md', 'LICENSE', 'CHANGELOG.md']) cpSync(join(root, each), join(staged, each));
for (const each of readdirSync(join(root, 'dist')))
  if (/^(?:cli\.mjs|hoplens\.mjs|render\.(?:cjs|wasm\.gz|licences\.txt))$/.test(each))
    cpSync(join(root, 'dist', each), join(staged, 'dist', each));
run('npm', ['pack', '--silent'], staged);
const archive = join(root, 'hoplens.tgz');
renameSync(join(staged, `${name}-${version}.tgz`), archive);
console.log(`${basename(archive)}: ${megabytes(statSync(archive).size)}`);

const clean = join(folder, 'clean');
mkdirSync(clean);
for (const each of ['A8-local-policy', 'F1-overlays'])
  cpSync(join(root, 'examples', each), join(clean, each), { recursive: true });
const hoplens = (...args) => run('npx', ['--yes', '--offline', `--package=${archive}`, 'hoplens', ...args], clean);
expect(hoplens('--version'), `${version}\n`);
expect(hoplens('trace', 'svc/shop', '-f', 'A8-local-policy'), '2 hops from LB');
expect(hoplens('lenses', '-f', 'F1-overlays/overlays/prod'), 'from LB');
console.log('npx hoplens: runs from a clean folder, and builds a kustomization there');

function run(command, args, cwd = root) {
  const env = { ...process.env };
  // What npm says to its scripts would make the npm that is started here part of this one.
  for (const each of Object.keys(env)) if (each.startsWith('npm_') && cwd !== root) delete env[each];
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return stdout;
  return fail(`${command} ${args.join(' ')}: ${stdout}${stderr}`);
}

function expect(said, wanted) {
  if (!said.includes(wanted)) fail(`npx hoplens says ${said}instead of ${wanted}`);
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

function fail(why) {
  console.error(why);
  process.exit(1);
}
