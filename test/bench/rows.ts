import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';
import { dump, largeFile, nestedMergeKeys, oneFolder, teamsFolders, type Texts } from './apps.ts';
import { commentEdit, mergeKeyEdit, randomEdit } from './edits.ts';
import { type Editor, type OpenDocument, pause, type ServerCommand, startEditor } from './editor.ts';
import { type Keystrokes, typeBursts, typeKeys } from './keystrokes.ts';
import { keysInSources, manyBuilds, repository } from './builtRows.ts';
import { activation } from './activation.ts';
import { policyEdit, withPolicies } from './policies.ts';
import { goal, measuredAs, type Run, startLimit, type Station, type Values, withEditor, write } from './station.ts';
import type { Goal, Measured } from './table.ts';

/** The rows of the table; some share a server, so that each is started once. */
export async function measure(run: Run): Promise<Measured[]> {
  const found: Measured[] = [];
  for (const { rows, measured } of stations) {
    if (!rows.some((row) => run.rows.has(row))) continue;
    run.say(`row ${rows.filter((row) => run.rows.has(row)).join(', ')} …`);
    const folder = mkdtempSync(join(run.folder, 'workspace-'));
    try {
      found.push(...(await measured(run, folder)).filter(({ row }) => run.rows.has(row)));
    } catch (error) {
      const [row = 0] = rows;
      const note = error instanceof Error ? error.message : String(error);
      found.push(measuredAs({ row, what: 'failed', goal: null }, { values: [], notes: [note] }));
    }
    rmSync(folder, { recursive: true, force: true });
  }
  return found.toSorted((a, b) => a.row - b.row);
}

const stations: readonly Station[] = [
  keysIn({
    row: 1,
    name: "1,000 manifests in teams' folders",
    goal: goal(2, 5),
    texts: (random) => teamsFolders(random, 1000),
  }),
  keysIn({
    row: 2,
    name: "10,000 in teams' folders",
    goal: goal(2, 8),
    texts: (random) => teamsFolders(random, 10_000),
  }),
  keysIn({ row: 3, name: '1,000 in one folder', goal: goal(5, 16), texts: (random) => oneFolder(random, 1000) }),
  keysIn({ row: 4, name: '5,000 in one folder', goal: goal(10, 30), texts: (random) => oneFolder(random, 5000) }),
  { rows: [8], measured: coldStart },
  { rows: [9], measured: dumpOpened },
  { rows: [10], measured: mergeKeys },
  { rows: [11], measured: memory },
  { rows: [12], measured: largeFiles },
  { rows: [13, 14], measured: keysInSources },
  { rows: [15], measured: manyBuilds },
  { rows: [16], measured: linted },
  { rows: [17], measured: activation },
  { rows: [18], measured: reached },
  keysInPolicies({ row: 19, manifests: 800, policies: 200 }),
  keysInPolicies({ row: 20, manifests: 1000, policies: 10_000 }),
];

interface Shape {
  readonly row: number;
  readonly name: string;
  readonly goal: Goal;
  readonly texts: (random: SeededRandom) => Texts;
}

/** Keys in one workspace: edits that mean something, then comments; what else this workspace is asked for. */
function keysIn(shape: Shape): Station {
  const rows = [shape.row, 6, ...(shape.row === 2 ? [7] : []), ...(shape.row === 3 ? [5] : [])];
  return {
    rows,
    async measured(run, folder) {
      const random = seededRandom(run.seed);
      const texts = shape.texts(random);
      write(folder, texts);
      return withEditor(run, folder, async (editor) => {
        const found: Measured[] = [];
        const isReady = await editor.ready(editor.startedAt + startLimit);
        const notRead = { values: [], notes: [`the workspace isn't read after ${startLimit / 1000} s`] };
        if (run.rows.has(7) && rows.includes(7))
          found.push(
            measuredAs(
              { row: 7, what: `initialize → all lenses, ${shape.name}`, goal: goal(2200) },
              isReady ? await allLenses(editor, folder, [...texts.keys()]) : notRead,
            ),
          );
        const documents = await openSome(editor, folder, texts);
        const isSettled = isReady && (await editor.settled(editor.startedAt + 2 * startLimit));
        const typing = { editor, documents, random, keys: run.keys, warmUp: 50, seconds: run.seconds };
        if (run.rows.has(shape.row)) {
          const name = { row: shape.row, what: `key → all fresh, ${shape.name}`, goal: shape.goal };
          found.push(measuredAs(name, isSettled ? await typeKeys({ ...typing, edit: randomEdit }) : notRead));
          if (shape.row === 1)
            found.push(...(await besideOurs(run, { row: 1, text: appWithIngress(texts), keys: 20 })));
        }
        if (run.rows.has(5) && rows.includes(5))
          found.push(
            measuredAs(
              { row: 5, what: `50 keys at 30 ms → settled after the last, ${shape.name}`, goal: goal(50) },
              isSettled
                ? await typeBursts({ ...typing, keys: 50, edit: randomEdit }, { bursts: 3, interval: 30 })
                : notRead,
            ),
          );
        if (run.rows.has(6))
          found.push(
            measuredAs(
              { row: 6, what: `key in a comment, ${shape.name}`, goal: goal(3, null, 0) },
              isSettled ? await typeKeys({ ...typing, edit: commentEdit }) : notRead,
            ),
          );
        return found;
      });
    },
  };
}

