import { type Because, becauseKey } from '../cluster/because.ts';
import type { Gateway } from '../cluster/gatewayApi/gateway.ts';
import type { Ingress } from '../cluster/ingress.ts';
import type { ClusterNode } from '../cluster/node.ts';
import type { Pod } from '../cluster/pod.ts';
import type { ManualLoadBalancer } from '../cluster/profile.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import type { ChosenImplementation } from '../network/gateway/chosenImplementation.ts';
import type { Masquerade } from '../network/policy/seenAtGate.ts';
import type { Ended } from './verdict.ts';

/**
 * Who has a packet in hand, and what it is there for. Data alone: which function acts at a station, `traceRequest.ts`
 * says.
 */
export type Station =
  /** Where the request starts. */
  | { readonly kind: 'client' }
  /** On its way out of a pod, or out of a node's own process: that node's kube-proxy meets it before anyone else. */
  | ({ readonly kind: 'leaving'; readonly beyond: Beyond } & Sender)
  /** Outside the cluster's nodes, on its way from inside: whoever has the address there. */
  | { readonly kind: 'world' }
  | ({ readonly kind: 'balancer' } & BalancedPort)
  /** A load balancer of the profile. */
  | { readonly kind: 'manual-balancer'; readonly balancer: ManualLoadBalancer }
  /** A load balancer of layer 7, which a cloud makes for some Ingresses. */
  | { readonly kind: 'cloud-ingress'; readonly ingresses: readonly Ingress[]; readonly product: string }
  | { readonly kind: 'cloud-gateway'; readonly gateway: Gateway; readonly chosen: ChosenImplementation }
  | { readonly kind: 'node'; readonly node: ClusterNode }
  /** A load balancer's process on a node, which has the node's own address. */
  | ({ readonly kind: 'balancer-on-node'; readonly node: ClusterNode } & BalancedPort)
  /**
   * `pod` is null for an endpoint that is no pod of the set; `node` is where it runs, null where that isn't known.
   * `masquerade` is null where the packet still has the source that it was sent with.
   */
  | {
      readonly kind: 'pod';
      readonly pod: Pod | null;
      readonly node: string | null;
      readonly service: ServiceName | null;
      readonly masquerade: Masquerade | null;
    }
  /** A pod that has asked itself, at its own address: what it sends there nobody else meets. */
  | { readonly kind: 'within'; readonly pod: Pod }
  /** A proxy in a pod, about to open a connection of its own to one of a Service's endpoints. */
  | ({ readonly kind: 'sending'; readonly pod: Pod; readonly because: readonly Because[] } & BalancedPort)
  /** Where whoever sent it there already knows how it ends. */
  | { readonly kind: 'settled'; readonly verdict: Ended };

/** Where a packet starts: on a node, or in a pod there. */
export interface Sender {
  /** Null where it isn't known. */
  readonly node: ClusterNode | null;
  readonly pod: Pod | null;
}

/** Who takes what leaves the cluster: whoever is there, nobody that is known, or the very node. */
export type Beyond = 'world' | 'unknown' | 'own-node';

/** A Service, and the port of it that was asked for. */
export interface BalancedPort {
  readonly service: Service;
  readonly port: ServicePort;
}

export type ServiceName = Pick<Service, 'name' | 'namespace'>;

/** The objects that make a station another than one of the same kind; `idOf` names an object. */
export function stationKey(station: Station, idOf: (object: object | null) => number): string {
  const { kind } = station;
  switch (station.kind) {
    case 'client':
    case 'world':
      return kind;
    case 'leaving':
      return `${kind} ${station.beyond} ${idOf(station.node)} ${idOf(station.pod)}`;
    case 'balancer':
      return `${kind} ${idOf(station.service)} ${station.port.index}`;
    case 'manual-balancer':
      return `${kind} ${idOf(station.balancer)}`;
    case 'cloud-ingress':
      return `${kind} ${station.product} ${station.ingresses.map(idOf).join()}`;
    case 'cloud-gateway':
      return `${kind} ${idOf(station.gateway)}`;
    case 'node':
      return `${kind} ${idOf(station.node)}`;
    case 'balancer-on-node':
      return `${kind} ${idOf(station.node)} ${idOf(station.service)} ${station.port.index}`;
    case 'pod': {
      const { pod, node, service, masquerade } = station;
      return (
        `${kind} ${idOf(pod)} ${node} ${service?.namespace}/${service?.name} ` +
        `${masquerade?.source} ${masquerade?.isHere} ${masquerade?.isOwn}`
      );
    }
    case 'within':
      return `${kind} ${idOf(station.pod)}`;
    case 'sending': {
      const { pod, service, port, because } = station;
      return `${kind} ${idOf(pod)} ${idOf(service)} ${port.index} ${because.map(becauseKey).join()}`;
    }
    case 'settled':
      return `${kind} ${idOf(station.verdict)}`;
    default:
      return station satisfies never;
  }
}
