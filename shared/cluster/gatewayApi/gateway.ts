import { type LabelSelector, matchesLabels, readLabelSelector } from '../labelSelector.ts';
import { once } from '../once.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { integerAt, itemsAt, type FieldPath, textAt, textsAt, type Value, valueAt } from '../../manifest/value.ts';
import { gatewayGroup, readReference, type Reference } from './reference.ts';
import type { RouteKind } from './route.ts';

/**
 * A Gateway as written, with the API's defaults.
 * Source: kubernetes-sigs/gateway-api apis/v1/gateway_types.go and listenerset_types.go (v1.6.1).
 */
export interface Gateway {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly name: string;
  readonly className: string;
  readonly listeners: readonly Listener[];
  /** Which ListenerSets may add to it; by default none. */
  readonly allowedListeners: AllowedNamespaces;
  /** From its status, else those asked for in its spec. */
  readonly addresses: readonly string[];
  /** `spec.infrastructure.annotations`: what is made for the Gateway bears them. */
  readonly infrastructureAnnotations: ReadonlyMap<string, string>;
  readonly createdAt: string | null;
}

/** Listeners that somebody else adds to a Gateway. */
export interface ListenerSet {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly name: string;
  readonly parent: { readonly namespace: string; readonly name: string };
  readonly listeners: readonly Listener[];
  readonly createdAt: string | null;
}

export interface Listener {
  /** The Gateway or ListenerSet that it is written in. */
  readonly owner: Owner;
  readonly name: string;
  readonly port: number;
  /** As written: the five of the standard in capitals, or an implementation's own. */
  readonly protocol: string;
  /** Null for any. */
  readonly hostname: string | null;
  /** Null without `tls`. */
  readonly tls: { readonly mode: 'Terminate' | 'Passthrough'; readonly certificates: readonly Reference[] } | null;
  readonly allowedNamespaces: AllowedNamespaces;
  /** Null where the protocol decides. */
  readonly allowedKinds: readonly { readonly group: string; readonly kind: string }[] | null;
  readonly at: FieldPath;
}

export interface Owner {
  readonly kind: 'Gateway' | 'ListenerSet';
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly name: string;
}

export type AllowedNamespaces =
  | { readonly from: 'All' | 'Same' | 'None' }
  | { readonly from: 'Selector'; readonly selector: LabelSelector };

export const readGateway = once(writtenGateway);

function writtenGateway(manifest: Manifest): Gateway {
  const { value } = manifest;
  const owner: Owner = { kind: 'Gateway', manifest, namespace: namespaceOf(manifest), name: manifest.name };
  const given = itemsAt(value, 'status', 'addresses').flatMap((each) => textAt(each, 'value') ?? []);
  const asked = itemsAt(value, 'spec', 'addresses')
    .filter((each) => (textAt(each, 'type') ?? 'IPAddress') === 'IPAddress')
    .flatMap((each) => textAt(each, 'value') ?? []);
  return {
    manifest,
    namespace: owner.namespace,
    name: owner.name,
    className: textAt(value, 'spec', 'gatewayClassName') ?? '',
    listeners: readListeners(owner),
    allowedListeners: readNamespaces(valueAt(value, 'spec', 'allowedListeners', 'namespaces'), 'None'),
    addresses: given.length > 0 ? given : asked,
    infrastructureAnnotations: textsAt(value, 'spec', 'infrastructure', 'annotations') ?? new Map(),
    createdAt: textAt(value, 'metadata', 'creationTimestamp') ?? null,
  };
}

/** `XListenerSet` is its name before it was part of the standard. */
export const readListenerSet = once(writtenListenerSet);

function writtenListenerSet(manifest: Manifest): ListenerSet {
  const { value } = manifest;
  const owner: Owner = { kind: 'ListenerSet', manifest, namespace: namespaceOf(manifest), name: manifest.name };
  return {
    manifest,
    namespace: owner.namespace,
    name: owner.name,
    parent: {
      namespace: textAt(value, 'spec', 'parentRef', 'namespace') ?? owner.namespace,
      name: textAt(value, 'spec', 'parentRef', 'name') ?? '',
    },
    listeners: readListeners(owner),
    createdAt: textAt(value, 'metadata', 'creationTimestamp') ?? null,
  };
}

function readListeners(owner: Owner): Listener[] {
  return itemsAt(owner.manifest.value, 'spec', 'listeners').map((item, index): Listener => {
    const at = ['spec', 'listeners', index];
    const kinds = valueAt(item, 'allowedRoutes', 'kinds');
    return {
      owner,
      at,
      name: textAt(item, 'name') ?? '',
      port: integerAt(item, 'port') ?? 0,
      protocol: textAt(item, 'protocol') ?? 'HTTP',
      hostname: textAt(item, 'hostname')?.toLowerCase() || null,
      tls:
        valueAt(item, 'tls') === undefined
          ? null
          : {
              mode: textAt(item, 'tls', 'mode') === 'Passthrough' ? 'Passthrough' : 'Terminate',
              certificates: itemsAt(item, 'tls', 'certificateRefs').map((each, number) =>
                readReference(each, { group: '', kind: 'Secret', namespace: owner.namespace }, [
                  ...at,
                  'tls',
                  'certificateRefs',
                  number,
                ]),
              ),
            },
      allowedNamespaces: readNamespaces(valueAt(item, 'allowedRoutes', 'namespaces'), 'Same'),
      allowedKinds:
        kinds === undefined
          ? null
          : itemsAt(item, 'allowedRoutes', 'kinds').map((each) => ({
              group: textAt(each, 'group') ?? gatewayGroup,
              kind: textAt(each, 'kind') ?? '',
            })),
    };
  });
}

function readNamespaces(value: Value | undefined, byDefault: 'Same' | 'None'): AllowedNamespaces {
  const from = textAt(value, 'from') ?? byDefault;
  if (from === 'All' || from === 'None') return { from };
  if (from !== 'Selector') return { from: 'Same' };
  return { from, selector: readLabelSelector(valueAt(value, 'selector')) };
}

/** Whether a namespace is allowed; null if its labels aren't known. `own` is the namespace of who allows. */
export function allowsNamespace(
  allowed: AllowedNamespaces,
  own: string,
  asking: string,
  labelsOf: (namespace: string) => ReadonlyMap<string, string> | null,
): boolean | null {
  switch (allowed.from) {
    case 'All':
      return true;
    case 'None':
      return false;
    case 'Same':
      return asking === own;
    case 'Selector': {
      const labels = labelsOf(asking);
      return labels === null ? null : matchesLabels(allowed.selector, labels);
    }
    default:
      return allowed satisfies never;
  }
}

/**
 * The kinds of routes that a listener's protocol carries; null for a protocol that isn't the standard's. `endedTls` are
 * those where it ends TLS and no HTTP is known in it. Source:
 * gateway-api.sigs.k8s.io/concepts/api-overview (route summary table).
 */
export function kindsCarried(
  { protocol, tls }: Pick<Listener, 'protocol' | 'tls'>,
  endedTls: readonly RouteKind[],
): readonly RouteKind[] | null {
  switch (protocol) {
    case 'HTTP':
    case 'HTTPS':
      return ['HTTPRoute', 'GRPCRoute'];
    case 'TLS':
      return tls?.mode === 'Terminate' ? endedTls : ['TLSRoute'];
    case 'TCP':
      return ['TCPRoute'];
    case 'UDP':
      return ['UDPRoute'];
    default:
      return null;
  }
}
