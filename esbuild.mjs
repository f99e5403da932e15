// Bundles the extension: `npm run build`. dist/ then holds all that the .vsix needs.
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { brotliDecompressSync, gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const common = {
  bundle: true,
  minify: true,
  sourcemap: false,
  logLevel: 'warning',
  legalComments: 'none',
  absWorkingDir: import.meta.dirname,
};
const node = {
  ...common,
  platform: 'node',
  target: 'node22.13',
  // The extension and its server run in Node and in a browser, from one file: the protocol's library has a part for each.
  conditions: ['node', 'browser'],
  // Its main module asks for its own files by a `require` that no bundler sees.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
};
mkdirSync(`${import.meta.dirname}/dist`, { recursive: true });
await Promise.all([
  build({
    ...node,
    entryPoints: ['client/extension.ts'],
    outfile: 'dist/extension.cjs',
    format: 'cjs',
    external: ['vscode'],
  }),
  build({
    ...node,
    entryPoints: ['server/start.ts'],
    outfile: 'dist/server.cjs',
    format: 'cjs',
    define: { 'import.meta.dirname': '__dirname' },
  }),
  // kustomize's and Helm's worker; the sandbox itself is copied.
  build({ ...node, entryPoints: ['render/worker.ts'], outfile: 'dist/render.cjs', format: 'cjs' }),
  build({
    ...node,
    entryPoints: ['cli/main.ts'],
    outfile: 'dist/hoplens.mjs',
    format: 'esm',
    // The protocol's library asks for Node's own modules by `require`.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  }),
  build({
    ...common,
    entryPoints: ['render/browserWorker.ts'],
    outfile: 'dist/render.web.js',
    format: 'iife',
    platform: 'browser',
    target: 'es2024',
  }),
  build({
    ...common,
    entryPoints: ['client/panel/main.tsx'],
    outfile: 'dist/panel.js',
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
  }),
  build({ ...common, entryPoints: ['client/panel/panel.css'], outfile: 'dist/panel.css' }),
]);
copyFileSync(`${import.meta.dirname}/client/icon.png`, `${import.meta.dirname}/dist/icon.png`);
cpSync(`${import.meta.dirname}/client/walkthrough`, `${import.meta.dirname}/dist/walkthrough`, { recursive: true });
copyFileSync(
  `${import.meta.dirname}/client/reach.tmLanguage.json`,
  `${import.meta.dirname}/dist/reach.tmLanguage.json`,
);
copyFileSync(`${import.meta.dirname}/client/sideBar.svg`, `${import.meta.dirname}/dist/sideBar.svg`);
// No browser but one unpacks Brotli for a script. It takes seconds, so it is made anew only for another sandbox.
const [packed, repacked] = ['render/render.wasm.br', 'dist/render.wasm.gz'].map((name) =>
  fileURLToPath(new URL(name, import.meta.url)),
);
if (!existsSync(repacked) || statSync(repacked).mtimeMs < statSync(packed).mtimeMs)
  writeFileSync(repacked, gzipSync(brotliDecompressSync(readFileSync(packed)), { level: 9 }));
copyFileSync(`${import.meta.dirname}/render/licences.txt`, `${import.meta.dirname}/dist/render.licences.txt`);
copyFileSync(`${import.meta.dirname}/cli/launcher.mjs`, `${import.meta.dirname}/dist/cli.mjs`);
