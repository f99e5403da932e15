import { escapedSlash } from '../normalization.ts';
import type { HostMatch, NamedTextMatch, PathMatch, TextMatch } from '../match.ts';
import type { Edit } from './edits.ts';
import type { LocationPiece, LocationTemplate } from './location.ts';
import type { Answer, AnswerReason, RouteMatch } from './routeTable.ts';

/** A route in words, for who reads a table. */

export function hostText(host: HostMatch): string {
  switch (host.kind) {
    case 'exact':
    case 'exact-or-dotted':
      return host.host;
    case 'wildcard':
      return host.pattern;
    case 'expression':
      return `hosts like ${host.expression}`;
    case 'starts':
      return `${host.text}*`;
    case 'any':
      return 'any host';
    default:
      return host satisfies never;
  }
}

/** What a route asks besides the host: `https, GET, /cart and below, header x-canary: always`. */
export function matchText(match: RouteMatch): string {
  const { scheme, serverName, isMisdirected, path, method, headers, query, anyQuery, cookies, clients, port } = match;
  const isEvery = path.kind === 'text-prefix' && path.path === '';
  return [
    ...(port === null ? [] : [`port ${port.number}${port.protocol === 'UDP' ? '/udp' : ''}`]),
    ...(scheme === null ? [] : [scheme]),
    ...(serverName === null ? [] : [`TLS for ${hostText(serverName)}`]),
    ...(isMisdirected ? ['Host of another name'] : []),
    ...(method === null ? [] : [method]),
    ...(isEvery ? [] : [pathText(path)]),
    ...headers.map((each) => `header ${namedText(each)}`),
    ...[...query, ...anyQuery].map((each) => `query ${namedText(each)}`),
    ...cookies.map((each) => `cookie ${namedText(each)}`),
    ...(clients === null ? [] : [`${clients.isIn ? 'from' : 'not from'} ${clients.ranges.join(', ')}`]),
  ].join(', ');
}

function pathText(path: PathMatch): string {
  switch (path.kind) {
    case 'exact':
      return `exactly ${path.path}`;
    case 'elements':
      return path.path === '/' || path.path === '' ? 'every path' : `${path.path} and below`;
    case 'text-prefix':
      return `${path.path}…`;
    case 'expression': {
      const { expression, anchors, ignoresCase } = path;
      if (expression === escapedSlash) return 'an escaped slash in the path';
      const bound = `${anchors === 'none' ? '' : '^'}${expression}${anchors === 'both' ? '$' : ''}`;
      return `expression ${bound}${ignoresCase ? ' in any case' : ''}`;
    }
    case 'empty-groups':
      return `expression ${path.expression.expression}, what it catches being empty`;
    case 'unknown':
      return `expression ${path.text}, read as nobody knows`;
    default:
      return path satisfies never;
  }
}

function namedText({ name, match }: NamedTextMatch): string {
  return `${name}${textMatchText(match)}`;
}

function textMatchText(match: TextMatch): string {
  switch (match.kind) {
    case 'exact':
      return `: ${match.text}`;
    case 'present':
      return ' is there';
    case 'absent':
      return ' is missing';
    case 'listed':
      return `${textMatchText(match.item)} among others`;
    case 'expression':
      return ` like ${match.expression}`;
    case 'unknown':
      return ` like ${match.text}`;
    default:
      return match satisfies never;
  }
}

const answers: Readonly<Record<AnswerReason, string>> = {
  redirect: '',
  'tls-redirect': '',
  'not-allowed': 'not allowed',
  unauthorized: 'asks for credentials',
  'no-matching-rule': 'no rule',
  misdirected: 'another listener',
  'plain-http': 'plain HTTP',
  cors: 'preflight',
  'cors-refused': 'preflight, refused',
  'refused-request': '',
  'refused-rule': 'a rule that is refused',
  'refused-routes': 'all routes are refused',
};

/** `301 to https://{host}{path}`, or a status and why. */
export function answerText({ status, location, reason }: Answer): string {
  if (location !== null) return `${status} to ${locationText(location)}`;
  return answers[reason] === '' ? String(status) : `${status}, ${answers[reason]}`;
}

function locationText(location: LocationTemplate): string {
  return location.map((piece) => (typeof piece === 'string' ? piece : `{${pieceText(piece)}}`)).join('');
}

function pieceText(piece: Exclude<LocationPiece, string>): string {
  switch (piece.of) {
    case 'path-with-prefix':
    case 'path-joined':
      return `path, ${piece.prefix} becoming ${piece.by}`;
    case 'path-with-text':
      return `path, ${piece.text} becoming ${piece.by}`;
    case 'path-read-anew':
      return `path ${piece.name}`;
    case 'path-without-prefix':
      return `path without ${piece.prefix}`;
    case 'authority-without-port':
      return `authority without :${piece.port}`;
    case 'group':
      return `what ${piece.expression.expression} catches`;
    case 'header':
    case 'argument':
      return `${piece.of} ${piece.name}`;
    case 'before-colon':
      return typeof piece.what === 'string' ? piece.what : pieceText(piece.what);
    default:
      return piece.of.replaceAll('-', ' ');
  }
}

export function editText(edit: Edit): string {
  switch (edit.kind) {
    case 'path':
      return `path becomes ${locationText(edit.to)}`;
    case 'host':
      return `Host becomes ${locationText(edit.to)}`;
    case 'host-of-backend':
      return "Host becomes the backend's address";
    case 'headers': {
      const { set, add, remove } = edit.change;
      return [
        ...set.map(({ name, value }) => `sets ${name}: ${value}`),
        ...add.map(({ name, value }) => `adds ${name}: ${value}`),
        ...remove.map((name) => `removes ${name}`),
      ].join(', ');
    }
    default:
      return edit satisfies never;
  }
}
