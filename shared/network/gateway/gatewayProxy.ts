import { type ClusterModel, indexOfModel, ofModel } from '../../cluster/clusterModel.ts';
import { type Declared, eachOfDeclared } from '../../cluster/declared.ts';
import { nameKey, selectedPods, serviceNamed } from '../../cluster/lookups.ts';
import { keptItems, sameItems } from '../../cluster/listChanges.ts';
import { targetPortOn } from '../../cluster/endpoints.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import type { Pod } from '../../cluster/pod.ts';
import { isService, type Protocol, readService, type Service } from '../../cluster/service.ts';
import { type Manifest, namespaceOf } from '../../manifest/manifest.ts';
import { ingressControllersOf, selects, serviceWritten, shownControllers } from '../ingressController.ts';
import { attachmentOf, type JudgedGateway } from './attachment.ts';
import { implementationOf } from './chosenImplementation.ts';
import type { GatewayImplementation } from './implementation.ts';
import { implementations } from './implementations/all.ts';

/** What runs for one Gateway, or for several that share it. */
export interface GatewayProxy {
  readonly gateways: readonly Gateway[];
  /** The listeners of all of them. */
  readonly judged: JudgedGateway;
  readonly implementation: GatewayImplementation;
  readonly service: Service | null;
  readonly pods: readonly Pod[];
}

/** The labels by which what was made for a Gateway names it, whoever made it. */
const ownerLabels = implementations.flatMap((each) => each.ownerLabels ?? []);

/** The annotation by which an assumed pod is known as a Gateway's, `namespace/name`. */
export const assumedGatewayAnnotation = 'hoplens.dev/assumed-gateway';

/** The proxies that the set, the profile or an assumption shows; a Gateway whose proxy nobody shows has none. */
export const gatewayProxiesOf = ofModel((model): readonly GatewayProxy[] => findProxies(model), {
  eager: true,
  kept: keptItems(({ gateways: [first] }) => first?.manifest.key ?? '', isSameProxy),
  same: sameItems,
});

function isSameProxy(a: GatewayProxy, b: GatewayProxy): boolean {
  return (
    a.implementation === b.implementation &&
    a.service === b.service &&
    a.judged.gateway === b.judged.gateway &&
    sameItems(a.pods, b.pods) &&
    sameItems(a.gateways, b.gateways) &&
    sameItems(a.judged.listeners, b.judged.listeners) &&
    sameItems(a.judged.perhaps, b.judged.perhaps)
  );
}

function findProxies(model: ClusterModel): GatewayProxy[] {
  const { gateways } = attachmentOf(model.declared);
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

/** What runs for a Gateway; null where nobody shows that. */
export function proxyOf(model: ClusterModel, gateway: Gateway): GatewayProxy | null {
  return proxiesByGateway(model).get(gateway.manifest.key).at(-1) ?? null;
}

const proxiesByGateway = indexOfModel(gatewayProxiesOf, ({ gateways }: GatewayProxy) => [
  ...new Set(gateways.map(({ manifest }) => manifest.key)),
]);

/** The Gateways' proxy that a pod is; null for any other pod. */
export function gatewayAt(model: ClusterModel, pod: Pod): GatewayProxy | null {
  const near = proxiesByPod(model).get(nameKey(pod));
  return near.find(({ pods }) => pods.includes(pod)) ?? null;
}

const proxiesByPod = indexOfModel(gatewayProxiesOf, ({ pods }: GatewayProxy) => [...new Set(pods.map(nameKey))]);

/** The written Services that name the Gateway that they were made for: most of a set names none. */
const ownedServices = eachOfDeclared(
  (declared) => declared.ofKind('Service'),
  (each: Manifest) =>
    isService(each) && ownerLabels.some(({ name }) => each.labels.has(name)) ? [readService(each)] : [],
);

/** The Service in front of a Gateway's proxies, as the profile or its labels say; undefined where neither does. */
function writtenServiceFor(declared: Declared, gateway: Gateway): Service | undefined {
  const named = declared.profile.ingressControllers.find(
    (each) => each.class === gateway.className && each.service !== null,
  );
  const told = named === undefined ? null : serviceWritten(declared, named.service);
  if (told !== null) return told;
  const owned = ownedServices(declared).filter(
    ({ manifest: { labels } }) =>
      ownerLabels.some(({ name }) => labels.get(name) === gateway.name) &&
      ownerLabels.every(({ namespace }) =>
        namespace === null ? true : (labels.get(namespace) ?? gateway.namespace) === gateway.namespace,
      ),
  );
  return owned.find(({ type }) => type === 'LoadBalancer') ?? owned.find(({ type }) => type === 'NodePort') ?? owned[0];
}

/** Whether the set shows what runs for a Gateway: pods behind the written Service, or the controller that it shares. */
export function isShown(declared: Declared, gateway: Gateway, { dataPlane }: GatewayImplementation): boolean {
  const service = writtenServiceFor(declared, gateway);
  if (service !== undefined) return declared.templates.some((each) => each.count !== 0 && selects(service, each));
  if (dataPlane.kind !== 'shared') return false;
  return shownControllers(declared).some(({ implementation }) => implementation === dataPlane.implementation);
}

function runningFor(
  model: ClusterModel,
  gateway: Gateway,
  { dataPlane }: GatewayImplementation,
): { service: Service | null; pods: readonly Pod[] } {
  const written = writtenServiceFor(model.declared, gateway);
  const own = written === undefined ? undefined : serviceNamed(model, written.namespace, written.name);
  const pods = own === undefined ? [] : selectedPods(model, own);
  if (own !== undefined && pods.length > 0) return { service: own, pods };
  const assumed = assumedFor(model).get(`${gateway.namespace}/${gateway.name}`);
  if (assumed !== undefined) return assumed;
  if (dataPlane.kind !== 'shared') return { service: own ?? null, pods: [] };
  const controller = ingressControllersOf(model).find(
    ({ implementation }) => implementation === dataPlane.implementation,
  );
  return { service: controller?.service ?? null, pods: controller?.pods ?? [] };
}

/** What was assumed for Gateways, by their namespace and name. */
const assumedFor = ofModel(
  (model) => {
    const proxies = new Map<string, { readonly service: Service | null; readonly pods: readonly Pod[] }>();
    for (const { manifest } of model.assumed) {
      const gateway = manifest.annotations.get(assumedGatewayAnnotation);
      const label = manifest.labels.get('hoplens.dev/assumed');
      if (gateway === undefined || label === undefined) continue;
      const service = serviceNamed(model, namespaceOf(manifest), label) ?? null;
      proxies.set(gateway, { service, pods: service === null ? [] : selectedPods(model, service) });
    }
    return proxies;
  },
  { eager: true },
);

/**
 * The listeners' ports that a pod's port can stand for: those of the Service that lead there, then the pod's own. Empty
 * where no listener has any of them.
 */
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
