import {
  type CancellationToken,
  DocumentLink,
  type DocumentLinkProvider,
  EventEmitter,
  Hover,
  type HoverProvider,
  l10n,
  MarkdownString,
  type Position,
  Range,
  type TextDocument,
  type TextDocumentContentProvider,
  Uri,
  window,
  workspace,
} from 'vscode';
import { type BaseLanguageClient, LSPErrorCodes } from 'vscode-languageclient';
import {
  type LinesAnswer,
  type LinkedLineItem,
  type LinkItem,
  reachMethod,
  routesMethod,
  traceCommand,
} from '../shared/insight/protocol.ts';

/** What such a document says of a file's set: what its proxies do with requests, or who may reach whom. */
export interface LinkedDocument {
  /** What shows it. */
  readonly command: string;
  readonly scheme: string;
  readonly path: string;
  /** What the server is asked. */
  readonly method: string;
  /** What is said where no manifest is in front. */
  readonly withoutManifest: () => string;
}

export const routesDocument: LinkedDocument = {
  command: 'hoplens.showRoutes',
  scheme: 'hoplens-routes',
  path: '/Routes',
  method: routesMethod,
  withoutManifest: () => l10n.t('Open a Kubernetes manifest first: its manifest set has the routes.'),
};

export const reachDocument: LinkedDocument = {
  command: 'hoplens.showReach',
  scheme: 'hoplens-reach',
  path: '/Who reaches whom',
  method: reachMethod,
  withoutManifest: () => l10n.t('Open a Kubernetes manifest first: its manifest set says who is there.'),
};

/** How long nothing has changed before what is open is asked for again, in milliseconds. */
const pause = 300;

/** Read-only documents of one kind, one for each file that was in front. Their links lead to YAML or to traces. */
export class LinkedDocuments implements TextDocumentContentProvider, DocumentLinkProvider, HoverProvider {
  readonly #client: BaseLanguageClient;
  readonly #kind: LinkedDocument;
  readonly #changed = new EventEmitter<Uri>();
  readonly #lines = new Map<string, readonly LinkedLineItem[]>();
  #waiting: ReturnType<typeof setTimeout> | undefined;
  /** How long the last answer took: what takes long is asked for after a longer pause. */
  #took = 0;
  readonly onDidChange = this.#changed.event;

  constructor(client: BaseLanguageClient, kind: LinkedDocument) {
    this.#client = client;
    this.#kind = kind;
  }

  async show(): Promise<void> {
    const { scheme, path, withoutManifest } = this.#kind;
    const uri = window.activeTextEditor?.document.uri;
    if (uri === undefined || uri.scheme.startsWith('hoplens-')) {
      void window.showInformationMessage(withoutManifest());
      return;
    }
    if (!this.#client.isRunning()) await this.#client.start();
    const own = Uri.from({ scheme, path, query: uri.toString() });
    await window.showTextDocument(await workspace.openTextDocument(own), { preview: true, viewColumn: -2 });
  }

  /** Something changed that it may rest on: what is open is asked for again. */
  refresh(): void {
    if (this.#lines.size === 0) return;
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => {
      for (const uri of this.#lines.keys()) this.#changed.fire(Uri.parse(uri));
    }, pause + this.#took);
  }

  async provideTextDocumentContent(uri: Uri, token: CancellationToken): Promise<string> {
    const { lines } = await this.#answer(uri.query, token);
    this.#lines.set(uri.toString(), lines);
    return lines.map(({ text }) => text).join('\n');
  }

  /** What somebody types meanwhile makes an answer idle: then it is asked for once more, after a pause. */
  async #answer(uri: string, token: CancellationToken): Promise<LinesAnswer> {
    for (;;) {
      const asked = performance.now();
      try {
        const answer = await this.#client.sendRequest<LinesAnswer>(this.#kind.method, { uri }, token);
        this.#took = performance.now() - asked;
        return answer;
      } catch (error) {
        const isIdle = error instanceof Error && 'code' in error && error.code === LSPErrorCodes.ContentModified;
        if (!isIdle || token.isCancellationRequested) throw error;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }

  provideDocumentLinks(document: TextDocument): DocumentLink[] {
    return (this.#lines.get(document.uri.toString()) ?? []).flatMap(({ links }, index) =>
      links.map((link) => {
        const shown = new DocumentLink(new Range(index, link.start, index, link.end), targetOf(link));
        if (link.kind === 'trace') shown.tooltip = l10n.t('Trace request');
        return shown;
      }),
    );
  }

  /** What a link is about that says it, and where that stands. Names of manifests are text there. */
  provideHover(document: TextDocument, { line, character }: Position): Hover | null {
    const links = this.#lines.get(document.uri.toString())?.[line]?.links ?? [];
    const link = links.find(({ start, end }) => start <= character && character <= end);
    if (link?.kind !== 'trace' || link.about === undefined) return null;
    const { text, places } = link.about;
    const said = new MarkdownString();
    said.isTrusted = { enabledCommands: [traceCommand] };
    said.appendText(`${text}\n\n`);
    said.appendMarkdown(`[${l10n.t('Trace request')}](${targetOf(link).toString()})`);
    for (const { name, uri, line: at } of places) {
      said.appendMarkdown(' | [');
      said.appendText(name);
      said.appendMarkdown(`](${placeOf(uri, at).toString()})`);
    }
    return new Hover(said, new Range(line, link.start, line, link.end));
  }

  /** A document that nobody has open any more is not asked for. */
  forget(document: TextDocument): void {
    this.#lines.delete(document.uri.toString());
  }
}

function targetOf(link: LinkItem): Uri {
  return link.kind === 'place'
    ? placeOf(link.uri, link.line)
    : Uri.from({ scheme: 'command', path: traceCommand, query: JSON.stringify([link.request]) });
}

function placeOf(uri: string, line: number): Uri {
  return Uri.parse(uri).with({ fragment: `L${line + 1}` });
}
