import { once } from './once.ts';
import { type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { itemsAt, type FieldPath, textAt, textOf, type Value, valueAt } from '../manifest/value.ts';

/**
 * An Ingress of any version. `networking.k8s.io/v1` is what the API server takes; the two beta versions, gone since
 * Kubernetes 1.22, are read so that a request for their hosts can be told so.
 */
export interface Ingress {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly name: string;
  readonly version: 'v1' | 'v1beta1';
  /** `spec.ingressClassName`, else the old annotation. */
  readonly className: string | null;
  readonly classPath: FieldPath;
  readonly defaultBackend: Backend | null;
  readonly rules: readonly IngressPath[];
  readonly tlsHosts: readonly string[];
  /** `secret` is null for the controller's default certificate. */
  readonly tls: readonly {
    readonly hosts: readonly string[];
    readonly secret: string | null;
    readonly at: FieldPath;
  }[];
  readonly hasTls: boolean;
  /** `metadata.creationTimestamp`; null in a manifest that was never applied. */
  readonly createdAt: string | null;
}

export interface IngressPath {
  /** Null where the rule names no host and takes all. */
  readonly host: string | null;
  readonly path: string;
  readonly pathType: PathType;
  readonly backend: Backend | null;
  readonly at: FieldPath;
}

export type PathType = 'Exact' | 'Prefix' | 'ImplementationSpecific';

export interface Backend {
  readonly service: string;
  readonly port: number | string | null;
  readonly at: FieldPath;
}

export function isIngress(manifest: Manifest): boolean {
  return (
    manifest.kind === 'Ingress' &&
    ['networking.k8s.io/v1', 'networking.k8s.io/v1beta1', 'extensions/v1beta1'].includes(manifest.apiVersion)
  );
}

/** Whether the API server serves its version no longer: then there is no such Ingress. */
export function isGoneIngress(manifest: Manifest, kubernetesMinor: number): boolean {
  return isIngress(manifest) && manifest.apiVersion !== 'networking.k8s.io/v1' && kubernetesMinor >= 22;
}

export const readIngress = once(writtenIngress);

function writtenIngress(manifest: Manifest): Ingress {
  const { value } = manifest;
  const version = manifest.apiVersion === 'networking.k8s.io/v1' ? 'v1' : 'v1beta1';
  const named = textAt(value, 'spec', 'ingressClassName');
  const annotated = manifest.annotations.get('kubernetes.io/ingress.class');
  const rules = itemsAt(value, 'spec', 'rules').flatMap((rule, ruleIndex): IngressPath[] => {
    const host = textAt(rule, 'host') || null;
    return itemsAt(rule, 'http', 'paths').map((item, index) => {
      const at = ['spec', 'rules', ruleIndex, 'http', 'paths', index];
      const type = textAt(item, 'pathType');
      return {
        host,
        path: textAt(item, 'path') ?? (version === 'v1' ? '/' : '/'),
        pathType: type === 'Exact' || type === 'Prefix' ? type : 'ImplementationSpecific',
        backend: readBackend(valueAt(item, 'backend'), version, [...at, 'backend']),
        at,
      };
    });
  });
  const tls = itemsAt(value, 'spec', 'tls');
  const defaultField = version === 'v1' ? 'defaultBackend' : 'backend';
  return {
    manifest,
    namespace: namespaceOf(manifest),
    name: manifest.name,
    version,
    className: named ?? annotated ?? null,
    classPath:
      named === undefined && annotated !== undefined
        ? ['metadata', 'annotations', 'kubernetes.io/ingress.class']
        : ['spec', 'ingressClassName'],
    defaultBackend: readBackend(valueAt(value, 'spec', defaultField), version, ['spec', defaultField]),
    rules,
    tlsHosts: tls.flatMap((each) => itemsAt(each, 'hosts').flatMap((host) => textOf(host) ?? [])),
    tls: tls.map((each, index) => ({
      hosts: itemsAt(each, 'hosts').flatMap((host) => textOf(host) ?? []),
      secret: textAt(each, 'secretName') ?? null,
      at: ['spec', 'tls', index],
    })),
    hasTls: tls.length > 0,
    createdAt: textAt(value, 'metadata', 'creationTimestamp') ?? null,
  };
}

/** A backend that names no Service (a `resource`, or nothing at all) is null. */
function readBackend(value: Value | undefined, version: 'v1' | 'v1beta1', at: FieldPath): Backend | null {
  const port = (found: Value | undefined): number | string | null =>
    typeof found === 'number' || typeof found === 'string' ? found : null;
  if (version === 'v1') {
    const service = textAt(value, 'service', 'name');
    if (service === undefined) return null;
    return {
      service,
      port: port(valueAt(value, 'service', 'port', 'number')) ?? port(valueAt(value, 'service', 'port', 'name')),
      at: [...at, 'service'],
    };
  }
  const service = textAt(value, 'serviceName');
  return service === undefined ? null : { service, port: port(valueAt(value, 'servicePort')), at };
}
