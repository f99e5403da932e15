import { plainDetails, type LinesAnswer, type LinesParams, type LinkItem } from '../../shared/insight/protocol.ts';
import type { Link } from '../../shared/insight/reachability/pieces.ts';
import { reachability } from '../../shared/insight/reachability/reachability.ts';
import { reachLines } from '../../shared/insight/reachability/reachText.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';

const width = 120;

/** Who may reach whom in a file's set, line by line; names lead to their lines, and to traces. */
export function reach(workspace: Workspace, { uri }: LinesParams): LinesAnswer {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return { lines: [] };
  return workspace.ask(() => {
    const found = reachability(scene, { from: null, to: null, port: null });
    return {
      lines: reachLines(found, width).map(({ text, links }) => ({
        text,
        links: links.flatMap((each) => itemOf(scene, uri, each)),
      })),
    };
  });
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
