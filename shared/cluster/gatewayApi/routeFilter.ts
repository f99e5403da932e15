import {
  booleanAt,
  integerAt,
  itemsAt,
  type FieldPath,
  textAt,
  textOf,
  type Value,
  valueAt,
} from '../../manifest/value.ts';
import { readReference, type Reference } from './reference.ts';

/**
 * What a rule or a backend does to a request besides choosing where it goes.
 * Source: kubernetes-sigs/gateway-api apis/v1/httproute_types.go, grpcroute_types.go (v1.6.1).
 */
export type RouteFilter =
  | { readonly kind: 'RequestHeaderModifier'; readonly change: HeaderChange; readonly at: FieldPath }
  /** Changes the answer alone: where the request goes is the same. */
  | { readonly kind: 'ResponseHeaderModifier'; readonly at: FieldPath }
  | {
      readonly kind: 'RequestRedirect';
      readonly scheme: string | null;
      readonly hostname: string | null;
      readonly port: number | null;
      readonly path: PathChange | null;
      readonly status: number;
      readonly at: FieldPath;
    }
  | {
      readonly kind: 'URLRewrite';
      readonly hostname: string | null;
      readonly path: PathChange | null;
      readonly at: FieldPath;
    }
  /** `share` is what fraction of the requests is copied, as numerator and denominator. */
  | {
      readonly kind: 'RequestMirror';
      readonly backend: Reference & { readonly port: number | null };
      readonly share: readonly [number, number];
      readonly at: FieldPath;
    }
  | {
      readonly kind: 'CORS';
      readonly origins: readonly string[];
      readonly methods: readonly string[];
      readonly credentials: boolean;
      readonly at: FieldPath;
    }
  /** An implementation's own (`ExtensionRef`), external authorization, or a kind that isn't known. */
  | { readonly kind: 'other'; readonly name: string; readonly at: FieldPath };

export interface HeaderChange {
  readonly set: readonly Header[];
  readonly add: readonly Header[];
  readonly remove: readonly string[];
}

export interface Header {
  readonly name: string;
  readonly value: string;
}

export interface PathChange {
  readonly kind: 'ReplaceFullPath' | 'ReplacePrefixMatch';
  readonly value: string;
}

/** The filters of a rule or a backend; `at` is its own path. */
export function readFilters(value: Value, namespace: string, at: FieldPath): RouteFilter[] {
  return itemsAt(value, 'filters').map((each, index) => readFilter(each, namespace, [...at, 'filters', index]));
}

function readFilter(value: Value, namespace: string, at: FieldPath): RouteFilter {
  const type = textAt(value, 'type') ?? '';
  switch (type) {
    case 'RequestHeaderModifier':
      return { kind: type, at, change: readHeaderChange(valueAt(value, 'requestHeaderModifier')) };
    case 'ResponseHeaderModifier':
      return { kind: type, at };
    case 'RequestRedirect':
      return {
        kind: type,
        at,
        scheme: textAt(value, 'requestRedirect', 'scheme') ?? null,
        hostname: textAt(value, 'requestRedirect', 'hostname') ?? null,
        port: integerAt(value, 'requestRedirect', 'port') ?? null,
        path: readPathChange(valueAt(value, 'requestRedirect', 'path')),
        status: integerAt(value, 'requestRedirect', 'statusCode') ?? 302,
      };
    case 'URLRewrite':
      return {
        kind: type,
        at,
        hostname: textAt(value, 'urlRewrite', 'hostname') ?? null,
        path: readPathChange(valueAt(value, 'urlRewrite', 'path')),
      };
    case 'RequestMirror': {
      const mirror = valueAt(value, 'requestMirror');
      const backend = valueAt(mirror, 'backendRef');
      const percent = integerAt(mirror, 'percent');
      const numerator = integerAt(mirror, 'fraction', 'numerator');
      const share: readonly [number, number] =
        numerator === undefined
          ? [percent ?? 100, 100]
          : [numerator, integerAt(mirror, 'fraction', 'denominator') ?? 100];
      return {
        kind: type,
        at,
        share,
        backend: {
          ...readReference(backend ?? value, { group: '', kind: 'Service', namespace }, [
            ...at,
            'requestMirror',
            'backendRef',
          ]),
          port: integerAt(backend, 'port') ?? null,
        },
      };
    }
    case 'CORS':
      return {
        kind: type,
        at,
        origins: textsOf(value, 'allowOrigins'),
        methods: textsOf(value, 'allowMethods'),
        credentials: booleanAt(value, 'cors', 'allowCredentials') ?? false,
      };
    default:
      return {
        kind: 'other',
        at,
        name:
          type === 'ExtensionRef'
            ? `${textAt(value, 'extensionRef', 'kind') ?? ''} ${textAt(value, 'extensionRef', 'name') ?? ''}`
            : type,
      };
  }
}

function textsOf(value: Value, field: string): string[] {
  return itemsAt(value, 'cors', field).flatMap((each) => textOf(each) ?? []);
}

function readPathChange(value: Value | undefined): PathChange | null {
  const full = textAt(value, 'replaceFullPath');
  const prefix = textAt(value, 'replacePrefixMatch');
  if (full !== undefined) return { kind: 'ReplaceFullPath', value: full };
  return prefix === undefined ? null : { kind: 'ReplacePrefixMatch', value: prefix };
}

function readHeaderChange(value: Value | undefined): HeaderChange {
  const headers = (field: string): Header[] =>
    itemsAt(value, field).map((each) => ({ name: textAt(each, 'name') ?? '', value: textAt(each, 'value') ?? '' }));
  return {
    set: headers('set'),
    add: headers('add'),
    remove: itemsAt(value, 'remove').flatMap((each) => textOf(each) ?? []),
  };
}
