import {
  createConnection,
  ProposedFeatures,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node';
import { serve } from './serve.ts';

/** The server over standard input and output, until the input ends. */
export function serveStdio(): Promise<number> {
  const connection = createConnection(
    ProposedFeatures.all,
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  );
  serve(connection);
  return new Promise((resolve) => process.stdin.once('end', () => resolve(0)));
}
