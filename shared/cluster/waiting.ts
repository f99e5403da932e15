import type { ClusterModel } from './clusterModel.ts';
import { type Because, written } from './because.ts';
import { endpointsOfAllFamilies, nodeNamed, selectedPods } from './lookups.ts';
import { type WithoutReplicas, withoutReplicasBehind } from './noReplicas.ts';
import { type LostProbe, neverReadyFor } from './probe.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { textAt } from '../manifest/value.ts';
import { endOfJob, type Pod, readPodTemplate, type Waiting } from './pod.ts';
import type { Service } from './service.ts';
import { activeJobs, type PodCount } from './workloadStatus.ts';

/** Pods of one workload that a Service's selector picks and that are no ready endpoints: what keeps them. */
export interface WaitingPods {
  readonly owner: Pod['owner'];
  /**
   * `node`: their node isn't ready. `probe`: a probe can't be made. `none`: there are to be none. `scaler`: there are
   * to be none but those that somebody starts who scales the workload.
   */
  readonly waits: Waiting | 'node' | 'probe' | 'none' | 'scaler';
  /** What keeps them, in a sentence without its full stop. */
  readonly text: string;
  /** The field that says so; null where none does. */
  readonly because: Because | null;
}

/**
 * The workloads whose pods the Service would have, were they there and ready. Pods that have ended, or whose node isn't
 * ready, count only where no other is there: of a workload that goes on, they have been replaced, or will be.
 */
export function waitingFor(model: ClusterModel, service: Service): WaitingPods[] {
  if (service.type === 'ExternalName') return [];
  const workloads = new Map<string, WaitingPods>();
  const pods = selectedPods(model, service);
  const isServed = pods.some((pod) => pod.waits === null && (pod.ready || service.publishNotReadyAddresses));
  for (const pod of pods) {
    const waits = pod.waits ?? whyUnready(pod, model);
    if (waits === null || (isServed && (waits === 'ended' || waits === 'node'))) continue;
    const { owner, namespace } = pod;
    const key = `${namespace}/${owner.kind}/${owner.name}/${waits}`;
    if (!workloads.has(key))
      workloads.set(key, { owner, waits, text: waitingText(pod, waits), because: becauseOf(pod, waits) });
  }
  const found = [...workloads.values(), ...(isServed ? [] : withoutReplicasBehind(model, service).map(wanted))];
  const others = found.filter(({ waits }) => waits !== 'ended');
  return others.length > 0 ? others : found;
}

/** The fields that leave a Service without a ready endpoint. */
export function whyNoneIsReady(model: ClusterModel, service: Service): Because[] {
  return waitingFor(model, service).flatMap(({ because }) => because ?? []);
}

/**
 * What a Service without a ready endpoint lacks: pods that wait, in words; pods or endpoints that the set doesn't show,
 * so that they may be applied from elsewhere; or that one of them is ready.
 */
export type Lack = { readonly kind: 'waiting'; readonly text: string } | { readonly kind: 'not-in-set' | 'ready-one' };

export function lackOf(model: ClusterModel, service: Service): Lack {
  const [first] = waitingFor(model, service);
  if (first !== undefined) return { kind: 'waiting', text: first.text };
  const isShown =
    selectedPods(model, service).length > 0 ||
    service.ports.some((port) => endpointsOfAllFamilies(model, service, port).length > 0);
  return { kind: isShown ? 'ready-one' : 'not-in-set' };
}

function wanted({ template: { kind, name, manifest }, at, scaler }: WithoutReplicas): WaitingPods {
  const none = `${kind} ${name} has ${at.at(-1)}: 0`;
  return {
    owner: { kind, name },
    waits: scaler === null ? 'none' : 'scaler',
    text: scaler === null ? none : `${none} until ${scaler.kind} ${scaler.name} starts pods of it`,
    because: written(manifest, `${at.at(-1)}: 0`, ...at),
  };
}

