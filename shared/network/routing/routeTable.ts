import type Fraction from 'fraction.js';
import type { Assumption, Because } from '../../cluster/because.ts';
import { once } from '../../cluster/once.ts';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { type NamedTextMatch, type RequestMatch } from '../match.ts';
import { asItIs, type PathReading } from '../normalization.ts';
import type { Asked, Question } from './asked.ts';
import type { Edit } from './edits.ts';
import type { LocationTemplate } from './location.ts';

/**
 * What a proxy does with requests, as data: all that is written for it, compiled to routes in the order in which the
 * proxy itself tries them. The first that takes a request decides.
 */
export interface RouteTable<Of = OfIngress, To = WeightedBackend> {
  readonly routes: readonly TableRoute<Of, To>[];
  /** How it reads a path before it looks for a route. */
  readonly reads: PathReading;
  /** How it says a path itself: to backends, and in redirects. */
  readonly says: PathReading;
  /** How many routes more there would be: a table is cut at `mostRoutes`. */
  readonly left: number;
}

/** More routes than any proxy is given by hand. */
export const mostRoutes = 100_000;

/** Whose a route is: an Ingress's rule, or what the Ingress says beside its rules. */
export interface OfIngress {
  readonly ingress: Ingress;
  readonly rule: IngressPath | null;
}

export interface TableRoute<Of = OfIngress, To = WeightedBackend> {
  readonly match: RouteMatch;
  readonly action: RouteAction<To>;
  /** Whose it is; null for the proxy's own. */
  readonly of: Of | null;
  /** The fields that it rests on, the most telling first. */
  readonly because: readonly Because[];
  /** What had to be assumed for it. */
  readonly assumed: readonly Assumption[];
  /** Routes in a row with the same: which of them is tried first is by chance. Null for one in its own place. */
  readonly tie: number | null;
  /** What it answers where a backend's Service, its port or an endpoint isn't there; a Gateway's, without a backend. */
  readonly statusWithoutBackend: 500 | 503 | 404;
}

/** What a route asks of a request; all of it must be so. */
export interface RouteMatch extends RequestMatch {
  /** Null for either. */
  readonly scheme: 'http' | 'https' | null;
  /** A name in the TLS handshake by which the connection is taken before anything of the request is read. */
  readonly serverName: RequestMatch['host'] | null;
  /** Whether the Host has to be another than the name in the TLS handshake. */
  readonly isMisdirected: boolean;
  readonly cookies: readonly NamedTextMatch[];
  /** Queries of which any value may be the one, where a request has several. */
  readonly anyQuery: readonly NamedTextMatch[];
  /** Null for whatever port it was asked at. */
  readonly port: { readonly protocol: 'TCP' | 'UDP'; readonly number: number } | null;
  /** Null for anybody. */
  readonly clients: { readonly isIn: boolean; readonly ranges: readonly string[] } | null;
}

export type RouteAction<To = WeightedBackend> = Forward<To> | Answer | Close | Unknown;

export interface Forward<To = WeightedBackend> {
  readonly kind: 'forward';
  /** Their shares sum to 1. */
  readonly to: readonly To[];
  readonly edits: readonly Edit[];
  /** TLS goes on as it is, to be ended by the backend. */
  readonly passesTls: boolean;
}

export interface WeightedBackend {
  readonly namespace: string;
  /** Null where what is written names no Service. */
  readonly service: string | null;
  /** Null for the only one; of the controller's own default, for the first. */
  readonly port: number | string | null;
  readonly share: Fraction;
  /** The Ingress that it is written in; null for the controller's own default. */
  readonly ingress: Ingress | null;
  /** What else its choice rests on. */
  readonly because: readonly Because[];
  /**
   * Whether the proxy sends to the Service's cluster address rather than straight to its pods; null where what its
   * dialect says of the Ingress and the Service decides.
   */
  readonly viaClusterAddress: boolean | null;
  /** The place of the backend itself. */
  readonly at: Because | null;
}

/** The proxy answers itself. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly reason: AnswerReason;
  /** Where it sends the client; null for what is no redirect. */
  readonly location: LocationTemplate | null;
  /** What it does and why, `{location}` and `{client}` in it standing for the request's own. */
  readonly text: string;
}

