import type { LinesAnswer, LinesParams } from '../../shared/insight/protocol.ts';
import { routesLines } from '../../shared/insight/routesText.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { listedTables } from '../../shared/network/routeTables.ts';

/** The routes of each Ingress controller and Gateway of a file's set, line by line. */
export function routes(workspace: Workspace, { uri }: LinesParams): LinesAnswer {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return { lines: [] };
  return {
    lines: routesLines(listedTables(scene.model)).map(({ text, field }) => {
      const site = field === null ? null : scene.siteOf(field);
      if (site === null) return { text, links: [] };
      // What it asks, not the blanks of the column behind it.
      const start = text.length - text.trimStart().length;
      const end = text.split(' → ')[0]?.trimEnd().length ?? text.length;
      return { text, links: [{ kind: 'place', start, end, uri: site.uri, line: site.range.start.line }] };
    }),
  };
}
