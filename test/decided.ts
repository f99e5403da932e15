import { hostRead, pathRead } from '../shared/network/normalization.ts';
import { oneRequest } from '../shared/network/routing/asked.ts';
import {
  type Forward,
  routeFor,
  type RouteTable,
  type TableRoute,
  tiedWith,
} from '../shared/network/routing/routeTable.ts';

/**
 * What a table makes of a request: a status, else who gets it: its backends' Services, with `+` where there are
 * several. What is by chance is said with `|`.
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
  nameOf: (route: TableRoute, forward: Forward) => string = (_, { to }) =>
    to.map(({ service }) => service ?? 'none').join('+'),
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
  const said = (route: TableRoute): string => {
    const { action } = route;
    if (action.kind === 'answer') return `${action.status}`;
    return action.kind === 'forward' ? nameOf(route, action) : action.kind;
  };
  return tiedWith(table, found.route, asked).map(said).join('|');
}
