import type { RoutesAnswer, RoutesParams } from '../../shared/insight/protocol.ts';
import { routesLines } from '../../shared/insight/routesText.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { listedTables } from '../../shared/network/routeTables.ts';

/** The routes of each Ingress controller and Gateway of a file's set, line by line. */
export function routes(workspace: Workspace, { uri }: RoutesParams): RoutesAnswer {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return { lines: [] };
  return {
    lines: routesLines(listedTables(scene.model)).map(({ text, field }) => {
      const site = field === null ? null : scene.siteOf(field);
      return { text, place: site === null ? null : { uri: site.uri, line: site.range.start.line } };
    }),
  };
}
