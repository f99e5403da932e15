import { CancellationTokenSource } from 'vscode-languageserver/node';
import type { SeededRandom } from '../seededRandom.ts';
import type { Edit } from './edits.ts';
import { type Editor, type OpenDocument, pause } from './editor.ts';

/** What `Measured` tells of keys, before it has a name and a goal. */
export interface Keystrokes {
  readonly values: number[];
  /** When each began, on this process's clock (`performance.now()`). */
  readonly began: number[];
  readonly answered: number[];
  readonly work: number[];
  readonly sent: number[];
  readonly changed: number[];
  readonly notes: string[];
}

export interface Typing {
  readonly editor: Editor;
  readonly documents: readonly OpenDocument[];
  readonly random: SeededRandom;
  readonly edit: (random: SeededRandom, text: string) => Edit;
  readonly keys: number;
  /** Keys before, in a quick row and at most a tenth of the time: they warm the server up and don't count. */
  readonly warmUp: number;
  readonly seconds: number;
}

/**
 * One key after the other, each when all is quiet. A key's time runs until the file's lenses are there and nothing more
 * is published: the later of the two.
 */
export async function typeKeys(typing: Typing): Promise<Keystrokes> {
  const { editor, documents, random, edit, keys, warmUp, seconds } = typing;
  const found: Keystrokes = { values: [], began: [], answered: [], work: [], sent: [], changed: [], notes: [] };
  const deadline = performance.now() + seconds * 1000;
  for (let index = 0; index < warmUp && performance.now() < deadline - seconds * 900; index++) {
    const document = random.pick(documents);
    await editor.change(document, edit(random, document.text));
    await editor.ask(document.uri);
  }
  await editor.settled(deadline);
  for (let index = 0; index < keys; index++) {
    const document = random.pick(documents);
    const change = edit(random, document.text);
    const before = editor.worked();
    editor.count();
    const start = await editor.change(document, change);
    let answeredAt = 0;
    const answer = editor.ask(document.uri).then(() => {
      answeredAt = performance.now();
    });
    answer.catch(() => undefined);
    if (!(await editor.settled(deadline))) {
      found.notes.push(`cut after ${seconds} s, ${index} of ${keys} keys`);
      break;
    }
    await answer;
    found.values.push(Math.max(answeredAt, editor.counted.lastAt) - start);
    found.began.push(start);
    found.answered.push(answeredAt - start);
    found.work.push(editor.worked() - before);
    found.sent.push(editor.counted.sent);
    found.changed.push(editor.counted.changed);
  }
  return found;
}

/**
 * Bursts of keys in one file at an interval, as fast typing is; each asks for the lenses and cancels the one asked for
 * before. A burst's time runs from its last key until all is settled.
 */
export async function typeBursts(
  typing: Typing,
  { bursts, interval }: { readonly bursts: number; readonly interval: number },
): Promise<Keystrokes> {
  const { editor, documents, random, edit, keys, seconds } = typing;
  const found: Keystrokes = { values: [], began: [], answered: [], work: [], sent: [], changed: [], notes: [] };
  const deadline = performance.now() + seconds * 1000;
  for (let burst = 0; burst < bursts; burst++) {
    const document = random.pick(documents);
    const before = editor.worked();
    editor.count();
    let start = 0;
    let answeredAt = 0;
    let cancellation: CancellationTokenSource | null = null;
    const first = performance.now();
    for (let key = 0; key < keys; key++) {
      await pause(Math.max(0, first + key * interval - performance.now()));
      cancellation?.cancel();
      cancellation = new CancellationTokenSource();
      start = await editor.change(document, edit(random, document.text));
      editor.ask(document.uri, cancellation.token).then(
        (answer) => {
          if (answer !== null) answeredAt = performance.now();
        },
        () => undefined,
      );
    }
    if (!(await editor.settled(deadline))) {
      found.notes.push(`cut after ${seconds} s, ${burst} of ${bursts} bursts`);
      break;
    }
    found.values.push(Math.max(answeredAt, editor.counted.lastAt) - start);
    found.began.push(start);
    found.answered.push(answeredAt - start);
    found.work.push(editor.worked() - before);
    found.sent.push(editor.counted.sent);
    found.changed.push(editor.counted.changed);
  }
  return found;
}
