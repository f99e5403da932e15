import { l10n, type QuickPickItem, window } from 'vscode';
import type { TraceChoices, TraceFormat, TraceParams, WhatIfItem } from '../shared/insight/protocol.ts';
import { pick, under } from './picker.ts';
import { placeName } from './placeName.ts';
import { ranked } from './targetRanking.ts';

// The menus of a trace panel: the editor's own quick picks. What isn't offered can be typed.

interface Choice {
  readonly label: string;
  readonly description: string;
  /** What the request becomes. */
  readonly value: TraceParams;
}

interface Section {
  /** Null for what stands above all headings. */
  readonly heading: string | null;
  readonly choices: readonly Choice[];
}

export async function pickWho(request: TraceParams, { origins }: TraceChoices): Promise<TraceParams | undefined> {
  const choices = origins.map(({ from, description }) => ({ label: from, description, value: { ...request, from } }));
  return pickOrType([{ heading: null, choices }], {
    title: l10n.t('{0}: who asks?', request.target),
    placeholder: l10n.t('Pick who asks, or type pod/NAME, deploy/NAME, node/NAME or an address'),
    typed: (from) => ({ ...request, from }),
  });
}

export async function pickWhatIf(request: TraceParams, choices: TraceChoices): Promise<TraceParams | undefined> {
  return pickOrType([...whatIfSections(request, choices), ...clusterSections(request, choices)], {
    title: l10n.t('{0}: what if…', request.target),
    placeholder: l10n.t('Pick one, or type node/NAME=down, pod/NAME=not-ready'),
    typed: (text) => ({ ...request, whatIf: assuming(request.whatIf, text) }),
  });
}

/** The other side of a comparison. */
export async function pickComparison(request: TraceParams, choices: TraceChoices): Promise<TraceParams | undefined> {
  const { whatIf = [], from } = request;
  const as = (label: string, value: TraceParams, description = ''): Choice => ({ label, description, value });
  const plain = whatIf.length === 0 ? [] : [as(l10n.t('The same without what is assumed'), { ...request, whatIf: [] })];
  const others = choices.origins
    .filter((each) => each.from !== from)
    .map((each) => as(l10n.t('Asked from {0}', each.from), { ...request, from: each.from }, each.description));
  const few = 4;
  return pickOrType(
    [
      { heading: null, choices: plain },
      { heading: l10n.t('Asked by somebody else'), choices: others.slice(0, few) },
      ...clusterSections(request, choices),
      ...whatIfSections(request, choices),
      { heading: l10n.t('Asked by a pod or a node'), choices: others.slice(few) },
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

function whatIfSections(request: TraceParams, { whatIfs }: TraceChoices): Section[] {
  const titles: Readonly<Record<WhatIfItem['about'], string>> = {
    node: l10n.t('Nodes'),
    pod: l10n.t('Pods'),
    service: l10n.t('Services'),
    proxy: l10n.t('kube-proxy'),
  };
  return [...Map.groupBy(whatIfs, ({ about }) => about)].map(([about, items]) => ({
    heading: titles[about],
    choices: items.map(({ text, label, description }) => ({
      label,
      description,
      value: { ...request, whatIf: assuming(request.whatIf, text) },
    })),
  }));
}

/** Other builds of the same sources, other profiles. */
function clusterSections(request: TraceParams, { builds, profiles }: TraceChoices): Section[] {
  const [first] = builds;
  const current = request.build ?? first?.root;
  return [
    {
      heading: l10n.t('Overlays and values'),
      choices: builds
        .filter(({ root }) => root !== current)
        .map(({ root, label, entry }) => ({
          label,
          description: placeName(entry),
          value: { ...request, build: root },
        })),
    },
    {
      heading: l10n.t('Profiles'),
      choices: profiles
        .filter(({ uri }) => uri !== request.profile)
        .map(({ uri, name }) => ({
          label: l10n.t('profile {0}', name),
          description: placeName(uri),
          value: { ...request, profile: uri },
        })),
    },
  ];
}

/** Of one subject, one thing is assumed. */
function assuming(before: readonly string[] = [], text: string): readonly string[] {
  const subject = text.slice(0, text.lastIndexOf('='));
  return [...before.filter((each) => each.slice(0, each.lastIndexOf('=')) !== subject), text];
}

interface MenuOptions {
  readonly title: string;
  readonly placeholder: string;
  /** What is typed and isn't offered. */
  readonly typed: (text: string) => TraceParams;
}

/** Undefined when it was left. */
async function pickOrType(
  sections: readonly Section[],
  { title, placeholder, typed }: MenuOptions,
): Promise<TraceParams | undefined> {
  const isOffered = (text: string): boolean =>
    sections.some(({ choices }) => choices.some(({ label }) => label === text));
  const picked = await pick<TraceParams>({
    title,
    placeholder,
    step: 'first',
    items: (value) => {
      const text = value.trim();
      return [
        ...sections.flatMap(({ heading, choices }) => under(heading, ranked(choices, text))),
        ...(text === '' || isOffered(text)
          ? []
          : [{ label: text, description: l10n.t('as typed'), value: typed(text) }]),
      ];
    },
  });
  return picked.kind === 'picked' ? picked.value : undefined;
}
