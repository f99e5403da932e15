import type { StaticFeature } from 'vscode-languageclient';
import type { OwnCapabilities } from '../shared/insight/protocol.ts';

const own: OwnCapabilities = { readsFiles: true, showsTraces: true };

/**
 * Tells the server what this client can do beyond the protocol, and that it doesn't ask for diagnostics: sent ones are
 * there as soon as something is found, in whichever file, where an asking client looks every two seconds.
 */
export const ownAbilities: StaticFeature = {
  fillClientCapabilities(capabilities) {
    capabilities.experimental = { hoplens: own };
    delete capabilities.textDocument?.diagnostic;
    delete capabilities.workspace?.diagnostics;
  },
  initialize: () => undefined,
  getState: () => ({ kind: 'static' }),
  clear: () => undefined,
};
