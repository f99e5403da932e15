import { type ClusterModel, indexOfModel, ofModel } from '../cluster/clusterModel.ts';
import { byKeyOfDeclared, type Declared, ofDeclared } from '../cluster/declared.ts';
import { nameKey, podsOfManifest, selectedPods, serviceNamed, servicesIn } from '../cluster/lookups.ts';
import { keptItems, sameItems } from '../cluster/listChanges.ts';
import { once } from '../cluster/once.ts';
import type { Ingress } from '../cluster/ingress.ts';
import { type Pod, type PodTemplate, readContainers } from '../cluster/pod.ts';
import type { ProfileController } from '../cluster/profile.ts';
import { isService, readService, type Service } from '../cluster/service.ts';
import { type Field, fieldOf } from '../manifest/manifest.ts';
import { textAt } from '../manifest/value.ts';
import { cloudDialectOf, dialectOf, dialects } from './ingress/dialects.ts';
import type { IngressDialect } from './ingress/ingressDialect.ts';

/** A running Ingress controller: its pods, and the Service that leads to them. */
export interface IngressController {
  readonly implementation: string;
  readonly classes: readonly string[];
  /** Null where no Service leads to it. */
  readonly service: Service | null;
  readonly pods: readonly Pod[];
  /** Where the set or the profile says so; null for an assumed one. */
  readonly field: Field | null;
}

/** A controller that the profile names, or that workloads of the set run. */
export type ShownController = ControllerByProfile | ControllerByImage;

interface ControllerByProfile {
  readonly by: 'profile';
  readonly implementation: string;
  readonly classes: readonly string[];
  readonly written: ProfileController;
  /** The workloads that run it, where no Service says which pods it is. */
  readonly templates: readonly PodTemplate[];
}

interface ControllerByImage {
  readonly by: 'image';
  readonly implementation: string;
  readonly classes: readonly string[];
  readonly templates: readonly PodTemplate[];
}

/** The controllers that the profile names, then those found in the set by their images. */
export const shownControllers = ofDeclared(findShown, { eager: true, same: sameShown });

function findShown(declared: Declared): ShownController[] {
  const written = declared.profile.ingressControllers;
  const running = declared.templates.filter((each) => each.count !== 0 && dialectsRunBy(each).length > 0);
  const named = written.map((each): ControllerByProfile => ({
    by: 'profile',
    written: each,
    implementation: each.implementation,
    classes: [each.class],
    templates:
      each.service === null
        ? running.filter((template) => dialectsRunBy(template).some(({ id }) => id === each.implementation))
        : [],
  }));
  const services = written.flatMap((each) => serviceWritten(declared, each.service) ?? []);
  const taken = new Set(named.flatMap(({ templates }) => templates));
  const found = dialects.flatMap((dialect): ControllerByImage[] => {
    const { id, presence } = dialect;
    if (presence.kind !== 'pods') return [];
    const { className, controllerName } = presence;
    const templates = running.filter((each) => !taken.has(each) && dialectsRunBy(each).includes(dialect));
    const [first] = templates;
    if (first === undefined || services.some((service) => selects(service, first))) return [];
    const classes = classesOf(declared, controllerName, templates);
    return [{ by: 'image', templates, implementation: id, classes: classes.length > 0 ? classes : [className] }];
  });
  return [...named, ...found];
}

function sameShown(a: readonly ShownController[], b: readonly ShownController[]): boolean {
  const isSame = (one: ShownController, other: ShownController | undefined): boolean => {
    if (other === undefined || one.implementation !== other.implementation) return false;
    if (!sameItems(one.classes, other.classes)) return false;
    if (one.by === 'profile' && (other.by !== 'profile' || one.written !== other.written)) return false;
    return one.by === other.by && sameItems(one.templates, other.templates);
  };
  return a.length === b.length && a.every((each, index) => isSame(each, b[index]));
}

/** The dialects of the controllers that a workload's images are known to be. */
const dialectsRunBy = once(({ spec }: PodTemplate): readonly IngressDialect[] => {
  const images = readContainers(spec).map(({ image }) => (/[:@]/.test(image) ? image : `${image}:latest`));
  return dialects.filter(({ presence }) => {
    const known = presence.kind === 'pods' ? presence.image : null;
    return known !== null && images.some((each) => known.test(each));
  });
});

/** The classes of the controllers that surely watch Ingresses: the profile's, and those whose workloads show it. */
export const classesSurelyServed = ofDeclared(
  (declared): readonly string[] => [
    ...new Set(shownControllers(declared).flatMap((each) => (surelyWatches(each) ? each.classes : []))),
  ],
  { eager: true, same: sameItems },
);

