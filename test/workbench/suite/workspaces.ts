import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { ConfigurationTarget, languages, Uri, window, workspace } from 'vscode';
import { everywhere } from './everywhere.ts';
import { MemoryFiles } from './memoryFiles.ts';
import { eventually, lensesWith, lensTitles, open, runAll, type Tests } from './testing.ts';

/** A workspace of several folders that nobody trusts, the last of them in memory. */
const workspaces: Tests = {
  async 'nobody trusts the workspace, and all is there'() {
    assert.equal(workspace.isTrusted, false);
    for (const test of Object.values(everywhere)) await test();
  },
  async 'nothing was started but the server, which starts nothing'() {
    const servers = childrenOf(process.pid).filter(({ command }) => command.includes('server.cjs'));
    assert.equal(servers.length, 1);
    assert.deepEqual(childrenOf(servers[0]?.pid ?? 0), []);
  },
  async 'each folder has its own settings'() {
    const here = await open('web.yaml', 'strict');
    await eventually(
      async () => codesOf(here.uri),
      (codes) => codes.join() === 'selector-matches-no-pod',
    );
    const there = await open('web.yaml', 'lax');
    await lensesWith(there.uri, 'Trace request');
    assert.deepEqual(codesOf(there.uri), []);
    const settings = workspace.getConfiguration('hoplens', there.uri);
    await settings.update('codeLens', ['way'], ConfigurationTarget.WorkspaceFolder);
    await eventually(
      () => lensTitles(there.uri),
      (titles) => titles.length === 1 && !titles.includes('Trace request'),
    );
    assert.ok((await lensTitles(here.uri)).includes('Trace request'));
    await settings.update('codeLens', undefined, ConfigurationTarget.WorkspaceFolder);
    await settings.update('exclude', ['*.yaml'], ConfigurationTarget.WorkspaceFolder);
    await eventually(
      () => lensTitles(there.uri),
      (titles) => titles.length === 0,
    );
    await settings.update('exclude', undefined, ConfigurationTarget.WorkspaceFolder);
  },
  async 'a folder of a virtual file system is read, built and followed'() {
    const service = (port: string): string =>
      'apiVersion: v1\nkind: Service\nmetadata: { name: web }\n' +
      `spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: ${port} }] }\n`;
    const pod =
      'apiVersion: v1\nkind: Pod\nmetadata: { name: web, labels: { app: web } }\n' +
      'spec: { containers: [{ name: web, image: web, ports: [{ name: http, containerPort: 8080 }] }] }\n';
    const files = new MemoryFiles({
      '/shop/plain/web.yaml': service('htp'),
      '/shop/plain/pod.yaml': pod,
      '/shop/base/kustomization.yaml': 'resources: [web.yaml, pod.yaml]\n',
      '/shop/base/web.yaml': service('http'),
      '/shop/base/pod.yaml': pod,
      '/shop/prod/kustomization.yaml': 'resources: [../base]\nnamePrefix: prod-\n',
    });
    workspace.registerFileSystemProvider('memory', files, { isCaseSensitive: true });
    const folder = Uri.parse('memory:/shop');
    workspace.updateWorkspaceFolders(workspace.workspaceFolders?.length ?? 0, 0, { uri: folder, name: 'memory' });
    const plain = Uri.joinPath(folder, 'plain/web.yaml');
    await eventually(
      async () => codesOf(plain),
      (codes) => codes.join() === 'target-port-not-offered',
    );
    files.writeFile(plain, new TextEncoder().encode(service('http')));
    await eventually(
      async () => codesOf(plain),
      (codes) => codes.length === 0,
    );
    const base = await workspace.openTextDocument(Uri.joinPath(folder, 'base/web.yaml'));
    await window.showTextDocument(base);
    await eventually(
      () => lensTitles(base.uri),
      (titles) =>
        titles.includes('2 hops from LB, SNAT applied') || titles.includes('prod: 2 hops from LB, SNAT applied'),
    );
  },
};

export const run = (): Promise<void> => runAll(workspaces);

/** The rules that diagnostics of ours name. */
function codesOf(uri: Uri): string[] {
  return languages
    .getDiagnostics(uri)
    .filter(({ source }) => source === 'Hoplens')
    .map(({ code }) => String(typeof code === 'object' ? code.value : code));
}

/** The processes that a process has started and that are still there. */
function childrenOf(pid: number): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The parent stands behind the program's name, which can hold anything, in brackets.
        const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
        return Number(parent) === pid
          ? [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }]
          : [];
      } catch {
        return [];
      }
    });
}
