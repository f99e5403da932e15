import { l10n, type QuickPickItem, QuickPickItemKind, window } from 'vscode';
import type { TraceChoices, TraceFormat, TraceParams, WhatIfItem } from '../shared/insight/protocol.ts';
import { placeName } from './placeName.ts';
import { withoutIcons } from './plainLabel.ts';

/**
 * The menus of a trace panel: the editor's own quick picks, so that they are filtered, moved in and left as every other
 * menu. What isn't offered can be typed.
 */
interface Choice extends QuickPickItem {
  /** What the request becomes. */
  readonly request?: TraceParams;
}

export async function pickWho(request: TraceParams, { origins }: TraceChoices): Promise<TraceParams | undefined> {
  const items = origins.map(({ from, description }): Choice => ({
    label: from,
    description,
    request: { ...request, from },
  }));
  return pick(items, {
    title: l10n.t('{0}: who asks?', request.target),
    placeholder: l10n.t('Pick who asks, or type pod/NAME, deploy/NAME, node/NAME or an address'),
    typed: (from) => ({ ...request, from }),
  });
}

export async function pickWhatIf(request: TraceParams, choices: TraceChoices): Promise<TraceParams | undefined> {
  return pick([...whatIfChoices(request, choices), ...clusterChoices(request, choices)], {
    title: l10n.t('{0}: what if…', request.target),
    placeholder: l10n.t('Pick one, or type node/NAME=down, pod/NAME=not-ready'),
    typed: (text) => ({ ...request, whatIf: assuming(request.whatIf, text) }),
  });
}

/** The other side of a comparison. */
export async function pickComparison(request: TraceParams, choices: TraceChoices): Promise<TraceParams | undefined> {
  const { whatIf = [], from } = request;
  const as = (label: string, now: TraceParams, description = ''): Choice => ({ label, description, request: now });
  const plain = whatIf.length === 0 ? [] : [as(l10n.t('The same without what is assumed'), { ...request, whatIf: [] })];
  const others = choices.origins
    .filter((each) => each.from !== from)
    .map((each) => as(l10n.t('Asked from {0}', each.from), { ...request, from: each.from }, each.description));
  const few = 4;
  return pick(
    [
      ...plain,
      ...section(l10n.t('Asked by somebody else'), others.slice(0, few)),
      ...clusterChoices(request, choices),
      ...whatIfChoices(request, choices),
      ...section(l10n.t('Asked by a pod or a node'), others.slice(few)),
    ],
    {
      title: l10n.t('Compare {0} with…', request.target),
      placeholder: l10n.t('Pick what is otherwise, or type another target'),
      typed: (target) => ({ ...request, target }),
    },
  );
}

export interface CopyAs {
  readonly as: TraceFormat | 'svg';
  readonly to: 'clipboard' | 'file';
}

export async function pickCopy(): Promise<CopyAs | undefined> {
  const item = (label: string, copyAs: CopyAs): QuickPickItem & { copyAs: CopyAs } => ({ label, copyAs });
  const picked = await window.showQuickPick(
    [
      item(l10n.t('Copy as text'), { as: 'text', to: 'clipboard' }),
      item(l10n.t('Copy as Mermaid'), { as: 'mermaid', to: 'clipboard' }),
      item(l10n.t('Copy as JSON'), { as: 'json', to: 'clipboard' }),
      item(l10n.t('Copy as SVG'), { as: 'svg', to: 'clipboard' }),
      item(l10n.t('Save as text…'), { as: 'text', to: 'file' }),
      item(l10n.t('Save as Mermaid…'), { as: 'mermaid', to: 'file' }),
      item(l10n.t('Save as JSON…'), { as: 'json', to: 'file' }),
      item(l10n.t('Save as SVG…'), { as: 'svg', to: 'file' }),
    ],
    { title: l10n.t('Copy or save the trace') },
  );
  return picked?.copyAs;
}

function whatIfChoices(request: TraceParams, { whatIfs }: TraceChoices): Choice[] {
  const titles: Readonly<Record<WhatIfItem['about'], string>> = {
    node: l10n.t('Nodes'),
    pod: l10n.t('Pods'),
    service: l10n.t('Services'),
    proxy: l10n.t('kube-proxy'),
  };
  return [...Map.groupBy(whatIfs, ({ about }) => about)].flatMap(([about, items]) =>
    section(
      titles[about],
      items.map(({ text, label, description }) => ({
        label,
        description,
        request: { ...request, whatIf: assuming(request.whatIf, text) },
      })),
    ),
  );
}

/** Other builds of the same sources, other profiles. */
function clusterChoices(request: TraceParams, { builds, profiles }: TraceChoices): Choice[] {
  const [first] = builds;
  const current = request.build ?? first?.root;
  return [
    ...section(
      l10n.t('Overlays and values'),
      builds
        .filter(({ root }) => root !== current)
        .map(({ root, label, entry }) => ({
          label,
          description: placeName(entry),
          request: { ...request, build: root },
        })),
    ),
    ...section(
      l10n.t('Profiles'),
      profiles
        .filter(({ uri }) => uri !== request.profile)
        .map(({ uri, name }) => ({
          label: l10n.t('profile {0}', name),
          description: placeName(uri),
          request: { ...request, profile: uri },
        })),
    ),
  ];
}

/** Of one subject, one thing is assumed. */
function assuming(before: readonly string[] = [], text: string): readonly string[] {
  const subject = text.slice(0, text.lastIndexOf('='));
  return [...before.filter((each) => each.slice(0, each.lastIndexOf('=')) !== subject), text];
}

function section(label: string, items: readonly Choice[]): Choice[] {
  return items.length === 0 ? [] : [{ label, kind: QuickPickItemKind.Separator }, ...items];
}

interface PickOptions {
  readonly title: string;
  readonly placeholder: string;
  /** What is typed and matches nothing. */
  readonly typed: (text: string) => TraceParams;
}

/** Undefined when it was left. */
function pick(items: readonly Choice[], { title, placeholder, typed }: PickOptions): Promise<TraceParams | undefined> {
  const menu = window.createQuickPick<Choice>();
  menu.title = title;
  menu.placeholder = placeholder;
  menu.matchOnDescription = true;
  const offered = items.map((item): Choice => ({
    ...item,
    label: withoutIcons(item.label),
    description: withoutIcons(item.description ?? ''),
  }));
  menu.items = offered;
  menu.onDidChangeValue((value) => {
    const text = value.trim();
    const own: Choice = {
      label: withoutIcons(text),
      description: l10n.t('as typed'),
      alwaysShow: true,
      request: typed(text),
    };
    menu.items = text === '' || items.some(({ label }) => label === text) ? offered : [...offered, own];
  });
  return new Promise((resolve) => {
    menu.onDidAccept(() => {
      resolve(menu.selectedItems[0]?.request);
      menu.hide();
    });
    menu.onDidHide(() => {
      resolve(undefined);
      menu.dispose();
    });
    menu.show();
  });
}
