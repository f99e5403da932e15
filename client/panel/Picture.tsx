import * as l10n from '@vscode/l10n';
import { Fragment } from 'preact';
import { useId } from 'preact/hooks';
import type { BecauseJson } from '../../shared/trace/traceJson.ts';
import { arrowSentence, endsOf, frameSentence, groupSentence } from './diagramWords.ts';
import type { Folded, Group } from './folding.ts';
import { fileName } from './LineLink.tsx';
import { lineHeight, type PlacedArrow, type PlacedBox, type PlacedFrame } from './placing.ts';
import { isSame, isSpot, type Shown, type Spot, stepText } from './stepping.ts';

/** What somebody does with a spot of the picture. */
export interface Looking {
  /** The one that the keyboard is at. */
  readonly current: Spot;
  /** The one that is looked at, by pointer or keyboard. */
  readonly looked: Spot | null;
  readonly onFocus: (spot: Spot) => void;
  readonly onPoint: (spot: Spot | null) => void;
  readonly onAct: (spot: Spot) => void;
}

export function Picture({
  shown,
  reasons,
  label,
  zoom,
  isReply,
  looking,
}: {
  shown: Shown;
  /** What the ends of packets rest on, by index. */
  reasons: readonly BecauseJson[];
  label: string;
  zoom: number;
  isReply: boolean;
  looking: Looking;
}) {
  const { folded, arrows, placed } = shown;
  const { width, height } = placed;
  const head = useId();
  const { looked } = looking;
  const isLit = (index: number): boolean => {
    const arrow = arrows[index];
    if (looked === null || arrow === undefined) return false;
    if (looked.kind === 'box') return arrow.from === looked.index || arrow.to === looked.index;
    return looked.kind === 'arrow' && looked.index === index;
  };
  return (
    <svg
      class={isReply ? 'picture reply-way' : 'picture'}
      viewBox={`0 0 ${width} ${height}`}
      width={width * zoom}
      height={height * zoom}
      role="group"
      aria-label={label}
    >
      <defs>
        <marker
          id={head}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerUnits="userSpaceOnUse"
          markerWidth="9"
          markerHeight="9"
          orient="auto"
        >
          <path d="M0 0 L8 4 L0 8 z" />
        </marker>
      </defs>
      {placed.frames.map((frame) => (
        <FrameView key={frame.index} frame={frame} folded={folded} looking={looking} />
      ))}
      {placed.arrows.map((arrow) => (
        <ArrowView
          key={arrows[arrow.index]?.id}
          arrow={arrow}
          shown={shown}
          head={head}
          isLit={isLit(arrow.index)}
          looking={looking}
        />
      ))}
      {placed.boxes.map((box) => (
        <BoxView key={folded.groups[box.index]?.id} box={box} folded={folded} reasons={reasons} looking={looking} />
      ))}
    </svg>
  );
}

/**
 * Makes a part of the picture one that can be focused, pointed at and acted on. Its name begins with the words in it,
 * which stand apart from each other by spaces: who speaks to the machine says what they read.
 */
function actions(spot: Spot, label: string, { current, onFocus, onPoint, onAct }: Looking) {
  return {
    role: 'button' as const,
    tabindex: isSame(current, spot) ? 0 : -1,
    'aria-label': label,
    'data-spot': `${spot.kind} ${spot.index}`,
    onFocus: () => onFocus(spot),
    onMouseEnter: () => onPoint(spot),
    onMouseLeave: () => onPoint(null),
    onClick: () => onAct(spot),
  };
}

