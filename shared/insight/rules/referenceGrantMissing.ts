import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { readGateway, readListenerSet } from '../../cluster/gatewayApi/gateway.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { isRoute, readRoute } from '../../cluster/gatewayApi/route.ts';
import {
  isGranted,
  isGrantedToSome,
  gatewayGroup,
  type Reference,
  type ReferenceGrant,
} from '../../cluster/gatewayApi/reference.ts';
import { namespacesWritten } from '../../cluster/namespaces.ts';
import { type Manifest, fieldOf } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { documentBefore, replacing } from '../fixes.ts';
import { type Fix, type Yielded, rule } from '../rule.ts';
import { isLike } from '../spelling.ts';
import { effectOfUnusable, losesRequests } from '../unusableBackend.ts';

/** Something of another namespace that no ReferenceGrant of that namespace lets be used. */
export const referenceGrantMissing = rule({
  id: 'reference-grant-missing',
  topic: 'gateways',
  severity: 'warning',
  meaning:
    'Gateways answer 500 for a backend, and have no TLS for a certificate, that its namespace lets nobody else use.',
  remedy: 'Add a ReferenceGrant in the namespace of what is used.',
  details:
    'Speaks where the other namespace is in the set, or anything in it; else the grant may be applied from ' +
    "elsewhere. Of an object that doesn't say its own namespace, it says what would be if it is another one.",
  link: 'https://gateway-api.sigs.k8s.io/api-types/referencegrant/',
  about: 'object',
  *check(manifest, { model, isComplete }): Generator<Yielded> {
    if (!isComplete) return;
    for (const { by, reference, effect, isLost } of usedBy(model, manifest)) {
      if (reference.name === '' || isGranted(model.gatewayApi.grants, by, reference)) continue;
      const isNear = namespacesWritten(model.declared).has(reference.namespace);
      if (manifest.namespace === null) {
        // A grant for whatever namespace may be meant for the one that isn't written.
        if (!isNear || isGrantedToSome(model.gatewayApi.grants, by, reference)) continue;
        yield {
          severity: 'info',
          message:
            `If ${by.kind} ${manifest.name} isn't applied into namespace ${reference.namespace}, where no ` +
            `ReferenceGrant lets another use ${reference.kind} ${reference.name}, ${effect} (RefNotPermitted).`,
          at: fieldOf(manifest, ...reference.at, 'namespace'),
          cause: `${by.kind} ${reference.kind} ${reference.namespace}/${reference.name}, ${effect}`,
        };
        continue;
      }
      const slip = slipOf(model.gatewayApi.grants, by, reference);
      yield {
        severity: isNear && isLost ? 'warning' : 'info',
        message:
          `${reference.kind} ${reference.name} is in namespace ${reference.namespace}, where no ` +
          `ReferenceGrant${isNear ? '' : ' of these files'} lets ${by.kind}s of namespace ${by.namespace} use it: ` +
          `${effect} (RefNotPermitted).` +
          (slip === null
            ? ''
            : ` ReferenceGrant ${slip.grant.name} would, but its ${slip.says} is ${JSON.stringify(slip.is)}, ` +
              `not ${JSON.stringify(slip.needed)}.`),
        at: fieldOf(manifest, ...reference.at, 'namespace'),
        related: slip === null ? [] : [{ message: `its ${slip.says}`, at: fieldOf(slip.grant, ...slip.at) }],
        cause: `${by.kind} ${by.namespace} ${reference.kind} ${reference.namespace}/${reference.name}, ${effect}`,
        fixes:
          slip === null
            ? grantFor({ ...by, manifest }, reference)
            : replacing(`Let it by ${slip.says} ${slip.needed}`, slip.grant, JSON.stringify(slip.needed), ...slip.at),
      };
    }
  },
  bad: {
    says: 'no ReferenceGrant',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: web }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - backendRefs: [{ name: cart, namespace: shop, port: 80 }]
                                             ~~~~
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
`,
  },
  also: [
    {
      says: 'ReferenceGrant web would, but its from namespace is "wbe", not "web".',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: web }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - backendRefs: [{ name: cart, namespace: shop, port: 80 }]
                                             ~~~~
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: web, namespace: shop }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: wbe }]
  to: [{ group: "", kind: Service, name: cart }]
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: web }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - backendRefs: [{ name: cart, namespace: shop, port: 80 }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: web, namespace: shop }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: web }]
  to: [{ group: "", kind: Service, name: cart }]
`,
});

