import { byKeyOfModel, type ClusterModel, indexOfModel, ofModel } from '../cluster/clusterModel.ts';
import { eachOfDeclared, indexOfDeclared, ofDeclared } from '../cluster/declared.ts';
import { serviceNamed, servicesIn, servicesNamed } from '../cluster/lookups.ts';
import { sameItems } from '../cluster/listChanges.ts';
import { once } from '../cluster/once.ts';
import type { Route, RouteBackend } from '../cluster/gatewayApi/route.ts';
import type { Backend, Ingress } from '../cluster/ingress.ts';
import type { Pod } from '../cluster/pod.ts';
import type { Service } from '../cluster/service.ts';
import { type MadeByOperator, madeByOperator, makesService, maySelect, mayMakePods } from '../cluster/operatorPods.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { labelled } from './labelSlip.ts';
import type { JudgedSet } from './rule.ts';
import { isLike, isSlipOf } from './spelling.ts';

/**
 * What the absence of something in a set proves. Much is applied from elsewhere: an operator's pods, a Service of
 * another repository. So absence alone is never called broken; it takes a sign that the thing was meant to be here.
 * `unsaid`: one of that name is there, and nobody says whether it is of the same namespace.
 */
export type Absence = 'sure' | 'perhaps' | 'unsaid';

/** The names of a namespace's Services: what else changes of them changes no answer. */
export const serviceNamesIn = byKeyOfModel(
  (model, namespace): readonly string[] => servicesIn(model, namespace).map(({ name }) => name),
  { same: sameItems },
);

/**
 * A Service that something names and that its namespace lacks; null if it is there. `siblings` are the other Services
 * that the same object names.
 */
function absentService(
  { model, isComplete }: JudgedSet,
  { namespace, name, isSaid, isForeign }: NamedService,
  siblings: readonly { readonly namespace: string; readonly service: string }[],
): AbsentService | null {
  if (isServiceThere(model, namespace, name)) return null;
  const elsewhere = servicesNamed(model, name)[0] ?? null;
  if (elsewhere !== null && (!isSaid || elsewhere.manifest.namespace === null))
    return { elsewhere, alike: null, absence: 'unsaid' };
  const alike = nearService(model, namespace, name);
  const isSlip = alike !== null && isSlipOf(alike, name);
  const hasSiblings = siblings.some(
    (each) => each.service !== name && serviceNamed(model, each.namespace, each.service) !== undefined,
  );
  // Of a namespace of which the set holds no Service, it says nothing.
  const isBlind =
    isForeign &&
    serviceNamesIn(model, namespace).length === 0 &&
    (elsewhere === null || !isLike(elsewhere.namespace, namespace));
  return {
    elsewhere,
    alike,
    absence: isComplete && !isBlind && (elsewhere !== null || isSlip || hasSiblings) ? 'sure' : 'perhaps',
  };
}

interface NamedService {
  readonly namespace: string;
  readonly name: string;
  /** Whether its namespace is written somewhere. */
  readonly isSaid: boolean;
  /** Whether it is another namespace than that of the object which names it. */
  readonly isForeign: boolean;
}

export interface AbsentService {
  readonly absence: Absence;
  /** The one of that name in another namespace, and the name of the one that may have been meant. */
  readonly elsewhere: Service | null;
  readonly alike: string | null;
}

/** Whether a namespace has a Service, or an operator makes it. */
export function isServiceThere(model: ClusterModel, namespace: string, name: string): boolean {
  return (
    serviceNamed(model, namespace, name) !== undefined ||
    madeIn(model.declared)
      .get(namespace)
      .some((each) => makesService(each, name))
  );
}

/** The name of a namespace's Service that one that it lacks is like, a plain slip first; null for none. */
export function nearService(model: ClusterModel, namespace: string, name: string): string | null {
  const made = madeIn(model.declared)
    .get(namespace)
    .flatMap(({ services }) => services);
  const names = [...serviceNamesIn(model, namespace), ...made];
  return names.find((each) => isSlipOf(each, name)) ?? names.find((each) => isLike(each, name)) ?? null;
}

