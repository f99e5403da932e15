import type { Backend, Ingress } from '../../../cluster/ingress.ts';
import type { ServicePort } from '../../../cluster/service.ts';
import type { Surroundings } from '../surroundings.ts';
import { type CanaryPolicy, noPolicy } from './annotations.ts';
import type { NginxSettings } from './settings.ts';
import { type ServiceRef, serviceRef, type TakenIngress } from './takenIngress.ts';

/**
 * One upstream for each Service and port that is written, shared by all Ingresses and hosts.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/controller.go `createUpstreams`, `serviceEndpoints`
 * (v1.14.5).
 */
export interface Upstream {
  /** Null for the controller's own 404. */
  readonly service: ServiceRef | null;
  /** Whether anybody would answer: looked up only where something depends on it. */
  readonly isReachable: () => boolean;
  readonly viaClusterAddress: boolean;
  /** Names of the upstreams that may take some of its requests. Only the first counts. */
  readonly canaries: string[];
  /** What it takes where it is another's canary. */
  readonly policy: CanaryPolicy;
  /** Made by a canary: no location leads to it. */
  readonly isCanary: boolean;
  /** Where it is first written; null for the controller's own. */
  readonly of: { readonly ingress: Ingress; readonly backend: Backend | null } | null;
}

export type Upstreams = Map<string, Upstream>;

/** The controller's own default backend. */
export const ownDefault = 'upstream-default-backend';

function upstreamName({ namespace, name, port }: ServiceRef): string {
  return port === '' ? `${namespace}-INVALID` : `${namespace}-${name}-${port}`;
}

export function upstreamOf(ingress: Ingress, backend: Backend): string {
  return upstreamName(serviceRef(ingress, backend));
}

/**
 * Who writes one first makes it; where that is a canary, it is a canary's for all. A default backend makes it anew each
 * time.
 */
export function createUpstreams(
  ingresses: readonly TakenIngress[],
  settings: NginxSettings,
  surroundings: Surroundings,
): Upstreams {
  const upstreams: Upstreams = new Map([[ownDefault, ownUpstream(settings, surroundings)]]);
  for (const taken of ingresses) {
    const { ingress, rules } = taken;
    const made = (backend: Backend): Upstream => madeBy(taken, backend, surroundings);
    if (ingress.defaultBackend !== null)
      upstreams.set(upstreamOf(ingress, ingress.defaultBackend), made(ingress.defaultBackend));
    for (const { rule } of rules.flatMap(({ paths }) => paths ?? [])) {
      if (rule.backend === null) continue;
      const name = upstreamOf(ingress, rule.backend);
      if (!upstreams.has(name)) upstreams.set(name, made(rule.backend));
    }
  }
  return upstreams;
}

const bare = {
  isReachable: () => true,
  viaClusterAddress: false,
  policy: noPolicy,
  isCanary: false,
  of: null,
} as const;

function ownUpstream({ defaultService }: NginxSettings, surroundings: Surroundings): Upstream {
  const [namespace = '', name = ''] = defaultService?.split('/') ?? [];
  // It is the operator's affair, so the set need not hold it: what isn't there doesn't say that there is none.
  const found = name === '' ? null : surroundings.service(namespace, name);
  const isLost = found !== null && !hasDefaultEndpoints(namespace, name, surroundings);
  const service = name === '' || isLost ? null : { namespace, name, port: '' };
  return { ...bare, service, canaries: [] };
}

function madeBy({ ingress, asked }: TakenIngress, backend: Backend, surroundings: Surroundings): Upstream {
  const service = serviceRef(ingress, backend);
  const viaClusterAddress = asked.serviceUpstream && hasClusterAddress(service, surroundings);
  return {
    service,
    isReachable: () => viaClusterAddress || hasEndpoints(service, surroundings),
    viaClusterAddress,
    canaries: [],
    policy: asked.isCanary ? asked.policy : noPolicy,
    isCanary: asked.isCanary,
    of: { ingress, backend },
  };
}

function hasEndpoints({ namespace, name, port: written }: ServiceRef, surroundings: Surroundings): boolean {
  const found = surroundings.service(namespace, name);
  if (found === null || found.service === null) return found !== null;
  const port = found.service.ports.find((each) => isPort(each, written));
  return port !== undefined && found.hasEndpoints(port);
}

function hasClusterAddress({ namespace, name, port }: ServiceRef, surroundings: Surroundings): boolean {
  const found = surroundings.service(namespace, name);
  if (found === null || found.service === null) return found !== null;
  return found.service.clusterIP !== null && found.service.ports.some((each) => isPort(each, port));
}

/** As a route names it; null where none is written. */
export function portOf({ port }: ServiceRef): number | string | null {
  if (port === '') return null;
  return /^\d+$/.test(port) ? Number(port) : port;
}

/** By number, target port or name. */
function isPort({ port, targetPort, name }: ServicePort, written: string): boolean {
  return String(port) === written || String(targetPort) === written || (name !== '' && name === written);
}

/** Whether a Service has a port at all and endpoints for its first: as a default backend. */
export function hasDefaultEndpoints(namespace: string, name: string, surroundings: Surroundings): boolean {
  const found = surroundings.service(namespace, name);
  if (found === null || found.service === null) return found !== null;
  const [first] = found.service.ports;
  return first !== undefined && found.hasEndpoints(first);
}

/** The annotation `default-backend`: a Service in the place of one that has no endpoints, and for error pages. */
export function customDefault(
  ingress: Ingress,
  name: string,
  surroundings: Surroundings,
): { readonly name: string; readonly upstream: Upstream } {
  const { namespace } = ingress;
  const [first] = surroundings.service(namespace, name)?.service?.ports ?? [];
  const service = { namespace, name, port: first === undefined ? '' : String(first.port) };
  return {
    name: `custom-default-backend-${namespace}-${name}`,
    upstream: { ...bare, service, canaries: [], of: { ingress, backend: null } },
  };
}
