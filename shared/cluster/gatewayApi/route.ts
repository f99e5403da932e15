import { once } from '../once.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { integerAt, itemsAt, type FieldPath, textAt, textOf, type Value } from '../../manifest/value.ts';
import { gatewayGroup, readReference, type Reference } from './reference.ts';
import { readFilters, type RouteFilter } from './routeFilter.ts';

export const routeKinds = ['HTTPRoute', 'GRPCRoute', 'TLSRoute', 'TCPRoute', 'UDPRoute'] as const;
export type RouteKind = (typeof routeKinds)[number];

/**
 * A route of the Gateway API, of any kind, with the API's defaults. What a kind doesn't have is empty: a TCPRoute has
 * no hostnames, and its one rule no matches.
 * Source: kubernetes-sigs/gateway-api apis/v1/{http,grpc,tls,tcp,udp}route_types.go (v1.6.1).
 */
export interface Route {
  readonly manifest: Manifest;
  readonly kind: RouteKind;
  readonly namespace: string;
  readonly name: string;
  /** In lower case; empty for any. */
  readonly hostnames: readonly string[];
  readonly parents: readonly ParentReference[];
  readonly rules: readonly RouteRule[];
  readonly createdAt: string | null;
}

export interface ParentReference extends Reference {
  readonly sectionName: string | null;
  readonly port: number | null;
}

export interface RouteRule {
  readonly matches: readonly RouteMatch[];
  readonly filters: readonly RouteFilter[];
  readonly backends: readonly RouteBackend[];
  readonly at: FieldPath;
}

/** All that one entry of `matches` asks for. */
export interface RouteMatch {
  readonly path: WrittenPath;
  /** An HTTP method; null for any. */
  readonly method: string | null;
  readonly headers: readonly WrittenMatch[];
  readonly query: readonly WrittenMatch[];
  readonly at: FieldPath;
}

export type WrittenPath =
  | { readonly kind: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string }
  /** A gRPC service and method; null for any. */
  | {
      readonly kind: 'GRPC';
      readonly type: 'Exact' | 'RegularExpression';
      readonly service: string | null;
      readonly method: string | null;
    };

export type GrpcPath = Extract<WrittenPath, { kind: 'GRPC' }>;

export interface WrittenMatch {
  readonly name: string;
  readonly type: 'Exact' | 'RegularExpression';
  readonly value: string;
}

export interface RouteBackend extends Reference {
  readonly port: number | null;
  readonly weight: number;
  readonly filters: readonly RouteFilter[];
}

export function isRoute({ kind }: Manifest): boolean {
  return routeKinds.some((each) => each === kind);
}

export const readRoute = once(writtenRoute);

function writtenRoute(manifest: Manifest): Route {
  const { value } = manifest;
  const namespace = namespaceOf(manifest);
  const kind = routeKinds.find((each) => each === manifest.kind) ?? 'HTTPRoute';
  return {
    manifest,
    kind,
    namespace,
    name: manifest.name,
    hostnames: itemsAt(value, 'spec', 'hostnames').flatMap((each) => textOf(each)?.toLowerCase() ?? []),
    parents: itemsAt(value, 'spec', 'parentRefs').map((each, index) => ({
      ...readReference(each, { group: gatewayGroup, kind: 'Gateway', namespace }, ['spec', 'parentRefs', index]),
      sectionName: textAt(each, 'sectionName') ?? null,
      port: integerAt(each, 'port') ?? null,
    })),
    rules: itemsAt(value, 'spec', 'rules').map((item, index): RouteRule => {
      const at = ['spec', 'rules', index];
      const matches = itemsAt(item, 'matches').map((each, number) => readMatch(each, kind, [...at, 'matches', number]));
      return {
        at,
        matches:
          matches.length > 0
            ? matches
            : [
                {
                  path:
                    kind === 'GRPCRoute'
                      ? { kind: 'GRPC', type: 'Exact', service: null, method: null }
                      : { kind: 'PathPrefix', value: '/' },
                  method: null,
                  headers: [],
                  query: [],
                  at,
                },
              ],
        filters: readFilters(item, namespace, at),
        backends: itemsAt(item, 'backendRefs').map((each, number): RouteBackend => {
          const place = [...at, 'backendRefs', number];
          return {
            ...readReference(each, { group: '', kind: 'Service', namespace }, place),
            port: integerAt(each, 'port') ?? null,
            weight: Math.max(0, integerAt(each, 'weight') ?? 1),
            filters: readFilters(each, namespace, place),
          };
        }),
      };
    }),
    createdAt: textAt(value, 'metadata', 'creationTimestamp') ?? null,
  };
}

/** The older first, then by namespace and name; what was never applied counts as of one age. */
export function byAge(a: Route, b: Route): number {
  const ages = a.createdAt === null || b.createdAt === null ? 0 : a.createdAt.localeCompare(b.createdAt);
  const [one, other] = [`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`];
  return ages || (one < other ? -1 : one > other ? 1 : 0);
}

function readMatch(value: Value, kind: RouteKind, at: FieldPath): RouteMatch {
  const named = (field: string): WrittenMatch[] =>
    itemsAt(value, field).map((each) => ({
      name: textAt(each, 'name') ?? '',
      type: expressionOrExact(textAt(each, 'type')),
      value: textAt(each, 'value') ?? '',
    }));
  if (kind === 'GRPCRoute') {
    return {
      at,
      method: null,
      headers: first(named('headers'), true),
      query: [],
      path: {
        kind: 'GRPC',
        type: expressionOrExact(textAt(value, 'method', 'type')),
        service: textAt(value, 'method', 'service') ?? null,
        method: textAt(value, 'method', 'method') ?? null,
      },
    };
  }
  const type = textAt(value, 'path', 'type') ?? 'PathPrefix';
  return {
    at,
    path: {
      kind: type === 'Exact' || type === 'RegularExpression' ? type : 'PathPrefix',
      value: textAt(value, 'path', 'value') ?? '/',
    },
    method: textAt(value, 'method') ?? null,
    headers: first(named('headers'), true),
    query: first(named('queryParams'), false),
  };
}

/** Of several entries with one name the first counts; the names of headers have no case. */
function first(matches: readonly WrittenMatch[], ignoresCase: boolean): WrittenMatch[] {
  const seen = new Set<string>();
  return matches.filter(({ name }) => {
    const key = ignoresCase ? name.toLowerCase() : name;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function expressionOrExact(type: string | undefined): 'Exact' | 'RegularExpression' {
  return type === 'RegularExpression' ? type : 'Exact';
}
