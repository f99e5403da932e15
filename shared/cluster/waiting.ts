import { type ClusterModel, selectedPods } from './clusterModel.ts';
import type { Pod, Waiting } from './pod.ts';
import type { Service } from './service.ts';

/** Pods of one workload that a Service's selector picks and that are no endpoints, since they aren't there yet. */
export interface WaitingPods {
  readonly owner: Pod['owner'];
  readonly waits: Waiting;
  /** What keeps them, in a sentence without its full stop. */
  readonly text: string;
}

/** The workloads whose pods the Service would have, were they there. */
export function waitingFor(model: ClusterModel, service: Service): WaitingPods[] {
  if (service.type === 'ExternalName') return [];
  const workloads = new Map<string, WaitingPods>();
  for (const { owner, waits, namespace } of selectedPods(service, model)) {
    if (waits === null) continue;
    const key = `${namespace}/${owner.kind}/${owner.name}/${waits}`;
    if (!workloads.has(key)) workloads.set(key, { owner, waits, text: waitingText(owner, waits) });
  }
  return [...workloads.values()];
}

function waitingText({ kind, name }: Pod['owner'], waits: Waiting): string {
  const whose = kind === 'Pod' ? `Pod ${name}` : `a pod of ${kind} ${name}`;
  switch (waits) {
    case 'scheduling':
      return `${whose} isn't scheduled to a node yet`;
    case 'address':
      return `${whose} has no address yet`;
    case 'paused':
      return `${kind} ${name} is paused, so it has made no pods`;
    case 'time':
      return `${kind} ${name} has pods at its times only, and none is taken to run now`;
    default:
      return waits satisfies never;
  }
}
