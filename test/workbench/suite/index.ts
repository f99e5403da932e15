import assert from 'node:assert/strict';
import {
  commands,
  type CompletionList,
  type DocumentLink,
  type InlayHint,
  languages,
  Range,
  Selection,
  TabInputWebview,
  window,
  workspace,
  WorkspaceEdit,
} from 'vscode';
import { navigation } from './navigation.ts';
import { eventually, hoverText, lensTitles, open, runAll, type Tests, wordRange } from './testing.ts';

/**
 * Runs inside the extension host of a real VS Code, desktop or browser: `extensionTestsPath`.
 */
export const run = (): Promise<void> => runAll({ ...tests, ...navigation });

const tests: Tests = {
  async 'lenses stand over a Service and an Ingress'() {
    const { uri } = await open('A1-load-balancer-by-hand/app.yaml');
    const titles = await eventually(
      () => lensTitles(uri),
      (found) => found.some((title) => title.startsWith('3 hops')),
    );
    assert.deepEqual(
      titles.filter((title) => /hops?/.test(title)),
      ['1 hop from pod, no SNAT', '3 hops from LB, SNAT applied'],
    );
    assert.ok(titles.includes('Trace request'));
  },
  async "a lens follows an edit, and another file's edit"() {
    const document = await open('A7-load-balancer/web.yaml');
    await eventually(
      () => lensTitles(document.uri),
      (found) => found.includes('2 hops from LB, SNAT applied'),
    );
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, wordRange(document.getText(), 'app: web }\n  ports', 'app: web'), 'app: wbe');
    await workspace.applyEdit(edit);
    await eventually(
      () => lensTitles(document.uri),
      (found) => found.includes('no way in: selector matches no pod'),
    );
    const [diagnostic] = await eventually(
      async () => languages.getDiagnostics(document.uri),
      (found) => found.length > 0,
    );
    assert.match(diagnostic?.message ?? '', /app: web instead of app: wbe/);
    assert.equal(diagnostic?.source, 'Hoplens');
    await window.showTextDocument(document);
    await commands.executeCommand('workbench.action.files.revert');
    await eventually(
      async () => document.isDirty,
      (isDirty) => !isDirty,
    );
    await eventually(
      () => lensTitles(document.uri),
      (found) => found.includes('2 hops from LB, SNAT applied'),
    );
    await eventually(
      async () => languages.getDiagnostics(document.uri),
      (found) => found.length === 0,
    );
  },
  async 'the routes of a set open as text, each row a link to its line, and follow an edit'() {
    const document = await open('E1-gateway/shop.yaml');
    await commands.executeCommand('hoplens.showRoutes');
    const routes = await eventually(
      async () => workspace.textDocuments.find(({ uri }) => uri.scheme === 'hoplens-routes'),
      (found) => found?.getText().includes('/cart and below') === true,
    );
    assert.match(routes?.getText() ?? '', /Gateway edge .*\n[^]*\/cart and below +→ cart:80 \(9\/10\)/);
    const links = await commands.executeCommand<DocumentLink[]>('vscode.executeLinkProvider', routes?.uri);
    assert.ok(links.some(({ target }) => target?.toString(true).endsWith('E1-gateway/shop.yaml#L36')));
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, wordRange(document.getText(), 'value: /cart', '/cart'), '/basket');
    await workspace.applyEdit(edit);
    await eventually(
      async () => routes?.getText() ?? '',
      (text) => text.includes('/basket and below'),
    );
    await window.showTextDocument(document);
    await commands.executeCommand('workbench.action.files.revert');
  },
  async 'who reaches whom opens as text, leads to traces and rules, and follows an edit'() {
    const document = await open('G2-and-or/shop.yaml');
    await commands.executeCommand('hoplens.showReach');
    const reach = await eventually(
      async () => workspace.textDocuments.find(({ uri }) => uri.scheme === 'hoplens-reach'),
      (found) => found?.getText().includes('kept out by payments-scraped') === true,
    );
    const links = await commands.executeCommand<DocumentLink[]>('vscode.executeLinkProvider', reach?.uri);
    assert.ok(links.some(({ target }) => target?.scheme === 'command' && target.path === 'hoplens.traceRequest'));
    assert.ok(links.some(({ target }) => target?.path.endsWith('G2-and-or/shop.yaml') === true));
    const edit = new WorkspaceEdit();
    edit.replace(document.uri, wordRange(document.getText(), 'kind: NetworkPolicy', 'NetworkPolicy'), 'ConfigMap');
    await workspace.applyEdit(edit);
    await eventually(
      async () => reach?.getText() ?? '',
      (text) => text !== '' && !text.includes('kept out by payments-scraped'),
    );
    await window.showTextDocument(document);
    await commands.executeCommand('workbench.action.files.revert');
  },
  async 'a hover on externalTrafficPolicy shows both values side by side'() {
    const document = await open('A8-local-policy/shop.yaml');
    const position = wordRange(document.getText(), 'externalTrafficPolicy', 'externalTrafficPolicy').start;
    await eventually(
      () => lensTitles(document.uri),
      (found) => found.length > 0,
    );
    const text = await eventually(
      () => hoverText(document.uri, position.translate(0, 3)),
      (found) => found.includes('externalTrafficPolicy'),
    );
    assert.match(text, /\| \| Cluster \| Local \(now\) \|/);
    assert.match(text, /1 of 3 drops \(node\\-3\)/);
    assert.match(text, /kubernetes\.io\/docs/);
  },
  async 'a backend is completed at a press, with what the set has'() {
    const document = await open('B3-host-and-path/shop.yaml');
    const name = wordRange(document.getText(), 'service: { name: shop', 'shop');
    const before = document.getText();
    await eventually(
      () => lensTitles(document.uri),
      (found) => found.length > 0,
    );
    const edit = new WorkspaceEdit();
    edit.delete(document.uri, name);
    await workspace.applyEdit(edit);
    const editor = await window.showTextDocument(document);
    editor.selection = new Selection(name.start, name.start);
    const offered = await commands.executeCommand<CompletionList>(
      'vscode.executeCompletionItemProvider',
      document.uri,
      name.start,
    );
    assert.match(offered.items.find(({ label }) => label === 'shop')?.detail ?? '', /^Service in default, 1 endpoint$/);
    await commands.executeCommand('editor.action.triggerSuggest');
    await eventually(
      async () => {
        await commands.executeCommand('acceptSelectedSuggestion');
        return document.getText();
      },
      (text) => text === before,
    );
    await commands.executeCommand('workbench.action.files.revert');
  },
  async 'hints say what values come to'() {
    const document = await open('B3-host-and-path/shop.yaml');
    const all = new Range(0, 0, document.lineCount, 0);
    const hints = await eventually(
      () => commands.executeCommand<InlayHint[]>('vscode.executeInlayHintProvider', document.uri, all),
      (found) => found.length > 0,
    );
    const texts = hints.flatMap(({ label }) => (typeof label === 'string' ? label : label.map(({ value }) => value)));
    assert.ok(
      texts.some((text) => /^\d endpoints?$/.test(text)),
      texts.join('; '),
    );
  },
  async 'broken YAML is said at its place and harms nothing else'() {
    const document = await workspace.openTextDocument({
      language: 'yaml',
      content:
        'apiVersion: v1\nkind: Service\nmetadata: { name: a\n---\napiVersion: v1\nkind: Service\n' +
        'metadata: { name: b }\nspec: { type: LoadBalancer, selector: { app: b }, ports: [{ port: 80 }] }\n',
    });
    await window.showTextDocument(document);
    const titles = await eventually(
      () => lensTitles(document.uri),
      (found) => found.length > 0,
    );
    assert.ok(titles[0]?.includes('no pod in these files'), titles[0]);
    await eventually(
      async () => languages.getDiagnostics(document.uri),
      (found) => found.some(({ code }) => JSON.stringify(code).includes('yaml-syntax')),
    );
  },
  async 'the command opens the trace panel'() {
    const { uri } = await open('A1-load-balancer-by-hand/app.yaml');
    await commands.executeCommand('hoplens.traceRequest', {
      uri: uri.toString(),
      target: 'http://app.example.com/',
      from: 'internet',
    });
    const tab = await eventually(
      async () =>
        window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          .find(({ input }) => input instanceof TabInputWebview && input.viewType.endsWith('hoplens.trace')),
      (found) => found !== undefined,
    );
    assert.equal(tab?.label, 'Trace: http://app.example.com/');
  },
  async 'YAML of other programs is left alone'() {
    const document = await workspace.openTextDocument({
      language: 'yaml',
      content: 'kind: [unclosed\nname: {{ x }}\n',
    });
    await window.showTextDocument(document);
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual(await lensTitles(document.uri), []);
    assert.deepEqual(
      languages.getDiagnostics(document.uri).filter(({ source }) => source === 'Hoplens'),
      [],
    );
  },
};
