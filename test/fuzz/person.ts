import { CancellationTokenSource, LSPErrorCodes, ResponseError } from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { randomEdit } from '../incremental/randomWorkspace.ts';
import type { SeededRandom } from '../seededRandom.ts';
import { type Editor, type Folder, pause } from '../server/editor.ts';
import { type Question, questionsAt, questionsBehind } from './features.ts';
import { outside } from './places.ts';
import { processorTime } from './processorTime.ts';

/** Somebody who types, opens, closes, renames, configures and asks, faster than any answer comes. */
export interface Person {
  readonly documents: ReadonlyMap<string, TextDocument>;
  readonly configured: () => object;
  step(): Promise<void>;
  /** Until all that was asked is answered. */
  answered(): Promise<void>;
  /** Something that can be asked now, anywhere. */
  question(): Question;
}

export interface World {
  readonly random: SeededRandom;
  readonly editor: Editor;
  readonly folder: Folder;
  /** Every file's first text, by its path in the folder. */
  readonly first: ReadonlyMap<string, string>;
  /** What is wrong is added here. */
  readonly faults: string[];
}

/** The processor's time that one answer may take, in milliseconds; waiting for others isn't counted. */
const longest = 1000;

/** So many requests wait at most. */
const mostWaiting = 40;

const settings = [
  {},
  { codeLens: false },
  { codeLens: true, rules: { 'same-path-twice': 'off', 'target-port-not-offered': 'hint' } },
  { profile: 'team-0/hoplens.yaml' },
  { profile: 'nowhere.yaml' },
  { inlayHints: 'all', codeLens: ['way'] },
  { rules: 5, profile: [], codeLens: 'x', exclude: {} },
];

