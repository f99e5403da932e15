// Builds render.wasm.br: `npm run render`. With `--check` it builds it anew and compares.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { buildEdited, editedModules } from './edits.mjs';

const here = import.meta.dirname;
const compressed = join(here, 'render.wasm.br');
/** Pages of 64 KiB: 512 MB. */
const mostPages = 8192;

const go = (...args) =>
  execFileSync('go', args, { cwd: here, encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'] });
// The toolchain decides on the bytes; this one is pinned.
const env = {
  ...process.env,
  GOOS: 'wasip1',
  GOARCH: 'wasm',
  GOFLAGS: '-mod=readonly',
  GOWORK: 'off',
  GOTOOLCHAIN: 'go1.26.8',
  CGO_ENABLED: '0',
};

/** The module's bytes, the same on every machine, and the licences of what is in it. */
export function built() {
  const folder = join(here, '..', '.vscode-test', 'render');
  const root = go('env', 'GOROOT').trim();
  go('mod', 'download', ...editedModules);
  const edited = buildEdited(folder, join(here, 'go.mod'), (module) =>
    module === 'std' ? join(root, 'src') : go('list', '-m', '-f', '{{.Dir}}', module).trim(),
  );
  const out = join(folder, 'render.wasm');
  go(
    'build',
    ...edited,
    '-trimpath',
    '-buildvcs=false',
    '-buildmode=c-shared',
    '-ldflags=-s -w -buildid=',
    '-o',
    out,
    '.',
  );
  return { bytes: withMost(readFileSync(out)), licences: licencesOf(root, edited) };
}

/** The licences of all modules that are in it, each text once. */
function licencesOf(root, edited) {
  const format = '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}';
  const modules = new Set(
    go('list', '-deps', ...edited, '-f', format, '.')
      .split('\n')
      .filter(Boolean),
  );
  const holders = new Map();
  for (const each of [`Go's standard library\t${root}`, ...[...modules].sort()]) {
    const [name, folder] = each.split('\t');
    for (const file of readdirSync(folder).filter((file) => /^(?:LICEN[CS]E|COPYING|NOTICE)/i.test(file))) {
      const text = readFileSync(join(folder, file), 'utf8').replaceAll('\r', '').trim();
      holders.set(text, [...(holders.get(text) ?? []), name]);
    }
  }
  return [...holders].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`).join(`\n${'-'.repeat(80)}\n\n`);
}

/** Gives the memory of a module a maximum. */
function withMost(bytes) {
  const parts = [bytes.subarray(0, 8)];
  let at = 8;
  while (at < bytes.length) {
    const [size, body] = unsigned(bytes, at + 1);
    if (bytes[at] === 5) {
      // The memory section: one memory, without a maximum as Go writes it.
      const [least] = unsigned(bytes, body + 2);
      if (bytes[body] !== 1 || bytes[body + 1] !== 0) throw new Error('the memory section is another than Go writes');
      const limits = [1, 1, ...unsignedBytes(least), ...unsignedBytes(mostPages)];
      parts.push(Buffer.from([5, ...unsignedBytes(limits.length), ...limits]));
    } else parts.push(bytes.subarray(at, body + size));
    at = body + size;
  }
  return Buffer.concat(parts);
}

/** A number in LEB128 and where it ends. */
function unsigned(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value |= (byte & 127) << shift;
    if (byte < 128) return [value, at];
  }
}

function unsignedBytes(value) {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
}

if (process.argv[1] === import.meta.filename) {
  let made;
  try {
    made = built();
  } catch (error) {
    console.error(error.message);
    process.exit(2);
  }
  const { bytes, licences } = made;
  if (process.argv.includes('--check')) {
    const same = bytes.equals(brotliDecompressSync(readFileSync(compressed)));
    console.log(`render.wasm.br is ${same ? '' : 'not '}what its source makes`);
    process.exit(same ? 0 : 1);
  }
  const small = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(compressed, small);
  writeFileSync(join(here, 'licences.txt'), licences);
  console.log(`${bytes.length} bytes, ${small.length} compressed`);
}