function FrameView({ frame, folded, looking }: { frame: PlacedFrame; folded: Folded; looking: Looking }) {
  const { index, x, y, width, height, title, note } = frame;
  const group = folded.frames[index];
  const isOut = note.length > 0;
  const acts =
    group !== undefined && isSpot(group) ? actions({ kind: 'frame', index }, frameSentence(group), looking) : {};
  return (
    <g class={isOut ? 'frame left-out' : 'frame'} {...acts}>
      <rect x={x} y={y} width={width} height={height} rx="6" />
      <text class="frame-title" x={x + 10} y={y + 15}>
        {title}
      </text>{' '}
      {note.map((line, row) => (
        <Fragment key={row}>
          <text class="frame-note" x={x + 10} y={y + 15 + (row + 1) * lineHeight}>
            {line}
          </text>{' '}
        </Fragment>
      ))}
    </g>
  );
}

function ArrowView({
  arrow: { index, path, label },
  shown,
  head,
  isLit,
  looking,
}: {
  arrow: PlacedArrow;
  shown: Shown;
  head: string;
  isLit: boolean;
  looking: Looking;
}) {
  const arrow = shown.arrows[index];
  if (arrow === undefined) return null;
  const name = `${stepText(shown, index)}: ${arrowSentence(arrow, shown.folded.groups)}`;
  const crosses = arrow.crossing.equals(0) ? '' : ' crosses';
  return (
    <g class={`arrow${crosses}${isLit ? ' lit' : ''}`} {...actions({ kind: 'arrow', index }, name, looking)}>
      <path class="reach" d={path} />
      <path class="line" d={path} marker-end={`url(#${head})`} />
      {label.lines.length > 0 && (
        <rect class="behind" x={label.x - 3} y={label.y} width={label.width + 6} height={label.height} />
      )}
      {label.lines.map(({ kind, parts }, row) => (
        <Fragment key={row}>
          <text class={`on-arrow ${kind}`} x={label.x} y={label.y + row * lineHeight + 8}>
            {parts.map(({ text, isChanged }, part) => (
              <tspan key={part} class={isChanged ? 'changed' : undefined}>
                {text}
              </tspan>
            ))}
          </text>{' '}
        </Fragment>
      ))}
    </g>
  );
}

/** Why packets end in a group, with the lines: a picture that stands alone has no steps beside it. */
function whyText(group: Group, reasons: readonly BecauseJson[]): string | undefined {
  const texts = endsOf(group).map(({ text, because }) => {
    const lines = because.flatMap((each) => {
      const { file = null, line = null } = reasons[each] ?? {};
      return file === null || line === null ? [] : [`${fileName(file)}:${line}`];
    });
    return lines.length === 0 ? text : `${text} (${[...new Set(lines)].join(', ')})`;
  });
  return texts.length === 0 ? undefined : texts.join(' ');
}

interface BoxProps {
  box: PlacedBox;
  folded: Folded;
  reasons: readonly BecauseJson[];
  looking: Looking;
}

function BoxView({ box, folded, reasons, looking }: BoxProps) {
  const { index, x, y, width, height, lines, gates } = box;
  const group = folded.groups[index];
  if (group === undefined) return null;
  const { first, count } = group;
  const isLost = lines.some(({ kind }) => kind === 'lost');
  const sentence = groupSentence(group, folded.frames[group.frame], 'as drawn');
  const name = count > 1 ? l10n.t('{0}; Enter shows them one by one', sentence) : sentence;
  return (
    <g
      class={`box ${first.kind}${isLost ? ' loses' : ''}`}
      data-why={whyText(group, reasons)}
      {...actions({ kind: 'box', index }, name, looking)}
    >
      {count > 1 && <rect class="more" x={x + 4} y={y + 4} width={width} height={height} rx="4" />}
      <rect x={x} y={y} width={width} height={height} rx="4" />
      {gates.map(({ state, path }) => (
        <path key={path} class={`gate ${state}`} d={path} />
      ))}
      {lines.map(({ kind, text }, row) => (
        <Fragment key={row}>
          <text class={kind} x={x + 10} y={y + 15 + row * lineHeight}>
            {text}
          </text>{' '}
        </Fragment>
      ))}
    </g>
  );
}
