import Fraction from 'fraction.js';
import { hostPort } from '../../shared/cluster/address.ts';
import type { Path } from '../../shared/trace/trace.ts';
import type { Followed } from '../follow.ts';

/** One way in which a request can end with an Envoy, as a judge says it: see `envoy/routing.go`. */
export interface Outcome {
  readonly share: string;
  readonly refused?: string;
  readonly status?: number;
  readonly location?: string;
  readonly endpoints?: readonly string[];
  readonly host?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly mirrors?: readonly { readonly endpoints: readonly string[] | null; readonly share: string }[];
  /** The virtual host and the route that decided. */
  readonly route?: string;
  /** Why Envoy wouldn't take the routes of this port. */
  readonly rejected?: string;
}

/** Whose endpoint (`address:port`) is asked. */
export type NameOf = (endpoint: string) => string;

/** How a request can end, in one text: what both sides are brought to. Equal ends are added up. */
function ends(shares: readonly (readonly [end: string, share: Fraction])[]): string {
  const added = new Map<string, Fraction>();
  for (const [end, share] of shares) added.set(end, share.add(added.get(end) ?? 0));
  return [...added]
    .map(([end, share]) => (share.equals(1) ? end : `${share.toFraction()} ${end}`))
    .toSorted()
    .join('\n');
}

/** The headers that the sets speak of; a proxy's own are looked at elsewhere. */
function comparedHeaders(entries: Iterable<readonly [string, string]>): string {
  return [...entries]
    .filter(([name]) => /^x-(?:one|two|three)$/.test(name))
    .map(([name, value]) => `${name}: ${value}`)
    .toSorted()
    .join('; ');
}

export function theirEnds(outcomes: readonly Outcome[], nameOf: NameOf): string {
  return ends(outcomes.map((each) => [theirEnd(each, nameOf), new Fraction(each.share)]));
}

function theirEnd(
  { refused, status, location, endpoints, host, target, headers, mirrors }: Outcome,
  nameOf: NameOf,
): string {
  if (refused !== undefined) return 'refused';
  if (status !== undefined) return location === undefined ? `${status}` : `${status} ${location}`;
  const seen = comparedHeaders(Object.entries(headers ?? {}).map(([name, given]) => [name, given.join(',')] as const));
  const copies = (mirrors ?? [])
    .filter((each) => (each.endpoints ?? []).length > 0)
    .map((each) => `${nameOf(each.endpoints?.[0] ?? '')} ${new Fraction(each.share).toFraction()}`);
  return received(nameOf(endpoints?.[0] ?? ''), { host: host ?? '', target: target ?? '', headers: seen, copies });
}

function received(
  service: string,
  { host, target, headers, copies }: { host: string; target: string; headers: string; copies: readonly string[] },
): string {
  return [
    `${service} gets ${target} of ${host}`,
    ...(headers === '' ? [] : [`with ${headers}`]),
    ...copies.toSorted().map((each) => `copied to ${each}`),
  ].join(', ');
}

export function ourEnds({ paths }: Followed, nameOf: NameOf): string {
  return ends(paths.map((path) => [ourEnd(path, nameOf), path.probability]));
}

function ourEnd({ verdict, received: http, mirrors }: Path, nameOf: NameOf): string {
  switch (verdict.kind) {
    case 'delivered':
      return received(nameOf(hostPort(verdict.address, verdict.port)), {
        host: http?.host ?? '?',
        target: `${http?.path}${http?.search}`,
        headers: comparedHeaders(http?.headers ?? []),
        copies: mirrors
          .filter(({ share }) => share.compare(0) > 0)
          .map(({ namespace, service, share }) => `${namespace}/${service} ${share.toFraction()}`),
      });
    case 'answered':
      return 'location' in verdict && verdict.location !== null
        ? `${verdict.status} ${verdict.location}`
        : `${verdict.status}`;
    case 'refused':
      return 'refused';
    default:
      return `${verdict.kind} ${verdict.reason}`;
  }
}
