import { commands, type Disposable, type ExtensionContext, window } from 'vscode';
import type { Contributions } from './contributions.ts';
import { tracePanelType } from './savedView.ts';

let contributed: Promise<Contributions> | null = null;

/**
 * Whoever opens a file waits for this: so it only promises what is contributed. The language client and the rest, which
 * take their time to load, come right behind it; a command that is called meanwhile waits for them.
 */
export function activate(context: ExtensionContext): void {
  const promised: Disposable[] = [];
  const all = nextTurn().then(async () => {
    const { contribute } = await import('./contributions.ts');
    for (const each of promised) each.dispose();
    return contribute(context);
  });
  contributed = all;
  for (const command of commandsOf(context))
    promised.push(
      commands.registerCommand(command, async (...given: unknown[]) => {
        await all;
        return commands.executeCommand(command, ...given);
      }),
    );
  context.subscriptions.push(
    window.registerWebviewPanelSerializer(tracePanelType, {
      deserializeWebviewPanel: async (panel, state: unknown) =>
        (await all).panels.deserializeWebviewPanel(panel, state),
    }),
  );
}

export async function deactivate(): Promise<void> {
  await (await contributed)?.client.stop();
}

/** As package.json lists them. */
function commandsOf({ extension }: ExtensionContext): string[] {
  const { contributes } = extension.packageJSON as {
    readonly contributes: { readonly commands: { command: string }[] };
  };
  return contributes.commands.map(({ command }) => command);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
