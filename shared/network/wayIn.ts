import type { Assumption } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Ingress } from '../cluster/ingress.ts';
import type { Pod } from '../cluster/pod.ts';
import type { ManualLoadBalancer } from '../cluster/profile.ts';
import type { Service } from '../cluster/service.ts';
import { withAssumedController } from './assumedController.ts';
import { controllerFor, ingressControllersOf } from './ingressController.ts';

/**
 * How a request from outside comes to the controller of an Ingress, or to the proxy of a Gateway. Where the set shows
 * none, one is assumed, and the way in holds in a model that has it.
 */
export interface Entry {
  readonly model: ClusterModel;
  readonly assumption: Assumption | null;
  readonly way: WayIn;
}

export type WayIn =
  | { readonly kind: 'service'; readonly service: Service }
  | { readonly kind: 'manual'; readonly balancer: ManualLoadBalancer }
  /** Straight to the nodes that run the controller: host network or host ports. */
  | { readonly kind: 'nodes'; readonly pods: readonly Pod[] }
  /** A load balancer of layer 7 outside the cluster is the controller itself. */
  | { readonly kind: 'cloud'; readonly product: string; readonly className: string; readonly address: string }
  | { readonly kind: 'unserved'; readonly className: string | null }
  /** The controller is there, and nothing leads to it from outside. */
  | { readonly kind: 'none' };

const assumed = new WeakMap<ClusterModel, Map<string | null, ReturnType<typeof withAssumedController>>>();

export function entryOf(model: ClusterModel, ingress: Ingress): Entry {
  const assignment = controllerFor(model, ingressControllersOf(model), ingress);
  switch (assignment.kind) {
    case 'unserved':
      return { model, assumption: null, way: assignment };
    case 'cloud':
      return { model, assumption: null, way: { ...assignment, address: cloudAddress } };
    case 'served':
      return { model, assumption: null, way: wayTo(model, assignment.controller) };
    case 'assumed': {
      const { className } = assignment;
      const known = assumed.get(model) ?? new Map<string | null, ReturnType<typeof withAssumedController>>();
      assumed.set(model, known);
      const made = known.get(className) ?? withAssumedController(model, className);
      known.set(className, made);
      const [pod] = made.model.pods.slice(-1);
      const controller = ingressControllersOf(made.model).find(({ pods }) => pod !== undefined && pods.includes(pod));
      return {
        ...made,
        way: controller === undefined || made.model === model ? { kind: 'none' } : wayTo(made.model, controller),
      };
    }
    default:
      return assignment satisfies never;
  }
}

export function wayTo(
  model: ClusterModel,
  { service, pods }: { service: Service | null; pods: readonly Pod[] },
): WayIn {
  if (service?.type === 'LoadBalancer') return { kind: 'service', service };
  const [first, second] = model.profile.loadBalancers;
  const manual =
    model.profile.loadBalancers.find(({ nodePort }) => service?.ports.some((each) => each.nodePort === nodePort)) ??
    (second === undefined ? first : undefined);
  if (manual !== undefined) return { kind: 'manual', balancer: manual };
  if (service?.type === 'NodePort') return { kind: 'service', service };
  const reachable = pods.filter(
    (pod) => pod.hostNetwork || pod.containers.some(({ ports }) => ports.some(({ hostPort }) => hostPort !== null)),
  );
  return reachable.length > 0 ? { kind: 'nodes', pods: reachable } : { kind: 'none' };
}

/** A URL's host and port that lead in by this way, for an Ingress that names no host; null where there is none. */
export function addressOfWay(model: ClusterModel, way: WayIn): string | null {
  switch (way.kind) {
    case 'service': {
      const { service } = way;
      if (service.type === 'LoadBalancer') return service.loadBalancerAddresses[0] ?? null;
      const port = service.ports.find((each) => each.port === 80) ?? service.ports[0];
      const node = model.nodes.find(({ ready }) => ready);
      return node === undefined || port?.nodePort == null ? null : `${node.address}:${port.nodePort}`;
    }
    case 'manual':
      return `${way.balancer.address ?? unnamedBalancerAddress}:${way.balancer.listen}`;
    case 'nodes':
      return model.nodes.find(({ name }) => way.pods.some(({ node }) => node === name))?.address ?? null;
    case 'cloud':
      return way.address;
    case 'unserved':
    case 'none':
      return null;
    default:
      return way satisfies never;
  }
}

/** Stand for addresses that nobody wrote (TEST-NET-3, RFC 5737), outside the range that Services are given. */
export const unnamedBalancerAddress = '203.0.113.10';
export const cloudAddress = '203.0.113.3';
