import { integerAt, itemsAt, textAt, type Value, valueAt } from '../manifest/value.ts';

/**
 * How many of a workload's pods are there, and how many of those are ready, as its status counts them. The status says
 * no more: which ones they are, only the Pods themselves show.
 * Source: kubernetes/kubernetes staging/src/k8s.io/api/apps/v1/types.go `DeploymentStatus`, `ReplicaSetStatus`,
 * `StatefulSetStatus`, `DaemonSetStatus`, batch/v1/types.go `JobStatus` (a count of 0 is mostly left out);
 * pkg/controller/deployment/sync.go `calculateStatus` (1.36).
 */
export interface PodCount {
  readonly wanted: number;
  readonly there: number;
  readonly ready: number;
}

/** What `spec.replicas` asks for, as its status counts it; null where no controller has written one. */
export function countOfReplicas(workload: Value, wanted: number): PodCount | null {
  const status = valueAt(workload, 'status');
  const [replicas, ready, available, unavailable] = [
    integerAt(status, 'replicas'),
    integerAt(status, 'readyReplicas'),
    integerAt(status, 'availableReplicas'),
    integerAt(status, 'unavailableReplicas'),
  ];
  const isCounted = [replicas, ready, available, unavailable, integerAt(status, 'observedGeneration')];
  if (isCounted.every((each) => each === undefined)) return null;
  return countOf(wanted, {
    there: replicas,
    ready: ready ?? available ?? (unavailable === undefined ? 0 : wanted - unavailable),
  });
}

/** A DaemonSet's pods: of the nodes that are to run one, as its status counts them. */
export function countOfDaemons(workload: Value): PodCount | null {
  const status = valueAt(workload, 'status');
  const wanted = integerAt(status, 'desiredNumberScheduled');
  return wanted === undefined
    ? null
    : countOf(wanted, {
        there: integerAt(status, 'currentNumberScheduled'),
        ready: integerAt(status, 'numberReady') ?? integerAt(status, 'numberAvailable') ?? 0,
      });
}

/** A running Job's pods: those that it runs, not those that it might. */
export function countOfJob(job: Value): PodCount | null {
  const status = valueAt(job, 'status');
  const active = integerAt(status, 'active');
  if (active === undefined && textAt(status, 'startTime') === undefined) return null;
  const there = active ?? 0;
  return countOf(there, { there, ready: integerAt(status, 'ready') ?? there });
}

function countOf(
  wanted: number,
  { there, ready }: { readonly there: number | undefined; readonly ready: number },
): PodCount {
  const counted = Math.min(Math.max(ready, 0), wanted);
  return { wanted, ready: counted, there: Math.min(Math.max(there ?? 0, counted), wanted) };
}

/** The Jobs of a CronJob that its status says are running. */
export function activeJobs(cronJob: Value): string[] {
  return itemsAt(cronJob, 'status', 'active').flatMap((each) => textAt(each, 'name') ?? []);
}
