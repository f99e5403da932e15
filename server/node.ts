import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import { nodeHost } from './nodeHost.ts';
import { collectAtRest } from './rest.ts';
import { serve } from './serve.ts';

/** The server as the extension starts it: over the channel that the command line names (IPC, a socket or a pipe). */
serve(createConnection(ProposedFeatures.all), nodeHost);
collectAtRest();

// Over IPC the editor's end is a channel, which goes with it.
process.once('disconnect', () => process.exit(0));