const madeByOperators = eachOfDeclared(
  ({ manifests }) => manifests,
  (manifest: Manifest) => {
    const made = madeByOperator(manifest);
    return made === null ? [] : [made];
  },
);

/** What operators make of a namespace's custom resources. */
const madeIn = indexOfDeclared(madeByOperators, ({ namespace }: MadeByOperator) => [namespace]);

/** A backend's Service that is absent; null if it is there. */
export function absentBackend(
  judged: JudgedSet,
  { namespace, rules, defaultBackend, manifest }: Ingress,
  backend: Backend,
): AbsentService | null {
  return absentService(
    judged,
    { namespace, name: backend.service, isSaid: manifest.namespace !== null, isForeign: false },
    [defaultBackend, ...rules.map((each) => each.backend)].flatMap((each) =>
      each === null ? [] : { namespace, service: each.service },
    ),
  );
}

/** The same of a route's backend. */
export function absentRouteBackend(
  judged: JudgedSet,
  { rules, manifest, namespace }: Route,
  backend: Omit<RouteBackend, 'filters'>,
): AbsentService | null {
  return absentService(
    judged,
    {
      namespace: backend.namespace,
      name: backend.name,
      isSaid: manifest.namespace !== null || backend.namespace !== namespace,
      isForeign: backend.namespace !== namespace,
    },
    rules.flatMap((rule) => rule.backends.map(({ namespace, name }) => ({ namespace, service: name }))),
  );
}

/**
 * For a selector that picks no pod: can its pods come from outside the set? Which pod was meant, if one is near, and
 * which one of another namespace has all its labels?
 */
export function absentPods({ model, isComplete }: JudgedSet, service: SelectedFrom): AbsentPods {
  const { selector, namespace } = service;
  const unknown = { nearest: null, elsewhere: null };
  if (hasUnsaidPods(model, service)) return { absence: 'unsaid', ...unknown };
  const made = madeIn(model.declared).get(namespace);
  if (isOfOthersMaking(model, service)) return { absence: 'perhaps', ...unknown };
  const found = nearest(service, candidates(model, service));
  const others = podsWithLabels(model, selector);
  const hasOthers = hasWorkloads(model, namespace) || made.length > 0;
  // A namespace that holds nothing else and is a slip off theirs.
  const misplaced = hasOthers ? undefined : others.find((each) => isLike(each.namespace, namespace));
  const elsewhere = misplaced ?? others.find((each) => !hasServiceOfItsOwn(model, each)) ?? null;
  const isPlain = found !== null || misplaced !== undefined;
  const isSure = isComplete && (isPlain || ((hasOthers || elsewhere !== null) && !hasPodMakers(model.declared)));
  return { absence: isSure ? 'sure' : 'perhaps', nearest: found, elsewhere };
}

/** Whether a controller or an operator gives its pods what a selector asks for. */
function isOfOthersMaking(model: ClusterModel, { selector, namespace }: SelectedFrom): boolean {
  const isGiven = [...selector.keys()].some((key) => givenByControllers.has(key));
  return (
    isGiven ||
    madeIn(model.declared)
      .get(namespace)
      .some((each) => maySelect(selector, each))
  );
}

/** Whether pods that a selector asks for may be where nothing in the set shows them. */
export function mayBeUnseen(model: ClusterModel, from: SelectedFrom): boolean {
  return hasUnsaidPods(model, from) || isOfOthersMaking(model, from);
}

/** Labels that a controller gives its pods, of values that no manifest says: uids, hashes, a CronJob's Jobs. */
const givenByControllers = new Set([
  'job-name',
  'batch.kubernetes.io/job-name',
  'controller-uid',
  'batch.kubernetes.io/controller-uid',
  'controller-revision-hash',
  'pod-template-generation',
  'pod-template-hash',
  'rollouts-pod-template-hash',
]);