/**
 * All files' lenses are asked for at once when the server says that it has read the workspace (its progress ends). They
 * are final if they are the same when asked for again later; else the time counts until the server was quiet.
 */
async function allLenses(editor: Editor, folder: string, files: readonly string[]): Promise<Values> {
  const readAt = performance.now();
  const uris = files.map((file) => pathToFileURL(join(folder, file)).href);
  const askAll = (): Promise<readonly (string | null)[] | null> =>
    Promise.race([Promise.all(uris.map((uri) => editor.ask(uri))), pause(startLimit).then(() => null)]);
  const first = await askAll();
  const answeredAt = performance.now();
  if (first === null) return { values: [], notes: [`not answered after ${startLimit / 1000} s`] };
  const work = editor.worked();
  await editor.settled(performance.now() + startLimit);
  const quietAt = Math.max(editor.counted.lastAt, answeredAt);
  const second = await askAll();
  const stale = second?.filter((answer, index) => answer !== first[index]).length ?? 0;
  const lenses = first.reduce((sum, answer) => sum + countOf(answer), 0);
  return {
    values: [(stale > 0 ? quietAt : answeredAt) - editor.startedAt],
    began: [editor.startedAt],
    work: [work],
    notes: [
      `${uris.length} files, ${lenses} lenses; read after ${(readAt - editor.startedAt).toFixed(0)} ms`,
      ...(stale > 0 ? [`${stale} files' lenses were stale when first asked for`] : []),
    ],
  };
}

/**
 * Ours against the yaml library alone. The engine's start is the server's: from `initialized` until the workspace is
 * read and a file's lenses are there. The command line, which makes all lenses, and the library are whole processes,
 * less what the same process takes with nothing to read.
 */
async function coldStart(run: Run, folder: string): Promise<Measured[]> {
  const texts = teamsFolders(seededRandom(run.seed), 10_000);
  const [full, empty] = [join(folder, 'full'), join(folder, 'empty')];
  write(full, texts);
  mkdirSync(empty);
  const ours: number[] = [];
  const bare: number[] = [];
  const server: Keystrokes = { values: [], began: [], answered: [], work: [], sent: [], changed: [], notes: [] };
  const [first = ''] = [...texts].find(([, text]) => text.includes('kind: Ingress')) ?? [];
  for (let index = 0; index < 3; index++) {
    const lenses = (at: string): number => lensesOnce(run, at).time;
    const parse = (at: string): number => processOnce([...run.bareYaml, at]).time;
    ours.push(lenses(full) - lenses(empty));
    bare.push(parse(full) - parse(empty));
    await withEditor(run, full, async (editor) => {
      const before = editor.worked();
      await editor.ready(editor.startedAt + startLimit);
      await editor.ask(pathToFileURL(join(full, first)).href);
      server.values.push(performance.now() - editor.initializedAt);
      server.began.push(editor.initializedAt);
      server.work.push(editor.worked() - before);
    });
  }
  const size = [...texts.values()].reduce((sum, text) => sum + text.length, 0) / 1e6;
  const toBare = (times: readonly number[]): Values => ({
    values: times.map((each, index) => each / (bare[index] ?? Number.NaN)),
  });
  return [
    measuredAs({ row: 8, what: 'cold start, 10,000 manifests: initialized → first lenses', goal: null }, server),
    measuredAs(
      { row: 8, what: '  the yaml library alone', goal: null },
      { values: bare, notes: [`${texts.size} files, ${size.toFixed(1)} MB`] },
    ),
    measuredAs({ row: 8, what: '  ours to the bare library', goal: goal(1.1), unit: '×' }, toBare(server.values)),
    measuredAs({ row: 8, what: '  hoplens lenses, with all lenses', goal: null }, { values: ours }),
    measuredAs({ row: 8, what: '  that to the bare library', goal: null, unit: '×' }, toBare(ours)),
  ];
}

