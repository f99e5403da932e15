import {
  Disposable,
  EventEmitter,
  type FileChangeEvent,
  FileChangeType,
  type FileStat,
  FileSystemError,
  type FileSystemProvider,
  FileType,
  type Uri,
} from 'vscode';

/** A file system in memory, as extensions for repositories and archives have them. */
export class MemoryFiles implements FileSystemProvider {
  readonly #files = new Map<string, Uint8Array>();
  readonly #changed = new EventEmitter<FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;

  /** Paths begin with a slash. */
  constructor(files: Readonly<Record<string, string>>) {
    for (const [path, text] of Object.entries(files)) this.#files.set(path, new TextEncoder().encode(text));
  }

  watch(): Disposable {
    return new Disposable(() => undefined);
  }

  stat({ path }: Uri): FileStat {
    const file = this.#files.get(path);
    if (file !== undefined) return { type: FileType.File, ctime: 0, mtime: 0, size: file.length };
    if (this.#names(path).length === 0) throw FileSystemError.FileNotFound(path);
    return { type: FileType.Directory, ctime: 0, mtime: 0, size: 0 };
  }

  readDirectory({ path }: Uri): [string, FileType][] {
    const here = path.replace(/\/$/, '');
    return this.#names(path).map((name) => [
      name,
      this.#files.has(`${here}/${name}`) ? FileType.File : FileType.Directory,
    ]);
  }

  #names(path: string): string[] {
    const start = path.endsWith('/') ? path : `${path}/`;
    const inside = [...this.#files.keys()].filter((each) => each.startsWith(start));
    return [...new Set(inside.map((each) => each.slice(start.length).split('/')[0] ?? ''))];
  }

  readFile({ path }: Uri): Uint8Array {
    const file = this.#files.get(path);
    if (file === undefined) throw FileSystemError.FileNotFound(path);
    return file;
  }

  writeFile(uri: Uri, content: Uint8Array): void {
    this.#files.set(uri.path, content);
    this.#changed.fire([{ type: FileChangeType.Changed, uri }]);
  }

  createDirectory(): void {
    throw FileSystemError.NoPermissions();
  }

  delete(): void {
    throw FileSystemError.NoPermissions();
  }

  rename(): void {
    throw FileSystemError.NoPermissions();
  }
}
