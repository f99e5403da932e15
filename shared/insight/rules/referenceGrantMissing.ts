import { isGranted, type Reference } from '../../cluster/gatewayApi/reference.ts';
import { type Manifest, siteOf } from '../../manifest/manifest.ts';
import { documentBefore } from '../fixes.ts';
import { type Fix, type Found, rule } from '../rule.ts';

/** Something of another namespace that no ReferenceGrant of that namespace lets be used. */
export const referenceGrantMissing = rule({
  id: 'reference-grant-missing',
  severity: 'warning',
  meaning:
    'Gateways answer 500 for a backend, and have no TLS for a certificate, that its namespace lets nobody else use.',
  link: 'https://gateway-api.sigs.k8s.io/api-types/referencegrant/',
  *check({ model, isComplete }): Generator<Found> {
    const { routes, gateways, listenerSets, grants } = model.gatewayApi;
    if (!isComplete) return;
    const used = [
      ...routes.flatMap((route) =>
        route.rules.flatMap(({ backends }) =>
          backends.map((reference) => ({
            by: { kind: route.kind, namespace: route.namespace, manifest: route.manifest },
            reference,
            effect: 'the gateway answers 500 itself',
          })),
        ),
      ),
      ...[...gateways, ...listenerSets].flatMap(({ listeners }) =>
        listeners.flatMap(({ tls, owner }) =>
          (tls?.certificates ?? []).map((reference) => ({
            by: owner,
            reference,
            effect: 'the listener has no certificate',
          })),
        ),
      ),
    ];
    for (const { by, reference, effect } of used) {
      if (reference.name === '' || by.manifest.namespace === null || isGranted(grants, by, reference)) continue;
      const isNear = model.manifests.some(
        ({ namespace, kind }) => namespace === reference.namespace && kind !== 'Namespace',
      );
      yield {
        severity: isNear ? 'warning' : 'info',
        message: `${reference.kind} ${reference.name} is in namespace ${reference.namespace}, where no ReferenceGrant${isNear ? '' : ' of these files'} lets ${by.kind}s of namespace ${by.namespace} use it: ${effect} (RefNotPermitted).`,
        site: siteOf(by.manifest, ...reference.at, 'namespace'),
        fixes: grantFor(by, reference),
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
