import Fraction from 'fraction.js';
import type { Reference } from '../../cluster/gatewayApi/reference.ts';
import type { HeaderChange, PathChange, RouteFilter } from '../../cluster/gatewayApi/routeFilter.ts';
import type { RequestSeen } from '../match.ts';
import type { RouteEntry } from './routing.ts';

/**
 * What a rule's filters do to a request before a backend is chosen, and a backend's own after.
 * Source: kubernetes-sigs/gateway-api apis/v1/httproute_types.go (filters, `HTTPRequestRedirectFilter`,
 * `HTTPPathModifier`, `HTTPCORSFilter`; v1.6.1).
 */
export interface Filtered<T extends RequestSeen> {
  readonly request: T;
  /** What the gateway answers itself; null where the request goes on. */
  readonly answer:
    | ({ readonly status: number; readonly by: RouteFilter } & (
        | { readonly reason: 'redirect'; readonly location: string }
        /** A browser's preflight request: whether this origin may ask. */
        | { readonly reason: 'cors'; readonly origin: string; readonly isAllowed: boolean }
      ))
    | null;
  readonly mirrors: readonly {
    readonly backend: Reference & { readonly port: number | null };
    readonly share: Fraction;
  }[];
  /** The filters whose effect isn't known. */
  readonly unknown: readonly string[];
}

/** Where the request came in: what a redirect leaves as it is. */
export interface Entrance {
  readonly scheme: 'http' | 'https';
  readonly port: number;
}

export function applyFilters<T extends RequestSeen>(
  filters: readonly RouteFilter[],
  given: T,
  entry: RouteEntry,
  entrance: Entrance,
): Filtered<T> {
  let request = given;
  const mirrors: { backend: Reference & { readonly port: number | null }; share: Fraction }[] = [];
  const unknown: string[] = [];
  for (const filter of filters) {
    switch (filter.kind) {
      case 'RequestHeaderModifier':
        request = { ...request, headers: changed(request.headers, filter.change) };
        break;
      case 'ResponseHeaderModifier':
        break;
      case 'URLRewrite':
        request = {
          ...request,
          host: filter.hostname ?? request.host,
          path: filter.path === null ? request.path : changedPath(request.path, filter.path, entry),
        };
        break;
      case 'RequestMirror': {
        const [numerator, denominator] = filter.share;
        mirrors.push({
          backend: filter.backend,
          share:
            denominator <= 0
              ? new Fraction(1)
              : new Fraction(Math.max(0, Math.min(numerator, denominator)), denominator),
        });
        break;
      }
      case 'RequestRedirect': {
        const location = locationOf(filter, request, entry, entrance);
        return {
          request,
          mirrors,
          unknown,
          answer: { status: filter.status, reason: 'redirect', location, by: filter },
        };
      }
      case 'CORS': {
        const origin = request.headers.get('origin');
        if (
          request.method !== 'OPTIONS' ||
          origin === undefined ||
          !request.headers.has('access-control-request-method')
        )
          break;
        const isAllowed = filter.origins.some((each) => takesOrigin(each, origin));
        return {
          request,
          mirrors,
          unknown,
          answer: { status: 204, reason: 'cors', origin, isAllowed, by: filter },
        };
      }
      case 'other':
        unknown.push(filter.name);
        break;
      default:
        filter satisfies never;
    }
  }
  return { request, mirrors, unknown, answer: null };
}

function changed(
  headers: ReadonlyMap<string, string>,
  { set, add, remove }: HeaderChange,
): ReadonlyMap<string, string> {
  const result = new Map(headers);
  for (const { name, value } of set) result.set(name.toLowerCase(), value);
  for (const { name, value } of add)
    result.set(
      name.toLowerCase(),
      [...(result.has(name.toLowerCase()) ? [result.get(name.toLowerCase())] : []), value].join(','),
    );
  for (const name of remove) result.delete(name.toLowerCase());
  return result;
}

/** The prefix that the rule matched is replaced, element by element; a path of another kind is left. */
function changedPath(path: string, { kind, value }: PathChange, { written }: RouteEntry): string {
  if (kind === 'ReplaceFullPath') return value;
  if (written.path.kind !== 'PathPrefix') return path;
  const rest = path.slice(written.path.value.replace(/\/$/, '').length);
  if (rest === '') return value === '' ? '/' : value;
  return `${value.replace(/\/$/, '')}${rest}`;
}

function locationOf(
  { scheme, hostname, port, path }: Extract<RouteFilter, { kind: 'RequestRedirect' }>,
  request: RequestSeen,
  entry: RouteEntry,
  entrance: Entrance,
): string {
  const to = scheme ?? entrance.scheme;
  const usual = to === 'https' ? 443 : 80;
  const number = port ?? (scheme === null ? entrance.port : usual);
  const host = hostname ?? request.host.replace(/:\d+$/, '');
  const query = [...request.query]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  return (
    `${to}://${host}${number === usual ? '' : `:${number}`}` +
    `${path === null ? request.path : changedPath(request.path, path, entry)}${query === '' ? '' : `?${query}`}`
  );
}

/** `*` stands for any number of labels to its left. */
function takesOrigin(allowed: string, origin: string): boolean {
  if (allowed === '*') return true;
  const [scheme, host] = allowed.split('://');
  const [own, asked] = origin.split('://');
  if (host === undefined || asked === undefined || scheme !== own) return false;
  return host.startsWith('*') ? asked.endsWith(host.slice(1)) : host === asked;
}
