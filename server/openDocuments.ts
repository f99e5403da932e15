import { TextDocuments } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';

/** A document's or file's URI as the server knows it, however the client writes it; a folder's ends in no slash. */
export function normal(uri: string): string {
  return URI.parse(uri).toString().replace(/\/$/, '');
}

/** The documents that the editor has open: by URI as the server writes it, with the text as it is now. */
export class OpenDocuments {
  readonly all = new TextDocuments(TextDocument);
  readonly #versions = new Map<string, number>();
  /** URIs as the editor writes them. */
  readonly #writtenAs = new Map<string, string>();

  note({ uri, version }: TextDocument): void {
    this.#versions.set(normal(uri), version);
    this.#writtenAs.set(normal(uri), uri);
  }

  forget({ uri }: TextDocument): void {
    this.#versions.delete(normal(uri));
    this.#writtenAs.delete(normal(uri));
  }

  has(uri: string): boolean {
    return this.#versions.has(uri);
  }

  uris(): string[] {
    return [...this.#versions.keys()];
  }

  /** Null for a file that isn't open. */
  versionOf(uri: string): number | null {
    return this.#versions.get(uri) ?? null;
  }

  /** Whatever it holds; null for a file that isn't open. */
  textOf(uri: string): string | null {
    return this.at(uri)?.getText() ?? null;
  }

  at(uri: string): TextDocument | null {
    const written = this.#writtenAs.get(uri);
    return written === undefined ? null : (this.all.get(written) ?? null);
  }
}
