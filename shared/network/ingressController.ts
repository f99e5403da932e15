import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Ingress } from '../cluster/ingress.ts';
import type { Pod } from '../cluster/pod.ts';
import { selectedPods } from '../cluster/podSelection.ts';
import type { Service } from '../cluster/service.ts';
import { siteOf } from '../manifest/manifest.ts';
import type { Site } from '../manifest/position.ts';
import { textAt } from '../manifest/value.ts';
import { assumedClassAnnotation } from './assumedController.ts';

/** A running Ingress controller: its pods, and the Service that leads to them. */
export interface IngressController {
  readonly implementation: string;
  readonly classes: readonly string[];
  /** Null where the controller is known only by assumption. */
  readonly service: Service | null;
  readonly pods: readonly Pod[];
  /** Where the set or the profile says so; null for an assumed one. */
  readonly site: Site | null;
}

interface KnownImplementation {
  readonly name: string;
  /** Null for one that no image gives away. */
  readonly image: RegExp | null;
  readonly class: string;
  /** The IngressClass's `spec.controller`. */
  readonly controller: string;
}

/** Source: each project's own release manifests (image names, IngressClass controller names). */
export const knownImplementations: readonly KnownImplementation[] = [
  {
    name: 'ingress-nginx',
    image: /(?:^|\/)(?:ingress-nginx\/controller|nginx-ingress-controller)(?:-chroot)?[:@]/,
    class: 'nginx',
    controller: 'k8s.io/ingress-nginx',
  },
  {
    name: 'nginx-ingress',
    image: /(?:^|\/)nginx\/nginx-(?:plus-)?ingress[:@]/,
    class: 'nginx',
    controller: 'nginx.org/ingress-controller',
  },
  { name: 'traefik', image: /(?:^|\/)traefik[:@]/, class: 'traefik', controller: 'traefik.io/ingress-controller' },
  {
    name: 'haproxy',
    image: /(?:^|\/)(?:haproxytech\/kubernetes-ingress|haproxy-ingress)[:@]/,
    class: 'haproxy',
    controller: 'haproxy.org/ingress-controller',
  },
  {
    name: 'contour',
    image: /(?:^|\/)(?:projectcontour\/contour|envoyproxy\/envoy)[:@]/,
    class: 'contour',
    controller: 'projectcontour.io/ingress-controller',
  },
  { name: 'istio', image: null, class: 'istio', controller: 'istio.io/ingress-controller' },
  { name: 'cilium', image: null, class: 'cilium', controller: 'cilium.io/ingress-controller' },
  {
    name: 'kong',
    image: /(?:^|\/)kong(?:\/kong(?:-gateway)?)?[:@]/,
    class: 'kong',
    controller: 'ingress-controllers.konghq.com/kong',
  },
];

/** Classes that a cloud's own load balancer of layer 7 serves, outside the cluster: no pod of the set is their controller. */
const cloudClasses: ReadonlyMap<string, string> = new Map([
  ['gce', 'GKE Ingress'],
  ['gce-internal', 'GKE Ingress'],
  ['alb', 'AWS Load Balancer Controller'],
  ['azure-application-gateway', 'Application Gateway Ingress Controller'],
  ['azure/application-gateway', 'Application Gateway Ingress Controller'],
]);

/** Each model's controllers, found once: a model never changes. */
const found = new WeakMap<ClusterModel, readonly IngressController[]>();

export function ingressControllersOf(model: ClusterModel): readonly IngressController[] {
  const known = found.get(model) ?? findControllers(model);
  found.set(model, known);
  return known;
}

