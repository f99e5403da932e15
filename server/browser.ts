import {
  BrowserMessageReader,
  BrowserMessageWriter,
  type Connection,
  createConnection,
  RequestType,
} from 'vscode-languageserver/browser';
import { browserRenderer } from '../render/browser.ts';
import { ownFileMethod, type OwnFileParams } from '../shared/insight/protocol.ts';
import { serve } from './serve.ts';

/** The server as a browser's worker: no disk, what was installed is had from the client. */
const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
const ownFile = new RequestType<OwnFileParams, Uint8Array, void>(ownFileMethod);
const read = (from: Connection, name: OwnFileParams['name']): Promise<Uint8Array> =>
  from.sendRequest(ownFile, { name });

// A timer waits for 4 ms once timers were set by timers; a message doesn't.
const turns = new MessageChannel();
const waiting: (() => void)[] = [];
turns.port2.addEventListener('message', () => waiting.shift()?.());
turns.port2.start();

serve(connection, {
  openRenderer: (client) =>
    browserRenderer({ sandbox: () => read(client, 'render.wasm.gz'), worker: () => read(client, 'render.web.js') }),
  disk: null,
  nextTurn: () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      turns.port1.postMessage(null);
    }),
});
