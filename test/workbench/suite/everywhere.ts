import { commands, languages, TabInputWebview, window, workspace } from 'vscode';
import { eventually, hoverText, lensesWith, lensTitles, open, runAll, type Tests, wordRange } from './testing.ts';

/** What must be there in each kind of host: in a web worker, in an untrusted workspace. */
export const everywhere: Tests = {
  async 'a manifest has its lenses and hovers'() {
    const document = await open('A8-local-policy/shop.yaml');
    await lensesWith(document.uri, '2 hops from LB, 1 of 3 nodes drops');
    const { start } = wordRange(document.getText(), 'externalTrafficPolicy', 'externalTrafficPolicy');
    await eventually(
      () => hoverText(document.uri, start.translate(0, 3)),
      (found) => found.includes('| | Cluster | Local (now) |'),
    );
  },
  async 'what is found in a file that nobody has open is said'() {
    await eventually(
      async () => languages.getDiagnostics().filter(([uri]) => uri.path.includes('/C3-node-port-range/')),
      (all) => all.some(([, found]) => found.some(({ source }) => source === 'Hoplens')),
    );
  },
  async 'an overlay is built'() {
    const { uri } = await open('F1-overlays/base/shop.yaml');
    await eventually(
      () => lensTitles(uri),
      (found) => found.some((title) => /^(?:dev|prod)\b.*hops? from/.test(title)),
      // Seven megabytes are fetched, unpacked and compiled before.
      60,
    );
  },
  async 'a document that was never saved is judged'() {
    const document = await workspace.openTextDocument({
      language: 'yaml',
      content:
        'apiVersion: v1\nkind: Service\nmetadata: { name: b }\n' +
        'spec: { type: LoadBalancer, externalTrafficPolicy: Lcal, selector: { app: b }, ports: [{ port: 80 }] }\n',
    });
    await window.showTextDocument(document);
    await eventually(
      async () => languages.getDiagnostics(document.uri),
      (found) => found.some(({ source }) => source === 'Hoplens'),
    );
  },
  async 'the panel opens'() {
    const { uri } = await open('A7-load-balancer/web.yaml');
    await commands.executeCommand('hoplens.traceRequest', {
      uri: uri.toString(),
      target: 'svc/web',
      from: 'internet',
    });
    await eventually(
      async () =>
        window.tabGroups.all
          .flatMap(({ tabs }) => tabs)
          .some(({ input }) => input instanceof TabInputWebview && input.viewType.endsWith('hoplens.trace')),
      (isThere) => isThere,
    );
  },
};

export const run = (): Promise<void> => runAll(everywhere);
