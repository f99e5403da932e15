import { type Connection, type FileEvent, FileChangeType } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import type { Workspace } from '../shared/insight/workspace.ts';
import { type Answering, slice } from './answering.ts';
import type { Arrivals } from './arrivals.ts';
import type { Building } from './building.ts';
import { ChosenProfiles } from './chosenProfiles.ts';
import type { ClientAbilities } from './clientAbilities.ts';
import type { Configuration } from './configuration.ts';
import type { Files, Texts } from './files.ts';
import { hasSkippedPart, mayBeKubernetes, mayHoldManifests } from './manifestFiles.ts';
import { normal, type OpenDocuments } from './openDocuments.ts';
import type { Publisher } from './publisher.ts';

/** For how long what was read from the disk is taken as it is, in milliseconds, where no change is told. */
const freshOnDisk = 2_000;

/** So many files are asked for at once. */
const readTogether = 32;

/** The largest open document that is judged at every keystroke, in characters. */
const largestLive = 4 * 1024 * 1024;

export interface WorkspaceReadingOptions {
  readonly connection: Connection;
  readonly workspace: Workspace;
  readonly documents: OpenDocuments;
  readonly files: Files;
  readonly configuration: Configuration;
  readonly publisher: Publisher;
  readonly building: Building;
  readonly arrivals: Arrivals;
  readonly answering: Answering;
  readonly abilities: () => ClientAbilities;
  /** Objects or places may be others; `edited`: the file that somebody looks at, null for none in particular. */
  readonly noteChange: (edited: string | null) => void;
}

export interface ReadingProgress {
  readonly read: number;
  /** 0 while files are looked for. */
  readonly all: number;
}

/**
 * Keeps the workspace's texts as they are: those of open documents win over the disk, whose changes the client tells.
 * What is excluded, or lies where nobody writes manifests, is left alone.
 */
export class WorkspaceReading {
  readonly #options: WorkspaceReadingOptions;
  readonly #profiles: ChosenProfiles;
  readonly #diskTexts = new Map<string, { readonly text: string | null; readonly at: number }>();
  readonly #tooLarge = new Set<string>();
  /** The reading of a file from the disk that counts. */
  readonly #readings = new Map<string, symbol>();
  #folders: readonly string[] = [];
  /** When all that is to be read is read. */
  #indexed: Promise<void> = Promise.resolve();
  #progress: ReadingProgress | null = null;

