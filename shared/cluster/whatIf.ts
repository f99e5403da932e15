import type { Family } from './address.ts';
import type { Assumption } from './because.ts';
import type { ClusterModel } from './clusterModel.ts';
import type { Endpoint, EndpointsByPort } from './endpoints.ts';
import type { ClusterNode } from './node.ts';
import type { Pod } from './pod.ts';
import { type ProxyMode, proxyModes, withMode } from './profile.ts';
import { needsHealthCheckPort, type Service, type TrafficPolicy } from './service.ts';

/** One way in which the cluster might be otherwise than the manifests say. */
export type WhatIf =
  /**
   * `drained`: its pods are gone. `just-drained`: and no load balancer has noticed yet.
   * `down`: nobody reaches it, and load balancers have noticed.
   */
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
    }
  /** Every node's kube-proxy. */
  | { readonly kind: 'proxy'; readonly mode: ProxyMode };

const states = { node: ['down', 'drained', 'just-drained'], pod: ['not-ready', 'terminating', 'gone'] } as const;
const policies = ['Cluster', 'Local'] as const;
const fields = ['externalTrafficPolicy', 'internalTrafficPolicy'] as const;

/**
 * Reads `node/NAME=down|drained|just-drained`, `pod/NAME[.NAMESPACE]=not-ready|terminating|gone`,
 * `svc/NAME[.NAMESPACE].externalTrafficPolicy=Cluster|Local` (or internal) or `kube-proxy=MODE`; else what was wrong.
 */
export function readWhatIf(
  text: string,
  model: ClusterModel,
): { readonly kind: 'read'; readonly value: WhatIf } | { readonly kind: 'unreadable'; readonly message: string } {
  const unreadable = (message: string): { kind: 'unreadable'; message: string } => ({ kind: 'unreadable', message });
  const [, asked] = /^kube-proxy=(.*)$/.exec(text) ?? [];
  if (asked !== undefined) {
    const mode = proxyModes.find((each) => each === asked);
    return mode === undefined
      ? unreadable(`kube-proxy can be assumed in mode ${proxyModes.join(', ')}, not ${asked}.`)
      : { kind: 'read', value: { kind: 'proxy', mode } };
  }
  const parts = /^(node|pod|svc)\/([^=]+)=(.+)$/.exec(text);
  if (parts === null)
    return unreadable(
      `Can't read what to assume, ${JSON.stringify(text)}: it can be node/NAME=${states.node.join('|')}, ` +
        `pod/NAME[.NAMESPACE]=${states.pod.join('|')}, svc/NAME[.NAMESPACE].${fields[0]}=${policies.join('|')}, ` +
        `or kube-proxy=${proxyModes.join('|')}.`,
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

/**
 * The cluster as it would be; the hover on a policy, the command line and the panel all ask this. Each what-if is named
 * among the assumptions; nothing is scheduled anew.
 */
export function withWhatIf(model: ClusterModel, whatIf: WhatIf): ClusterModel {
  const text = whatIfText(whatIf);
  const assumption: Assumption = { id: `${whatIfId}${text}`, text: `assumed for this trace: ${text}` };
  const assumptions = model.graph.derived(() => [...model.assumptions, assumption]);
  switch (whatIf.kind) {
    case 'node':
      return withNode(model, whatIf).but({ assumptions });
    case 'pod':
      return withPods(model, (pod) => pod.name === whatIf.name && pod.namespace === whatIf.namespace, whatIf.state).but(
        { assumptions },
      );
    case 'policy':
      return withPolicy(model, whatIf).but({ assumptions });
    case 'proxy': {
      const profile = model.graph.derived(() => {
        const { kubeProxy } = model.profile;
        return { ...model.profile, kubeProxy: withMode(kubeProxy, whatIf.mode) };
      });
      return model.but({ profile, assumptions });
    }
    default:
      return whatIf satisfies never;
  }
}

const whatIfId = 'what-if:';

/** Whether an assumption, by its id, is what somebody asked to assume. */
export function isWhatIf(id: string): boolean {
  return id.startsWith(whatIfId);
}

/** In words: `node-1 is down`. */
export function whatIfText(whatIf: WhatIf): string {
  switch (whatIf.kind) {
    case 'node':
      return whatIf.state === 'just-drained' ? `${whatIf.name} was just drained` : `${whatIf.name} is ${whatIf.state}`;
    case 'pod':
      return `${whatIf.name} is ${whatIf.state === 'not-ready' ? 'not ready' : whatIf.state}`;
    case 'proxy':
      return `kube-proxy in ${whatIf.mode} mode`;
    case 'policy':
      return `${whatIf.field}: ${whatIf.policy} of Service ${whatIf.service}`;
    default:
      return whatIf satisfies never;
  }
}

function withNode(model: ClusterModel, { name, state }: Extract<WhatIf, { kind: 'node' }>): ClusterModel {
  const change = (node: ClusterNode): ClusterNode => {
    if (node.name !== name || state === 'drained') return node;
    return state === 'down' ? { ...node, ready: false } : { ...node, stillBalanced: true };
  };
  const nodes = model.graph.derived(() => model.nodes.map(change));
  const gone = state === 'down' ? 'not-ready' : 'gone';
  return withPods(model, (pod) => pod.node === name, gone, name).but({ nodes });
}

/** `onNode` also takes endpoints on it of which no pod is known. */
function withPods(
  model: ClusterModel,
  isMeant: (pod: Pod) => boolean,
  state: 'not-ready' | 'terminating' | 'gone',
  onNode: string | null = null,
): ClusterModel {
  const changed = model.graph.derived(
    () => new Map<Pod, Pod | null>(model.pods.filter(isMeant).map((pod) => [pod, podIn(state, pod)])),
  );
  const pods = model.graph.derived(() =>
    model.pods.flatMap((pod) => (changed.get().has(pod) ? (changed.get().get(pod) ?? []) : pod)),
  );
  const change = (endpoint: Endpoint): Endpoint[] => {
    const isOne = endpoint.pod === null ? onNode !== null && endpoint.node === onNode : changed.get().has(endpoint.pod);
    if (!isOne) return [endpoint];
    const pod = endpoint.pod === null ? null : (changed.get().get(endpoint.pod) ?? null);
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
  return model.but({
    pods,
    endpointsOf: (service) => {
      const { source, byFamily } = model.endpointsOf(service);
      const families = [...byFamily].map(([family, ports]): [Family, EndpointsByPort] => [family, inPorts(ports)]);
      return { source, byFamily: new Map(families) };
    },
  });
}

function podIn(state: 'not-ready' | 'terminating' | 'gone', pod: Pod): Pod | null {
  if (state === 'gone') return null;
  return state === 'not-ready' ? { ...pod, ready: false } : { ...pod, terminating: true };
}

function withPolicy(
  model: ClusterModel,
  { service: name, namespace, field, policy }: Extract<WhatIf, { kind: 'policy' }>,
): ClusterModel {
  const change = (service: Service): Service =>
    service.name === name && service.namespace === namespace
      ? withHealthCheckPort({ ...service, [field]: policy })
      : service;
  return model.but({ services: model.graph.derived(() => model.services.map(change)) });
}

/** The API server would give a balanced Service under Local a health check's port. */
function withHealthCheckPort(service: Service): Service {
  const isMissing = needsHealthCheckPort(service) && service.healthCheckNodePort === null;
  return isMissing ? { ...service, healthCheckNodePort: assumedHealthPort } : service;
}

const assumedHealthPort = 32767;
