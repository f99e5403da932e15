import { joinedByGo } from '../goUrl.ts';
import { caughtBy, type Expression, type Group } from '../match.ts';

/** A text that a proxy makes of a request, as data: its pieces in a row. Where a redirect leads, a path, a host. */
export type LocationTemplate = readonly LocationPiece[];

export type LocationPiece =
  | string
  | {
      readonly of:
        | 'scheme'
        /** The Host without its port. */
        | 'host'
        /** The Host as it was asked. */
        | 'authority'
        /** The path as the proxy says it. */
        | 'said-path'
        /** The path as the proxy says it, with the query as it was asked. */
        | 'asked'
        /** The same without one slash at the end. */
        | 'asked-without-last-slash'
        /** The path as the proxy reads it. */
        | 'path'
        | 'method'
        /** `?` and the query; nothing where there is none. */
        | 'query'
        /** The query without its `?`. */
        | 'bare-query';
    }
  /** The path as the proxy says it, read in another way, which has a name. */
  | { readonly of: 'path-read-anew'; readonly name: string; readonly by: (said: string) => string }
  /** The path as the proxy reads it, one prefix of it, element by element, in place of another. */
  | { readonly of: 'path-with-prefix'; readonly prefix: string; readonly by: string }
  /** The path as the proxy says it, a prefix of it cut off and the rest joined to another path, as Go joins them. */
  | { readonly of: 'path-joined'; readonly prefix: string; readonly by: string }
  /** The same, letter by letter. */
  | { readonly of: 'path-with-text'; readonly text: string; readonly by: string }
  /** The path without a prefix and the slashes behind it, and with one slash instead. */
  | { readonly of: 'path-without-prefix'; readonly prefix: string }
  /** The Host as it was asked, without this very port. */
  | { readonly of: 'authority-without-port'; readonly port: number }
  /** `:` and the port that the Host names; nothing where it names none. */
  | { readonly of: 'port-of-host' }
  /** The port that the proxy was asked at, as it knows it. */
  | { readonly of: 'port'; readonly http: number; readonly https: number }
  | { readonly of: 'argument'; readonly name: string }
  /** The first value of a header; where it isn't sent, `otherwise`. */
  | { readonly of: 'header'; readonly name: string; readonly otherwise: LocationPiece }
  /** What stands before the first colon. */
  | { readonly of: 'before-colon'; readonly what: LocationPiece }
  /** What a group of an expression catches of the path, as the proxy reads it, or of the host. */
  | { readonly of: 'group'; readonly in: 'path' | 'host'; readonly expression: Expression; readonly group: Group };

/** A request that is redirected, or passed on. */
export interface Redirected {
  readonly scheme: string;
  readonly method: string;
  /** As the proxy looks for it. */
  readonly host: string;
  /** As it was asked. */
  readonly authority: string;
  /** The path as the proxy says it. */
  readonly said: string;
  /** As the proxy reads it. */
  readonly path: string;
  /** `?` and the query as it was asked; empty where there is none. */
  readonly search: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: ReadonlyMap<string, string>;
}

export function locationOf(template: LocationTemplate, request: Redirected): string {
  return template.map((piece) => textOfPiece(piece, request)).join('');
}

function textOfPiece(piece: LocationPiece, request: Redirected): string {
  if (typeof piece === 'string') return piece;
  const { scheme, method, host, authority, said, path, search, query, headers } = request;
  switch (piece.of) {
    case 'scheme':
      return scheme;
    case 'method':
      return method;
    case 'host':
      return host.replace(/:\d+$/, '');
    case 'authority':
      return authority;
    case 'said-path':
      return said;
    case 'asked':
      return said + search;
    case 'asked-without-last-slash':
      return (said + search).replace(/\/$/, '');
    case 'path':
      return path;
    case 'query':
      return search;
    case 'bare-query':
      return search.slice(1);
    case 'path-with-prefix':
      return withPrefix(path, piece);
    case 'path-joined':
      return joinedByGo(piece.by, said.startsWith(piece.prefix) ? said.slice(piece.prefix.length) : said);
    case 'port-of-host':
      return /:\d+$/.exec(authority)?.[0] ?? '';
    case 'path-with-text':
      return `${piece.by}${path.slice(piece.text.length)}`;
    case 'path-without-prefix':
      return path.startsWith(piece.prefix) ? `/${path.slice(piece.prefix.length).replace(/^\/+/, '')}` : path;
    case 'path-read-anew':
      return piece.by(said);
    case 'authority-without-port':
      return authority.endsWith(`:${piece.port}`) ? authority.slice(0, -`:${piece.port}`.length) : authority;
    case 'port':
      return String(scheme === 'https' ? piece.https : piece.http);
    case 'argument':
      return query.get(piece.name) ?? '';
    case 'header':
      return headers.get(piece.name)?.split(',')[0]?.trim() ?? textOfPiece(piece.otherwise, request);
    case 'before-colon':
      return textOfPiece(piece.what, request).replace(/:.*$/, '');
    case 'group': {
      const caught = caughtBy(piece.expression, piece.in === 'path' ? path : host, [piece.group]);
      return caught === null || caught === 'unreadable' ? '' : (caught[0] ?? '');
    }
    default:
      return piece satisfies never;
  }
}

function withPrefix(path: string, { prefix, by }: { readonly prefix: string; readonly by: string }): string {
  const rest = path.slice(prefix.replace(/\/$/, '').length);
  if (rest === '') return by === '' ? '/' : by;
  return `${by.replace(/\/$/, '')}${rest}`;
}

/** The same URL under HTTPS, as most products redirect to it. */
export const sameUnderHttps: LocationTemplate = ['https://', { of: 'host' }, { of: 'asked' }];