  constructor(options: WorkspaceReadingOptions) {
    this.#options = options;
    this.#profiles = new ChosenProfiles({
      ...options,
      put: (uri, text) => this.#put(uri, text),
      isKept: (uri) => this.#isIndexed(uri) || options.documents.has(uri),
      remove: (uri) => this.#remove(uri),
    });
  }

  get folders(): readonly string[] {
    return this.#folders;
  }

  /** How far reading is; null where nothing is being read. */
  get progress(): ReadingProgress | null {
    return this.#progress;
  }

  /** The folders at the start, before anything is read. */
  begin(folders: readonly string[]): void {
    this.#folders = folders;
    this.#options.workspace.setFolders(folders);
  }

  /** A kustomization can name any path: nothing is read for it beyond the workspace's own folders. */
  isInside(uri: string): boolean {
    return this.#folders.some((each) => uri === each || uri.startsWith(`${each}/`));
  }

  /** A file as people call it: from its workspace folder. */
  shown(uri: string): string {
    const folder = this.#folders.find((each) => uri.startsWith(`${each}/`));
    return folder === undefined ? URI.parse(uri).fsPath : decodeURIComponent(uri.slice(folder.length + 1));
  }

  isTooLarge(uri: string): boolean {
    return this.#tooLarge.has(uri);
  }

  /** A file's text as it is edited, else as it was read not long ago: a key has the same files read again. */
  async textOf(uri: string): Promise<string | null> {
    const open = this.#options.documents.textOf(uri);
    if (open !== null) return open;
    // Of a file that isn't open the disk is right: the workspace may not have heard of a change yet.
    const known = this.#diskTexts.get(uri);
    if (known !== undefined && performance.now() - known.at < freshOnDisk) return known.text;
    const text = await this.#options.files.source(uri);
    this.#diskTexts.set(uri, { text, at: performance.now() });
    return text;
  }

  /** Folders come and go. */
  changeFolders(added: readonly string[], removed: readonly string[]): void {
    this.begin([...this.#folders.filter((each) => !removed.includes(each)), ...added]);
    for (const folder of removed) this.#removeUnder(folder);
  }

  /** A file that somebody asks for before the workspace is read. */
  async known(uri: string): Promise<void> {
    if (!this.#options.workspace.has(uri)) await this.#indexed;
    await this.#options.building.ready(uri);
  }

  /** Reads the folders' manifests in the background, a slice at a time, so that requests are answered meanwhile. */
  index(roots: readonly string[]): Promise<void> {
    this.#indexed = this.#index(roots);
    return this.#indexed;
  }

  async #index(roots: readonly string[]): Promise<void> {
    const { connection, workspace, files, arrivals, answering, documents, building, publisher } = this.#options;
    this.#progress = { read: 0, all: 0 };
    try {
      const isShown = this.#options.abilities().showsProgress && roots.length > 0;
      const progress = isShown ? await connection.window.createWorkDoneProgress() : null;
      progress?.begin('Hoplens: reading manifests', 0);
      const all = (await Promise.all(roots.map((root) => files.manifestsUnder(root)))).flat();
      const uris = all.filter((uri) => !this.#isLeftAlone(uri));
      const read: string[] = [];
      let end = performance.now() + slice;
      for (let at = 0; at < uris.length; at += readTogether) {
        const some = uris.slice(at, at + readTogether);
        const asked = files.manifests(some);
        const texts: Texts = asked instanceof Promise ? await asked : asked;
        for (const [index, uri] of some.entries()) {
          const text = texts[index] ?? null;
          if (text === null || documents.has(uri)) continue;
          answering.guarded('Reading a file', undefined, () => workspace.put(uri, text));
          read.push(uri);
          if (performance.now() < end) continue;
          const done = at + index + 1;
          this.#progress = { read: done, all: uris.length };
          progress?.report(Math.round((done / uris.length) * 100), `${done} of ${uris.length} files`);
          await arrivals.handled();
          end = performance.now() + slice;
        }
      }
      progress?.done();
      this.applyProfiles();
      building.note(null);
      for (const uri of read) building.note(uri);
      // Watched only now: before all is read, whatever is found says little.
      for (const uri of read) if (workspace.has(uri)) publisher.watch(uri);
      connection.console.info(`Read ${workspace.uris().length} manifest files.`);
    } catch (error) {
      connection.console.error(`Reading the workspace: ${String(error)}`);
    } finally {
      this.#progress = null;
    }
    this.#options.noteChange(null);
  }

  applyProfiles(): void {
    void this.#profiles.apply(this.#folders);
  }

  /** Other files are excluded now: what is there and isn't any more goes, and the other way about. */
  async exclude(): Promise<void> {
    const { workspace, documents } = this.#options;
    for (const uri of workspace.uris()) if (this.#isLeftAlone(uri)) this.#remove(uri);
    for (const uri of documents.uris()) {
      const document = documents.at(uri);
      if (document !== null) this.#take(uri, document);
    }
    await this.index(this.#folders);
  }

  opened(document: TextDocument): void {
    const { documents, arrivals, workspace, publisher } = this.#options;
    const uri = normal(document.uri);
    arrivals.note();
    documents.note(document);
    workspace.noteEdited(uri, true);
    if (workspace.has(uri)) publisher.watch(uri);
  }

  changed(document: TextDocument): void {
    this.#options.arrivals.note();
    this.#options.documents.note(document);
    this.#take(normal(document.uri), document);
  }

  #take(uri: string, document: TextDocument): void {
    const { publisher, building } = this.#options;
    const text = document.getText();
    if (text.length > largestLive) return this.#noteTooLarge(uri);
    if (this.#tooLarge.delete(uri)) publisher.forget(uri);
    if (this.#isExcluded(uri)) this.#remove(uri);
    else if (mayBeKubernetes(uri, text) || building.isSource(uri)) this.#put(uri, text);
    else this.#remove(uri);
  }

  closed(document: TextDocument): void {
    const { documents, arrivals, publisher, workspace } = this.#options;
    const uri = normal(document.uri);
    arrivals.note();
    documents.forget(document);
    workspace.noteEdited(uri, false);
    this.#diskTexts.clear();
    if (this.#tooLarge.delete(uri)) publisher.forget(uri);
    void this.#reread(uri);
  }

  /** What the client says of the disk. */
  watched(changes: readonly FileEvent[]): void {
    const { arrivals, documents, building } = this.#options;
    arrivals.note();
    for (const { uri: written, type } of changes) {
      const uri = normal(written);
      this.#diskTexts.clear();
      if (documents.has(uri) || this.#isLeftAlone(uri)) continue;
      building.note(uri);
      if (type === FileChangeType.Deleted) {
        this.#remove(uri);
        this.#removeUnder(uri);
      } else void this.#reread(uri);
    }
  }

  /** What the disk holds of it goes on counting; the text that is edited is left alone, and that is said. */
  #noteTooLarge(uri: string): void {
    if (this.#tooLarge.has(uri)) return;
    this.#tooLarge.add(uri);
    const start = { line: 0, character: 0 };
    this.#options.publisher.sayInstead(uri, [
      {
        range: { start, end: start },
        severity: 3,
        source: 'Hoplens',
        code: 'too-large',
        message:
          `This file has more than ${largestLive / 1024 / 1024} MB: Hoplens ` +
          "doesn't judge it while it is edited. hoplens lint does.",
      },
    ]);
  }

  #put(uri: string, text: string): void {
    const { workspace, publisher, building, noteChange } = this.#options;
    const before = workspace.ask(() => workspace.file(uri));
    workspace.put(uri, text);
    publisher.watch(uri);
    const now = workspace.ask(() => workspace.file(uri));
    const isSame = before !== null && now !== null && holdsTheSame(before, now);
    // Opened, a file says what it said.
    if (before?.text !== text) building.note(uri);
    if (isSame) publisher.schedule(uri);
    else noteChange(uri);
  }

  #remove(uri: string): void {
    const { workspace, publisher, building, noteChange } = this.#options;
    if (!workspace.has(uri)) return;
    workspace.remove(uri);
    publisher.forget(uri);
    building.note(uri);
    noteChange(null);
  }

  /** What a folder held goes with it. */
  #removeUnder(folder: string): void {
    const { workspace, documents } = this.#options;
    for (const uri of workspace.uris()) if (uri.startsWith(`${folder}/`) && !documents.has(uri)) this.#remove(uri);
  }

  /** A file that nobody has open any more is what stands on the disk; a folder, all that it holds. */
  async #reread(uri: string): Promise<void> {
    const { files, workspace, documents, answering } = this.#options;
    const isManifest = mayHoldManifests(uri);
    if (!isManifest && !workspace.has(uri)) {
      if (this.isInside(uri) && (await files.isFolder(uri))) await this.index([uri]);
      return;
    }
    const reading = Symbol(uri);
    this.#readings.set(uri, reading);
    // An earlier commit's text can be read as well, and is no file of this workspace.
    const isRead = (uri.startsWith('file:') || this.isInside(uri)) && !this.#isLeftAlone(uri);
    const text = !isRead ? null : isManifest ? ((await files.manifests([uri]))[0] ?? null) : await files.source(uri);
    // It may have been opened, or another reading of it begun.
    if (this.#readings.get(uri) !== reading) return;
    this.#readings.delete(uri);
    if (documents.has(uri)) return;
    answering.guarded('Reading a file', undefined, () => (text === null ? this.#remove(uri) : this.#put(uri, text)));
  }

  /** Whether a file or folder is where no manifests are looked for. */
  #isLeftAlone(uri: string): boolean {
    if (this.#profiles.has(uri)) return false;
    return this.#folders.some((each) => uri.startsWith(`${each}/`) && isSkippedIn(each, uri)) || this.#isExcluded(uri);
  }

  /** Whether somebody has excluded it. A file that is named as the profile counts all the same. */
  #isExcluded(uri: string): boolean {
    const { exclude, isExcluded } = this.#options.configuration.of(uri);
    if (exclude.length === 0 || this.#profiles.has(uri)) return false;
    const folder = this.#folders.find((each) => uri.startsWith(`${each}/`));
    return folder !== undefined && isExcluded(pathIn(folder, uri));
  }

  /** Whether the workspace holds a file without anybody having picked or opened it. */
  #isIndexed(uri: string): boolean {
    return this.#folders.some((each) => uri.startsWith(`${each}/`) && !isSkippedIn(each, uri));
  }
}

function isSkippedIn(folder: string, uri: string): boolean {
  return hasSkippedPart(pathIn(folder, uri));
}

function pathIn(folder: string, uri: string): string {
  return URI.parse(uri.slice(folder.length)).path.slice(1);
}

/** Whether two texts of a file hold the same objects at the same lines. */
function holdsTheSame(before: FileOfWorkspace, now: FileOfWorkspace): boolean {
  return (
    before.manifests.length === now.manifests.length &&
    before.manifests.every((manifest, index) => manifest === now.manifests[index]) &&
    newlinesIn(before.text) === newlinesIn(now.text)
  );
}

function newlinesIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

type FileOfWorkspace = NonNullable<ReturnType<Workspace['file']>>;