/** What a route or a Gateway uses of other objects, and what becomes of it where it may not. */
interface Used {
  readonly by: { readonly kind: string; readonly namespace: string };
  readonly reference: Reference;
  readonly effect: string;
  /** Whether requests are lost by that. */
  readonly isLost: boolean;
}

function usedBy(model: ClusterModel, manifest: Manifest): Used[] {
  if (!isOfGatewayApi(manifest)) return [];
  if (isRoute(manifest)) {
    const by = readRoute(manifest);
    // In a mesh, the parent is a Service and needs no grant.
    if (by.parents.length > 0 && by.parents.every(({ kind }) => kind === 'Service')) return [];
    return by.rules
      .flatMap(({ backends }) => backends)
      .map((reference) => ({
        by,
        reference,
        effect: effectOfUnusable(model, by, reference),
        isLost: losesRequests(model, by, reference),
      }));
  }
  const isSet = manifest.kind === 'ListenerSet' || manifest.kind === 'XListenerSet';
  if (!isSet && manifest.kind !== 'Gateway') return [];
  const { listeners } = isSet ? readListenerSet(manifest) : readGateway(manifest);
  return listeners.flatMap(({ tls, owner }) =>
    (tls?.certificates ?? []).map((reference) => ({
      by: owner,
      reference,
      effect: 'the listener has no certificate',
      isLost: true,
    })),
  );
}

/** What keeps a grant from letting something be used. */
interface Slip {
  readonly grant: Manifest;
  readonly at: FieldPath;
  readonly says: string;
  readonly is: string;
  readonly needed: string;
}

/** The grant that would do but for one field, which is a slip off what is needed; null for none. */
function slipOf(grants: readonly ReferenceGrant[], by: Used['by'], to: Reference): Slip | null {
  for (const { namespace, manifest, from, to: targets } of grants) {
    if (namespace !== to.namespace) continue;
    for (const [index, user] of from.entries())
      for (const [number, used] of targets.entries()) {
        const wrong = [
          differing(manifest, ['from', index], user, { ...by, group: gatewayGroup }),
          differing(manifest, ['to', number], { ...used, name: used.name ?? to.name }, to),
        ].flat();
        const [only, other] = wrong;
        if (only !== undefined && other === undefined && isSlip(only)) return only;
      }
  }
  return null;
}

type Named = Readonly<Partial<Record<(typeof grantFields)[number], string>>>;
const grantFields = ['group', 'kind', 'namespace', 'name'] as const;

function differing(grant: Manifest, at: FieldPath, has: Named, needs: Named): Slip[] {
  return grantFields.flatMap((field) => {
    const [is, needed] = [has[field], needs[field]];
    if (is === undefined || needed === undefined || is === needed) return [];
    return [{ grant, at: ['spec', ...at, field], says: `${at[0]} ${field}`, is, needed }];
  });
}

/** Of a group, whatever is written: with the right kind, no other can be meant. */
function isSlip({ at, is, needed }: Slip): boolean {
  return at.at(-1) === 'group' || isLike(is, needed);
}

function grantFor(
  { kind, namespace, manifest }: { readonly kind: string; readonly namespace: string; readonly manifest: Manifest },
  to: Reference,
): Fix[] {
  return documentBefore(
    `Add a ReferenceGrant for ${to.kind} ${to.name}`,
    manifest,
    `
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata:
  name: ${to.name}-from-${namespace}
  namespace: ${to.namespace}
spec:
  from:
    - group: gateway.networking.k8s.io
      kind: ${kind}
      namespace: ${namespace}
  to:
    - group: ${JSON.stringify(to.group)}
      kind: ${to.kind}
      name: ${to.name}`,
  );
}