export interface AbsentPods {
  readonly absence: Absence;
  readonly nearest: NearPod | null;
  readonly elsewhere: Selectable | null;
}

/** The pod that a selector plainly means, and the first label in which they differ. */
export interface NearPod {
  readonly pod: Selectable;
  readonly label: string;
  /** The pod's value of it; null where it lacks it. */
  readonly value: string | null;
  readonly difference: string;
}

/** Whose selector it is, and in which namespace it looks. */
export interface SelectedFrom {
  readonly name: string;
  readonly namespace: string;
  readonly manifest: Manifest;
  readonly selector: ReadonlyMap<string, string>;
}

/** A pod, or what an operator makes into pods. */
export type Selectable = Pick<Pod, 'namespace' | 'labels' | 'owner' | 'manifest'>;

const podMakers = eachOfDeclared(
  ({ manifests }) => manifests,
  (manifest: Manifest) => (mayMakePods(manifest) ? [manifest] : []),
);
const hasPodMakers = ofDeclared((declared) => podMakers(declared).length > 0, { eager: true });

/**
 * The first pod of each workload stands for what its labels and its owner say, and is the same as long as they are; so
 * does what an operator makes of a custom resource.
 */
const workloadPods = ofModel(
  ({ pods, declared }): readonly Selectable[] => [
    ...[...new Map(pods.toReversed().map((pod) => [pod.manifest.key, pod])).values()].toReversed(),
    ...madeByOperators(declared),
  ],
  { eager: true, same: (a, b) => a.length === b.length && a.every((pod, index) => saysTheSame(pod, b[index] ?? pod)) },
);

const byOwner = indexOfModel(workloadPods, ({ namespace, owner }: Selectable) => [`${namespace}/${owner.name}`]);
const byLabel = indexOfModel(workloadPods, ({ namespace, labels }: Selectable) =>
  [...labels].map(([key, value]) => `${namespace}/${key}=${value}`),
);
const byLabelKey = indexOfModel(workloadPods, ({ namespace, labels }: Selectable) =>
  [...labels.keys()].map((key) => `${namespace}/${key}`),
);
const byBareLabel = indexOfModel(workloadPods, ({ labels }: Selectable) =>
  [...labels].map(([key, value]) => `${key}=${value}`),
);
const byNamespace = indexOfModel(workloadPods, ({ namespace }: Selectable) => [namespace]);

/** The first pod of each workload of a namespace. */
export function workloadsIn(model: ClusterModel, namespace: string): readonly Selectable[] {
  return byNamespace(model).get(namespace);
}

/** The same, with what their labels say. */
export const labelledIn = byKeyOfModel((model, namespace) => labelled(workloadsIn(model, namespace)), { eager: true });

/** The first pod of each workload of a name. */
export function workloadsNamed(model: ClusterModel, namespace: string, name: string): readonly Selectable[] {
  return byOwner(model).get(`${namespace}/${name}`);
}

/** The pods of all namespaces that have all of some labels. */
function podsWithLabels(model: ClusterModel, selector: ReadonlyMap<string, string>): Selectable[] {
  const [first] = selector;
  if (first === undefined) return [];
  const candidates = byBareLabel(model).get(first.join('='));
  return candidates.filter(({ labels }) => [...selector].every(([key, value]) => labels.get(key) === value));
}

/** Whether a Service of a pod's own namespace picks it: one of another namespace is then hardly meant for it. */
function hasServiceOfItsOwn(model: ClusterModel, { namespace, labels }: Selectable): boolean {
  return servicesIn(model, namespace).some(
    ({ selector }) => selector !== null && [...selector].every(([key, value]) => labels.get(key) === value),
  );
}