function whyUnready(pod: Pod, model: ClusterModel): 'status' | 'node' | 'probe' | null {
  if (isUnreadyByStatus(pod)) return 'status';
  if (!pod.ready && lostProbeOf(pod) !== null) return 'probe';
  return !pod.ready && nodeNamed(model, pod.node)?.ready === false ? 'node' : null;
}

/** There, and not among those that its workload's status counts as ready. */
function isUnreadyByStatus({ ready, manifest }: Pod): boolean {
  const counted = countedOf(manifest);
  return !ready && counted !== null && counted.ready < counted.wanted;
}

/** The probe that keeps a pod from being ready, where no status says what it is. */
function lostProbeOf({ manifest }: Pod): LostProbe | null {
  const template = readPodTemplate(manifest);
  return template === null || template.counted !== null ? null : neverReadyFor(template);
}

/** The field that keeps a pod. */
function becauseOf(pod: Pod, waits: WaitingPods['waits']): Because | null {
  const { manifest } = pod;
  switch (waits) {
    case 'paused':
      return written(manifest, 'paused: true', 'spec', 'paused');
    case 'suspended':
      return written(manifest, 'suspend: true', 'spec', 'suspend');
    case 'probe': {
      const probe = lostProbeOf(pod);
      return probe === null ? null : written(manifest, `${probe.kind} of port ${probe.port}`, ...probe.at);
    }
    default:
      return null;
  }
}

function countedOf(manifest: Manifest): PodCount | null {
  return readPodTemplate(manifest)?.counted ?? null;
}

/** Of those of a pod. */
function waitingText(pod: Pod, waits: Exclude<WaitingPods['waits'], 'none' | 'scaler'>): string {
  const {
    owner: { kind, name },
    manifest,
    node,
  } = pod;
  const whose = kind === 'Pod' ? `Pod ${name}` : `a pod of ${kind} ${name}`;
  switch (waits) {
    case 'scheduling':
      return `${whose} isn't scheduled to a node yet`;
    case 'address':
      return `${whose} has no address yet`;
    case 'paused':
      return `${kind} ${name} is paused, so it has made no pods`;
    case 'status':
      return countText(`${kind} ${name}`, countedOf(manifest) ?? { wanted: 1, there: 0, ready: 0 });
    case 'time':
      return `${kind} ${name} has pods at its times only, and none is taken to run now`;
    case 'job': {
      const jobs = activeJobs(manifest.value);
      const [which, are] = jobs.length === 1 ? ['Job', "isn't"] : ['Jobs', "aren't"];
      return `${kind} ${name} runs ${which} ${jobs.join(', ')}, which ${are} in these files, nor any pod of it`;
    }
    case 'suspended':
      return `${kind} ${name} is suspended, so it has no pods`;
    case 'ended':
      return `${manifest.kind} ${manifest.name} has ${hasFailed(manifest) ? 'failed' : 'done its work'}`;
    case 'probe': {
      const { container = '', port = '', kind: probe = 'readinessProbe' } = lostProbeOf(pod) ?? {};
      const asks = `its ${probe} asks for port ${port}, which container ${container} doesn't have`;
      return `no pod of ${kind} ${name} is ever ready: ${asks}`;
    }
    case 'node':
      return `${whose} is on node ${node}, which isn't ready`;
    default:
      return waits satisfies never;
  }
}

/** Of a Pod or a Job that has ended. */
function hasFailed({ kind, value }: Manifest): boolean {
  return kind === 'Job' ? endOfJob(value) === 'Failed' : textAt(value, 'status', 'phase') === 'Failed';
}

function countText(workload: string, { wanted, ready }: PodCount): string {
  if (wanted === 1) return `the pod of ${workload} isn't ready, by its status`;
  if (ready === 0) return `none of the ${wanted} pods of ${workload} is ready, by its status`;
  const missing = wanted - ready;
  return (
    `${missing} of the ${wanted} pods of ${workload} ${missing === 1 ? "isn't" : "aren't"} ready, by its status; ` +
    `it doesn't say which: the last ${missing === 1 ? 'is' : 'are'} taken`
  );
}
