import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { installWorkbench, root, startWorkbench } from './workbench.ts';

/** Serves the editor with the extension and the examples in it until it is interrupted. */
installWorkbench();
const workbench = await startWorkbench();
const address = workbench.url(join(root, 'examples'));
console.log(`VS Code with Hoplens and the examples:\n  ${address}\nCtrl+C ends it.`);
if (!process.argv.includes('--no-open'))
  spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [address], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    workbench.stop();
    process.exit(0);
  });
}
