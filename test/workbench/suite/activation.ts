import { extensions } from 'vscode';

/** Says how long the extension takes from being asked for to being there, its own code read and run included. */
export async function run(): Promise<void> {
  const extension = extensions.getExtension('hoplens.hoplens');
  if (extension === undefined) throw new Error('Hoplens is not installed');
  if (extension.isActive) throw new Error('Hoplens is active already');
  const began = performance.now();
  await extension.activate();
  console.log(`activation: ${performance.now() - began} ms`);
}
