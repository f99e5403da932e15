import { groupOf, type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { integerAt, type FieldPath, textAt } from '../manifest/value.ts';
import { type ClusterModel, eachOfModel, indexOfModel } from './clusterModel.ts';
import { labelKeysOf, type PodSelector, pickedBy } from './podSelection.ts';
import type { PodTemplate } from './pod.ts';

/**
 * Workloads that are to have no pod: `replicas: 0`. Whoever scales them may start some all the same. A
 * HorizontalPodAutoscaler doesn't: it leaves a workload without replicas alone, unless its own `minReplicas` is 0,
 * which is behind a feature gate.
 * Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go `reconcileAutoscaler` (`ScalingDisabled`),
 * pkg/features/kube_features.go `HPAScaleToZero` (1.36); kedacore/keda apis/keda/v1alpha1/scaledobject_types.go;
 * kedacore/http-add-on operator/apis/http/v1alpha1/httpscaledobject_types.go; argoproj/argo-rollouts
 * pkg/apis/rollouts/v1alpha1/types.go `RolloutSpec` (`workloadRef`: it runs the pods of a Deployment that has none).
 */
export interface WithoutReplicas {
  readonly template: PodTemplate;
  /** Where its count is written. */
  readonly at: FieldPath;
  /** Who may start pods of it; null for nobody in the set. */
  readonly scaler: Manifest | null;
}

/** A workload that is to have no pod; null for one that is to have some, or that another one owns. */
export function withoutReplicas(model: ClusterModel, template: PodTemplate): WithoutReplicas | null {
  const { count, manifest, kind, namespace, name } = template;
  if (count !== 0 || textAt(manifest.value, 'metadata', 'ownerReferences', 0, 'name') !== undefined) return null;
  const [scaler = null] = scalersByTarget(model).get(`${namespace}/${kind}/${name}`);
  return { template, at: countPath(kind), scaler };
}

function countPath(kind: PodTemplate['kind']): FieldPath {
  switch (kind) {
    case 'Job':
      return ['spec', 'parallelism'];
    case 'CronJob':
      return ['spec', 'jobTemplate', 'spec', 'parallelism'];
    default:
      return ['spec', 'replicas'];
  }
}

const idle = eachOfModel(
  ({ declared }) => declared.templates,
  (template: PodTemplate) => (template.count === 0 ? [template] : []),
);
const idleByLabel = indexOfModel(idle, (template: PodTemplate) => labelKeysOf(template));

/** Those whose pods a selector would pick. */
export function withoutReplicasBehind(model: ClusterModel, selector: PodSelector): readonly WithoutReplicas[] {
  return pickedBy(selector, idleByLabel(model)).flatMap((each) => withoutReplicas(model, each) ?? []);
}

const scalersByTarget = indexOfModel(({ declared }) => scalerKinds.flatMap((kind) => declared.ofKind(kind)), targetOf);

const scalerKinds = ['HorizontalPodAutoscaler', 'ScaledObject', 'HTTPScaledObject', 'Rollout'] as const;

/** The workload that a scaler may start pods of, as `namespace/kind/name`. */
function targetOf(manifest: Manifest): string[] {
  const { value, kind } = manifest;
  const target = (field: string): string[] => {
    const name = textAt(value, 'spec', field, 'name');
    const ofKind = textAt(value, 'spec', field, 'kind') ?? 'Deployment';
    return name === undefined ? [] : [`${namespaceOf(manifest)}/${ofKind}/${name}`];
  };
  switch (`${groupOf(manifest)} ${kind}`) {
    case 'autoscaling HorizontalPodAutoscaler':
      return integerAt(value, 'spec', 'minReplicas') === 0 ? target('scaleTargetRef') : [];
    case 'keda.sh ScaledObject':
    case 'http.keda.sh HTTPScaledObject':
      return target('scaleTargetRef');
    case 'argoproj.io Rollout':
      return target('workloadRef');
    default:
      return [];
  }
}
