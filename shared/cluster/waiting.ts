import { type ClusterModel, selectedPods } from './clusterModel.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { type Pod, readPodTemplate, type Waiting } from './pod.ts';
import type { Service } from './service.ts';
import { activeJobs, type PodCount } from './workloadStatus.ts';

/** Pods of one workload that a Service's selector picks and that are no ready endpoints: what keeps them. */
export interface WaitingPods {
  readonly owner: Pod['owner'];
  readonly waits: Waiting;
  /** What keeps them, in a sentence without its full stop. */
  readonly text: string;
}

/** The workloads whose pods the Service would have, were they there and ready. */
export function waitingFor(model: ClusterModel, service: Service): WaitingPods[] {
  if (service.type === 'ExternalName') return [];
  const workloads = new Map<string, WaitingPods>();
  for (const pod of selectedPods(service, model)) {
    const waits = pod.waits ?? (isUnreadyByStatus(pod) ? 'status' : null);
    if (waits === null) continue;
    const { owner, namespace } = pod;
    const key = `${namespace}/${owner.kind}/${owner.name}/${waits}`;
    if (!workloads.has(key)) workloads.set(key, { owner, waits, text: waitingText(pod, waits) });
  }
  return [...workloads.values()];
}

/** There, and not among those that its workload's status counts as ready. */
function isUnreadyByStatus({ ready, manifest }: Pod): boolean {
  const counted = countedOf(manifest);
  return !ready && counted !== null && counted.ready < counted.wanted;
}

function countedOf(manifest: Manifest): PodCount | null {
  return readPodTemplate(manifest)?.counted ?? null;
}

function waitingText({ owner: { kind, name }, manifest }: Pod, waits: Waiting): string {
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
    default:
      return waits satisfies never;
  }
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
