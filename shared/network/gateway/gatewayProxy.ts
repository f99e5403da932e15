import { type ClusterModel, serviceNamed } from '../../cluster/clusterModel.ts';
import { targetPortOn } from '../../cluster/endpoints.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import type { Pod } from '../../cluster/pod.ts';
import { selectedPods } from '../../cluster/podSelection.ts';
import type { Protocol, Service } from '../../cluster/service.ts';
import { ingressControllersOf } from '../ingressController.ts';
import { attachmentOf, type JudgedGateway } from './attachment.ts';
import type { GatewayImplementation } from './implementation.ts';
import { implementations } from './implementations/all.ts';
import { unknownImplementation } from './implementations/standard.ts';

/** What runs for one Gateway, or for several that share it. */
export interface GatewayProxy {
  readonly gateways: readonly Gateway[];
  /** The listeners of all of them. */
  readonly judged: JudgedGateway;
  readonly implementation: GatewayImplementation;
  readonly service: Service | null;
  readonly pods: readonly Pod[];
}

/** Which implementation takes a Gateway, and how that is known. */
export interface ChosenImplementation {
  readonly implementation: GatewayImplementation;
  readonly by: 'profile' | 'controllerName' | 'className' | 'nothing';
  readonly text: string;
}

/** By the profile, else the GatewayClass's controller, else what such a class is usually called. */
export function implementationOf(model: ClusterModel, { className }: Gateway): ChosenImplementation {
  const named = model.profile.ingressControllers.find((each) => each.class === className);
  const told = named === undefined ? undefined : implementations.find(({ id }) => id === named.implementation);
  if (told !== undefined) return { implementation: told, by: 'profile', text: `class ${className}: ${told.product}` };
  const found = model.gatewayApi.classes.find(({ name }) => name === className);
  if (found !== undefined) {
    const known = implementations.find(({ controllerNames }) => controllerNames.includes(found.controllerName));
    return {
      implementation: known ?? unknownImplementation,
      by: known === undefined ? 'nothing' : 'controllerName',
      text: `controllerName: ${found.controllerName}`,
    };
  }
  const usual = implementations.find(({ classNames }) => classNames.some((each) => each.test(className)));
  return usual === undefined
    ? { implementation: unknownImplementation, by: 'nothing', text: `class ${className}` }
    : { implementation: usual, by: 'className', text: `class ${className}, as ${usual.product} usually calls it` };
}

/**
 * The labels by which what was made for a Gateway names it. The first is the standard's (GEP-1762); then Envoy Gateway's,
 * Cilium's and Contour's own.
 */
const ownerLabels = [
  'gateway.networking.k8s.io/gateway-name',
  'gateway.envoyproxy.io/owning-gateway-name',
  'io.cilium.gateway/owning-gateway',
  'projectcontour.io/owning-gateway-name',
];

/** The annotation by which an assumed pod is known as a Gateway's, `namespace/name`. */
export const assumedGatewayAnnotation = 'hoplens.dev/assumed-gateway';

/** Each model's, found once: a model never changes. */
const found = new WeakMap<ClusterModel, readonly GatewayProxy[]>();

/** The proxies that the set, the profile or an assumption shows; a Gateway whose proxy nobody shows has none. */
export function gatewayProxiesOf(model: ClusterModel): readonly GatewayProxy[] {
  const known = found.get(model) ?? findProxies(model);
  found.set(model, known);
  return known;
}

function findProxies(model: ClusterModel): GatewayProxy[] {
  const { gateways } = attachmentOf(model);
  const running = gateways.flatMap((judged) => {
    const { implementation } = implementationOf(model, judged.gateway);
    const { service, pods } = runningFor(model, judged.gateway, implementation);
    return pods.length === 0 ? [] : [{ judged, implementation, service, pods }];
  });
  const shared = Map.groupBy(running, ({ pods }) => pods[0]);
  return [...shared.values()].flatMap((together) => {
    const [first] = together;
    if (first === undefined) return [];
    return [
      {
        ...first,
        gateways: together.map(({ judged }) => judged.gateway),
        judged: {
          gateway: first.judged.gateway,
          listeners: together.flatMap(({ judged }) => judged.listeners),
          perhaps: together.flatMap(({ judged }) => judged.perhaps),
        },
      },
    ];
  });
}

/** What the labels and the annotation of Gateways give away, picked out once: most of a set has neither. */
const made = new WeakMap<ClusterModel, { readonly assumedPods: readonly Pod[]; readonly owned: readonly Service[] }>();

function madeForGateways(model: ClusterModel): {
  readonly assumedPods: readonly Pod[];
  readonly owned: readonly Service[];
} {
  const known = made.get(model) ?? {
    assumedPods: model.pods.filter(({ manifest }) => manifest.annotations.has(assumedGatewayAnnotation)),
    owned: model.services.filter(({ manifest: { labels } }) => ownerLabels.some((label) => labels.has(label))),
  };
  made.set(model, known);
  return known;
}

function runningFor(
  model: ClusterModel,
  gateway: Gateway,
  { dataPlane }: GatewayImplementation,
): { service: Service | null; pods: readonly Pod[] } {
  const { assumedPods, owned: allOwned } = madeForGateways(model);
  const assumed = assumedPods.filter(
    ({ manifest }) => manifest.annotations.get(assumedGatewayAnnotation) === `${gateway.namespace}/${gateway.name}`,
  );
  const named =
    model.profile.ingressControllers
      .find((each) => each.class === gateway.className && each.service !== null)
      ?.service?.split('/') ?? [];
  const [namespace, name] = named.length === 2 ? named : ['default', named[0]];
  const told = name === undefined || namespace === undefined ? undefined : serviceNamed(model, namespace, name);
  const owned = allOwned.filter(
    ({ manifest: { labels } }) =>
      ownerLabels.some((label) => labels.get(label) === gateway.name) &&
      (labels.get('gateway.envoyproxy.io/owning-gateway-namespace') ?? gateway.namespace) === gateway.namespace,
  );
  const own =
    told ??
    owned.find(({ type }) => type === 'LoadBalancer') ??
    owned.find(({ type }) => type === 'NodePort') ??
    owned[0];
  if (own !== undefined) return { service: own, pods: selectedPods(own, model.pods) };
  if (assumed[0] !== undefined)
    return {
      pods: assumed,
      service: model.services.findLast(({ manifest }) => manifest.uri === assumed[0]?.manifest.uri) ?? null,
    };
  if (dataPlane.kind !== 'shared') return { service: null, pods: [] };
  const controller = ingressControllersOf(model).find(
    ({ implementation }) => implementation === dataPlane.implementation,
  );
  return controller === undefined
    ? { service: null, pods: [] }
    : { service: controller.service, pods: controller.pods };
}

/** The listeners' ports that a pod's port can stand for: those of the Service that lead there, then the pod's own. Empty where no listener has any of them. */
export function listenerPorts(
  { service, judged }: GatewayProxy,
  pod: Pod,
  podPort: number,
  protocol: Protocol,
): number[] {
  const served =
    service?.ports
      .filter((port) => port.protocol === protocol && targetPortOn(pod, port) === podPort)
      .map(({ port }) => port) ?? [];
  return [...new Set([...served, podPort])].filter((port) =>
    judged.listeners.some(({ listener }) => listener.port === port),
  );
}
