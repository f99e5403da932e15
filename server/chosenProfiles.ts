import { type Connection, MessageType, ShowMessageNotification } from 'vscode-languageserver';
import { URI, Utils } from 'vscode-uri';
import { isProfile } from '../shared/cluster/profile.ts';
import { noProfile } from '../shared/insight/protocol.ts';
import type { Workspace } from '../shared/insight/workspace.ts';
import type { Configuration } from './configuration.ts';
import type { Files } from './files.ts';

export interface ChosenProfilesOptions {
  readonly connection: Connection;
  readonly workspace: Workspace;
  readonly configuration: Configuration;
  readonly files: Files;
  /** Whether a file counts though nobody chose it. */
  readonly isKept: (uri: string) => boolean;
  readonly put: (uri: string, text: string) => void;
  readonly remove: (uri: string) => void;
}

/**
 * The profiles that the settings name, one for each workspace folder. Such a file is read wherever it stands. Where it
 * holds none, each set's own counts, and that is said once.
 */
export class ChosenProfiles {
  readonly #options: ChosenProfilesOptions;
  #uris: ReadonlySet<string> = new Set();
  /** The settings of which it was last said that they lead to no profile. */
  #missed = new Set<string>();

  constructor(options: ChosenProfilesOptions) {
    this.#options = options;
  }

  has(uri: string): boolean {
    return this.#uris.has(uri);
  }

  async apply(folders: readonly string[]): Promise<void> {
    const { workspace, configuration, files, connection, put, remove, isKept } = this.#options;
    const written = new Map<string, string>();
    const byFolder = new Map<string, string>();
    for (const [folder, { profile }] of configuration.all()) {
      if (profile === noProfile) {
        byFolder.set(folder, noProfile);
        continue;
      }
      const uri = profile === '' ? null : uriOf(profile, folder === '' ? folders[0] : folder);
      if (uri === null) continue;
      byFolder.set(folder, uri);
      written.set(uri, profile);
    }
    const before = this.#uris;
    this.#uris = new Set(written.keys());
    workspace.chooseProfiles(byFolder);
    for (const uri of before) if (!this.#uris.has(uri) && !isKept(uri)) remove(uri);
    const missed = new Set<string>();
    for (const [uri, profile] of written) {
      if (!workspace.has(uri)) {
        const asked = files.manifests([uri]);
        const [text] = asked instanceof Promise ? await asked : asked;
        // Another may have been chosen meanwhile.
        if (!this.#uris.has(uri)) return;
        if (text !== null && text !== undefined) put(uri, text);
      }
      if (workspace.ask(() => workspace.file(uri))?.manifests.some(isProfile) === true) continue;
      missed.add(uri);
      if (this.#missed.has(uri)) continue;
      void connection.sendNotification(ShowMessageNotification.type, {
        type: MessageType.Warning,
        message: `hoplens.profile is ${profile}, and there is no ClusterProfile in that file: each set's own counts.`,
      });
    }
    this.#missed = missed;
  }
}

/** A path, absolute or from a folder. */
function uriOf(path: string, folder: string | undefined): string {
  const isAbsolute = /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path);
  if (folder === undefined) return URI.file(path).toString();
  const base = URI.parse(folder);
  if (!isAbsolute) return Utils.joinPath(base, path.replaceAll('\\', '/')).toString();
  return (base.scheme === 'file' ? URI.file(path) : base.with({ path })).toString();
}
