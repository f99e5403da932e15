import type { InSteps } from '../../shared/insight/inSteps.ts';
import {
  type LinesAnswer,
  type LinesParams,
  type LinkedLineItem,
  type LinkItem,
  plainDetails,
} from '../../shared/insight/protocol.ts';
import { type Link, type LinkedLine, unwrapped } from '../../shared/insight/reachability/pieces.ts';
import { reaching } from '../../shared/insight/reachability/reachability.ts';
import { gridLines } from '../../shared/insight/reachability/reachMatrix.ts';
import { headOf, makingLines, namesIn } from '../../shared/insight/reachability/reachText.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

const width = 100;
/** As many pairs as a grid is a help for. */
const mostCells = 6000;
const blank: LinkedLine = { kind: 'note', text: '', links: [] };

/** Who may reach whom in a file's set, line by line; names lead to their lines, and to traces. */
export function* reach(workspace: Workspace, { uri }: LinesParams): InSteps<LinesAnswer> {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return { lines: [] };
  yield 0;
  const found = yield* reaching(scene, { from: null, to: null, port: null });
  const lines: LinkedLineItem[] = [];
  const isGlanced = found.rows.length > 1 && found.rows.length * found.receivers.length <= mostCells;
  const head = headOf(found, namesIn(found), width);
  const grid = isGlanced
    ? [...head, ...(head.length === 0 ? [] : [blank]), ...gridLines(found, namesIn(found), width), blank]
    : head;
  yield 1;
  for (const { text, links } of unwrapped([...grid, ...(yield* makingLines(found, width, { isInEditor: true }))])) {
    lines.push({ text, links: links.flatMap((each) => itemOf(scene, uri, each)) });
    yield 1;
  }
  return { lines };
}

function itemOf(scene: Scene, uri: string, { start, end, to, about }: Link): LinkItem[] {
  if (to.kind === 'field') {
    const site = scene.siteOf(to.field);
    return site === null ? [] : [{ kind: 'place', start, end, uri: site.uri, line: site.range.start.line }];
  }
  const { target, from, protocol } = to;
  const build = scene.set.kind === 'built' ? { build: scene.set.root } : {};
  const request = { uri, target, from, details: { ...plainDetails, protocol }, ...build };
  if (about === undefined) return [{ kind: 'trace', start, end, request }];
  const places = about.at.flatMap(({ name, field }) => {
    const site = scene.siteOf(field);
    return site === null ? [] : [{ name, uri: site.uri, line: site.range.start.line }];
  });
  return [{ kind: 'trace', start, end, request, about: { text: about.text, places } }];
}
