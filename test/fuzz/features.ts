import type { CallHierarchyItem, Position, ServerCapabilities } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  entryPointsMethod,
  entrySetsMethod,
  judgedSetMethod,
  profileMethod,
  reachMethod,
  routesMethod,
  setsMethod,
  targetsMethod,
  textTraceCommand,
  traceChoicesMethod,
  traceMethod,
  traceTextMethod,
} from '../../shared/insight/protocol.ts';
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

const changes = ['node/node-1=down', 'node/node-2=drained', 'pod/app-1-0=gone', 'kube-proxy=ipvs', 'svc/app-1.x=y', ''];

const traced: Ask = ({ document: { uri } }, random) => ({
  uri,
  target: random.pick(targets),
  from: random.pick(origins),
  ...(random.below(3) === 0 ? { whatIf: [random.pick(changes)] } : {}),
});

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
  [
    'executeCommandProvider',
    'workspace/executeCommand',
    (asking, random) => ({ command: textTraceCommand, arguments: [traced(asking, random)] }),
  ],
  [null, targetsMethod, ofUri],
  [null, setsMethod, () => ({})],
  [null, routesMethod, ofUri],
  [null, reachMethod, ofUri],
  [null, judgedSetMethod, ofUri],
  [null, entrySetsMethod, () => ({})],
  [null, entryPointsMethod, ({ document: { uri } }) => ({ root: uri.slice(0, uri.lastIndexOf('/')) })],
  [null, traceMethod, traced],
  [null, traceChoicesMethod, traced],
  [
    null,
    traceTextMethod,
    (asking, random) => ({ ...traced(asking, random), format: random.pick(['text', 'mermaid', 'json', 5]) }),
  ],
  [null, profileMethod, ({ document }) => ({ printed: document.getText() })],
];

/** All that this server can be asked at a place. */
export function questionsAt(capabilities: ServerCapabilities, asking: Asking, random: SeededRandom): Question[] {
  return features
    .filter(([capability]) => capability === null || Boolean(capabilities[capability]))
    .map(([, method, ask]) => ({ method, params: ask(asking, random) }));
}

/** What an editor asks with the answer to another question, and of which document: where calls come from and go. */
export function questionsBehind(method: string, answer: unknown): (Question & { readonly uri: string })[] {
  if (method !== 'textDocument/prepareCallHierarchy' || !Array.isArray(answer)) return [];
  return answer.flatMap((item: CallHierarchyItem) =>
    ['callHierarchy/incomingCalls', 'callHierarchy/outgoingCalls'].map((each) => ({
      method: each,
      params: { item },
      uri: item.uri,
    })),
  );
}