async function dumpOpened(run: Run, folder: string): Promise<Measured[]> {
  const text = dump({ pods: 3000, services: 500 });
  const [file, empty] = [join(folder, 'dump', 'dump.json'), join(folder, 'empty')];
  mkdirSync(empty);
  write(folder, new Map([['dump/dump.json', text]]));
  const size = `${(text.length / 1e6).toFixed(1)} MB`;
  const opened: Keystrokes = { values: [], began: [], answered: [], sent: [], changed: [], work: [], notes: [] };
  for (let index = 0; index < 3; index++) {
    const { values, began, work, notes, lenses } = await withEditor(run, empty, (editor) =>
      openedTime(editor, { uri: pathToFileURL(join(empty, 'dump.json')).href, text, seconds: run.seconds }),
    );
    if (index === 0) opened.notes.push(...notes);
    if (lenses === 0) continue;
    opened.values.push(...values);
    opened.began.push(...began);
    opened.work.push(...work);
  }
  const parse = (at: string): number => processOnce([...run.bareYaml, at]).time;
  const ours = [0, 1, 2].map(() => ({ full: lensesOnce(run, file), start: lensesOnce(run, empty).time }));
  const isRefused = ours.every(({ full }) => countOf(full.output) === 0);
  return [
    measuredAs({ row: 9, what: `dump of ${size} in JSON: open → all fresh`, goal: goal(400) }, opened),
    measuredAs(
      { row: 9, what: '  hoplens lenses -f dump.json', goal: goal(400) },
      isRefused
        ? { values: [], notes: ['refused: no lenses'] }
        : { values: ours.map(({ full, start }) => full.time - start) },
    ),
    measuredAs(
      { row: 9, what: '  the yaml library alone', goal: null },
      { values: [parse(dirname(file)) - parse(empty)] },
    ),
  ];
}

async function mergeKeys(run: Run, folder: string): Promise<Measured[]> {
  const text = nestedMergeKeys();
  const what = `nested merge keys, ${text.length} bytes`;
  const typed = await withEditor(run, folder, async (editor): Promise<Values> => {
    const uri = pathToFileURL(join(folder, 'merge.yaml')).href;
    const document = await editor.open(uri, text);
    await editor.ask(uri);
    if (!(await editor.settled(performance.now() + run.seconds * 1000)))
      return { values: [], notes: [`not settled ${run.seconds} s after it was opened`] };
    const random = seededRandom(run.seed);
    const found = await typeKeys({ editor, documents: [document], random, ...manner(run, 20), edit: mergeKeyEdit });
    return { ...found, notes: [...found.notes, ...said(editor, uri)] };
  });
  return [
    measuredAs({ row: 10, what: `key, ${what}`, goal: goal(20) }, typed),
    ...(await besideOurs(run, { row: 10, text, keys: 5, edit: mergeKeyEdit })),
  ];
}

/** As long as a person looks at what was typed: a server at rest gives memory back. */
const rest = 10_000;

/**
 * Resident memory of the server's process at rest; each edit is followed by its file's lenses, one after the other.
 */
async function memory(run: Run, folder: string): Promise<Measured[]> {
  const random = seededRandom(run.seed);
  const texts = teamsFolders(random, 1000);
  write(folder, texts);
  return withEditor(run, folder, async (editor) => {
    await editor.ready(editor.startedAt + startLimit);
    const documents = await openSome(editor, folder, texts);
    await editor.settled(performance.now() + startLimit);
    await pause(rest);
    const before = editor.resident();
    const deadline = performance.now() + run.seconds * 1000;
    const found: Measured[] = [];
    let made = 0;
    for (const edits of [2000, 10_000]) {
      for (; made < edits && performance.now() < deadline; made++) {
        const document = random.pick(documents);
        await editor.change(document, randomEdit(random, document.text));
        await editor.ask(document.uri);
      }
      await editor.settled(performance.now() + 10_000);
      const busy = editor.resident();
      await pause(rest);
      const after = editor.resident();
      found.push(
        measuredAs(
          {
            row: 11,
            what: `resident memory after ${edits.toLocaleString('en')} edits, 1,000 manifests: growth`,
            goal: edits === 2000 ? null : goal(15),
            unit: '%',
          },
          {
            values: [(after / before - 1) * 100],
            notes: [
              `${before.toFixed(0)} → ${after.toFixed(0)} MB at rest, ${busy.toFixed(0)} MB before`,
              ...(made < edits ? [`cut after ${run.seconds} s, ${made} edits`] : []),
            ],
          },
        ),
      );
      if (made < edits) break;
    }
    return found;
  });
}

