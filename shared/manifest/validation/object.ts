import type { Manifest } from '../manifest.ts';
import { type Value, valueAt } from '../value.ts';
import { validateEndpointSlice } from './endpointSlice.ts';
import { judgeEndpoints } from './endpoints.ts';
import { type FieldError, Faults } from './fieldError.ts';
import { dnsLabel, dnsSubdomain, type Format, pathSegment } from './formats.ts';
import { judgeIngress, judgeIngressClass } from './ingress.ts';
import { judgeCronJob, judgeJob } from './job.ts';
import { judgeConfigMap, judgeSecret } from './keyedData.ts';
import { type FinalizerNames, judgeBeginning, judgeMetadata, judgeName, judgeNamespace } from './metadata.ts';
import { judgeNetworkPolicy } from './networkPolicy.ts';
import { judgePodSpec } from './podSpec.ts';
import { judgeAutoscaler, judgeDisruptionBudget } from './scaling.ts';
import { validateService } from './service.ts';
import { judgeShape, type TypeName } from './shape.ts';
import {
  judgeDaemonSet,
  judgeDeployment,
  judgeReplicaSet,
  judgeReplicationController,
  judgeStatefulSet,
} from './workload.ts';

/** A kind that is judged whole: what it holds, how it may be called, and what the server asks of it beside that. */
interface JudgedKind {
  readonly type: TypeName;
  readonly judge: (object: Value, kubernetesMinor: number, faults: Faults) => void;
  /** How an object may be called; as a domain name if nothing is said. */
  readonly name?: (kubernetesMinor: number) => Format<string>;
  readonly isOfCluster?: true;
  readonly finalizers?: FinalizerNames;
  /** The beginning of a name doesn't matter beside a name. */
  readonly ignoresBeginning?: true;
}

const kinds: ReadonlyMap<string, JudgedKind> = new Map<string, JudgedKind>([
  ['v1 Pod', { type: 'Pod', judge: judgePod }],
  ['v1 ConfigMap', { type: 'ConfigMap', judge: judgeConfigMap }],
  ['v1 Secret', { type: 'Secret', judge: judgeSecret }],
  ['v1 Endpoints', { type: 'Endpoints', judge: judgeEndpoints }],
  [
    'v1 ReplicationController',
    { type: 'ReplicationController', judge: judgeReplicationController, ignoresBeginning: true },
  ],
  ['apps/v1 Deployment', { type: 'apps.Deployment', judge: judgeDeployment }],
  ['apps/v1 ReplicaSet', { type: 'apps.ReplicaSet', judge: judgeReplicaSet }],
  ['apps/v1 StatefulSet', { type: 'apps.StatefulSet', judge: judgeStatefulSet, name: statefulName }],
  ['apps/v1 DaemonSet', { type: 'apps.DaemonSet', judge: judgeDaemonSet }],
  ['batch/v1 Job', { type: 'batch.Job', judge: judgeJob }],
  ['batch/v1 CronJob', { type: 'batch.CronJob', judge: judgeCronJob }],
  ['networking.k8s.io/v1 Ingress', { type: 'networking.Ingress', judge: judgeIngress }],
  [
    'networking.k8s.io/v1 IngressClass',
    { type: 'networking.IngressClass', judge: judgeIngressClass, isOfCluster: true },
  ],
  ['networking.k8s.io/v1 NetworkPolicy', { type: 'networking.NetworkPolicy', judge: judgeNetworkPolicy }],
  [
    'policy/v1 PodDisruptionBudget',
    {
      type: 'policy.PodDisruptionBudget',
      judge: judgeDisruptionBudget,
      name: () => pathSegment,
      finalizers: 'qualified',
    },
  ],
  ['autoscaling/v2 HorizontalPodAutoscaler', { type: 'autoscaling.HorizontalPodAutoscaler', judge: judgeAutoscaler }],
]);

/**
 * What the API server has against an object of a kind that touches traffic when it is created, its defaults applied;
 * empty for one that it takes, null for a kind or a version that isn't judged. Fields of the wrong type come alone: the
 * server doesn't look further.
 */
export function validateObject(
  { apiVersion, kind, value }: Pick<Manifest, 'apiVersion' | 'kind' | 'value'>,
  kubernetesMinor: number,
): readonly FieldError[] | null {
  if (apiVersion === 'v1' && kind === 'Service') return validateService(value, kubernetesMinor);
  if (apiVersion === 'discovery.k8s.io/v1' && kind === 'EndpointSlice')
    return validateEndpointSlice(value, kubernetesMinor);
  const judged = kinds.get(`${apiVersion} ${kind}`);
  if (judged === undefined) return null;
  const faults = new Faults();
  judgeShape(value, judged.type, [], faults);
  if (faults.errors.some((error) => error.kind === 'WrongType')) return faults.errors;
  const format = judged.name?.(kubernetesMinor) ?? dnsSubdomain;
  judgeName(value, format, faults);
  if (judged.ignoresBeginning !== true) judgeBeginning(value, format, faults);
  if (judged.isOfCluster !== true) judgeNamespace(value, faults);
  judgeMetadata(valueAt(value, 'metadata'), faults, judged.finalizers ?? 'standard or qualified');
  judged.judge(value, kubernetesMinor, faults);
  return faults.errors;
}

function judgePod(object: Value, kubernetesMinor: number, faults: Faults): void {
  judgePodSpec(valueAt(object, 'spec'), ['spec'], { kubernetesMinor, holder: 'Pod' }, faults);
}

/** The release since which a StatefulSet's name, which stands in its pods' host names, has no dots. */
const statefulLabelSince = 27;

function statefulName(kubernetesMinor: number): Format<string> {
  return kubernetesMinor >= statefulLabelSince ? dnsLabel : dnsSubdomain;
}
