import { groupOf, type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { booleanAt, integerAt, itemsAt, textAt, textsAt, type Value, valueAt, isScalar } from '../manifest/value.ts';
import { readAddresses } from './address.ts';
import type { Protocol } from './service.ts';
import { countOfDaemons, countOfJob, countOfReplicas, type PodCount } from './workloadStatus.ts';

/** A pod: a real one from the set, or one that a workload would make. */
export interface Pod {
  readonly namespace: string;
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** The primary one. */
  readonly address: string;
  /** One of each family that it has, the primary first; empty for one that waits for its address. */
  readonly addresses: readonly string[];
  /** Empty for one that waits to be scheduled. */
  readonly node: string;
  readonly hostNetwork: boolean;
  readonly ready: boolean;
  readonly terminating: boolean;
  /** What it waits for, being no endpoint so long; null for one that is there, or that a plain manifest would make. */
  readonly waits: Waiting | null;
  readonly containers: readonly Container[];
  readonly hostname: string | null;
  readonly subdomain: string | null;
  /** The workload or Pod that it comes from. */
  readonly manifest: Manifest;
  /** The kind and name of its workload; a bare Pod's own. */
  readonly owner: { readonly kind: string; readonly name: string };
  readonly isReal: boolean;
}

/**
 * A pod that isn't there: no node takes it yet, it has no address yet, its Deployment is paused, its workload's status
 * doesn't count it, its CronJob's time hasn't come, the running Job of its CronJob isn't in the set, its Job is
 * suspended, or it has ended.
 */
export type Waiting = 'scheduling' | 'address' | 'paused' | 'status' | 'time' | 'job' | 'suspended' | 'ended';

/** Whether what a pod waits for leaves it without a node and an address. */
export function isNowhere(waits: Waiting | null): boolean {
  return waits !== null && ['scheduling', 'address', 'suspended', 'ended'].includes(waits);
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly ContainerPort[];
}

export interface ContainerPort {
  readonly name: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly hostPort: number | null;
  readonly hostIP: string | null;
}

/** What a workload says about its pods. */
export interface PodTemplate {
  readonly manifest: Manifest;
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly count: number | 'one-per-node';
  /** How many of them the workload's own status counts; null where it says nothing. */
  readonly counted: PodCount | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly spec: Value | undefined;
  readonly specPath: readonly string[];
}

const podSpecPath = {
  Pod: [],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  // argoproj/argo-rollouts pkg/apis/rollouts/v1alpha1/types.go: `replicas`, `template` and the counts of its status are
  // a Deployment's. With `workloadRef` instead of a template, the pods are of the Deployment that it names.
  Rollout: ['spec', 'template'],
} as const;
export type WorkloadKind = keyof typeof podSpecPath;

/** Every kind that makes pods by a template, and Pod itself. */
export const workloadKinds = Object.keys(podSpecPath).filter(isWorkloadKind);

export function isWorkloadKind(kind: string): kind is WorkloadKind {
  return Object.hasOwn(podSpecPath, kind);
}

const templates = new WeakMap<Manifest, PodTemplate | null>();

/**
 * Reads a workload, once; null for what is none. A Job's pods count while they run: `parallelism` of them. A CronJob's
 * wait for its time.
 */
export function readPodTemplate(manifest: Manifest): PodTemplate | null {
  const known = templates.get(manifest);
  if (known !== undefined) return known;
  const template = read(manifest);
  templates.set(manifest, template);
  return template;
}

function read(manifest: Manifest): PodTemplate | null {
  const { kind, value } = manifest;
  if (!isWorkloadKind(kind)) return null;
  if (kind === 'Rollout' && (groupOf(manifest) !== 'argoproj.io' || valueAt(value, 'spec', 'template') === undefined))
    return null;
  const path: readonly string[] = podSpecPath[kind];
  const template = valueAt(value, ...path);
  return {
    manifest,
    namespace: namespaceOf(manifest),
    kind,
    name: manifest.name,
    count: countOf(kind, value),
    counted: countedOf(kind, value),
    labels: textsAt(template, 'metadata', 'labels') ?? new Map(),
    spec: valueAt(template, 'spec'),
    specPath: [...path, 'spec'],
  };
}

/** The node that a pod's spec names; an empty name is none. */
export function nodeNameOf(spec: Value | undefined): string | undefined {
  return textAt(spec, 'nodeName') || undefined;
}

/** Whether a pod's status says that all its containers have ended, and that none is started again. */
export function podHasEnded(pod: Value): boolean {
  return ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase') ?? '');
}

/** The addresses that a pod's status says: `podIP`, and with it those of `podIPs`. */
export function writtenPodAddresses({ value }: Manifest): readonly string[] {
  const listed = itemsAt(value, 'status', 'podIPs').flatMap((each) => textAt(each, 'ip') ?? []);
  return readAddresses([textAt(value, 'status', 'podIP') ?? '', ...listed]);
}

/** How a Job has ended, by its status; null for one that hasn't. */
export function endOfJob(job: Value): 'Complete' | 'Failed' | null {
  const isSo = (type: string): boolean =>
    itemsAt(job, 'status', 'conditions').some(
      (each) => textAt(each, 'type') === type && textAt(each, 'status') === 'True',
    );
  return isSo('Complete') ? 'Complete' : isSo('Failed') ? 'Failed' : null;
}

/** Why a Job has no pods: it has ended, or it is suspended; null for one that runs. */
export function restOfJob(job: Value): 'ended' | 'suspended' | null {
  if (endOfJob(job) !== null) return 'ended';
  return booleanAt(job, 'spec', 'suspend') === true ? 'suspended' : null;
}

function countOf(kind: WorkloadKind, value: Value): number | 'one-per-node' {
  switch (kind) {
    case 'Pod':
      return 1;
    case 'DaemonSet':
      return 'one-per-node';
    case 'Job':
      if (restOfJob(value) !== null) return 1;
      return countOfJob(value)?.there ?? integerAt(value, 'spec', 'parallelism') ?? 1;
    case 'CronJob':
      return integerAt(value, 'spec', 'jobTemplate', 'spec', 'parallelism') ?? 1;
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
    case 'ReplicationController':
    case 'Rollout':
      return integerAt(value, 'spec', 'replicas') ?? 1;
    default:
      return kind satisfies never;
  }
}

function countedOf(kind: WorkloadKind, value: Value): PodCount | null {
  switch (kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
    case 'ReplicationController':
    case 'Rollout':
      return countOfReplicas(value, integerAt(value, 'spec', 'replicas') ?? 1);
    case 'DaemonSet':
      return countOfDaemons(value);
    case 'Job':
      return restOfJob(value) === null ? countOfJob(value) : null;
    case 'Pod':
    case 'CronJob':
      return null;
    default:
      return kind satisfies never;
  }
}

/**
 * The conditions that a pod's readiness gates wait for and that its status doesn't give, while nothing says whether it
 * is ready: whether anybody sets them isn't known. Source: kubernetes/kubernetes pkg/kubelet/status/generate.go
 * `GeneratePodReadyCondition` (1.36).
 */
export function openGates({ manifest, waits }: Pick<Pod, 'manifest' | 'waits'>): string[] {
  const conditions = itemsAt(manifest.value, 'status', 'conditions').map((each) => textAt(each, 'type'));
  if (waits !== null || (manifest.kind === 'Pod' && conditions.includes('Ready'))) return [];
  return itemsAt(readPodTemplate(manifest)?.spec, 'readinessGates').flatMap((each) => {
    const type = textAt(each, 'conditionType');
    return type === undefined || (manifest.kind === 'Pod' && conditions.includes(type)) ? [] : [type];
  });
}

/** A pod spec's containers that run beside each other: the ordinary ones and restartable init containers (sidecars). */
export function readContainers(spec: Value | undefined): Container[] {
  const sidecars = itemsAt(spec, 'initContainers').filter((each) => textAt(each, 'restartPolicy') === 'Always');
  return [...itemsAt(spec, 'containers'), ...sidecars].map((item) => ({
    name: textAt(item, 'name') ?? '',
    image: textAt(item, 'image') ?? '',
    args: [...itemsAt(item, 'command'), ...itemsAt(item, 'args')].flatMap((each) =>
      isScalar(each) ? [String(each)] : [],
    ),
    ports: itemsAt(item, 'ports').flatMap((port) => {
      const number = integerAt(port, 'containerPort');
      if (number === undefined) return [];
      const protocol = textAt(port, 'protocol');
      return [
        {
          name: textAt(port, 'name') ?? '',
          port: number,
          protocol: protocol === 'UDP' || protocol === 'SCTP' ? protocol : 'TCP',
          hostPort: integerAt(port, 'hostPort') || null,
          hostIP: textAt(port, 'hostIP') ?? null,
        } satisfies ContainerPort,
      ];
    }),
  }));
}
