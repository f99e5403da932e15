import { isIn } from '../../cluster/address.ts';
import { type HostMatch, matchesHost, matchesPath, matchesText, type PathMatch, type TextMatch } from '../match.ts';

/** All that a proxy can ask of a request, as data. */
export type Question =
  | { readonly about: 'port'; readonly protocol: 'TCP' | 'UDP'; readonly number: number }
  | { readonly about: 'scheme'; readonly is: 'http' | 'https' }
  /** The name in the TLS handshake. */
  | { readonly about: 'server-name'; readonly match: HostMatch }
  /** Whether the Host is another than the name in the TLS handshake. */
  | { readonly about: 'misdirected' }
  | { readonly about: 'host'; readonly match: HostMatch }
  | { readonly about: 'path'; readonly match: PathMatch }
  | { readonly about: 'method'; readonly is: string }
  | { readonly about: 'header' | 'query' | 'any-query' | 'cookie'; readonly name: string; readonly match: TextMatch }
  /** Whether the address that the proxy takes for the client's is in one of the ranges, or in none. */
  | { readonly about: 'client'; readonly isIn: boolean; readonly ranges: readonly string[] };

/** Where a connection arrives, and what is known of it before anything is read. */
export interface Arrival {
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP' | 'SCTP';
  /** The name in the TLS handshake: `''` where it names nobody, null without TLS. */
  readonly serverName: string | null;
}

/** Something that questions can be put to: one request, or all that are alike in some way. */
export interface Asked {
  /** Null where it can't be known: an expression that nobody can read. */
  is(question: Question): boolean | null;
}

/** A request as a proxy sees it, its path as the proxy reads it. Names of headers in lower case. */
export interface SeenRequest {
  readonly scheme: 'http' | 'https';
  readonly serverName: string | null;
  readonly host: string;
  readonly path: string;
  readonly method: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly query: ReadonlyMap<string, string>;
  /** `?` and the query as it was asked; empty where there is none. */
  readonly search: string;
  /** The address that the proxy takes for the client's. */
  readonly client: string;
}

/** A request on a connection that is known to be HTTP. Where the TLS handshake names nobody, the Host stands for it. */
export function oneRequest(request: SeenRequest): Asked {
  const { scheme, serverName, host, path, method, headers, query, search, client } = request;
  return {
    is(question) {
      switch (question.about) {
        // Whoever listens at one port alone is asked nothing of it.
        case 'port':
          return null;
        case 'scheme':
          return question.is === scheme;
        case 'server-name':
          return serverName === null ? false : matchesHost(question.match, serverName === '' ? host : serverName);
        case 'misdirected':
          return serverName !== null && serverName !== '' && isMisdirected(serverName, host);
        case 'host':
          return matchesHost(question.match, host);
        case 'path':
          return matchesPath(question.match, path);
        case 'method':
          return question.is === method;
        case 'header':
          return matchesText(question.match, headers.get(question.name.toLowerCase()));
        case 'query':
          return matchesText(question.match, query.get(question.name));
        case 'any-query':
          return anyOf(
            new URLSearchParams(search).getAll(question.name).map((each) => matchesText(question.match, each)),
          );
        case 'cookie':
          return matchesText(question.match, cookieOf(headers.get('cookie') ?? '', question.name));
        case 'client':
          return question.ranges.some((range) => isIn(client, asRange(range))) === question.isIn;
        default:
          return question satisfies never;
      }
    },
  };
}

/**
 * A connection, and the request on it; null where that isn't HTTP, or isn't known to be. The name in the TLS handshake
 * is asked as it stands, `''` where it names nobody: the Host doesn't stand for it. Without TLS no name is that of a
 * request; of anything else it isn't known.
 */
export function oneConnection({ port, protocol, serverName }: Arrival, request: SeenRequest | null): Asked {
  const asked = request === null ? null : oneRequest(request);
  return {
    is(question) {
      if (question.about === 'port')
        return question.number === port && (question.protocol === 'UDP') === (protocol === 'UDP');
      if (question.about === 'server-name' && serverName !== null) return matchesHost(question.match, serverName);
      if (question.about === 'misdirected' && serverName !== null && request !== null)
        return isMisdirected(serverName, request.host);
      return asked === null ? null : asked.is(question);
    },
  };
}

function isMisdirected(serverName: string, host: string): boolean {
  return host.toLowerCase().replace(/:.*$/, '') !== serverName.toLowerCase();
}

function anyOf(answers: readonly (boolean | null)[]): boolean | null {
  return answers.includes(true) ? true : answers.includes(null) ? null : false;
}

function asRange(range: string): string {
  return range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`;
}

/**
 * The first cookie of that name in a `Cookie` header, in any case. A comma parts cookies too, and doesn't end a value.
 * Source: nginx src/http/ngx_http_parse.c `ngx_http_parse_multi_header_lines` (1.22). No other product here asks for
 * cookies.
 */
function cookieOf(header: string, name: string): string | undefined {
  let rest = header;
  while (rest !== '') {
    if (rest.slice(0, name.length).toLowerCase() === name.toLowerCase()) {
      const [, value] = /^ *= *([^;]*)/.exec(rest.slice(name.length)) ?? [];
      if (value !== undefined) return value;
    }
    const next = /[;,] */.exec(rest);
    if (next === null) return undefined;
    rest = rest.slice(next.index + next[0].length);
  }
  return undefined;
}
