import { l10n, type QuickPickItem, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type TargetsAnswer, targetsMethod } from '../shared/insight/protocol.ts';
import type { RequestToTrace } from './requestToTrace.ts';
import type { TracePanels } from './tracePanels.ts';

/** `Hoplens: Trace request`: asks for what a lens would have said, target first, then who asks. */
export async function traceRequestCommand(
  client: BaseLanguageClient,
  panel: TracePanels,
  asked: Partial<RequestToTrace> = {},
): Promise<void> {
  const uri = asked.uri ?? window.activeTextEditor?.document.uri.toString();
  if (uri === undefined) {
    void window.showInformationMessage(
      l10n.t('Open a Kubernetes manifest first: the request is traced through the manifests that are applied with it.'),
    );
    return;
  }
  if (!client.isRunning()) await client.start();
  if (asked.target !== undefined && asked.from !== undefined)
    return panel.show({ ...asked, uri, target: asked.target, from: asked.from });
  const { targets, origins } = await client.sendRequest<TargetsAnswer>(targetsMethod, { uri });
  const target =
    asked.target ??
    (await pickOrType(
      l10n.t('Trace request: to what?'),
      l10n.t('Pick a target, or type one: http://host/path, svc/NAME.NAMESPACE:PORT, ADDRESS:PORT'),
      targets.map(({ target, description }) => ({ label: target, description })),
    ));
  if (target === undefined) return;
  const known = targets.find((each) => each.target === target);
  const usual = known?.from ?? 'internet';
  const ordered = [...origins].sort((a, b) => Number(b.from === usual) - Number(a.from === usual));
  const from = await pickOrType(
    l10n.t('Trace request: who asks?'),
    l10n.t('Pick who asks, or type an address'),
    ordered.map(({ from, description }) => ({ label: from, description })),
  );
  if (from !== undefined) await panel.show({ uri, target, from, details: asked.details ?? known?.details });
}

/** A quick pick that also takes what was typed. Undefined when it was dismissed. */
function pickOrType(title: string, placeholder: string, items: readonly QuickPickItem[]): Promise<string | undefined> {
  const pick = window.createQuickPick();
  pick.title = title;
  pick.placeholder = placeholder;
  pick.matchOnDescription = true;
  pick.items = items;
  pick.onDidChangeValue((value) => {
    const isKnown = value === '' || items.some(({ label }) => label === value);
    pick.items = isKnown ? items : [...items, { label: value, description: l10n.t('as typed'), alwaysShow: true }];
  });
  return new Promise((resolve) => {
    pick.onDidAccept(() => {
      resolve(pick.selectedItems[0]?.label ?? (pick.value === '' ? undefined : pick.value));
      pick.hide();
    });
    pick.onDidHide(() => {
      resolve(undefined);
      pick.dispose();
    });
    pick.show();
  });
}
