import { Uri, window, workspace } from 'vscode';

/** `Hoplens: Open the puzzle`: the walkthrough's first step, as a document of its own that nothing is changed by. */
export async function openPuzzle(extension: Uri): Promise<void> {
  const file = Uri.joinPath(extension, 'dist', 'walkthrough', 'puzzle.yaml');
  const content = new TextDecoder().decode(await workspace.fs.readFile(file));
  await window.showTextDocument(await workspace.openTextDocument({ language: 'yaml', content }));
}
