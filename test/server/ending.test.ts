import { type ChildProcess, fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createProtocolConnection,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { type Folder, newFolder, pause, pod, root, service, serverCommand, spawnServer } from './editor.ts';

let folder: Folder;

// So much takes some seconds to be read and judged.
beforeAll(() => {
  const files = Array.from({ length: 4000 }, (_, index): [string, string] => [
    `app-${index}.yaml`,
    [service(`web-${index}`, index % 3 === 0 ? 'http' : 'nothing'), pod(`web-${index}`)].join('---\n'),
  ]);
  folder = newFolder(Object.fromEntries(files));
});

afterAll(() => folder.remove('.'));

/** As long as a server may go on without its client: the protocol's library looks for the process every 3 seconds. */
const soon = 8000;

async function exited(child: ChildProcess): Promise<number | string | null> {
  const gone = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  const answer = await Promise.race([gone, pause(soon).then(() => 'still there')]);
  if (answer === 'still there') child.kill('SIGKILL');
  return answer;
}

function initialize(processId: number | null): object {
  return {
    processId,
    rootUri: null,
    capabilities: {},
    workspaceFolders: [{ uri: folder.uri, name: 'folder' }],
  };
}

/** Until a request stays without an answer: an idle server answers it in a few milliseconds. */
async function busy(connection: ProtocolConnection): Promise<void> {
  for (let asked = 0; asked < 200; asked++) {
    const answer = connection
      .sendRequest('textDocument/codeLens', { textDocument: { uri: folder.at('app-0.yaml') } })
      .then(
        () => 'answered',
        () => 'refused',
      );
    if ((await Promise.race([answer, pause(50).then(() => 'unanswered')])) === 'unanswered') return;
  }
  throw new Error('the server was never busy');
}

test.each<[string, (connection: ProtocolConnection) => Promise<void>]>([
  ['as soon as it is asked to begin', async () => undefined],
  ['while it reads the workspace', () => pause(150)],
  ['while it is busy', busy],
])('the server ends when its input ends, %s', { timeout: 30_000 }, async (_, moment) => {
  const child = spawnServer();
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  connection.listen();
  await connection.sendRequest('initialize', initialize(null));
  await connection.sendNotification('initialized', {});
  await moment(connection);
  child.stdin.end();
  expect(await exited(child)).toBe(0);
  connection.dispose();
});

test(
  'the server ends when the process that it serves is gone, also while it is busy',
  { timeout: 30_000 },
  async () => {
    const client = spawn('node', ['-e', 'setTimeout(() => {}, 60_000)'], { stdio: 'ignore' });
    const child = spawnServer();
    const connection = createProtocolConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.listen();
    await connection.sendRequest('initialize', initialize(client.pid ?? null));
    await connection.sendNotification('initialized', {});
    await busy(connection);
    client.kill('SIGKILL');
    expect(await exited(child)).toBe(1);
    connection.dispose();
  },
);

test('over IPC it ends with its channel', { timeout: 30_000 }, async () => {
  const child = fork(join(root, 'server', 'node.ts'), ['--node-ipc'], {
    execArgv: serverCommand.slice(0, 1),
    stdio: 'ignore',
  });
  const answered = new Promise((resolve) => child.once('message', resolve));
  child.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize(null) });
  await answered;
  child.send({ jsonrpc: '2.0', method: 'initialized', params: {} });
  await pause(150);
  child.disconnect();
  expect(await exited(child)).toBe(0);
});
