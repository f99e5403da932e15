import type { DiagramGate } from '../../shared/trace/diagram.ts';
import type { FrameGroup, Group, GroupArrow } from './folding.ts';
import {
  detailOf,
  endsOf,
  endText,
  frameNote,
  frameTitle,
  gatesOf,
  gateText,
  type Line,
  linesOf,
  lineText,
  shortened,
  shortenedWords,
  titleOf,
} from './diagramWords.ts';

// Where everything stands: columns from left to right by the hops from whoever asks, a row for each node. All lengths
// in pixels at real size.

export interface Placed {
  readonly width: number;
  readonly height: number;
  readonly frames: readonly PlacedFrame[];
  readonly boxes: readonly PlacedBox[];
  readonly arrows: readonly PlacedArrow[];
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PlacedFrame extends Rectangle {
  /** Index of the frame. */
  readonly index: number;
  readonly title: string;
  readonly note: readonly string[];
}

export interface PlacedBox extends Rectangle {
  /** Index of the group. */
  readonly index: number;
  readonly lines: readonly BoxLine[];
  readonly gates: readonly PlacedGate[];
}

/** A pod's gate, on the side at which arrows come or go; open where all passes, shut where nothing does. */
export interface PlacedGate {
  readonly state: 'open' | 'half' | 'shut';
  readonly path: string;
}

export interface BoxLine {
  readonly kind: 'title' | 'detail' | 'lost' | 'answer' | 'gate';
  readonly text: string;
}

export interface PlacedArrow {
  readonly index: number;
  /** As an SVG path takes it. */
  readonly path: string;
  readonly label: Rectangle & { readonly lines: readonly Line[] };
}

export const lineHeight = 15;
/** As many arrows as have all of their lines, and as many as have some; the rest is shown of one that is looked at. */
const mostLabelled = { all: 8, some: 20 } as const;
/** Where lines bend, before the words on them. */
const bend = 30;
const padding = 10;
const gap = 14;
const margin = 12;

export function placed(frames: readonly FrameGroup[], groups: readonly Group[], arrows: readonly GroupArrow[]): Placed {
  const lines = groups.map(boxLines);
  const labels = arrows.map((arrow) => labelOf(arrow, arrows.length));
  const columnCount = Math.max(0, ...groups.map(({ column }) => column)) + 1;
  const columnOf = (index: number): number => groups[index]?.column ?? 0;
  const [leftOf, rightOf] = [
    arrows.map(({ from, to }) => (columnOf(from) <= columnOf(to) ? from : to)),
    arrows.map(({ from, to }) => (columnOf(from) <= columnOf(to) ? to : from)),
  ];

  // How wide columns and the channels before them are.
  const boxWidths = Array.from({ length: columnCount }, (_, column) =>
    Math.max(60, ...groups.flatMap((group, index) => (group.column === column ? widthOf(lines[index] ?? []) : []))),
  );
  const channels = Array.from({ length: columnCount }, (_, column) =>
    column === 0
      ? 0
      : Math.max(
          30,
          ...labels.flatMap(({ width }, index) => (columnOf(rightOf[index] ?? 0) === column ? width + bend + 22 : [])),
        ),
  );
  const columnX: number[] = [];
  const hasFrames = frames.length > 1;
  let x = margin + (hasFrames && groups.some(({ frame, column }) => frame > 0 && column === 0) ? margin : 0);
  for (let column = 0; column < columnCount; column++) {
    x += channels[column] ?? 0;
    columnX.push(x);
    x += boxWidths[column] ?? 0;
  }

  // How high: a box has a row for each label that comes to it.
  const rowsOf = groups.map((_, index) => arrows.flatMap((__, arrow) => (rightOf[arrow] === index ? arrow : [])));
  const heights = lines.map((own) => own.length * lineHeight + padding * 1.4);
  const slots = groups.map((_, index) =>
    Math.max(
      heights[index] ?? 0,
      (rowsOf[index] ?? []).reduce((sum, arrow) => sum + (labels[arrow]?.height ?? 0) + 6, 0),
    ),
  );
  const stackOf = (frame: number, column: number): number[] =>
    groups.flatMap((group, index) => (group.frame === frame && group.column === column ? index : []));
  const heightOf = (stack: readonly number[]): number =>
    stack.reduce((sum, index) => sum + (slots[index] ?? 0), Math.max(0, stack.length - 1) * gap);

  const framed = groups.filter(({ frame }) => frame > 0).map(({ column }) => column);
  const [firstFramed, lastFramed] =
    framed.length > 0 ? [Math.min(...framed), Math.max(...framed)] : [columnCount - 1, columnCount - 1];
  const frameX = (columnX[firstFramed] ?? 0) - margin;
  const frameRight = (columnX[lastFramed] ?? 0) + (boxWidths[lastFramed] ?? 0) + margin;
  const titles = frames.map((frame) => shortened(frameTitle(frame)));
  const notes = frames.map((frame) =>
    wrapped(frameNote(frame), Math.max(30, Math.floor((frameRight - frameX - 20) / 6.4))),
  );
  const frameWidth = Math.max(
    frameRight - frameX,
    ...frames.flatMap((_, index) =>
      [titles[index] ?? '', ...(notes[index] ?? [])].map((text) => lengthOf(text) * 6.8 + 24),
    ),
  );

  const slotY = groups.map(() => 0);
  const stackAt = (stack: readonly number[], top: number): void => {
    let y = top;
    for (const index of stack) {
      slotY[index] = y;
      y += (slots[index] ?? 0) + gap;
    }
  };
  const placedFrames: PlacedFrame[] = [];
  let y = margin;
  for (const index of frames.keys()) {
    if (index === 0) continue;
    const note = notes[index] ?? [];
    const head = 24 + note.length * lineHeight;
    const stacks = Array.from({ length: columnCount }, (_, column) => stackOf(index, column));
    const inner = Math.max(0, ...stacks.map(heightOf));
    const height = head + (inner === 0 ? 4 : inner + padding * 2 - 4);
    for (const stack of stacks) stackAt(stack, y + head + 4 + (inner - heightOf(stack)) / 2);
    placedFrames.push({ index, x: frameX, y, width: frameWidth, height, title: titles[index] ?? '', note });
    y += height + gap;
  }
  // What is on no node: beside the frames in the middle, or below them.
  const free = Array.from({ length: columnCount }, (_, column) => stackOf(0, column));
  const beside = free.map((stack, column) => (hasFrames && column >= firstFramed && column <= lastFramed ? [] : stack));
  const below = free.map((stack, column) => (beside[column] === stack ? [] : stack));
  const height = Math.max(y - gap, ...beside.map((stack) => heightOf(stack) + margin));
  for (const stack of beside) stackAt(stack, margin + Math.max(0, (height - margin - heightOf(stack)) / 2));
  const lowest = Math.max(0, ...below.map(heightOf));
  for (const stack of below) stackAt(stack, height + gap);
  const total = height + (lowest === 0 ? 0 : gap + lowest) + margin;

  const boxes = groups.map((group, index): PlacedBox => {
    const own = heights[index] ?? 0;
    const rectangle: Rectangle = {
      x: columnX[group.column] ?? 0,
      y: (slotY[index] ?? 0) + ((slots[index] ?? 0) - own) / 2,
      width: boxWidths[group.column] ?? 0,
      height: own,
    };
    return {
      index,
      ...rectangle,
      lines: lines[index] ?? [],
      gates: gatesOf(group).map((gate) => placedGate(rectangle, gate)),
    };
  });
  const obstacles = Array.from({ length: columnCount }, (_, column) =>
    boxes.filter(({ index }) => columnOf(index) === column),
  );
  return {
    width: Math.max(x + margin * 2, frameX + frameWidth + margin),
    height: total,
    frames: placedFrames,
    boxes,
    arrows: placedArrows(),
  };

  function placedArrows(): PlacedArrow[] {
    const rowY = new Map<number, number>();
    for (const [index, rows] of rowsOf.entries()) {
      const heightsOfRows = rows.map((arrow) => (labels[arrow]?.height ?? 0) + 6);
      const sum = heightsOfRows.reduce((all, each) => all + each, 0);
      const ordered = rows.toSorted((a, b) => middleOf(leftOf[a]) - middleOf(leftOf[b]));
      let top = (slotY[index] ?? 0) + ((slots[index] ?? 0) - sum) / 2;
      for (const arrow of ordered) {
        rowY.set(arrow, top);
        top += (labels[arrow]?.height ?? 0) + 6;
      }
    }
    return arrows.map((arrow, index): PlacedArrow => {
      const [left, right] = [boxes[leftOf[index] ?? 0], boxes[rightOf[index] ?? 0]];
      const label = labels[index] ?? { lines: [], width: 0, height: 0 };
      const top = rowY.get(index) ?? 0;
      if (left === undefined || right === undefined) return { index, path: '', label: { x: 0, y: 0, ...label } };
      // All labels of a channel begin at one place, so that no line bends through another's words.
      const labelX = right.x - (channels[columnOf(right.index)] ?? 0) + bend;
      // The line runs below the words.
      const lineY = top + label.height + 1;
      const siblings = leftOf.flatMap((each, other) => (each === leftOf[index] ? other : []));
      const order = siblings.toSorted((a, b) => (rowY.get(a) ?? 0) - (rowY.get(b) ?? 0)).indexOf(index);
      const startY = spreadOver(left, order, siblings.length);
      const ends = rowsOf[rightOf[index] ?? 0] ?? [];
      const place = ends.toSorted((a, b) => (rowY.get(a) ?? 0) - (rowY.get(b) ?? 0)).indexOf(index);
      const endY =
        ends.length === 1 && lineY > right.y + 6 && lineY < right.y + right.height - 6
          ? lineY
          : spreadOver(right, place, ends.length);
      const route: (readonly [number, number])[] = [[left.x + left.width, startY]];
      for (let column = columnOf(left.index) + 1; column < columnOf(right.index); column++) {
        const between = freeY(obstacles[column] ?? [], lineY);
        route.push(
          [(columnX[column] ?? 0) - 6, between],
          [(columnX[column] ?? 0) + (boxWidths[column] ?? 0) + 6, between],
        );
      }
      route.push([labelX, lineY], [right.x - 18, lineY], [right.x - 1, endY]);
      const isBackwards = arrow.from === right.index && left.index !== right.index;
      return {
        index,
        path: smooth(isBackwards ? route.toReversed() : route),
        label: { x: labelX, y: top, ...label },
      };
    });
  }

  function middleOf(index: number | undefined): number {
    const box = boxes[index ?? 0];
    return box === undefined ? 0 : box.y + box.height / 2;
  }
}

/** Two posts beyond a box's corners, a bar between them: whole where it is shut, in pieces where it is half open. */
function placedGate({ x, y, width, height }: Rectangle, { direction, passed, stopped }: DiagramGate): PlacedGate {
  const state = stopped === null ? 'open' : passed === null ? 'shut' : 'half';
  const at = round(direction === 'ingress' ? x - 1 : x + width + 1);
  const [top, bottom] = [round(y - post), round(y + height + post)];
  const own = state === 'open' ? post * 2 : (bottom - top) / (state === 'half' ? 3 : 2);
  return { state, path: `M${at},${top}V${round(top + own)}M${at},${bottom}V${round(bottom - own)}` };
}

/** How far a gate's posts stand out. */
const post = 4;

/** The places on a box's side for as many arrows. */
function spreadOver({ y, height }: Rectangle, order: number, count: number): number {
  return y + ((order + 1) * height) / (count + 1);
}

/** The height nearest to a wanted one at which nothing stands in a column. */
function freeY(obstacles: readonly Rectangle[], wanted: number): number {
  const hits = (at: number): boolean => obstacles.some(({ y, height }) => at > y - 5 && at < y + height + 5);
  if (!hits(wanted)) return wanted;
  const edges = obstacles.flatMap(({ y, height }) => [y - 6, y + height + 6]).filter((at) => !hits(at));
  return edges.reduce((best, at) => (Math.abs(at - wanted) < Math.abs(best - wanted) ? at : best), edges[0] ?? wanted);
}

/** Through all points: level pieces straight, the others in a curve that starts and ends level. */
function smooth(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], index) => {
      const before = points[index - 1];
      if (before === undefined) return `M${round(x)} ${round(y)}`;
      const [fromX, fromY] = before;
      if (Math.abs(fromY - y) < 0.5) return `L${round(x)} ${round(y)}`;
      const middle = round((fromX + x) / 2);
      return `C${middle} ${round(fromY)} ${middle} ${round(y)} ${round(x)} ${round(y)}`;
    })
    .join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function boxLines(group: Group): BoxLine[] {
  const detail = detailOf(group);
  return [
    { kind: 'title', text: shortened(titleOf(group)) },
    ...(detail === '' ? [] : [{ kind: 'detail', text: shortened(detail) } as const]),
    ...gatesOf(group).flatMap((gate) => wrapped(gateText(gate), 32).map((text): BoxLine => ({ kind: 'gate', text }))),
    ...endsOf(group).flatMap((end) =>
      wrapped(endText(end), 32).map((text): BoxLine => ({ kind: end.isLost ? 'lost' : 'answer', text })),
    ),
  ];
}