/** Whether a selector picks pods of another namespace, and nobody says that it is another. */
function hasUnsaidPods(model: ClusterModel, { selector, namespace, manifest: own }: SelectedFrom): boolean {
  return podsWithLabels(model, selector).some(
    (each) => each.namespace !== namespace && (each.manifest.namespace === null || own.namespace === null),
  );
}

/** Whether a namespace has any. */
export const hasWorkloads = byKeyOfModel((model, namespace) => byNamespace(model).get(namespace).length > 0);

/** The values of a label of a namespace's pods, given as `namespace/key`. */
const valuesOfLabel = byKeyOfModel(
  (model, label): readonly string[] => {
    const key = label.slice(label.indexOf('/') + 1);
    const values = byLabelKey(model)
      .get(label)
      .flatMap(({ labels }) => labels.get(key) ?? []);
    return [...new Set(values)].toSorted();
  },
  { eager: true, same: sameItems },
);

/** The pods that can be meant by a selector that picks none: see `isMeant`. */
function candidates(model: ClusterModel, { name, namespace, selector }: SelectedFrom): Selectable[] {
  const labelled = ([key, value]: readonly [string, string]): string => `${namespace}/${key}=${value}`;
  const [only, ...others] = selector;
  // A pod that misses one of several labels has one of any two.
  const keys =
    only === undefined || others.length > 0
      ? [...selector]
          .map(labelled)
          .toSorted((a, b) => byLabel(model).count(a) - byLabel(model).count(b))
          .slice(0, 2)
      : valuesOfLabel(model, `${namespace}/${only[0]}`)
          .filter((value) => isLike(value, only[1]))
          .map((value) => labelled([only[0], value]));
  const found = [...byOwner(model).get(`${namespace}/${name}`), ...keys.flatMap((key) => byLabel(model).get(key))];
  return [...new Set(found)].toSorted((a, b) => (a.manifest.key < b.manifest.key ? -1 : 1));
}

const whatItSays = once(({ manifest, owner, labels }: Selectable) =>
  JSON.stringify([manifest.key, owner, [...labels]]),
);

function saysTheSame(a: Selectable, b: Selectable): boolean {
  return a === b || whatItSays(a) === whatItSays(b);
}

/** The pod that misses the fewest of the selector's labels, if it was plausibly meant; null where none was. */
function nearest(service: SelectedFrom, pods: readonly Selectable[]): NearPod | null {
  const { selector } = service;
  let best: (NearPod & { readonly missing: number }) | null = null;
  for (const pod of pods) {
    const missing = [...selector].filter(([key, value]) => pod.labels.get(key) !== value);
    if (!isMeant(service, pod, missing) || (best !== null && best.missing <= missing.length)) continue;
    const [key, value] = missing[0] ?? ['', ''];
    const has = pod.labels.get(key);
    best = {
      pod,
      label: key,
      value: has ?? null,
      missing: missing.length,
      difference: has === undefined ? `no label ${key}` : `${key}: ${has} instead of ${key}: ${value}`,
    };
  }
  return best;
}

/** Labels that many different workloads of one application share: agreeing on them says little. */
const sharedByMany = new Set([
  'app.kubernetes.io/part-of',
  'app.kubernetes.io/managed-by',
  'app.kubernetes.io/version',
  'helm.sh/chart',
  'heritage',
  'release',
  'chart',
  'version',
]);

/** The workload has the Service's name; or all labels agree but one, which is missing or misspelt. */
function isMeant(
  { name, selector }: SelectedFrom,
  pod: Selectable,
  missing: readonly (readonly [string, string])[],
): boolean {
  if (pod.owner.name === name) return true;
  const [first, second] = missing;
  if (first === undefined || second !== undefined) return false;
  const [key, value] = first;
  const has = pod.labels.get(key);
  if (has !== undefined) return isLike(has, value);
  return [...selector.keys()].some((each) => each !== key && !sharedByMany.has(each));
}