async function largeFiles(run: Run, folder: string): Promise<Measured[]> {
  const found: Measured[] = [];
  for (const megabytes of [1, 3]) {
    const random = seededRandom(run.seed);
    const text = largeFile(random, megabytes * 1e6);
    const uri = pathToFileURL(join(folder, 'large.yaml')).href;
    found.push(
      ...(await withEditor(run, folder, async (editor) => {
        const opened = await openedTime(editor, { uri, text, seconds: run.seconds });
        const open = measuredAs({ row: 12, what: `one file of ${megabytes} MB: open → all fresh`, goal: null }, opened);
        const typed =
          opened.values.length === 0
            ? { values: [], notes: ['not opened'] }
            : await typeKeys({ editor, documents: [opened.document], random, ...manner(run, 20), edit: randomEdit });
        return [open, measuredAs({ row: 12, what: '  a key in it → all fresh', goal: null }, typed)];
      })),
    );
    if (megabytes === 1) found.push(...(await besideOurs(run, { row: 12, text, keys: 5 })));
  }
  return found;
}

/**
 * yaml-language-server with the same text: its syntax check alone, since a schema would have to come from the network.
 */
async function besideOurs(
  run: Run,
  {
    row,
    text,
    keys,
    edit = randomEdit,
  }: {
    readonly row: number;
    readonly text: string;
    readonly keys: number;
    readonly edit?: typeof randomEdit;
  },
): Promise<Measured[]> {
  if (run.yamlServer === null) return [];
  const folder = mkdtempSync(join(run.folder, 'beside-'));
  const editor = await startEditor({ command: run.yamlServer, folder, asked: 'documentSymbol' });
  try {
    const uri = pathToFileURL(join(folder, 'app.yaml')).href;
    const opened = await openedTime(editor, { uri, text, seconds: run.seconds });
    const random = seededRandom(run.seed);
    const typed: Keystrokes = await typeKeys({
      editor,
      documents: [opened.document],
      random,
      ...manner(run, Math.min(keys, run.keys)),
      edit,
    });
    const [open] = opened.values;
    return [
      measuredAs(
        { row, what: '  yaml-language-server: key → symbols, diagnostics', goal: null },
        {
          ...typed,
          notes: [
            'no schema; it waits 200 ms before diagnostics, `answer` is its symbols',
            ...(open === undefined ? [] : [`opened cold in ${open.toFixed(0)} ms`]),
            ...typed.notes,
          ],
        },
      ),
    ];
  } finally {
    await editor.stop();
  }
}

type Opened = Pick<Keystrokes, 'values' | 'began' | 'work' | 'notes'> & {
  readonly document: OpenDocument;
  readonly lenses: number;
};

/** Opens a document that the disk doesn't have, and waits until all is said of it. */
async function openedTime(
  editor: Editor,
  { uri, text, seconds }: { readonly uri: string; readonly text: string; readonly seconds: number },
): Promise<Opened> {
  await editor.ready(performance.now() + startLimit);
  await editor.settled(performance.now() + startLimit);
  editor.count();
  const before = editor.worked();
  const start = performance.now();
  const document = await editor.open(uri, text);
  let answer: string | null = null;
  let answeredAt = 0;
  editor.ask(uri).then(
    (given) => {
      answeredAt = performance.now();
      answer = given;
    },
    () => undefined,
  );
  if (!(await editor.settled(start + seconds * 1000)))
    return {
      document,
      values: [],
      began: [],
      work: [],
      lenses: countOf(answer),
      notes: [
        `cut after ${seconds} s; ` +
          `${answeredAt === 0 ? 'no lenses' : `lenses after ${(answeredAt - start).toFixed(0)} ms`}`,
      ],
    };
  return {
    document,
    values: [Math.max(answeredAt, editor.counted.lastAt) - start],
    began: [start],
    work: [editor.worked() - before],
    lenses: countOf(answer),
    notes: countOf(answer) === 0 ? ['no lenses', ...said(editor, uri)] : [`${countOf(answer)} lenses`],
  };
}

/** The first thing that the server says against a file. */
function said(editor: Editor, uri: string): string[] {
  const [problem] = editor.diagnostics(uri);
  return problem === undefined ? [] : [`said of it: ${String(problem.code)}, ${problem.message.slice(0, 100)}`];
}

/** Of rows whose keys are slow, or cost little to know. */
function manner(run: Run, most: number): { readonly keys: number; readonly warmUp: number; readonly seconds: number } {
  return { keys: Math.min(most, run.keys), warmUp: 3, seconds: run.seconds };
}

