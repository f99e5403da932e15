import type { TraceJson } from '../../shared/trace/traceJson.ts';
import type { Open } from './messages.ts';
import { type Arrow, type Box, traceGraph } from './traceGraph.ts';

/** The trace as a picture, in a frame of its own. */
export function Diagram({ trace }: { trace: TraceJson; open: Open }) {
  return (
    <section class="diagram" aria-label="Diagram">
      <Picture trace={trace} />
      {trace.movesLeft > 0 && <p class="asked">the diagram leaves out {trace.movesLeft} steps</p>}
    </section>
  );
}

function Picture({ trace }: { trace: TraceJson }) {
  const { width, height, boxes, arrows } = traceGraph(trace);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={trace.summary.text}>
      <defs>
        <marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path d="M0 0 L8 4 L0 8 z" />
        </marker>
      </defs>
      {arrows.map((arrow, index) => (
        <ArrowView key={index} arrow={arrow} />
      ))}
      {boxes.map((box) => (
        <BoxView key={box.id} box={box} />
      ))}
    </svg>
  );
}

function ArrowView({ arrow: { points, share, lines, x, y, crossesNodes } }: { arrow: Arrow }) {
  const [first, ...rest] = points;
  if (first === undefined) return null;
  const all = [...(share === '' ? [] : [share]), ...lines];
  const top = y - ((all.length - 1) * 14) / 2;
  return (
    <g class={crossesNodes ? 'arrow crossing' : 'arrow'}>
      <path
        d={`M${first.x} ${first.y} ${rest.map((point) => `L${point.x} ${point.y}`).join(' ')}`}
        marker-end="url(#head)"
      />
      {all.map((line, index) => (
        <text key={line} class={index === 0 && share !== '' ? 'share' : 'label'} x={x} y={top + index * 14}>
          {line}
        </text>
      ))}
    </g>
  );
}

function BoxView({ box: { kind, title, detail, x, y, width, height } }: { box: Box }) {
  return (
    <g class={`box ${kind}`}>
      <rect x={x - width / 2} y={y - height / 2} width={width} height={height} rx="4" />
      <text class="title" x={x} y={detail === '' ? y : y - 8}>
        {title}
      </text>
      <text class="detail" x={x} y={y + 10}>
        {detail}
      </text>
    </g>
  );
}
