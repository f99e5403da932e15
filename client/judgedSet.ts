import {
  commands,
  type Disposable,
  l10n,
  type QuickPickItem,
  QuickPickItemKind,
  StatusBarAlignment,
  type StatusBarItem,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import {
  type JudgedSetAnswer,
  type JudgedSetItem,
  judgedSetMethod,
  pickBuildCommand,
  pickMethod,
} from '../shared/insight/protocol.ts';

/**
 * Says in the status bar what the file in front is judged with. A click shows the files, and lets one pick the overlay
 * or the values that the editor speaks of.
 */
export class JudgedSetStatus implements Disposable {
  readonly #client: BaseLanguageClient;
  readonly #item: StatusBarItem;
  readonly #listeners: readonly Disposable[];
  #asked = 0;

  constructor(client: BaseLanguageClient) {
    this.#client = client;
    this.#item = window.createStatusBarItem('hoplens.judgedSet', StatusBarAlignment.Right, 90);
    this.#item.name = 'Hoplens';
    this.#item.command = pickBuildCommand;
    this.#listeners = [
      window.onDidChangeActiveTextEditor(() => void this.refresh()),
      commands.registerCommand(pickBuildCommand, (uri?: string) => this.#pick(uri)),
    ];
  }

  /** Asks again what the file in front is judged with. */
  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    const uri = window.activeTextEditor?.document.uri.toString();
    const set = uri === undefined ? null : await this.#ask(uri);
    if (asked !== this.#asked) return;
    if (set === null) return this.#item.hide();
    const [build] = set.builds;
    const files = set.files.length === 1 ? l10n.t('1 file') : l10n.t('{0} files', set.files.length);
    this.#item.text = `$(type-hierarchy) ${set.label} · ${files}${build?.isFailing === true ? ' $(warning)' : ''}`;
    this.#item.tooltip =
      build === undefined
        ? l10n.t('Hoplens judges this file with {0} of {1}.', files, set.label)
        : l10n.t('Hoplens judges what {0} builds of {1}. Click to pick another.', build.label, files);
    this.#item.show();
  }

  async #ask(uri: string): Promise<JudgedSetAnswer> {
    if (!this.#client.isRunning()) return null;
    return this.#client.sendRequest<JudgedSetAnswer>(judgedSetMethod, { uri });
  }

  async #pick(given?: string): Promise<void> {
    const uri = given ?? window.activeTextEditor?.document.uri.toString();
    const set = uri === undefined ? null : await this.#ask(uri);
    if (set === null) {
      void window.showInformationMessage(l10n.t('This file is in no set of manifests.'));
      return;
    }
    const picked = await window.showQuickPick(itemsOf(set), {
      title: l10n.t('Judged with {0}', set.label),
      placeHolder:
        set.builds.length > 1
          ? l10n.t('Pick what lenses and traces speak of, or a file to open')
          : l10n.t('The files that are judged together'),
      matchOnDescription: true,
    });
    if (picked?.root !== undefined) await this.#client.sendNotification(pickMethod, { root: picked.root });
    else if (picked?.file !== undefined) await window.showTextDocument(Uri.parse(picked.file));
    await this.refresh();
  }

  dispose(): void {
    this.#item.dispose();
    for (const each of this.#listeners) each.dispose();
  }
}

interface SetQuickPick extends QuickPickItem {
  readonly root?: string;
  readonly file?: string;
}

function itemsOf({ builds, files, profile }: JudgedSetItem): SetQuickPick[] {
  const separator = (label: string): SetQuickPick => ({ label, kind: QuickPickItemKind.Separator });
  const shown = (uri: string): string => workspace.asRelativePath(Uri.parse(uri));
  return [
    ...(builds.length === 0 ? [] : [separator(l10n.t('Overlays and values'))]),
    ...builds.map(({ root, label, entry, isFailing }, index) => ({
      root,
      label: `${index === 0 ? '$(check) ' : '$(blank) '}${label}`,
      description: shown(entry),
      ...(isFailing ? { detail: l10n.t("It can't be built as it is now.") } : {}),
    })),
    separator(builds.length === 0 ? l10n.t('Files judged together') : l10n.t('Files that it is built of')),
    ...[...files, ...(profile === null || files.includes(profile) ? [] : [profile])].map((file) => ({
      file,
      label: `$(file) ${shown(file)}`,
    })),
  ];
}