export type AnswerReason =
  | 'redirect'
  | 'tls-redirect'
  | 'not-allowed'
  | 'unauthorized'
  | 'no-matching-rule'
  | 'misdirected'
  | 'plain-http'
  /** A browser's preflight request, of an origin that may ask, and of one that may not. */
  | 'cors'
  | 'cors-refused'
  | 'refused-request'
  /** The proxy doesn't take a rule as it is written, or any route. */
  | 'refused-rule'
  | 'refused-routes';

/** It doesn't take the connection. */
export interface Close {
  readonly kind: 'close';
  /** Plain HTTP is closed; nothing is there for this name in the TLS handshake; no route takes the connection. */
  readonly reason: 'plain-http' | 'tls-name' | 'no-route';
}

/** What it does isn't modelled. */
export interface Unknown {
  readonly kind: 'unknown';
  readonly what: string;
}

/** Takes every request: start from it. */
export const anything: RouteMatch = {
  scheme: null,
  serverName: null,
  isMisdirected: false,
  host: { kind: 'any', labels: 'one', but: [] },
  path: { kind: 'text-prefix', path: '' },
  method: null,
  headers: [],
  query: [],
  anyQuery: [],
  cookies: [],
  clients: null,
  port: null,
};

/** What it asks, and nothing that every request answers alike. */
const questionsOf = once((match: RouteMatch): readonly Question[] => {
  const { scheme, serverName, isMisdirected, host, path, method, headers, query, anyQuery, cookies, clients, port } =
    match;
  return [
    ...(port === null ? [] : [{ about: 'port', ...port } as const]),
    ...(scheme === null ? [] : [{ about: 'scheme', is: scheme } as const]),
    ...(serverName === null ? [] : [{ about: 'server-name', match: serverName } as const]),
    ...(isMisdirected ? [{ about: 'misdirected' } as const] : []),
    ...(host.kind === 'any' && host.but.length === 0 ? [] : [{ about: 'host', match: host } as const]),
    ...(method === null ? [] : [{ about: 'method', is: method } as const]),
    ...(path.kind === 'text-prefix' && path.path === '' ? [] : [{ about: 'path', match: path } as const]),
    ...headers.map(({ name, match: text }) => ({ about: 'header', name, match: text }) as const),
    ...query.map(({ name, match: text }) => ({ about: 'query', name, match: text }) as const),
    ...anyQuery.map(({ name, match: text }) => ({ about: 'any-query', name, match: text }) as const),
    ...cookies.map(({ name, match: text }) => ({ about: 'cookie', name, match: text }) as const),
    ...(clients === null ? [] : [{ about: 'client', ...clients } as const]),
  ];
});

/** Whether a route takes what is asked; null where that can't be known. */
export function takes(match: RouteMatch, asked: Asked): boolean | null {
  let isKnown = true;
  for (const question of questionsOf(match)) {
    const answer = asked.is(question);
    if (answer === false) return false;
    if (answer === null) isKnown = false;
  }
  return isKnown ? true : null;
}

/**
 * The route that takes what is asked; `isKnown` is false where an earlier one perhaps does. Null where none does;
 * 'left-out' where one that the table has no room for may.
 */
export function routeFor<Of, To>(
  table: RouteTable<Of, To>,
  asked: Asked,
): { readonly route: TableRoute<Of, To>; readonly isKnown: boolean } | 'left-out' | null {
  for (const route of table.routes) {
    const taken = takes(route.match, asked);
    if (taken !== false) return { route, isKnown: taken === true };
  }
  return table.left > 0 ? 'left-out' : null;
}

/** The routes that may decide instead of this one, by chance, and take what is asked too; itself among them. */
export function tiedWith<Of, To>(
  { routes }: RouteTable<Of, To>,
  route: TableRoute<Of, To>,
  asked: Asked,
): readonly TableRoute<Of, To>[] {
  if (route.tie === null) return [route];
  return routes.filter((each) => each.tie === route.tie && takes(each.match, asked) === true);
}

/** A table of these routes, in their order. */
export function tableOf<Of, To>(
  routes: readonly TableRoute<Of, To>[],
  reads: PathReading,
  says: PathReading = asItIs,
): RouteTable<Of, To> {
  return { routes: routes.slice(0, mostRoutes), reads, says, left: Math.max(0, routes.length - mostRoutes) };
}
