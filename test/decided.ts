import { hostRead, pathRead } from '../shared/network/normalization.ts';
import { oneRequest } from '../shared/network/routing/asked.ts';
import { routeFor, type RouteTable, type TableRoute, tiedWith } from '../shared/network/routing/routeTable.ts';

/**
 * What a table makes of a request: a status, else who gets it: its first backend's Service. What is by chance is
 * said with `|`.
 */
export function decidedBy(
  table: RouteTable,
  {
    scheme,
    host,
    path,
    method = 'GET',
    headers = {},
    search = '',
    client = '198.51.100.7',
  }: {
    readonly scheme: 'http' | 'https';
    readonly host: string;
    readonly path: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly search?: string;
    readonly client?: string | undefined;
  },
  nameOf: (of: NonNullable<TableRoute['of']>) => string = ({ rule }) =>
    rule === null ? 'default' : (rule.backend?.service ?? 'none'),
): string {
  const read = pathRead(path, table.reads);
  const name = hostRead(host, table.reads);
  if (read === null || name === null) return '400';
  const asked = oneRequest({
    scheme,
    host: name,
    path: read,
    serverName: scheme === 'https' ? host : null,
    method,
    headers: new Map(Object.entries(headers)),
    query: new Map(new URLSearchParams(search)),
    search: search === '' ? '' : `?${search}`,
    client,
  });
  const found = routeFor(table, asked);
  if (found === null) return '404';
  if (!found.isKnown) return 'unknown';
  const said = ({ action, of }: TableRoute): string =>
    action.kind === 'answer' ? `${action.status}` : action.kind === 'forward' && of !== null ? nameOf(of) : action.kind;
  return tiedWith(table, found.route, asked).map(said).join('|');
}
