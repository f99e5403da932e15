import { once } from '../once.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { itemsAt, type FieldPath, textAt, valueAt } from '../../manifest/value.ts';
import { readReference, type Reference } from './reference.ts';

/**
 * How a gateway speaks TLS to a backend: to which name, trusting which authority.
 * Source: kubernetes-sigs/gateway-api apis/v1/backendtlspolicy_types.go (v1.6.1).
 */
export interface BackendTlsPolicy {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly name: string;
  /** `sectionName` is the name of one of the Service's ports; null for all. */
  readonly targets: readonly (Reference & { readonly sectionName: string | null })[];
  readonly hostname: string;
  readonly authorities: readonly Reference[];
  readonly trustsSystem: boolean;
  readonly createdAt: string | null;
  readonly at: FieldPath;
}

export const readBackendTlsPolicy = once(writtenBackendTlsPolicy);

function writtenBackendTlsPolicy(manifest: Manifest): BackendTlsPolicy {
  const { value } = manifest;
  const namespace = namespaceOf(manifest);
  const at = ['spec', 'validation'];
  return {
    manifest,
    namespace,
    at,
    name: manifest.name,
    targets: itemsAt(value, 'spec', 'targetRefs').map((each, index) => ({
      ...readReference(each, { group: '', kind: 'Service', namespace }, ['spec', 'targetRefs', index]),
      sectionName: textAt(each, 'sectionName') ?? null,
    })),
    hostname: textAt(value, ...at, 'hostname') ?? '',
    authorities: itemsAt(value, ...at, 'caCertificateRefs').map((each, index) =>
      readReference(each, { group: '', kind: 'ConfigMap', namespace }, [...at, 'caCertificateRefs', index]),
    ),
    trustsSystem: valueAt(value, ...at, 'wellKnownCACertificates') !== undefined,
    createdAt: textAt(value, 'metadata', 'creationTimestamp') ?? null,
  };
}