function surelyWatches({ by, implementation, templates }: ShownController): boolean {
  const { presence } = dialectOf(implementation);
  const watches = presence.kind === 'pods' ? presence.watches : undefined;
  return (
    by === 'profile' ||
    watches === undefined ||
    templates.some(({ spec }) => readContainers(spec).some((container) => watches(container)))
  );
}

function classesOf(declared: Declared, controllerName: string, templates: readonly PodTemplate[]): string[] {
  const named = declared
    .ofKind('IngressClass')
    .filter(({ value }) => textAt(value, 'spec', 'controller') === controllerName)
    .map(({ name }) => name);
  const flags = templates
    .flatMap(({ spec }) => readContainers(spec).flatMap(({ args }) => args))
    .flatMap((argument) => /^--?ingress-class=(.+)$/.exec(argument)?.[1] ?? []);
  return [...new Set([...named, ...flags])];
}

/** The namespace and name of a Service as a profile writes it, `namespace/name` or a name. */
export function writtenName(service: string): { readonly namespace: string; readonly name: string } {
  const [first = '', second] = service.split('/');
  return second === undefined ? { namespace: 'default', name: first } : { namespace: first, name: second };
}

/** The Service that a profile names, as written; null where the set lacks it. */
export function serviceWritten(declared: Declared, service: string | null): Service | null {
  if (service === null) return null;
  const { namespace, name } = writtenName(service);
  const services = declared
    .ofKind('Service')
    .filter((each) => each.name === name && isService(each))
    .map(readService);
  return services.find((each) => each.namespace === namespace) ?? null;
}

/** Whether a Service's selector picks a workload's pods. */
export function selects({ selector, namespace }: Service, template: PodTemplate): boolean {
  return (
    selector !== null &&
    namespace === template.namespace &&
    [...selector].every(([key, value]) => template.labels.get(key) === value)
  );
}

/** The annotation by which an assumed pod is known as the controller of a class. */
export const assumedClassAnnotation = 'hoplens.dev/assumed-ingress-class';

/** The controllers of a cluster: those that are shown, then those that had to be assumed. */
export const ingressControllersOf = ofModel((model): readonly FoundController[] => findControllers(model), {
  eager: true,
  kept: keptItems(idOf, isSameController),
  same: sameItems,
});

interface FoundController extends IngressController {
  readonly of: ShownController | { readonly by: 'assumption'; readonly className: string };
}

function idOf({ of, implementation }: FoundController): string {
  return of.by === 'assumption' ? `assumed ${of.className}` : `${of.by} ${implementation}`;
}

function isSameController(a: FoundController, b: FoundController): boolean {
  const isSameOrigin = a.of === b.of || (a.of.by === 'assumption' && b.of.by === 'assumption');
  return (
    isSameOrigin &&
    a.implementation === b.implementation &&
    a.service === b.service &&
    sameItems(a.classes, b.classes) &&
    sameItems(a.pods, b.pods)
  );
}

function findControllers(model: ClusterModel): FoundController[] {
  const shown = shownControllers(model.declared).map((of): FoundController => {
    const { implementation, classes } = of;
    if (of.by === 'profile' && of.written.service !== null) {
      const { namespace, name } = writtenName(of.written.service);
      const service = serviceNamed(model, namespace, name) ?? null;
      const pods = service === null ? [] : selectedPods(model, service);
      return { of, implementation, classes, service, pods, field: of.written.field };
    }
    const pods = of.templates.flatMap(({ manifest }) => podsOfManifest(model, manifest));
    const [first] = of.templates;
    const found = first === undefined ? null : fieldOf(first.manifest, 'metadata', 'name');
    const field = of.by === 'profile' ? of.written.field : found;
    return { of, implementation, classes, service: serviceInFront(model, pods), pods, field };
  });
  const assumed = model.assumed.flatMap(({ manifest }): FoundController[] => {
    const className = manifest.annotations.get(assumedClassAnnotation);
    if (className === undefined) return [];
    const pods = podsOfManifest(model, manifest);
    return [
      {
        of: { by: 'assumption', className },
        implementation: dialectAssumed(model, className)?.id ?? 'assumed',
        classes: [className],
        service: serviceInFront(model, pods),
        pods,
        field: null,
      },
    ];
  });
  return [...shown, ...assumed];
}

/**
 * What the IngressClass says its controller is, else what such a class is usually called, else what annotations tell.
 */
function dialectAssumed(model: ClusterModel, className: string): IngressDialect | undefined {
  const controllerName = controllerNamed(model.declared, className);
  if (controllerName === null) return dialectOfClass(className) ?? dialectByAnnotations(model, className);
  return dialects.find(({ presence }) => presence.kind === 'pods' && presence.controllerName === controllerName);
}

