import * as l10n from '@vscode/l10n';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { ComparisonTable } from './ComparisonTable.tsx';
import { Diagram } from './Diagram.tsx';
import type { Open, PanelView, Post, SideView } from './messages.ts';
import { RequestBar } from './RequestBar.tsx';
import { printed } from './shownView.ts';
import { Steps } from './Steps.tsx';
import { Verdict } from './Verdict.tsx';

/**
 * The whole panel: a trace, or two beside each other with what differs.
 * All text goes through the virtual DOM, which escapes it.
 */
export function TraceView({ view: { sides, isPinned }, post }: { view: PanelView; post: Post }) {
  const [left, right] = sides;
  const names = right === undefined || left === undefined ? null : sideNames(left, right);
  const [before, after] = [left?.trace, right?.trace];
  // Of another request, the answer is seen first.
  useLayoutEffect(() => globalThis.scrollTo(0, 0), [left?.request.target, left?.request.from]);
  return (
    <>
      <p class="spoken" role="status">
        {sides.map(spokenText).join(' ')}
      </p>
      {right !== undefined && (
        <div class="tools" role="group" aria-label={l10n.t('This panel')}>
          <button type="button" onClick={() => post({ kind: 'keep', side: 0 })}>
            {l10n.t('Keep left')}
          </button>
          <button type="button" onClick={() => post({ kind: 'keep', side: 1 })}>
            {l10n.t('Keep right')}
          </button>
          <PinButton isPinned={isPinned} post={post} />
        </div>
      )}
      {before != null && after != null && names !== null && (
        <ComparisonTable before={before.trace} after={after.trace} names={names} />
      )}
      <div class={right === undefined ? 'sides' : 'sides two'}>
        {sides.map((side, index) => (
          <Side key={index} view={side} side={index} post={post} name={names?.[index === 0 ? 0 : 1] ?? null}>
            {right === undefined && <PinButton isPinned={isPinned} post={post} />}
          </Side>
        ))}
      </div>
    </>
  );
}

function PinButton({ isPinned, post }: { isPinned: boolean; post: Post }) {
  return (
    <button
      type="button"
      aria-pressed={isPinned}
      title={l10n.t('A pinned panel keeps its request: the next trace opens beside it')}
      onClick={() => post({ kind: 'pin', isPinned: !isPinned })}
    >
      {isPinned ? l10n.t('Pinned') : l10n.t('Pin')}
    </button>
  );
}

interface SideProps {
  view: SideView;
  side: number;
  post: Post;
  /** What makes it another than the one beside it; null where there is none. */
  name: string | null;
  children: ComponentChildren;
}

function Side({ view, side, post, name, children }: SideProps) {
  const { trace: found, message, request } = view;
  const open: Open = (file, line) => post({ kind: 'open', file, line });
  return (
    <section class="side" aria-label={name ?? l10n.t('Trace')}>
      {name !== null && <p class="side-name">{name}</p>}
      <RequestBar view={view} side={side} post={post} isAlone={name === null}>
        {children}
      </RequestBar>
      {found !== null && (
        <>
          <Verdict found={found} message={message} open={open} />
          {/* Another request begins with its own first path open. */}
          <div class="body" key={`${request.target}\n${request.from}`}>
            <Diagram
              // Beside another it has half the room.
              key={name === null ? 'alone' : 'beside'}
              name={name === null ? l10n.t('Diagram') : l10n.t('Diagram, {0}', name)}
              diagram={found.diagram}
              summary={found.trace.summary.text}
              open={open}
            />
            <Steps
              trace={found.trace}
              name={name === null ? l10n.t('Steps') : l10n.t('Steps, {0}', name)}
              open={open}
            />
          </div>
        </>
      )}
      {found === null && message === null && <p class="asked">{l10n.t('Tracing…')}</p>}
    </section>
  );
}

/** What each side asks that the other doesn't; where that is nothing that can be named, its place. */
function sideNames(left: SideView, right: SideView): readonly [string, string] {
  const [a, b] = [traitsOf(left), traitsOf(right)];
  const only = (own: readonly string[], other: readonly string[], otherwise: string): string =>
    own.filter((each) => !other.includes(each)).join(', ') || otherwise;
  const isAssuming = (right.request.whatIf ?? []).length > 0;
  return [only(a, b, isAssuming ? l10n.t('As written') : l10n.t('Left')), only(b, a, l10n.t('Right'))];
}

function traitsOf({ request: { target, from, profile, whatIf = [] }, trace }: SideView): readonly string[] {
  return [
    printed(target),
    l10n.t('from {0}', printed(from)),
    ...(trace?.build == null ? [] : [trace.build]),
    ...(profile === undefined ? [] : [l10n.t('profile {0}', trace?.profile ?? '')]),
    ...(trace?.whatIf ?? whatIf.map(printed)),
  ];
}

function spokenText({ trace, message }: SideView): string {
  return message ?? (trace === null ? '' : `${trace.trace.summary.text}.`);
}
