import { once } from '../once.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { itemsAt, type FieldPath, textAt, type Value } from '../../manifest/value.ts';

export const gatewayGroup = 'gateway.networking.k8s.io';

/** One object naming another. */
export interface Reference {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly at: FieldPath;
}

/** What a reference means where it doesn't say so: a kind, its group, and the namespace of who refers. */
export type ReferenceDefaults = Pick<Reference, 'group' | 'kind' | 'namespace'>;

export function readReference(value: Value, usual: ReferenceDefaults, at: FieldPath): Reference {
  return {
    group: textAt(value, 'group') ?? usual.group,
    kind: textAt(value, 'kind') ?? usual.kind,
    namespace: textAt(value, 'namespace') ?? usual.namespace,
    name: textAt(value, 'name') ?? '',
    at,
  };
}

/**
 * What a namespace lets others refer to.
 * Source: kubernetes-sigs/gateway-api apis/v1/referencegrant_types.go (v1.6.1).
 */
export interface ReferenceGrant {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly from: readonly { readonly group: string; readonly kind: string; readonly namespace: string }[];
  /** `name` is null for every object of the kind. */
  readonly to: readonly { readonly group: string; readonly kind: string; readonly name: string | null }[];
}

export const readReferenceGrant = once(writtenReferenceGrant);

function writtenReferenceGrant(manifest: Manifest): ReferenceGrant {
  return {
    manifest,
    namespace: namespaceOf(manifest),
    from: itemsAt(manifest.value, 'spec', 'from').map((each) => ({
      group: textAt(each, 'group') ?? '',
      kind: textAt(each, 'kind') ?? '',
      namespace: textAt(each, 'namespace') ?? '',
    })),
    to: itemsAt(manifest.value, 'spec', 'to').map((each) => ({
      group: textAt(each, 'group') ?? '',
      kind: textAt(each, 'kind') ?? '',
      name: textAt(each, 'name') ?? null,
    })),
  };
}

/**
 * Whether an object of this kind and namespace may refer to that one:
 * always within a namespace, else by a grant in the other's.
 */
export function isGranted(
  grants: readonly ReferenceGrant[],
  from: { readonly kind: string; readonly namespace: string },
  to: Reference,
): boolean {
  return (
    from.namespace === to.namespace ||
    grantedNamespaces(grants, from.kind, to).some((namespace) => namespace === from.namespace)
  );
}

/** The same of an object whose namespace isn't known: whether some namespace's may. */
export function isGrantedToSome(
  grants: readonly ReferenceGrant[],
  from: { readonly kind: string; readonly namespace: string },
  to: Reference,
): boolean {
  return from.namespace === to.namespace || grantedNamespaces(grants, from.kind, to).length > 0;
}

/** The namespaces whose objects of a kind may refer to something. */
function grantedNamespaces(grants: readonly ReferenceGrant[], from: string, to: Reference): string[] {
  return grants.flatMap((grant) => {
    const isFor =
      grant.namespace === to.namespace &&
      grant.to.some(
        ({ group, kind, name }) => group === to.group && kind === to.kind && (name === null || name === to.name),
      );
    if (!isFor) return [];
    return grant.from.flatMap(({ group, kind, namespace }) =>
      group === gatewayGroup && kind === from ? [namespace] : [],
    );
  });
}
