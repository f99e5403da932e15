import { type Connection, DidChangeConfigurationNotification } from 'vscode-languageserver';
import type { ClientAbilities } from './clientAbilities.ts';
import { defaultSettings, readSettings, type Settings } from './settings.ts';

/** The client's section. */
const section = 'hoplens';

/**
 * The settings of each workspace folder. A client that can be asked is, at the start and at each change; of another,
 * what it sends counts everywhere.
 */
export class Configuration {
  readonly #connection: Connection;
  #everywhere: Settings = defaultSettings;
  #byFolder: ReadonlyMap<string, Settings> = new Map();
  /** Counts what was asked, so that a late answer never replaces a newer one. */
  #turn = 0;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The settings where a file lies; those of the window for a file outside of all folders. */
  of(uri: string): Settings {
    let longest = '';
    for (const folder of this.#byFolder.keys())
      if (folder.length > longest.length && (uri === folder || uri.startsWith(`${folder}/`))) longest = folder;
    return this.#byFolder.get(longest) ?? this.#everywhere;
  }

  /** By workspace folder; what counts elsewhere under the empty text. */
  all(): ReadonlyMap<string, Settings> {
    return new Map([['', this.#everywhere], ...this.#byFolder]);
  }

  /** What a client sends unasked: the section itself, or, as Helix does, all that it has under the section's name. */
  take(given: unknown): void {
    const isWhole = typeof given === 'object' && given !== null && section in given;
    this.#everywhere = readSettings(isWhole ? given[section] : given);
  }

  /** Asks a client that can be asked; where it fails, what was known goes on counting. */
  async pull(folders: readonly string[], abilities: ClientAbilities): Promise<void> {
    if (!abilities.answersSettings) return;
    const turn = ++this.#turn;
    const items = [{ section }, ...folders.map((scopeUri) => ({ scopeUri, section }))];
    const answers: unknown[] | null = await this.#connection.workspace.getConfiguration(items).catch(() => null);
    if (answers === null || turn !== this.#turn) return;
    const [everywhere, ...byFolder] = answers;
    // A client that has no such section says null; then what it sent counts.
    if (everywhere !== null && everywhere !== undefined) this.#everywhere = readSettings(everywhere);
    this.#byFolder = new Map(
      folders.map((folder, index) => {
        const own = byFolder[index];
        return [folder, own === null || own === undefined ? this.#everywhere : readSettings(own)];
      }),
    );
  }

  /** Has the client say when they change. */
  async listen({ registersSettings }: ClientAbilities): Promise<void> {
    if (!registersSettings) return;
    await this.#connection.client.register(DidChangeConfigurationNotification.type, { section }).catch(() => undefined);
  }
}
