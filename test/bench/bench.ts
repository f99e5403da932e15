import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './rows.ts';
import { isMet, percentile, table } from './table.ts';

/**
 * `npm run bench`: how fast the built server is over its pipe, in the rows of the table that it is held to; the yaml
 * library alone and yaml-language-server run beside it. See docs/architecture.md for what each row is.
 */
const all = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20];
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: all.join(',') },
    keys: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`npm run bench -- [--rows 1,3] [--keys 60] [--seed 1] [--seconds 20] [--json]
  --rows     which rows of the table, 1 to ${all.length}
  --keys     keys for each row that has keys
  --seconds  what a row may take; then it is cut, and says so
  --json     all values, on standard output`);
  process.exit(0);
}
const root = join(import.meta.dirname, '..', '..');
const number = (name: 'keys' | 'seed' | 'seconds'): number => {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes a whole number, not ${values[name]}.`);
  return value;
};
const rows = new Set(values.rows.split(',').map(Number));
for (const row of rows) if (!all.includes(row)) throw new Error(`--rows takes numbers from 1 to ${all.length}.`);
const folder = mkdtempSync(join(tmpdir(), 'hoplens-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const machine = `Node ${process.version}, ${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown processor'}`;
const started = performance.now();
const load = loadavg()[0] ?? 0;
const measured = await measure({
  rows,
  seed: number('seed'),
  keys: number('keys'),
  seconds: number('seconds'),
  folder,
  server: [join(root, 'dist/cli.mjs'), 'server', '--stdio'],
  commandLine: [join(root, 'dist/cli.mjs')],
  yamlServer: [join(root, 'node_modules/yaml-language-server/bin/yaml-language-server'), '--stdio'],
  bareYaml: ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'bareYaml.ts')],
  say: (text) => console.error(text),
});
const seconds = Math.round((performance.now() - started) / 1000);
if (values.json) {
  const withMedians = measured.map((row) => ({
    ...row,
    median: percentile(row.values, 0.5),
    p95: percentile(row.values, 0.95),
    isMet: isMet(row),
  }));
  console.log(JSON.stringify({ seed: number('seed'), machine, load, seconds, rows: withMedians }, null, 2));
} else {
  console.log(`${machine}, load ${load.toFixed(1)}; seed ${values.seed}, ${seconds} s\n`);
  console.log(table(measured));
  console.log(`
answer: until the file's lenses were there, the rest is what was published (median)
work: the server's main thread, which other programs on the machine don't change (median)
sent: diagnostics published for each, and those of them that say something new (mean)`);
}
process.exit(0);
