import type { Expression, Group } from '../../match.ts';
import type { LocationPiece, LocationTemplate } from '../../routing/location.ts';

/**
 * Texts of annotations in which nginx puts captures and variables.
 * Source: nginx src/http/ngx_http_script.c, nginx.org/en/docs/varindex.html; rootfs/etc/nginx/template/nginx.tmpl
 * (`set $…`) of kubernetes/ingress-nginx v1.14.5.
 */
export interface Captures {
  /** The expression whose groups are `$1` to `$9`; null where nothing is caught by number. */
  readonly numbered: Expression | null;
  /** The expressions that catch by name: of the path, and of the host. */
  readonly path: Expression | null;
  readonly host: Expression | null;
  /** What the location sets. */
  readonly set: ReadonlyMap<string, string>;
}

export function templateOf(text: string, captures: Captures): LocationTemplate {
  const pieces: LocationPiece[] = [];
  let rest = 0;
  for (const match of text.matchAll(/\$([1-9]|[a-zA-Z0-9_]+)/g)) {
    if (match.index > rest) pieces.push(text.slice(rest, match.index));
    pieces.push(pieceOf(match[1] ?? '', captures));
    rest = match.index + match[0].length;
  }
  return rest === text.length && rest > 0 ? pieces : [...pieces, text.slice(rest)];
}

function pieceOf(name: string, { numbered, path, host, set }: Captures): LocationPiece {
  if (/^[1-9]$/.test(name)) return numbered === null ? '' : groupIn('path', numbered, Number(name));
  if (path !== null && namedGroups(path.expression).includes(name)) return groupIn('path', path, name);
  if (host !== null && namedGroups(host.expression).includes(name)) return groupIn('host', host, name);
  return set.get(name) ?? variable(name);
}

function groupIn(where: 'path' | 'host', expression: Expression, group: Group): LocationPiece {
  return { of: 'group', in: where, expression, group };
}

/** Names that an expression catches by: each is a variable. */
export function namedGroups(expression: string): string[] {
  return [...expression.matchAll(/\(\?P?<([a-zA-Z_]\w*)>/g)].map(([, name = '']) => name);
}

/** Those that aren't known here are empty. */
function variable(name: string): LocationPiece {
  switch (name) {
    case 'host':
      return { of: 'host' };
    case 'best_http_host':
    case 'http_host':
      return { of: 'authority' };
    case 'uri':
    case 'document_uri':
      return { of: 'path' };
    case 'request_uri':
      return { of: 'asked' };
    case 'scheme':
      return { of: 'scheme' };
    case 'args':
    case 'query_string':
      return { of: 'bare-query' };
    case 'request_method':
      return { of: 'method' };
    default:
      if (name.startsWith('http_'))
        return { of: 'header', name: name.slice('http_'.length).replaceAll('_', '-'), otherwise: '' };
      return name.startsWith('arg_') ? { of: 'argument', name: name.slice('arg_'.length) } : '';
  }
}

/** A `$` that names neither a capture nor a variable: nginx refuses its whole configuration. Null for none such. */
export function unknownVariable(text: string, captured: ReadonlySet<string>): string | null {
  for (const [whole, name = ''] of text.matchAll(/\$([a-zA-Z0-9_]*)/g))
    if (!/^[1-9]/.test(name) && !captured.has(name) && !known.test(name)) return whole;
  return null;
}

const known = new RegExp(
  `^(?:${[
    'host',
    'uri',
    'request_uri',
    'document_uri',
    'scheme',
    'args',
    'query_string',
    'is_args',
    'http_.+',
    'arg_.+',
    'cookie_.+',
    'remote_addr',
    'remote_port',
    'remote_user',
    'server_name',
    'server_addr',
    'server_port',
    'server_protocol',
    'request',
    'request_.+',
    'hostname',
    'namespace',
    'ingress_name',
    'service_name',
    'service_port',
    'location_path',
    'best_http_host',
    'pass_.+',
    'proxy_.+',
    'upstream_.+',
    'req_id',
    'time_.+',
    'msec',
    'https',
    'ssl_.+',
    'connection.*',
    'content_.+',
    'body_bytes_sent',
    'bytes_sent',
    'pid',
    'status',
    'nginx_version',
    'limit_rate',
    'realip_.+',
    'literal_dollar',
    'the_real_ip',
    'geoip2?_.+',
    'cors',
    'redirect_to',
  ].join('|')})$`,
);
