import type { ClusterModel } from './clusterModel.ts';
import { nodeNamed, selectedPods } from './lookups.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { textAt } from '../manifest/value.ts';
import { endOfJob, type Pod, readPodTemplate, type Waiting } from './pod.ts';
import type { Service } from './service.ts';
import { activeJobs, type PodCount } from './workloadStatus.ts';

/** Pods of one workload that a Service's selector picks and that are no ready endpoints: what keeps them. */
export interface WaitingPods {
  readonly owner: Pod['owner'];
  /** `node`: their node isn't ready. */
  readonly waits: Waiting | 'node';
  /** What keeps them, in a sentence without its full stop. */
  readonly text: string;
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
    if (!workloads.has(key)) workloads.set(key, { owner, waits, text: waitingText(pod, waits) });
  }
  const found = [...workloads.values()];
  const others = found.filter(({ waits }) => waits !== 'ended');
  return others.length > 0 ? others : found;
}

function whyUnready(pod: Pod, model: ClusterModel): 'status' | 'node' | null {
  if (isUnreadyByStatus(pod)) return 'status';
  return !pod.ready && nodeNamed(model, pod.node)?.ready === false ? 'node' : null;
}

/** There, and not among those that its workload's status counts as ready. */
function isUnreadyByStatus({ ready, manifest }: Pod): boolean {
  const counted = countedOf(manifest);
  return !ready && counted !== null && counted.ready < counted.wanted;
}

function countedOf(manifest: Manifest): PodCount | null {
  return readPodTemplate(manifest)?.counted ?? null;
}

function waitingText({ owner: { kind, name }, manifest, node }: Pod, waits: WaitingPods['waits']): string {
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
