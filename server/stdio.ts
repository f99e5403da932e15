import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { nodeHost } from './nodeHost.ts';
import { collectAtRest } from './rest.ts';
import { serve } from './serve.ts';

/**
 * The server over standard input and output, until the input ends: then nobody listens, and what it is at is left. That
 * the client's process is gone is noticed by the protocol's library, from `initialize`'s `processId`.
 */
export function serveStdio(): Promise<never> {
  const connection = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  );
  serve(connection, nodeHost);
  collectAtRest();
  return new Promise(() => {
    for (const event of ['end', 'close', 'error']) process.stdin.once(event, () => process.exit(0));
  });
}
