import {
  entrySetsMethod,
  targetsMethod,
  traceChoicesMethod,
  traceMethod,
  traceTextMethod,
} from '../../shared/insight/protocol.ts';
import { difference } from '../incremental/live.ts';
import { randomWorkspace } from '../incremental/randomWorkspace.ts';
import { seededRandom } from '../seededRandom.ts';
import { type Editor, newFolder, pause, startEditor } from '../server/editor.ts';
import type { Question } from './features.ts';
import { aPerson, type Person } from './person.ts';

export interface Fuzz {
  readonly seed: number;
  /** How many inputs and requests. */
  readonly count: number;
  /** After so many the server is held against one that starts cold on the same files and documents. */
  readonly every: number;
  readonly onStep?: (number: number) => void;
}

/** How often a difference is looked at again, and how long apart in milliseconds: what is built comes later. */
const looks = { most: 40, apart: 250 };

/** So many answers are held against those of a cold start. */
const compared = 60;

/** What is wrong, or null: a crash, a fault inside, a hang, a place outside of its document, or a stale answer. */
export async function fuzz({ seed, count, every, onStep }: Fuzz): Promise<string | null> {
  const random = seededRandom(seed);
  const first = new Map([...randomWorkspace(random, 80)].map(([path, text]) => [path.replace('/work/', ''), text]));
  const folder = newFolder(Object.fromEntries(first));
  const editor = await startEditor(folder);
  const faults = faultsOf(editor);
  const person = aPerson({ random, editor, folder, first, faults });
  let number = 0;
  while (number < count && faults.length === 0) {
    await person.step();
    number++;
    onStep?.(number);
    if (number % every !== 0 && number !== count) continue;
    await person.answered();
    const cold = await startEditor(folder);
    const difference = await stale(editor, cold, person);
    if (difference !== null) faults.push(difference);
    await cold.end();
  }
  if (editor.child.exitCode === null) await editor.stop();
  const [fault] = faults;
  return fault === undefined ? null : `step ${number}: ${fault}`;
}

/** Fills up with what the server logs as a fault, and with its end. */
function faultsOf({ child, connection }: Editor): string[] {
  const faults: string[] = [];
  child.once('exit', (code) => {
    if (code !== 0) faults.push(`the server ended with ${code}`);
  });
  connection.onNotification('window/logMessage', ({ type, message }: { type: number; message: string }) => {
    if (type === 1) faults.push(message);
  });
  return faults;
}

/** What goes by the last readable text of a document that is being written, which a cold start can't know. */
const asOfBefore: ReadonlySet<string> = new Set([
  'textDocument/codeLens',
  'textDocument/codeAction',
  'workspace/executeCommand',
  targetsMethod,
  traceMethod,
  traceChoicesMethod,
  traceTextMethod,
]);

/** What the server says otherwise than one that starts now; null if nothing. */
async function stale(live: Editor, cold: Editor, person: Person): Promise<string | null> {
  for (const each of [live, cold])
    await each.connection.sendNotification('workspace/didChangeConfiguration', {
      settings: { hoplens: person.configured() },
    });
  for (const document of person.documents.values()) await cold.open(document.uri, document.getText(), document.version);
  // Who asks for a set's ways in has been told the sets.
  for (const each of [live, cold]) await each.connection.sendRequest(entrySetsMethod, {});
  const questions = Array.from({ length: compared }, () => person.question());
  const ofNow = questions.filter(({ method }) => !asOfBefore.has(method));
  const asTyped = await lasting(async () => published(live, cold) ?? (await answers(live, cold, ofNow)));
  if (asTyped !== null) return asTyped;
  for (const document of person.documents.values()) {
    const { uri, version } = document;
    // What is opened anew is as of nothing before.
    await live.close(uri);
    await live.open(uri, document.getText(), version);
  }
  const opened = await lasting(async () => published(live, cold) ?? (await answers(live, cold, questions)));
  return opened === null ? null : `opened anew: ${opened}`;
}

/** A difference that is still there when all has had its time; null if there is none. */
async function lasting(differenceNow: () => Promise<string | null>): Promise<string | null> {
  let said: string | null = null;
  for (let look = 0; look < looks.most; look++) {
    said = await differenceNow();
    if (said === null) return null;
    await pause(looks.apart);
  }
  return said;
}

function published(live: Editor, cold: Editor): string | null {
  const uris = new Set([...live.published, ...cold.published].map(({ uri }) => uri));
  for (const uri of uris) {
    const [ours, theirs] = [live, cold].map((each) => JSON.stringify(each.last(uri)?.diagnostics ?? []));
    if (ours !== theirs) return difference(`published of ${uri}`, ours, theirs);
  }
  return null;
}

async function answers(live: Editor, cold: Editor, questions: readonly Question[]): Promise<string | null> {
  for (const { method, params } of questions) {
    const [ours, theirs] = await Promise.all(
      [live, cold].map(({ connection }) =>
        connection.sendRequest<unknown>(method, params).then(
          // How often a set has been another is each server's own count.
          (value) => JSON.stringify(value).replaceAll(/"revision":\d+/g, ''),
          (error: unknown) => String(error),
        ),
      ),
    );
    if (ours !== theirs) return difference(`${method} ${JSON.stringify(params)}`, ours, theirs);
  }
  return null;
}