/** The controllers that the profile names and those found in the set by their images. */
function findControllers(model: ClusterModel): IngressController[] {
  const classManifests = model.manifests.filter(({ kind }) => kind === 'IngressClass');
  const controllers: IngressController[] = model.profile.ingressControllers.map((written) => {
    const [namespace, name] =
      written.service?.includes('/') === true ? written.service.split('/') : ['default', written.service];
    const service = model.services.find((each) => each.namespace === namespace && each.name === name) ?? null;
    return {
      implementation: written.implementation,
      classes: [written.class],
      service,
      pods: service === null ? [] : selectedPods(service, model.pods),
      site: written.site,
    };
  });
  for (const pod of model.pods) {
    const className = pod.manifest.annotations.get(assumedClassAnnotation);
    if (className === undefined) continue;
    const isNginx =
      className === '' &&
      model.ingresses.some(({ manifest }) =>
        [...manifest.annotations.keys()].some((key) => key.startsWith('nginx.ingress.kubernetes.io/')),
      );
    const implementation = isNginx
      ? 'ingress-nginx'
      : (knownImplementations.find((each) => each.class === className)?.name ?? 'assumed');
    controllers.push({
      implementation,
      classes: [className],
      service: serviceInFront(model, [pod]),
      pods: [pod],
      site: null,
    });
  }
  for (const known of knownImplementations) {
    const { image: pattern } = known;
    if (pattern === null) continue;
    const pods = model.pods.filter((pod) =>
      pod.containers.some(({ image }) =>
        pattern.test(image.includes(':') || image.includes('@') ? image : `${image}:latest`),
      ),
    );
    const [first] = pods;
    if (first === undefined) continue;
    const named = classManifests
      .filter(({ value }) => textAt(value, 'spec', 'controller') === known.controller)
      .map(({ name }) => name);
    const flags = pods
      .flatMap(({ containers }) => containers.flatMap(({ args }) => args))
      .flatMap((argument) => /^--?ingress-class=(.+)$/.exec(argument)?.[1] ?? []);
    const classes = [...new Set([...named, ...flags])];
    if (controllers.some((each) => each.pods.includes(first))) continue;
    controllers.push({
      implementation: known.name,
      classes: classes.length > 0 ? classes : [known.class],
      service: serviceInFront(model, pods),
      pods,
      site: siteOf(first.manifest, 'metadata', 'name'),
    });
  }
  return controllers;
}

/** The Service that leads to the controller from furthest outside. */
function serviceInFront(model: ClusterModel, pods: readonly Pod[]): Service | null {
  const services = model.services.filter((service) =>
    selectedPods(service, model.pods).some((pod) => pods.includes(pod)),
  );
  return (
    services.find(({ type }) => type === 'LoadBalancer') ??
    services.find(({ type }) => type === 'NodePort') ??
    services[0] ??
    null
  );
}

export type Assignment =
  | { readonly kind: 'served'; readonly controller: IngressController }
  /** A load balancer of layer 7 outside the cluster serves it. */
  | { readonly kind: 'cloud'; readonly className: string; readonly product: string }
  /** Nothing in the set serves this class; whatever does is outside what was given. */
  | { readonly kind: 'assumed'; readonly className: string | null }
  /** Controllers are there, and none of them takes this class. */
  | { readonly kind: 'unserved'; readonly className: string | null };

/** The controller that takes an Ingress. Without a class, the default class, else the only controller there is. */
export function controllerFor(
  model: ClusterModel,
  controllers: readonly IngressController[],
  ingress: Ingress,
): Assignment {
  const className = ingress.className ?? defaultClass(model);
  if (className === null) {
    const [only, second] = controllers;
    return only !== undefined && second === undefined
      ? { kind: 'served', controller: only }
      : { kind: 'assumed', className };
  }
  const controller = controllers.find(({ classes }) => classes.includes(className));
  if (controller !== undefined) return { kind: 'served', controller };
  const product = cloudClasses.get(className);
  if (product !== undefined) return { kind: 'cloud', className, product };
  const isDeclared = model.manifests.some(({ kind, name }) => kind === 'IngressClass' && name === className);
  if (controllers.length === 0 || isDeclared) return { kind: 'assumed', className };
  return { kind: 'unserved', className };
}

function defaultClass(model: ClusterModel): string | null {
  return (
    model.manifests.find(
      ({ kind, annotations }) =>
        kind === 'IngressClass' && annotations.get('ingressclass.kubernetes.io/is-default-class') === 'true',
    )?.name ?? null
  );
}