function labelOf(
  arrow: GroupArrow,
  count: number,
): { readonly lines: readonly Line[]; readonly width: number; readonly height: number } {
  const lines = linesOf(arrow)
    .filter(
      ({ kind }) => kind === 'share' || (kind === 'rewrite' ? count <= mostLabelled.all : count <= mostLabelled.some),
    )
    .flatMap(({ kind, parts }): Line[] => {
      const [source, arrowhead, destination] = parts;
      // An address a line: beside each other they would make the picture wide.
      return source === undefined || arrowhead === undefined || destination === undefined
        ? [{ kind, parts }]
        : [
            { kind, parts: [source, arrowhead] },
            { kind, parts: [destination] },
          ];
    });
  const width = Math.max(0, ...lines.map((line) => lengthOf(lineText(line)) * 6.7));
  return { lines, width, height: lines.length * lineHeight };
}

function widthOf(lines: readonly BoxLine[]): number {
  return Math.max(...lines.map(({ text, kind }) => lengthOf(text) * (kind === 'title' ? 7.4 : 6.7))) + padding * 2;
}

/** In letters of usual width: those of East Asian scripts and pictures take two. */
function lengthOf(text: string): number {
  let length = 0;
  for (const letter of text) length += (letter.codePointAt(0) ?? 0) > 0x2e7f ? 2 : 1;
  return length;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of shortenedWords(text)
    .split(' ')
    .filter((each) => each !== '')) {
    const last = lines.at(-1);
    if (last !== undefined && lengthOf(last) + 1 + lengthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
