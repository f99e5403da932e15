import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { serviceNamed } from '../../cluster/lookups.ts';
import type { BackendTlsPolicy } from '../../cluster/gatewayApi/backendTlsPolicy.ts';
import { isGranted, type Reference } from '../../cluster/gatewayApi/reference.ts';
import type { Route } from '../../cluster/gatewayApi/route.ts';
import type { Service, ServicePort } from '../../cluster/service.ts';
import { namespaceOf } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import type { Condition, ConditionReason } from './condition.ts';

/**
 * What a route's backend comes to.
 * Source: kubernetes-sigs/gateway-api apis/v1/httproute_types.go (`BackendRefs`), referencegrant_types.go (v1.6.1).
 */
export type ResolvedBackend =
  | { readonly kind: 'service'; readonly service: Service; readonly port: ServicePort }
  /** Its share of the requests is answered 500. */
  | { readonly kind: 'invalid'; readonly condition: Condition }
  /** An object that some implementations know, and we don't follow. */
  | { readonly kind: 'foreign' };

/**
 * `ownBackends` are the API groups that the implementation takes beside Services; null where that isn't known. One that
 * takes `core` means Services by it.
 */
export function resolveBackend(
  model: ClusterModel,
  route: Route,
  backend: Reference & { readonly port: number | null },
  ownBackends: readonly string[] | null,
): ResolvedBackend {
  const { kind, namespace, name, port } = backend;
  const group = backend.group === 'core' && ownBackends?.includes('core') === true ? '' : backend.group;
  const invalid = (reason: ConditionReason, text: string, ...rest: readonly string[]): ResolvedBackend => ({
    kind: 'invalid',
    condition: { type: 'ResolvedRefs', reason, text, manifest: route.manifest, at: [...backend.at, ...rest] },
  });
  if (group !== '' || kind !== 'Service') {
    if (group !== '' && (ownBackends === null || ownBackends.includes(group))) return { kind: 'foreign' };
    return invalid(
      'InvalidKind',
      `${group === '' ? '' : `${group} `}${kind} is nothing that ${route.kind}s can send to.`,
      'kind',
    );
  }
  // A route without a namespace may be applied to the backend's own.
  if (route.manifest.namespace !== null && !isGranted(model.gatewayApi.grants, route, { ...backend, group }))
    return invalid(
      'RefNotPermitted',
      `Service ${name} is in namespace ${namespace}, where no ReferenceGrant lets ${route.kind}s of namespace ` +
        `${route.namespace} use it.`,
      'namespace',
    );
  const service = serviceNamed(model, namespace, name);
  if (service === undefined)
    return invalid('BackendNotFound', `Service ${name} isn't in namespace ${namespace} of the set.`, 'name');
  const found = service.ports.find((each) => each.port === port);
  if (found === undefined)
    return invalid(
      'BackendNotFound',
      `Service ${name} has no port ${port ?? '(none given)'}; it has ` +
        `${service.ports.map((each) => each.port).join(', ') || 'none'}.`,
      port === null ? 'name' : 'port',
    );
  return { kind: 'service', service, port: found };
}

/**
 * The policy by which a gateway speaks TLS to a Service's port:
 * for that port by name before for all, then the oldest, then by name.
 */
export function tlsPolicyFor(
  { gatewayApi: { tlsPolicies } }: ClusterModel,
  service: Service,
  port: ServicePort,
): BackendTlsPolicy | null {
  const [chosen] = policiesFor(tlsPolicies, service, port.name);
  return chosen ?? null;
}

function policiesFor(
  policies: readonly BackendTlsPolicy[],
  { namespace, name }: Service,
  portName: string,
): BackendTlsPolicy[] {
  const targeting = (section: string | null): BackendTlsPolicy[] =>
    inOrder(
      policies.filter(
        (policy) =>
          policy.namespace === namespace &&
          policy.targets.some(
            (target) =>
              target.group === '' &&
              target.kind === 'Service' &&
              target.name === name &&
              target.sectionName === section,
          ),
      ),
    );
  return [...(portName === '' ? [] : targeting(portName)), ...targeting(null)];
}

/** Policies that want the same Service and port as an older one: that one counts. */
export function supersededPolicies({ gatewayApi: { tlsPolicies } }: ClusterModel): Condition[] {
  const taken = new Map<string, BackendTlsPolicy>();
  return inOrder(tlsPolicies).flatMap((policy) =>
    policy.targets.flatMap((target): Condition[] => {
      const key = `${policy.namespace}/${target.kind}/${target.name}/${target.sectionName ?? ''}`;
      const first = taken.get(key);
      if (first === undefined) taken.set(key, policy);
      return first === undefined || first === policy
        ? []
        : [
            {
              type: 'Accepted',
              reason: 'Conflicted',
              text: `BackendTLSPolicy ${first.name} is for Service ${target.name} already.`,
              manifest: policy.manifest,
              at: target.at,
            },
          ];
    }),
  );
}

function inOrder(policies: readonly BackendTlsPolicy[]): BackendTlsPolicy[] {
  return policies.toSorted(
    (a, b) => (a.createdAt ?? '').localeCompare(b.createdAt ?? '') || a.name.localeCompare(b.name),
  );
}

/**
 * Why a policy can't be used, so that every request to its Service fails;
 * null where nothing in the set speaks against it.
 */
export function policyFault(
  model: ClusterModel,
  { authorities, trustsSystem, manifest, at, namespace }: BackendTlsPolicy,
): Condition | null {
  const [first] = authorities;
  if (trustsSystem || first === undefined) return null;
  const fault = (reason: ConditionReason, text: string): Condition => ({
    type: 'ResolvedRefs',
    reason,
    text,
    manifest,
    at: [...at, 'caCertificateRefs', 0],
  });
  if (authorities.every(({ group, kind }) => group !== '' || (kind !== 'ConfigMap' && kind !== 'Secret')))
    return fault('InvalidKind', `${first.kind} holds no certificate authority: it takes a ConfigMap.`);
  const found = authorities.map(({ kind, name }) =>
    kind === 'Secret'
      ? 'unseen'
      : model.declared.ofKind(kind).find((each) => each.name === name && namespaceOf(each) === namespace),
  );
  if (
    found.some(
      (each) =>
        each === 'unseen' ||
        (each !== undefined && (textAt(each.value, 'data', 'ca.crt') ?? '').includes('BEGIN CERTIFICATE')),
    )
  )
    return null;
  return fault(
    'InvalidCACertificateRef',
    found.every((each) => each === undefined)
      ? `ConfigMap ${first.name} isn't in namespace ${namespace} of the set.`
      : `ConfigMap ${first.name} has no certificate under ca.crt.`,
  );
}
