import { env, l10n, Position, type QuickPickItem, Uri, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { clusterCommands, type ProfileAnswer, profileMethod } from '../shared/insight/protocol.ts';
import { withoutIcons } from './plainLabel.ts';

interface Source extends QuickPickItem {
  /** What kubectl printed; null where there is nothing to go on with. */
  readonly read: () => Promise<string | null>;
}

/**
 * `Hoplens: Create profile from cluster`: takes what kubectl printed, from the clipboard, the document in front or a
 * file, and opens the profile as a document that isn't saved. Nothing is run.
 */
export async function createProfile(client: BaseLanguageClient): Promise<void> {
  const front = window.activeTextEditor?.document;
  const sources: Source[] = [
    {
      label: `$(copy) ${l10n.t('Copy the commands to run')}`,
      detail: clusterCommands.join(' ; '),
      read: copyCommands,
    },
    {
      label: `$(clippy) ${l10n.t('Take what is on the clipboard')}`,
      description: l10n.t('all that they printed'),
      read: async () => env.clipboard.readText(),
    },
    ...(front === undefined
      ? []
      : [
          {
            label: `$(file) ${l10n.t('Take the document in front')}`,
            description: withoutIcons(workspace.asRelativePath(front.uri)),
            read: async () => front.getText(),
          },
        ]),
    { label: `$(folder-opened) ${l10n.t('Take a file…')}`, read: readFile },
  ];
  const picked = await window.showQuickPick(sources, {
    title: l10n.t('Create profile from cluster'),
    placeHolder: l10n.t('Run the commands in your terminal, then come back with what they printed'),
  });
  const printed = (await picked?.read()) ?? null;
  if (printed === null) return;
  if (!client.isRunning()) await client.start();
  const answer = await client.sendRequest<ProfileAnswer>(profileMethod, { printed });
  if (answer.kind === 'nothing') {
    const copy = l10n.t('Copy the commands');
    if ((await window.showWarningMessage(answer.message, copy)) === copy) await copyCommands();
    return;
  }
  await openUnsaved(answer.text);
  void window.showInformationMessage(
    l10n.t('Save it as hoplens.yaml beside your manifests, or above them: from then on they are judged by it.'),
  );
}

/** A document that isn't saved, with the name that it is to get if nothing has it yet. */
async function openUnsaved(text: string): Promise<void> {
  const [folder] = workspace.workspaceFolders ?? [];
  const file = folder === undefined ? null : Uri.joinPath(folder.uri, 'hoplens.yaml');
  const isTaken = file === null || (await exists(file)) || workspace.textDocuments.some(({ uri }) => isPath(uri, file));
  const document = isTaken
    ? await workspace.openTextDocument({ language: 'yaml', content: text })
    : await workspace.openTextDocument(Uri.from({ scheme: 'untitled', path: file.path }));
  const editor = await window.showTextDocument(document);
  if (!isTaken) await editor.edit((edit) => edit.insert(new Position(0, 0), text));
}

function isPath({ path }: Uri, file: Uri): boolean {
  return path === file.path;
}

async function exists(file: Uri): Promise<boolean> {
  return workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
}

async function copyCommands(): Promise<null> {
  await env.clipboard.writeText(`${clusterCommands.join('\n')}\n`);
  void window.showInformationMessage(
    l10n.t('Two commands are on the clipboard. Run them in a terminal, copy what they print, and come back.'),
  );
  return null;
}

async function readFile(): Promise<string | null> {
  const [uri] = (await window.showOpenDialog({ title: l10n.t('What kubectl printed'), canSelectMany: false })) ?? [];
  return uri === undefined ? null : new TextDecoder().decode(await workspace.fs.readFile(uri));
}
