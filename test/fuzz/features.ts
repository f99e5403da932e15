import type { Position, ServerCapabilities } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { SeededRandom } from '../seededRandom.ts';

/** A request as it goes over the pipe. */
export interface Question {
  readonly method: string;
  readonly params: object;
}

/** Where someone asks: a document as it is there, and a place in it. */
export interface Asking {
  readonly document: TextDocument;
  readonly position: Position;
}

type Ask = (asking: Asking, random: SeededRandom) => object;

const ofDocument: Ask = ({ document: { uri } }) => ({ textDocument: { uri } });
const atPosition: Ask = ({ document: { uri }, position }) => ({ textDocument: { uri }, position });
const ofUri: Ask = ({ document: { uri } }) => ({ uri });
const whole = ({ document }: Asking): object => ({
  start: { line: 0, character: 0 },
  end: { line: document.lineCount, character: 0 },
});

const names = [
  'shop',
  'Not Legal',
  '',
  'a'.repeat(300),
  '<img onerror=alert(1)>',
  '$(bug)',
  '\u202egnp.exe',
  '443',
  'http',
];
const targets = [
  'svc/app-1',
  'http://app-2.example.com/api',
  '10.96.0.1:80',
  'svc/',
  '://',
  'svc/app-1:nope',
  'localhost:0',
];
const origins = ['internet', 'pod', 'node/node-1', 'node/nope', '10.0.0.7', 'deploy/app-1', '::', ''];

/** What a server can be asked, by the capability that says so; null for what ours answers beyond the protocol. */
const features: readonly (readonly [keyof ServerCapabilities | null, string, Ask])[] = [
  ['codeLensProvider', 'textDocument/codeLens', ofDocument],
  ['hoverProvider', 'textDocument/hover', atPosition],
  ['definitionProvider', 'textDocument/definition', atPosition],
  ['typeDefinitionProvider', 'textDocument/typeDefinition', atPosition],
  [
    'referencesProvider',
    'textDocument/references',
    (asking, random) => ({ ...atPosition(asking, random), context: { includeDeclaration: random.below(2) === 0 } }),
  ],
  ['documentHighlightProvider', 'textDocument/documentHighlight', atPosition],
  ['documentLinkProvider', 'textDocument/documentLink', ofDocument],
  ['documentSymbolProvider', 'textDocument/documentSymbol', ofDocument],
  ['workspaceSymbolProvider', 'workspace/symbol', (_, random) => ({ query: random.pick(['', 'app', 'exam', '<']) })],
  ['renameProvider', 'textDocument/prepareRename', atPosition],
  [
    'renameProvider',
    'textDocument/rename',
    (asking, random) => ({ ...atPosition(asking, random), newName: random.pick(names) }),
  ],
  ['completionProvider', 'textDocument/completion', atPosition],
  [
    'codeActionProvider',
    'textDocument/codeAction',
    (asking, random) => ({ ...ofDocument(asking, random), range: whole(asking), context: { diagnostics: [] } }),
  ],
  [
    'inlayHintProvider',
    'textDocument/inlayHint',
    (asking, random) => ({ ...ofDocument(asking, random), range: whole(asking) }),
  ],
  ['foldingRangeProvider', 'textDocument/foldingRange', ofDocument],
  [
    'selectionRangeProvider',
    'textDocument/selectionRange',
    (asking, random) => ({ ...ofDocument(asking, random), positions: [asking.position] }),
  ],
  ['callHierarchyProvider', 'textDocument/prepareCallHierarchy', atPosition],
  ['diagnosticProvider', 'textDocument/diagnostic', ofDocument],
  [null, 'hoplens/targets', ofUri],
  [null, 'hoplens/routes', ofUri],
  [null, 'hoplens/judgedSet', ofUri],
  [
    null,
    'hoplens/trace',
    ({ document: { uri } }, random) => ({ uri, target: random.pick(targets), from: random.pick(origins) }),
  ],
];

/** All that this server can be asked at a place. */
export function questionsAt(capabilities: ServerCapabilities, asking: Asking, random: SeededRandom): Question[] {
  return features
    .filter(([capability]) => capability === null || Boolean(capabilities[capability]))
    .map(([, method, ask]) => ({ method, params: ask(asking, random) }));
}
