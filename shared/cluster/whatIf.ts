import type { Family } from './address.ts';
import type { ClusterModel } from './clusterModel.ts';
import type { Endpoint, EndpointsByPort, ServiceEndpoints } from './endpoints.ts';
import type { ClusterNode } from './node.ts';
import type { Pod } from './pod.ts';
import type { Service, TrafficPolicy } from './service.ts';

/** One way in which the cluster might be otherwise than the manifests say. */
export type WhatIf =
  /** `drained`: its pods are gone. `just-drained`: and no load balancer has noticed yet. `down`: nobody reaches it, and everybody knows. */
  | { readonly kind: 'node'; readonly name: string; readonly state: 'down' | 'drained' | 'just-drained' }
  | {
      readonly kind: 'pod';
      readonly name: string;
      readonly namespace: string;
      readonly state: 'not-ready' | 'terminating' | 'gone';
    }
  | {
      readonly kind: 'policy';
      readonly service: string;
      readonly namespace: string;
      readonly field: 'externalTrafficPolicy' | 'internalTrafficPolicy';
      readonly policy: TrafficPolicy;
    };

const states = { node: ['down', 'drained', 'just-drained'], pod: ['not-ready', 'terminating', 'gone'] } as const;
const policies = ['Cluster', 'Local'] as const;
const fields = ['externalTrafficPolicy', 'internalTrafficPolicy'] as const;

/**
 * Reads `node/NAME=down|drained|just-drained`, `pod/NAME[.NAMESPACE]=not-ready|terminating|gone` or
 * `svc/NAME[.NAMESPACE].externalTrafficPolicy=Cluster|Local` (or internal); else what was wrong.
 */
export function readWhatIf(
  text: string,
  model: ClusterModel,
): { readonly kind: 'read'; readonly value: WhatIf } | { readonly kind: 'unreadable'; readonly message: string } {
  const unreadable = (message: string): { kind: 'unreadable'; message: string } => ({ kind: 'unreadable', message });
  const parts = /^(node|pod|svc)\/([^=]+)=(.+)$/.exec(text);
  if (parts === null)
    return unreadable(
      `Can't read what to assume, ${JSON.stringify(text)}: it can be node/NAME=${states.node.join('|')}, pod/NAME[.NAMESPACE]=${states.pod.join('|')}, or svc/NAME[.NAMESPACE].${fields[0]}=${policies.join('|')}.`,
    );
  const [, kind = '', subject = '', value = ''] = parts;
  if (kind === 'node') {
    const state = states.node.find((each) => each === value);
    if (state === undefined) return unreadable(`A node can be assumed ${states.node.join(', ')}, not ${value}.`);
    return model.nodes.some(({ name }) => name === subject)
      ? { kind: 'read', value: { kind: 'node', name: subject, state } }
      : unreadable(`There is no node ${subject}.`);
  }
  const field = fields.find((each) => subject.endsWith(`.${each}`));
  const named = field === undefined ? subject : subject.slice(0, -field.length - 1);
  const dot = named.indexOf('.');
  const [name, namespace] = dot === -1 ? [named, 'default'] : [named.slice(0, dot), named.slice(dot + 1)];
  if (kind === 'pod') {
    const state = states.pod.find((each) => each === value);
    if (state === undefined) return unreadable(`A pod can be assumed ${states.pod.join(', ')}, not ${value}.`);
    return model.pods.some((pod) => pod.name === name && pod.namespace === namespace)
      ? { kind: 'read', value: { kind: 'pod', name, namespace, state } }
      : unreadable(`There is no pod ${name} in namespace ${namespace}.`);
  }
  const policy = policies.find((each) => each === value);
  if (field === undefined || policy === undefined)
    return unreadable(`Of a Service, ${fields.join(' or ')} can be assumed, as ${policies.join(' or ')}.`);
  return model.services.some((service) => service.name === name && service.namespace === namespace)
    ? { kind: 'read', value: { kind: 'policy', service: name, namespace, field, policy } }
    : unreadable(`There is no Service ${name} in namespace ${namespace}.`);
}

