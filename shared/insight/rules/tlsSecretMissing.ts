import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { readGateway, readListenerSet } from '../../cluster/gatewayApi/gateway.ts';
import { isIngress, readIngress } from '../../cluster/ingress.ts';
import {
  hasCertificatesMade,
  isSecretThere,
  namespaceOfSecret,
  namespacesWithTls,
  secretNamesIn,
} from '../../cluster/secrets.ts';
import { fieldOf, type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { type FieldPath, valueAt } from '../../manifest/value.ts';
import { adding, replacing } from '../fixes.ts';
import { rule } from '../rule.ts';
import { isSlipOf } from '../spelling.ts';

/** A certificate's Secret that an Ingress or a listener names and that the set lacks. */
export const tlsSecretMissing = rule({
  id: 'tls-secret-missing',
  topic: 'certificates',
  severity: 'warning',
  meaning: "The controller has no certificate: clients get its own, which they don't trust, or no TLS at all.",
  remedy: 'Write the name of the Secret that holds the certificate, or have it made.',
  details:
    'It speaks where a Secret of the namespace has a name that differs by a plain slip (`app-tls` and `api-tls` ' +
    'are two names), and, as an info, where the set has other certificates of the namespace. Secrets that ' +
    'cert-manager, External Secrets, Sealed Secrets and the like make of objects of the set, or by an annotation, ' +
    'are taken to be there.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#tls',
  about: 'object',
  *check(manifest, { model: { declared }, isComplete }) {
    if (!isComplete || hasCertificatesMade(manifest)) return;
    for (const { namespace, name, at, effect } of certificatesOf(manifest)) {
      if (isSecretThere(declared, namespace, name) !== false) continue;
      const alike = secretNamesIn(declared, namespace).find((each) => isSlipOf(each, name));
      const elsewhere =
        alike === undefined && isElsewherePossible(manifest, at) ? namespaceOfSecret(declared, name) : null;
      if (elsewhere !== null) {
        yield {
          severity: 'info',
          message:
            `${manifest.kind} ${manifest.name} looks for Secret ${name} in its own namespace ${namespace}; here, one ` +
            `is in namespace ${elsewhere} alone. If that is meant, write its namespace: else ${effect}.`,
          at: fieldOf(manifest, ...at),
          cause: JSON.stringify([namespace, name]),
          fixes: adding(
            `Add namespace ${elsewhere}`,
            manifest,
            { key: 'namespace', text: elsewhere },
            ...at.slice(0, -1),
          ),
        };
        continue;
      }
      if (alike === undefined && !namespacesWithTls(declared).has(namespace)) continue;
      const where = `${manifest.kind} ${manifest.name} names Secret ${name}, which namespace ${namespace} doesn't have`;
      yield {
        severity: alike === undefined ? 'info' : 'warning',
        message:
          alike === undefined
            ? `${where} here: unless it is applied from elsewhere, ${effect}.`
            : `${where}, so ${effect}. Did you mean ${alike}?`,
        at: fieldOf(manifest, ...at),
        cause: JSON.stringify([namespace, name]),
        fixes: alike === undefined ? [] : replacing(`Use Secret ${alike}`, manifest, alike, ...at),
      };
    }
  },
  bad: {
    says: "names Secret shop-tsl, which namespace default doesn't have",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  tls:
    - hosts: [shop.example.com]
      secretName: shop-tsl
                  ~~~~~~~~
  defaultBackend: { service: { name: shop, port: { number: 80 } } }
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: shop }
spec: { secretName: shop-tls, dnsNames: [shop.example.com], issuerRef: { name: ca } }
`,
  },
  also: [
    {
      says: 'looks for Secret edge-cert in its own namespace edge; here, one is in namespace shop alone',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: edge }
spec:
  gatewayClassName: eg
  listeners:
    - name: https
      port: 443
      protocol: HTTPS
      tls:
        certificateRefs:
          - name: edge-cert
                  ~~~~~~~~~
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: edge-cert, namespace: shop }
spec: { data: [] }
`,
    },
    {
      says: "names Secret edge-crt, which namespace edge doesn't have, so the listener isn't programmed",
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: edge }
spec:
  gatewayClassName: eg
  listeners:
    - name: https
      port: 443
      protocol: HTTPS
      tls:
        certificateRefs:
          - name: edge-crt
                  ~~~~~~~~
---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: edge-cert, namespace: edge }
spec: { data: [] }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, annotations: { cert-manager.io/cluster-issuer: ca } }
spec:
  tls: [{ hosts: [shop.example.com], secretName: shop-tsl }]
  defaultBackend: { service: { name: shop, port: { number: 80 } } }
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: { name: shop }
spec: { secretName: shop-tls, dnsNames: [shop.example.com], issuerRef: { name: ca } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: ship }
spec:
  tls: [{ hosts: [ship.example.com], secretName: ship-tls }]
  defaultBackend: { service: { name: ship, port: { number: 80 } } }
`,
});

/** Whether it could say the Secret's namespace and doesn't: an Ingress has no field for it. */
function isElsewherePossible(manifest: Manifest, at: FieldPath): boolean {
  const isSaid = valueAt(manifest.value, ...at.slice(0, -1), 'namespace') !== undefined;
  return isOfGatewayApi(manifest) && manifest.namespace !== null && !isSaid;
}

interface NamedCertificate {
  readonly namespace: string;
  readonly name: string;
  readonly at: FieldPath;
  readonly effect: string;
}

function certificatesOf(manifest: Manifest): NamedCertificate[] {
  if (isIngress(manifest))
    return readIngress(manifest).tls.flatMap(({ secret, at }) =>
      secret === null
        ? []
        : [
            {
              namespace: namespaceOf(manifest),
              name: secret,
              at: [...at, 'secretName'],
              effect: "clients get the controller's own certificate, which they don't trust",
            },
          ],
    );
  const isGateway = manifest.kind === 'Gateway';
  if (!isOfGatewayApi(manifest) || (!isGateway && manifest.kind !== 'ListenerSet')) return [];
  const { listeners } = isGateway ? readGateway(manifest) : readListenerSet(manifest);
  return listeners.flatMap(({ tls }) =>
    (tls?.certificates ?? []).flatMap(({ group, kind, name, namespace, at }) =>
      kind === 'Secret' && group === ''
        ? [{ namespace, name, at: [...at, 'name'], effect: "the listener isn't programmed (InvalidCertificateRef)" }]
        : [],
    ),
  );
}
