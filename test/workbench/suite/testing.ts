import {
  type CodeLens,
  commands,
  type Hover,
  MarkdownString,
  Position,
  Range,
  type TextDocument,
  Uri,
  window,
  workspace,
} from 'vscode';

/** What the suites in a real editor share: how tests are run, and how one waits for what comes. */
export type Tests = Readonly<Record<string, () => Promise<void>>>;

/** Runs all, says a line for each, and throws where one fails. */
export async function runAll(tests: Tests): Promise<void> {
  const failures: string[] = [];
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      console.log(`ok: ${name}`);
    } catch (error) {
      failures.push(name);
      console.log(`FAILED: ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (failures.length > 0) throw new Error(`${failures.length} failed`);
}

/** Opens a file of a workspace folder, the first unless another is named. */
export async function open(path: string, folderName?: string): Promise<TextDocument> {
  const folders = workspace.workspaceFolders ?? [];
  const folder = folderName === undefined ? folders[0] : folders.find(({ name }) => name === folderName);
  if (folder === undefined) throw new Error('no such folder is open');
  const document = await workspace.openTextDocument(Uri.joinPath(folder.uri, path));
  await window.showTextDocument(document);
  return document;
}

export async function lensTitles(uri: Uri): Promise<string[]> {
  const lenses = await commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', uri);
  return lenses.flatMap(({ command }) => command?.title ?? []);
}

/** The lenses, once one of them is as wanted. */
export function lensesWith(uri: Uri, wanted: string): Promise<string[]> {
  return eventually(
    () => lensTitles(uri),
    (found) => found.includes(wanted),
  );
}

export async function hoverText(uri: Uri, position: Position): Promise<string> {
  const hovers = await commands.executeCommand<Hover[]>('vscode.executeHoverProvider', uri, position);
  return hovers
    .flatMap(({ contents }) => contents.map((each) => (each instanceof MarkdownString ? each.value : String(each))))
    .join('\n');
}

/** Where a word stands inside its surroundings. */
export function wordRange(text: string, surroundings: string, word: string): Range {
  const offset = text.indexOf(surroundings) + surroundings.indexOf(word);
  const before = text.slice(0, offset).split('\n');
  const start = new Position(before.length - 1, before.at(-1)?.length ?? 0);
  return new Range(start, start.translate(0, word.length));
}

/** Asks again until the answer is as wanted; after so many seconds, the last answer is an error. */
export async function eventually<T>(
  ask: () => Promise<T> | PromiseLike<T>,
  isWanted: (answer: T) => boolean,
  seconds = 20,
): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ;) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    if (Date.now() > end) throw new Error(`after ${seconds} seconds still ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