/** The cluster as it would be. Each what-if is named among the assumptions; nothing is scheduled anew. */
export function withWhatIf(model: ClusterModel, whatIf: WhatIf): ClusterModel {
  const text = textOf(whatIf);
  const assumptions = [...model.assumptions, { id: `what-if:${text}`, text: `assumed for this trace: ${text}` }];
  switch (whatIf.kind) {
    case 'node':
      return { ...withNode(model, whatIf), assumptions };
    case 'pod':
      return {
        ...withPods(model, (pod) => pod.name === whatIf.name && pod.namespace === whatIf.namespace, whatIf.state),
        assumptions,
      };
    case 'policy':
      return { ...withPolicy(model, whatIf), assumptions };
    default:
      return whatIf satisfies never;
  }
}

function textOf(whatIf: WhatIf): string {
  switch (whatIf.kind) {
    case 'node':
      return `node ${whatIf.name} ${whatIf.state}`;
    case 'pod':
      return `pod ${whatIf.name} ${whatIf.state}`;
    case 'policy':
      return `${whatIf.field}: ${whatIf.policy} of Service ${whatIf.service}`;
    default:
      return whatIf satisfies never;
  }
}

function withNode(model: ClusterModel, { name, state }: Extract<WhatIf, { kind: 'node' }>): ClusterModel {
  const nodes = model.nodes.map((node): ClusterNode =>
    node.name !== name
      ? node
      : state === 'down'
        ? { ...node, ready: false }
        : state === 'just-drained'
          ? { ...node, stillBalanced: true }
          : node,
  );
  return withPods({ ...model, nodes }, (pod) => pod.node === name, state === 'down' ? 'not-ready' : 'gone', name);
}

/** `onNode` also takes endpoints on it of which no pod is known. */
function withPods(
  model: ClusterModel,
  isMeant: (pod: Pod) => boolean,
  state: 'not-ready' | 'terminating' | 'gone',
  onNode: string | null = null,
): ClusterModel {
  const changed = new Map<Pod, Pod | null>(
    model.pods
      .filter(isMeant)
      .map((pod) => [
        pod,
        state === 'gone' ? null : state === 'not-ready' ? { ...pod, ready: false } : { ...pod, terminating: true },
      ]),
  );
  const pods = model.pods.flatMap((pod) => (changed.has(pod) ? (changed.get(pod) ?? []) : pod));
  const change = (endpoint: Endpoint): Endpoint[] => {
    const isOne = endpoint.pod === null ? onNode !== null && endpoint.node === onNode : changed.has(endpoint.pod);
    if (!isOne) return [endpoint];
    const pod = endpoint.pod === null ? null : (changed.get(endpoint.pod) ?? null);
    switch (state) {
      case 'gone':
        return [];
      case 'not-ready':
        return [{ ...endpoint, pod, ready: false, serving: false }];
      case 'terminating':
        return [{ ...endpoint, pod, ready: false, terminating: true }];
      default:
        return state satisfies never;
    }
  };
  const inPorts = (byPort: EndpointsByPort): EndpointsByPort => byPort.map((endpoints) => endpoints.flatMap(change));
  const endpoints = new Map(
    [...model.endpoints].map(([service, { source, byFamily, byPort }]): [Service, ServiceEndpoints] => [
      service,
      {
        source,
        byPort: inPorts(byPort),
        byFamily: new Map([...byFamily].map(([family, ports]): [Family, EndpointsByPort] => [family, inPorts(ports)])),
      },
    ]),
  );
  return { ...model, pods, endpoints };
}

function withPolicy(
  model: ClusterModel,
  { service: name, namespace, field, policy }: Extract<WhatIf, { kind: 'policy' }>,
): ClusterModel {
  const changed = new Map(
    model.services.map((service): [Service, Service] => [
      service,
      service.name === name && service.namespace === namespace
        ? { ...service, [field]: policy, ...healthCheck(service, field, policy) }
        : service,
    ]),
  );
  return {
    ...model,
    services: [...changed.values()],
    endpoints: new Map(
      [...model.endpoints].map(([service, endpoints]) => [changed.get(service) ?? service, endpoints]),
    ),
  };
}

/** The API server would give a balanced Service under Local a health check's port. */
function healthCheck({ type, healthCheckNodePort }: Service, field: string, policy: TrafficPolicy): Partial<Service> {
  return field === 'externalTrafficPolicy' &&
    policy === 'Local' &&
    type === 'LoadBalancer' &&
    healthCheckNodePort === null
    ? { healthCheckNodePort: assumedHealthPort }
    : {};
}

const assumedHealthPort = 32767;
