import { pathRead } from '../shared/network/normalization.ts';
import { oneRequest } from '../shared/network/routing/asked.ts';
import { routeFor, type RouteTable, type TableRoute } from '../shared/network/routing/routeTable.ts';

/** What a table makes of a plain request: a status, else who gets it: its first backend's Service. */
export function decidedBy(
  table: RouteTable,
  { scheme, host, path }: { readonly scheme: 'http' | 'https'; readonly host: string; readonly path: string },
  nameOf: (of: NonNullable<TableRoute['of']>) => string = ({ rule }) =>
    rule === null ? 'default' : (rule.backend?.service ?? 'none'),
): string {
  const found = routeFor(
    table,
    oneRequest({
      scheme,
      host,
      path: pathRead(path, table.reads) ?? path,
      serverName: scheme === 'https' ? host : null,
      method: 'GET',
      headers: new Map(),
      query: new Map(),
      client: '198.51.100.7',
    }),
  );
  if (found === null) return '404';
  const { action, of } = found.route;
  if (!found.isKnown) return 'unknown';
  return action.kind === 'answer'
    ? `${action.status}`
    : action.kind === 'forward' && of !== null
      ? nameOf(of)
      : action.kind;
}
