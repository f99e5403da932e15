import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure } from './rows.ts';
import { table } from './table.ts';

/**
 * `npm run profile -- --row 3`: where the time of a row of the bench goes. The server runs from its sources, so that
 * functions have names and lines, with V8's sampling profiler; only samples between a key and its last answer count.
 */
const { values } = parseArgs({
  options: {
    row: { type: 'string', default: '1' },
    keys: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '30' },
    top: { type: 'string', default: '30' },
  },
});
const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'hoplens-profile-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const profiled = [
  '--disable-warning=ExperimentalWarning',
  '--cpu-prof',
  `--cpu-prof-dir=${join(folder, 'profiles')}`,
  join(root, 'cli/main.ts'),
];
const measured = await measure({
  rows: new Set([Number(values.row)]),
  seed: Number(values.seed),
  keys: Number(values.keys),
  seconds: Number(values.seconds),
  folder,
  server: [...profiled, 'server', '--stdio'],
  commandLine: profiled,
  yamlServer: null,
  bareYaml: ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'bareYaml.ts')],
  say: (text) => console.error(text),
});
console.log(`${table(measured)}\n`);

/** What `--cpu-prof` writes, as far as it is read here: times in microseconds of the machine's monotonic clock. */
interface Profile {
  readonly startTime: number;
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

/** The monotonic clock's time when `performance.now()` is 0, in microseconds. */
const origin = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;
const spans = measured.flatMap(({ began, values: times }) =>
  began.map((start, index) => [origin + start * 1000, origin + (start + (times[index] ?? 0)) * 1000] as const),
);

const idle = new Set(['(idle)', '(program)']);
const self = new Map<string, number>();
let total = 0;
for (const file of globSync(join(folder, 'profiles', '*.cpuprofile'))) {
  const { startTime, nodes, samples, timeDeltas }: Profile = JSON.parse(readFileSync(file, 'utf8'));
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  let now = startTime;
  for (const [index, sample] of samples.entries()) {
    // The delta before a sample is the time since the one before; what runs at a sample runs until the next.
    now += timeDeltas[index] ?? 0;
    const name = names.get(sample) ?? '(unknown)';
    if (idle.has(name) || (spans.length > 0 && !spans.some(([from, to]) => now >= from && now < to))) continue;
    const taken = (timeDeltas[index + 1] ?? 0) / 1000;
    self.set(name, (self.get(name) ?? 0) + taken);
    total += taken;
  }
}
console.log(
  `${total.toFixed(0)} ms of work${spans.length > 0 ? ` in ${spans.length} measured spans` : ''}; self time:`,
);
print(self, Number(values.top));
console.log('\nby room or package:');
const byRoom = new Map<string, number>();
for (const [name, taken] of self) byRoom.set(roomOf(name), (byRoom.get(roomOf(name)) ?? 0) + taken);
print(byRoom, 20);
process.exit(0);

function print(times: ReadonlyMap<string, number>, most: number): void {
  for (const [name, taken] of [...times].toSorted(([, a], [, b]) => b - a).slice(0, most))
    console.log(`${taken.toFixed(1).padStart(9)} ms  ${((taken / total) * 100).toFixed(1).padStart(5)} %  ${name}`);
}

/** `shared/trace` of one of its functions; a package's name; Node's own functions together. */
function roomOf(name: string): string {
  const file = /  (\S+):\d+$/.exec(name)?.[1] ?? '';
  if (file === '' || file.startsWith('node:')) return name === '(garbage collector)' ? name : 'Node';
  return file
    .split('/')
    .slice(0, file.startsWith('shared/') || file.startsWith('@') ? 2 : 1)
    .join('/');
}

function nameOf({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const file = url.startsWith('file:') ? relative(root, fileURLToPath(url)) : url;
  return `${name}  ${file.replace(/^node_modules\//, '')}:${lineNumber + 1}`;
}
