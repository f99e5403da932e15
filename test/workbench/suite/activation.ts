import { extensions } from 'vscode';

/** Says how long the extension takes from being asked for to being there, its own code read and run included. */
export async function run(): Promise<void> {
  const extension = extensions.getExtension('hoplens.hoplens');
  if (extension === undefined) throw new Error('Hoplens is not installed');
  if (extension.isActive) throw new Error('Hoplens is active already');
  const [began, worked] = [performance.now(), process.cpuUsage()];
  await extension.activate();
  const { user, system } = process.cpuUsage(worked);
  console.log(`activation: ${performance.now() - began} ms, ${(user + system) / 1000} ms of work`);
}