/** The `spec.controller` of an IngressClass; null where the set lacks it or it doesn't say. */
function controllerNamed(declared: Declared, className: string): string | null {
  const manifest = declared.ofKind('IngressClass').find(({ name }) => name === className);
  return (manifest === undefined ? undefined : textAt(manifest.value, 'spec', 'controller')) ?? null;
}

/** The first controller in pods that takes the class by default. */
function dialectOfClass(className: string): IngressDialect | undefined {
  return dialects.find(({ presence }) => presence.kind === 'pods' && presence.className === className);
}

/** Whether some controller takes Ingresses of a class by default. */
export function isUsualClass(className: string): boolean {
  return dialectOfClass(className) !== undefined || cloudDialectOf(className, null) !== undefined;
}

/**
 * The first controller in pods for which some Ingress of the class (`''`: of any) has an annotation that is its alone.
 */
function dialectByAnnotations(model: ClusterModel, className: string): IngressDialect | undefined {
  const ingresses = model.ingresses.filter((each) => className === '' || each.className === className);
  return dialects.find(
    ({
      presence,
      annotations: {
        prefixes: [own],
      },
    }) => {
      if (presence.kind !== 'pods' || own === undefined) return false;
      return ingresses.some(({ manifest }) => [...manifest.annotations.keys()].some((name) => name.startsWith(own)));
    },
  );
}

/** The Service that leads to the controller from furthest outside. */
function serviceInFront(model: ClusterModel, pods: readonly Pod[]): Service | null {
  const namespaces = [...new Set(pods.map(({ namespace }) => namespace))];
  const services = namespaces
    .flatMap((namespace) => servicesIn(model, namespace))
    .filter(({ selector, namespace }) =>
      pods.some(
        (pod) =>
          pod.namespace === namespace &&
          selector !== null &&
          [...selector].every(([key, value]) => pod.labels.get(key) === value),
      ),
    );
  return (
    services.find(({ type }) => type === 'LoadBalancer') ??
    services.find(({ type }) => type === 'NodePort') ??
    services[0] ??
    null
  );
}

/** The controller that a pod is of, and null for any other pod. */
export function controllerAt(model: ClusterModel, pod: Pod): IngressController | null {
  const near = controllersByPod(model).get(nameKey(pod));
  return near.find(({ pods }) => pods.includes(pod)) ?? null;
}

const controllersByPod = indexOfModel(ingressControllersOf, ({ pods }: FoundController) => [
  ...new Set(pods.map(nameKey)),
]);

/** Who takes an Ingress, by what is written. */
export type Assignment =
  | { readonly kind: 'served'; readonly controller: ShownController }
  /** A load balancer of layer 7 outside the cluster serves it. */
  | { readonly kind: 'cloud'; readonly className: string; readonly product: string }
  /** Nothing in the set serves this class; whatever does is outside what was given. */
  | { readonly kind: 'assumed'; readonly className: string | null }
  /** Controllers are there, and none of them takes this class. */
  | { readonly kind: 'unserved'; readonly className: string | null };

/** Without a class, the default class, else the only controller there is. */
export function assignmentOf(declared: Declared, ingress: Ingress): Assignment {
  const className = ingress.className ?? defaultClass(declared);
  if (className !== null) return assignmentOfClass(declared, className);
  const [only, second] = shownControllers(declared);
  return only !== undefined && second === undefined
    ? { kind: 'served', controller: only }
    : { kind: 'assumed', className };
}

const assignmentOfClass = byKeyOfDeclared((declared, className): Assignment => {
  const controllers = shownControllers(declared);
  const controller = controllers.find(({ classes }) => classes.includes(className));
  if (controller !== undefined) return { kind: 'served', controller };
  const cloud = cloudDialectOf(className, controllerNamed(declared, className));
  if (cloud !== undefined) return { kind: 'cloud', className, product: cloud.product };
  const isDeclared = declared.ofKind('IngressClass').some(({ name }) => name === className);
  if (controllers.length === 0 || isDeclared) return { kind: 'assumed', className };
  return { kind: 'unserved', className };
});

/** The controller that takes an Ingress, a shown or an assumed one; null where none in the cluster does. */
export function controllerOf(model: ClusterModel, ingress: Ingress): IngressController | null {
  const assignment = assignmentOf(model.declared, ingress);
  if (assignment.kind !== 'served' && assignment.kind !== 'assumed') return null;
  const isIts = ({ of }: FoundController): boolean =>
    assignment.kind === 'served'
      ? of === assignment.controller
      : of.by === 'assumption' && of.className === (assignment.className ?? '');
  return ingressControllersOf(model).find(isIts) ?? null;
}

const defaultClass = ofDeclared(
  (declared) =>
    declared
      .ofKind('IngressClass')
      .find(({ annotations }) => annotations.get('ingressclass.kubernetes.io/is-default-class') === 'true')?.name ??
    null,
  { eager: true },
);