export function aPerson({ random, editor, folder, first, faults }: World): Person {
  const documents = new Map<string, TextDocument>();
  const onDisk = new Map(first);
  const waiting = new Set<Promise<void>>();
  let configured: object = {};

  const nameOf = (uri: string): string => decodeURI(uri.slice(folder.uri.length + 1));
  const textOf = (name: string): string => documents.get(folder.at(name))?.getText() ?? onDisk.get(name) ?? '';
  const anyName = (): string => random.pick([...new Set([...onDisk.keys(), ...[...documents.keys()].map(nameOf)])]);

  async function open(name: string): Promise<TextDocument> {
    const uri = folder.at(name);
    const known = documents.get(uri);
    if (known !== undefined) return known;
    const document = TextDocument.create(uri, 'yaml', 1, asOpened(onDisk.get(name) ?? ''));
    documents.set(uri, document);
    await editor.open(uri, document.getText());
    return document;
  }

  async function close(name: string): Promise<void> {
    const uri = folder.at(name);
    if (documents.delete(uri)) await editor.close(uri);
  }

  async function type(name: string): Promise<void> {
    const document = await open(name);
    const text = document.getText();
    const next = asOpened(text.length > 6000 ? (first.get(name) ?? '') : randomEdit(random, text));
    const version = document.version + 1;
    const contentChanges = random.below(4) === 0 ? [{ text: next }] : [change(document, next)];
    documents.set(document.uri, TextDocument.create(document.uri, 'yaml', version, next));
    await editor.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri: document.uri, version },
      contentChanges,
    });
  }

  /** A file on the disk is written, or removed where it is null; the editor hears of it. */
  async function write(name: string, text: string | null): Promise<void> {
    const was = onDisk.has(name);
    if (text === null) {
      onDisk.delete(name);
      folder.remove(name);
    } else {
      onDisk.set(name, text);
      folder.write({ [name]: text });
    }
    await editor.watched([{ uri: folder.at(name), type: text === null ? 3 : was ? 2 : 1 }]);
  }

  /** As an editor does: the old document closes, the new one opens, and the disk's news come in between. */
  async function rename(name: string): Promise<void> {
    const text = textOf(name);
    const other = name.replace(/[^/]*$/, (last) => `${random.below(5)}-${last.replace(/^\d-/, '')}`);
    if (other === name) return;
    await close(name);
    await write(name, null);
    await write(other, text);
    await open(other);
  }

  async function configure(): Promise<void> {
    configured = random.pick(settings);
    await editor.connection.sendNotification('workspace/didChangeConfiguration', { settings: { hoplens: configured } });
  }

  function questionIn(name: string): Question {
    const document = TextDocument.create(folder.at(name), 'yaml', 1, textOf(name));
    const position = document.positionAt(random.below(document.getText().length + 1));
    return random.pick(questionsAt(editor.capabilities, { document, position }, random));
  }

  function ask(name: string): void {
    send(questionIn(name), folder.at(name));
  }

  function send({ method, params }: Question, uri: string): void {
    const what = `${method} ${JSON.stringify(params)}`;
    const source = new CancellationTokenSource();
    const since = processorTime(editor.child);
    const before = [...documents.values()];
    const answer = editor.connection.sendRequest<unknown>(method, params, source.token).then(
      (value) => {
        // A place is in the text as the server had it: who has typed since can't hold it against that.
        const same = (at: string): TextDocument | null => {
          const document = documents.get(at);
          return document !== undefined && before.includes(document) ? document : null;
        };
        const fault = outside(value, uri, same);
        if (fault !== null) faults.push(`${what}: ${fault}`);
        for (const next of questionsBehind(method, value)) send(next, next.uri);
      },
      (error: unknown) => {
        if (!isExpected(error)) faults.push(`${what} was answered with ${String(error)}`);
      },
    );
    const done = answer.then(() => {
      waiting.delete(done);
      const took = processorTime(editor.child) - since;
      if (took > longest) faults.push(`${what} took ${took} ms of the processor`);
    });
    waiting.add(done);
    if (random.below(8) === 0) source.cancel();
  }

  async function step(): Promise<void> {
    const name = anyName();
    const roll = random.below(100);
    const isFew = onDisk.size < 10;
    if (roll < 40) await type(name);
    else if (roll < 74) ask(name);
    else if (roll < 80) await open(name);
    else if (roll < 86) await close(name);
    else if (roll < 90) await write(name, randomEdit(random, textOf(name)));
    else if (roll < 94 || isFew) await write(...random.pick([...first]));
    else if (roll < 96) await write(name, null);
    else if (roll < 98) await rename(name);
    else await configure();
    // Now and then all is heard before the next; else many wait together.
    if (random.below(8) === 0) await pause(random.below(12));
    if (waiting.size > mostWaiting) await answered();
  }

  async function answered(): Promise<void> {
    while (waiting.size > 0) await Promise.all(waiting);
  }

  return { documents, configured: () => configured, step, answered, question: () => questionIn(anyName()) };
}

/** An editor knows one kind of line end in a document. */
function asOpened(text: string): string {
  return text.replace(/\r\n|\r|\n/g, text.includes('\r\n') ? '\r\n' : '\n');
}

/** What differs alone, as an editor sends it. */
function change(document: TextDocument, next: string): object {
  const text = document.getText();
  const shorter = Math.min(text.length, next.length);
  let start = 0;
  while (start < shorter && text[start] === next[start]) start++;
  let end = 0;
  while (end < shorter - start && text.at(-1 - end) === next.at(-1 - end)) end++;
  return {
    range: { start: document.positionAt(start), end: document.positionAt(text.length - end) },
    text: next.slice(start, next.length - end),
  };
}

/** A request that was cancelled, whose document has changed, or that asks for what can't be, in a sentence. */
function isExpected(error: unknown): boolean {
  if (!(error instanceof ResponseError)) return false;
  const codes: number[] = [LSPErrorCodes.RequestCancelled, LSPErrorCodes.ContentModified, LSPErrorCodes.RequestFailed];
  return codes.includes(error.code);
}
