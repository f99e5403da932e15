import type { InSteps } from '../../shared/insight/inSteps.ts';
import {
  type LinesAnswer,
  type LinesParams,
  type LinkedLineItem,
  type LinkItem,
  plainDetails,
} from '../../shared/insight/protocol.ts';
import type { Link } from '../../shared/insight/reachability/pieces.ts';
import { reaching } from '../../shared/insight/reachability/reachability.ts';
import { makingLines } from '../../shared/insight/reachability/reachText.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

const width = 120;

/** Who may reach whom in a file's set, line by line; names lead to their lines, and to traces. */
export function* reach(workspace: Workspace, { uri }: LinesParams): InSteps<LinesAnswer> {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return { lines: [] };
  yield 0;
  const found = yield* reaching(scene, { from: null, to: null, port: null });
  const lines: LinkedLineItem[] = [];
  for (const { text, links } of yield* makingLines(found, width)) {
    lines.push({ text, links: links.flatMap((each) => itemOf(scene, uri, each)) });
    yield 1;
  }
  return { lines };
}

function itemOf(scene: Scene, uri: string, { start, end, to }: Link): LinkItem[] {
  if (to.kind === 'field') {
    const site = scene.siteOf(to.field);
    return site === null ? [] : [{ kind: 'place', start, end, uri: site.uri, line: site.range.start.line }];
  }
  const { target, from, protocol } = to;
  const build = scene.set.kind === 'built' ? { build: scene.set.root } : {};
  return [
    { kind: 'trace', start, end, request: { uri, target, from, details: { ...plainDetails, protocol }, ...build } },
  ];
}