/** Twenty files with a workload, a Service and an Ingress, spread over the workspace. */
async function openSome(editor: Editor, folder: string, texts: Texts): Promise<OpenDocument[]> {
  const whole = [...texts].filter(([, text]) => text.includes('kind: Ingress'));
  const step = Math.max(1, Math.floor(whole.length / 20));
  const documents: OpenDocument[] = [];
  for (const [file, text] of whole.filter((_, index) => index % step === 0).slice(0, 20))
    documents.push(await editor.open(pathToFileURL(join(folder, file)).href, text));
  return documents;
}

function appWithIngress(texts: Texts): string {
  return [...texts.values()].find((text) => text.includes('kind: Ingress')) ?? '';
}

/** As CI has it: from the process's start to its end, everything built. */
async function linted(run: Run, folder: string): Promise<Measured[]> {
  const teams = join(folder, 'teams');
  write(teams, teamsFolders(seededRandom(run.seed), 1000));
  write(join(folder, 'built'), repository());
  const lint = (path: string): number => processOnce([...run.commandLine, 'lint', path, '--fail-on', 'never']).time;
  const times = (path: string): number[] => [0, 1, 2].map(() => lint(path));
  return [
    measuredAs(
      { row: 16, what: "hoplens lint of 1,000 manifests in teams' folders", goal: null },
      { values: times(teams) },
    ),
    measuredAs(
      { row: 16, what: '  of 100 kustomizations and 10 charts', goal: null },
      { values: times(join(folder, 'built')) },
    ),
  ];
}

/** All pairs, from the process's start to its end. */
async function reached(run: Run, folder: string): Promise<Measured[]> {
  const random = seededRandom(run.seed);
  write(folder, withPolicies(random, oneFolder(random, 1250), 500));
  const values = [0, 1, 2].map(() => processOnce([...run.commandLine, 'reach', '-f', folder]).time);
  return [measuredAs({ row: 18, what: 'hoplens reach, 500 workloads, 500 policies', goal: goal(2000) }, { values })];
}

/** Keys in the policies of one folder, and how long it takes until it has been read and judged. */
function keysInPolicies({
  row,
  manifests,
  policies,
}: {
  readonly row: number;
  readonly manifests: number;
  readonly policies: number;
}): Station {
  const [some, more] = [manifests, policies].map((each) => each.toLocaleString('en'));
  const shape = `${some} manifests in one folder and ${more} policies`;
  return {
    rows: [row],
    async measured(run, folder) {
      const random = seededRandom(run.seed);
      const texts = withPolicies(random, oneFolder(random, manifests), policies);
      write(folder, texts);
      return withEditor(run, folder, async (editor) => {
        const isReady = await editor.ready(editor.startedAt + startLimit);
        const own = new Map([...texts].filter(([, text]) => text.includes('kind: NetworkPolicy')));
        const documents = await openSome(editor, folder, own);
        await Promise.all(documents.map(({ uri }) => editor.ask(uri)));
        const isSettled = isReady && (await editor.settled(editor.startedAt + 2 * startLimit));
        const started = { values: [editor.counted.lastAt - editor.startedAt], work: [editor.worked()] };
        const typing = { editor, documents, random, keys: run.keys, warmUp: 50, seconds: run.seconds };
        const unsettled = { values: [], notes: ["the workspace isn't settled"] };
        return [
          measuredAs(
            { row, what: `key in a policy → all fresh, ${shape}`, goal: goal(8, 20) },
            isSettled ? await typeKeys({ ...typing, edit: policyEdit }) : unsettled,
          ),
          measuredAs({ row, what: '  from the start until all is said', goal: null }, isSettled ? started : unsettled),
        ];
      });
    },
  };
}

function lensesOnce(run: Run, path: string): { readonly time: number; readonly output: string } {
  return processOnce([...run.commandLine, 'lenses', '-f', path, '--format', 'json']);
}

/** One process from its start to its end, in ms, and what it printed. */
function processOnce(command: ServerCommand): { readonly time: number; readonly output: string } {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
    timeout: startLimit,
    killSignal: 'SIGKILL',
  });
  const time = performance.now() - start;
  const name = command.slice(0, 2).join(' ');
  if (status === null) throw new Error(`${name} was cut after ${startLimit / 1000} s.`);
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr.split('\n')[0] ?? ''}`);
  return { time, output: stdout };
}

function countOf(answer: string | null): number {
  const value: unknown = answer === null ? [] : JSON.parse(answer);
  return Array.isArray(value) ? value.length : 0;
}
