import * as l10n from '@vscode/l10n';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Diagram as DiagramData } from '../../shared/trace/diagram.ts';
import { BecauseLines } from './Because.tsx';
import { DiagramList } from './DiagramList.tsx';
import {
  arrowSentence,
  endsOf,
  endText,
  gatesOf,
  gateText,
  frameNote,
  frameTitle,
  groupSentence,
  linesOf,
  lineText,
  titleOf,
} from './diagramWords.ts';
import { folded, type Group, likenessOf } from './folding.ts';
import type { Open } from './messages.ts';
import { Picture } from './Picture.tsx';
import { placed } from './placing.ts';
import { beside, type Direction, type Shown, type Spot, stepFrom, stepText } from './stepping.ts';

/** As many of a fold as are taken out of it at once. */
const mostTakenOut = { boxes: 12, frames: 4 };
const zoomStep = 1.2;
/** Its smallest writing is 11 pixels high: unasked, it gets no smaller than 8. */
const zooms = { least: 0.2, leastUnasked: 0.75, most: 4 };

const keys: Readonly<Record<string, Direction>> = {
  ArrowRight: 'right',
  ArrowLeft: 'left',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

interface DiagramProps {
  /** Tells it from the one beside it. */
  name: string;
  diagram: DiagramData;
  summary: string;
  open: Open;
}

/** The trace as a picture: to scroll, to zoom, to step through. */
export function Diagram({ name, diagram, summary, open }: DiagramProps) {
  const [apart, setApart] = useState<ReadonlySet<string>>(new Set());
  const [isReply, setIsReply] = useState(false);
  const [zoom, setZoom] = useState(1);
  const [focused, setFocused] = useState<Spot | null>(null);
  const [pointed, setPointed] = useState<Spot | null>(null);
  const [spoken, setSpoken] = useState('');
  const viewport = useRef<HTMLDivElement>(null);
  const shown = useMemo((): Shown => {
    const all = folded(diagram, likenessOf(diagram), apart);
    const arrows = isReply ? all.replies : all.arrows;
    return { folded: all, arrows, placed: placed(all.frames, all.groups, arrows) };
  }, [diagram, apart, isReply]);
  const start: Spot = {
    kind: 'box',
    index: Math.max(
      0,
      shown.folded.groups.findIndex(({ first }) => first.isAsking),
    ),
  };
  const current = isThere(shown, focused) ? focused : start;
  const looked = isThere(shown, pointed) ? pointed : isThere(shown, focused) ? focused : null;

  const [edges, setEdges] = useState<Edges>({ class: 'edges', style: {} });
  const lookAtEdges = (): void => {
    if (viewport.current !== null) setEdges(edgesOf(viewport.current));
  };
  const anchor = useRef<{ x: number; y: number; left: number; top: number; zoom: number } | null>(null);
  const zoomTo = (wanted: number, at?: { clientX: number; clientY: number }): void => {
    const view = viewport.current;
    const next = Math.min(zooms.most, Math.max(zooms.least, wanted));
    if (view !== null) {
      const frame = view.getBoundingClientRect();
      const x = at === undefined ? frame.width / 2 : at.clientX - frame.left;
      const y = at === undefined ? frame.height / 2 : at.clientY - frame.top;
      anchor.current = { x, y, left: view.scrollLeft, top: view.scrollTop, zoom };
    }
    setZoom(next);
  };
  // What was under the pointer stays there.
  useLayoutEffect(() => {
    const [view, held] = [viewport.current, anchor.current];
    if (view === null || held === null) return;
    view.scrollLeft = ((held.left + held.x) * zoom) / held.zoom - held.x;
    view.scrollTop = ((held.top + held.y) * zoom) / held.zoom - held.y;
    anchor.current = null;
  }, [zoom]);
  useLayoutEffect(lookAtEdges, [zoom, shown]);
  useEffect(() => {
    const observer = new ResizeObserver(lookAtEdges);
    if (viewport.current !== null) observer.observe(viewport.current);
    return () => observer.disconnect();
  }, []);
  const fittingZoom = (): number => {
    const { clientWidth = 0, clientHeight = 0 } = viewport.current ?? {};
    return Math.min(1, (clientWidth - 4) / shown.placed.width, (clientHeight - 4) / shown.placed.height);
  };

  const goTo = (spot: Spot): void => {
    setFocused(spot);
    const element = viewport.current?.querySelector<SVGGElement>(`[data-spot="${spot.kind} ${spot.index}"]`);
    element?.focus({ preventScroll: true });
    element?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  const step = (by: 1 | -1): void => {
    const next = stepFrom(shown, current, by);
    if (next === null) {
      setSpoken(by === 1 ? l10n.t('the last step') : l10n.t('the first step'));
      return;
    }
    setFocused(next);
    const arrow = shown.arrows[next.index];
    if (arrow !== undefined) setSpoken(`${stepText(shown, next.index)}: ${arrowSentence(arrow, shown.folded.groups)}`);
    viewport.current
      ?.querySelector(`[data-spot="${next.kind} ${next.index}"]`)
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  };
  const act = (spot: Spot): void => {
    setFocused(spot);
    const names = foldedIn(shown, spot, apart);
    if (names.length > 0) {
      setApart(new Set([...apart, ...names]));
      return;
    }
    const because = becauseOf(diagram, shown, spot);
    const place = because.find(({ file, line }) => file !== null && line !== null);
    if (place?.file != null && place.line !== null) open(place.file, place.line);
    else setSpoken(l10n.t('No line decides this. {0}', because.map(({ text }) => text).join('; ')));
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = keys[event.key];
    if (direction !== undefined) goTo(beside(shown, current, direction));
    else if (event.key === 'Enter' || event.key === ' ') act(current);
    else if (event.key === '+' || event.key === '=') zoomTo(zoom * zoomStep);
    else if (event.key === '-') zoomTo(zoom / zoomStep);
    else if (event.key === '0') zoomTo(1);
    else return;
    event.preventDefault();
  };
  // All of it, or all of its width, where that makes it little smaller; whoever asks is in the middle: there it starts.
  useLayoutEffect(() => {
    const { width } = shown.placed;
    const unasked = [fittingZoom(), Math.min(1, ((viewport.current?.clientWidth ?? 0) - 4) / width)];
    const fitting = unasked.find((each) => each >= zooms.leastUnasked) ?? 1;
    setZoom(fitting);
    const [view, box] = [viewport.current, shown.placed.boxes.find(({ index }) => index === start.index)];
    if (view === null || box === undefined) return;
    const y = view.clientHeight / 2;
    const top = box.y + box.height / 2 - y;
    if (fitting === 1) view.scrollTop = top;
    else anchor.current = { x: 0, y, left: 0, top, zoom: 1 };
  }, []);
  // The element that had the focus may be another one now.
  useEffect(() => {
    const active = document.activeElement;
    if (
      viewport.current?.contains(active) === true &&
      active?.getAttribute('data-spot') !== `${current.kind} ${current.index}`
    )
      goTo(current);
  }, [shown]);

  // At real size it stands beside the steps where there is room for both, else above them; unfolded, it stays there.
  const [room] = useState(shown.placed.width);
  return (
    <section class="diagram" aria-label={name} style={{ '--room': `${room + 4}px` }}>
      <div class="diagram-tools">
        <button type="button" onClick={() => step(-1)} title={l10n.t('The step before')}>
          {l10n.t('‹ Step')}
        </button>
        <button type="button" onClick={() => step(1)} title={l10n.t('The next step')}>
          {l10n.t('Step ›')}
        </button>
        <span class="step">{current.kind === 'arrow' ? stepText(shown, current.index) : ''}</span>
        <span role="status" class="spoken">
          {spoken}
        </span>
        {shown.folded.replies.length > 0 && (
          <button type="button" aria-pressed={isReply} onClick={() => setIsReply(!isReply)}>
            {l10n.t('Reply')}
          </button>
        )}
        {apart.size > 0 && (
          <button type="button" onClick={() => setApart(new Set())}>
            {l10n.t('Fold')}
          </button>
        )}
        <span class="zoom">
          <button
            type="button"
            onClick={() => zoomTo(zoom / zoomStep)}
            aria-label={l10n.t('Zoom out')}
            title={l10n.t('Zoom out (-)')}
          >
            −
          </button>
          <button type="button" onClick={() => zoomTo(1)} title={l10n.t('Real size (0)')}>
            {Math.round(zoom * 100)} %
          </button>
          <button
            type="button"
            onClick={() => zoomTo(zoom * zoomStep)}
            aria-label={l10n.t('Zoom in')}
            title={l10n.t('Zoom in (+)')}
          >
            +
          </button>
          <button type="button" onClick={() => zoomTo(fittingZoom())} title={l10n.t('All of it')}>
            {l10n.t('Fit')}
          </button>
        </span>
      </div>
      <div {...edges}>
        <div
          class="viewport"
          ref={viewport}
          onKeyDown={onKeyDown}
          onScroll={lookAtEdges}
          onWheel={(event) => {
            if (!event.ctrlKey) return;
            event.preventDefault();
            zoomTo(zoom * zoomStep ** (-event.deltaY / 100), event);
          }}
          onPointerDown={drag}
        >
          <Picture
            shown={shown}
            reasons={diagram.reasons}
            label={l10n.t('{0}. The arrow keys go along the way, Enter shows the line.', summary)}
            zoom={zoom}
            isReply={isReply}
            looking={{ current, looked, onFocus: setFocused, onPoint: setPointed, onAct: act }}
          />
        </div>
      </div>
      <div class="looked">
        {looked === null ? (
          <p class="asked">{l10n.t('Point at a box or an arrow to see why; click it to see the line.')}</p>
        ) : (
          <Looked diagram={diagram} shown={shown} spot={looked} open={open} />
        )}
      </div>
      <DiagramList shown={shown} isReply={isReply} />
    </section>
  );
}

interface Edges {
  readonly class: string;
  readonly style: Readonly<Record<string, string>>;
}

/** The sides at which there is more than is in view; they fade before the scroll bars, where there are some. */
function edgesOf(view: HTMLElement): Edges {
  const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = view;
  const sides = {
    left: scrollLeft,
    right: scrollWidth - clientWidth - scrollLeft,
    above: scrollTop,
    below: scrollHeight - clientHeight - scrollTop,
  };
  const more = Object.entries(sides).flatMap(([side, left]) => (left > 1 ? [`more-${side}`] : []));
  return {
    class: ['edges', ...more].join(' '),
    style: {
      '--bar-width': `${view.offsetWidth - clientWidth}px`,
      '--bar-height': `${view.offsetHeight - clientHeight}px`,
    },
  };
}

/** Where it is scrolled to follows the pointer that pulls at the ground. */
function drag(event: PointerEvent): void {
  const view = event.currentTarget;
  const isGround = event.target instanceof Element && event.target.closest('[data-spot]') === null;
  if (!(view instanceof HTMLElement) || !isGround || event.button !== 0 || event.pointerType === 'touch') return;
  const [x, y] = [view.scrollLeft + event.clientX, view.scrollTop + event.clientY];
  const move = (moved: PointerEvent): void => {
    view.scrollLeft = x - moved.clientX;
    view.scrollTop = y - moved.clientY;
  };
  const end = (): void => {
    view.removeEventListener('pointermove', move);
    view.classList.remove('pulled');
  };
  view.setPointerCapture(event.pointerId);
  view.classList.add('pulled');
  view.addEventListener('pointermove', move);
  view.addEventListener('lostpointercapture', end, { once: true });
}

function isThere({ folded: { groups, frames }, arrows }: Shown, spot: Spot | null): spot is Spot {
  if (spot === null) return false;
  const all = spot.kind === 'box' ? groups : spot.kind === 'arrow' ? arrows : frames;
  return spot.index < all.length;
}

/** The parties and nodes that a click takes out of a fold; none where it is none. */
function foldedIn({ folded: { groups, frames } }: Shown, { kind, index }: Spot, apart: ReadonlySet<string>): string[] {
  const nodesOf = (frame: number): string[] => {
    const { members = [] } = frames[frame] ?? {};
    const names = members.length < 2 ? [] : members.map(({ name }) => `frame ${name}`);
    return names.filter((name) => !apart.has(name)).slice(0, mostTakenOut.frames);
  };
  const boxesOf = ({ members }: Group): string[] =>
    members.length < 2
      ? []
      : members
          .map(({ party }) => party)
          .filter((party) => !apart.has(party))
          .slice(0, mostTakenOut.boxes);
  switch (kind) {
    case 'arrow':
      return [];
    case 'frame':
      return nodesOf(index);
    case 'box': {
      const group = groups[index];
      if (group === undefined) return [];
      const nodes = nodesOf(group.frame);
      return nodes.length > 0 ? nodes : boxesOf(group);
    }
    default:
      return kind satisfies never;
  }
}

function becauseOf({ reasons }: DiagramData, { folded: { groups, frames }, arrows }: Shown, { kind, index }: Spot) {
  const indexes = (): readonly number[] => {
    switch (kind) {
      case 'arrow':
        return arrows[index]?.because ?? [];
      case 'frame':
        return frames[index]?.members[0]?.because ?? [];
      case 'box': {
        const group = groups[index];
        const ends = group === undefined ? [] : endsOf(group).flatMap(({ because }) => because);
        const gates = group === undefined ? [] : gatesOf(group).flatMap(({ because }) => because);
        return [...ends, ...gates, ...arrows.filter(({ to }) => to === index).flatMap(({ because }) => because)];
      }
      default:
        return kind satisfies never;
    }
  };
  return [...new Set(indexes())].flatMap((each) => reasons[each] ?? []);
}

/** As many names of a fold as are listed. */
const mostNamed = 20;

/** All about what is looked at: its words, and what it rests on. */
function Looked({ diagram, shown, spot, open }: { diagram: DiagramData; shown: Shown; spot: Spot; open: Open }) {
  const { folded: all, arrows } = shown;
  const because = <BecauseLines because={becauseOf(diagram, shown, spot)} open={open} />;
  switch (spot.kind) {
    case 'arrow': {
      const arrow = arrows[spot.index];
      const [from, to] = [all.groups[arrow?.from ?? -1], all.groups[arrow?.to ?? -1]];
      if (arrow === undefined || from === undefined || to === undefined) return null;
      return (
        <>
          <p class="parties">
            {titleOf(from)} → {titleOf(to)}
          </p>
          {linesOf(arrow).map((line, index) => (
            <p key={index} class="addresses">
              {lineText(line)}
            </p>
          ))}
          {because}
        </>
      );
    }
    case 'frame': {
      const frame = all.frames[spot.index];
      if (frame === undefined) return null;
      return (
        <>
          <p class="parties">{frameTitle(frame)}</p>
          {frameNote(frame) !== '' && <p>{frameNote(frame)}</p>}
          {because}
        </>
      );
    }
    case 'box': {
      const group = all.groups[spot.index];
      if (group === undefined) return null;
      const names = group.members.slice(0, mostNamed).map(({ party }) => party);
      const more = group.count - names.length;
      const listed = names.join(', ');
      return (
        <>
          <p class="parties">{groupSentence(group, all.frames[group.frame])}</p>
          {group.count > 1 && (
            <p class="addresses">
              {more > 0 ? l10n.t('{0}, and {1} more', listed, more.toLocaleString('en')) : listed}
            </p>
          )}
          {gatesOf(group).map((gate) => (
            <p key={gate.direction}>
              {gateText(gate)}
              {gateText(gate) === '' ? '' : '. '}
              {gate.direction === 'ingress'
                ? l10n.t('Its gate sees {0}.', gate.sees.slice(0, mostNamed).join(', '))
                : l10n.t('Its gate sees it go to {0}.', gate.sees.slice(0, mostNamed).join(', '))}
            </p>
          ))}
          {endsOf(group).map((end) => (
            <p key={end.title} class={end.isLost ? 'lost' : ''}>
              {endText(end)}. {group.count > 1 ? '' : end.text}
            </p>
          ))}
          {because}
        </>
      );
    }
    default:
      return spot.kind satisfies never;
  }
}
