import assert from 'node:assert/strict';
import {
  type CallHierarchyIncomingCall,
  type CallHierarchyItem,
  type CallHierarchyOutgoingCall,
  commands,
  type DocumentHighlight,
  type DocumentSymbol,
  Location,
  type LocationLink,
  type Position,
  Selection,
  type TextDocument,
  type Uri,
  window,
  type WorkspaceEdit,
} from 'vscode';
import { eventually, lensTitles, open, type Tests, wordRange } from './testing.ts';

/** From a line to what it names, and back, as an editor asks for it. */
export const navigation: Tests = {
  async 'F12 on a backend leads to its Service, on its type to the pods'() {
    const document = await gateway();
    const position = placeIn(document, '{ name: cart, port: 80, weight', 'cart');
    assert.deepEqual(await linesOf('vscode.executeDefinitionProvider', document, position), [
      lineIn(document, 'metadata: { name: cart, namespace: default }\nspec: { selector'),
    ]);
    assert.deepEqual(await linesOf('vscode.executeTypeDefinitionProvider', document, position), [
      lineIn(document, 'metadata: { name: cart, namespace: default }\nspec:\n'),
    ]);
    await window.showTextDocument(document, { selection: new Selection(position, position) });
    await commands.executeCommand('editor.action.revealDefinition');
    await eventually(
      async () => window.activeTextEditor?.selection.active.line,
      (line) => line === lineIn(document, 'metadata: { name: cart, namespace: default }\nspec: { selector'),
    );
  },
  async 'Shift+F12 on a Gateway finds the routes behind it'() {
    const document = await gateway();
    const position = placeIn(document, 'metadata: { name: edge', 'edge');
    assert.deepEqual(
      (await linesOf('vscode.executeReferenceProvider', document, position)).toSorted((a, b) => a - b),
      [
        lineIn(document, 'metadata: { name: edge'),
        lineIn(document, 'parentRefs: [{ name: edge, sectionName'),
        lineIn(document, 'parentRefs: [{ name: edge, namespace'),
      ],
    );
    const highlights = await commands.executeCommand<DocumentHighlight[]>(
      'vscode.executeDocumentHighlights',
      document.uri,
      position,
    );
    assert.equal(highlights.length, 3);
  },
  async 'F2 renames a listener with the routes that name it, and refuses what the API server would not take'() {
    const document = await gateway();
    const position = placeIn(document, 'name: https\n', 'https');
    const edit = await rename(document.uri, position, 'public');
    assert.deepEqual(
      edit.get(document.uri).map(({ newText, range }) => [newText, range.start.line]),
      [
        ['public', position.line],
        ['public', lineIn(document, 'sectionName: https')],
      ],
    );
    await assert.rejects(Promise.resolve(rename(document.uri, position, 'No!')), /can't be its name/);
  },
  async 'a call hierarchy goes from a host to the pods, and back'() {
    const document = await gateway();
    const stops = async (position: Position): Promise<CallHierarchyItem[]> =>
      commands.executeCommand('vscode.prepareCallHierarchy', document.uri, position);
    const [host] = await stops(placeIn(document, 'hostnames: [shop', 'shop'));
    const out = async (item?: CallHierarchyItem): Promise<CallHierarchyItem[]> =>
      (await commands.executeCommand<CallHierarchyOutgoingCall[]>('vscode.provideOutgoingCalls', item)).map(
        ({ to }) => to,
      );
    const [edge] = await out(host);
    const route = (await out(edge)).find(({ name }) => name === 'HTTPRoute shop');
    const services = await out(route);
    assert.deepEqual([host?.name, edge?.name], ['shop.example.com', 'Gateway edge']);
    assert.deepEqual(
      services.map(({ name }) => name),
      ['Service cart', 'Service cart-next'],
    );
    assert.match(services[0]?.detail ?? '', /^\d hops from LB/);
    const [workload] = await out(services[0]);
    const incoming = await commands.executeCommand<CallHierarchyIncomingCall[]>(
      'vscode.provideIncomingCalls',
      workload,
    );
    assert.deepEqual(
      incoming.map(({ from }) => from.name),
      ['Service cart'],
    );
    const start = placeIn(document, 'hostnames: [shop', 'shop');
    await window.showTextDocument(document, { selection: new Selection(start, start) });
    await commands.executeCommand('editor.showCallHierarchy');
    await commands.executeCommand('closeReferenceSearch');
  },
  async 'the outline names what traffic goes by'() {
    const document = await gateway();
    const symbols = await commands.executeCommand<DocumentSymbol[]>(
      'vscode.executeDocumentSymbolProvider',
      document.uri,
    );
    const names = symbols.flatMap(({ name, children }) => [name, ...children.map((each) => each.name)]);
    assert.ok(
      names.some((each) => /^shop\.example\.com\/\w+ → cart:80, cart-next:80$/.test(each)),
      names.join(' | '),
    );
  },
};

/** The example of a Gateway, once its lenses are there. */
async function gateway(): Promise<TextDocument> {
  const document = await open('E1-gateway/shop.yaml');
  await eventually(
    () => lensTitles(document.uri),
    (found) => found.length > 0,
  );
  return document;
}

function placeIn(document: TextDocument, surroundings: string, word: string): Position {
  return wordRange(document.getText(), surroundings, word).start.translate(0, 1);
}

function lineIn(document: TextDocument, text: string): number {
  return wordRange(document.getText(), text, text.split('\n')[0] ?? '').start.line;
}

async function linesOf(command: string, { uri }: TextDocument, position: Position): Promise<number[]> {
  const found = await commands.executeCommand<(Location | LocationLink)[]>(command, uri, position);
  return found.map((each) => (each instanceof Location ? each.range : each.targetRange).start.line);
}

function rename(uri: Uri, position: Position, name: string): Thenable<WorkspaceEdit> {
  return commands.executeCommand<WorkspaceEdit>('vscode.executeDocumentRenameProvider', uri, position, name);
}
