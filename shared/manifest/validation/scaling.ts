import { type FieldPath, integerAt, textAt, type Value, valueAt } from '../value.ts';
import type { Faults } from './fieldError.ts';
import { pathSegment } from './formats.ts';
import { judgeLabelSelector } from './labelSelector.ts';
import { isWritten } from './shape.ts';
import { judgeShare } from './workload.ts';

/**
 * What the API server has against a PodDisruptionBudget.
 * Source: kubernetes/kubernetes pkg/apis/policy/validation `ValidatePodDisruptionBudgetSpec` (1.36).
 */
export function judgeDisruptionBudget(object: Value, _kubernetesMinor: number, faults: Faults): void {
  const path = ['spec'];
  const bounds = ['minAvailable', 'maxUnavailable'];
  if (bounds.every((field) => isWritten(valueAt(object, 'spec', field))))
    faults.add('Invalid', path, 'may not have both minAvailable and maxUnavailable');
  for (const field of bounds) {
    const share = valueAt(object, 'spec', field);
    if (typeof share === 'number' || typeof share === 'string')
      judgeShare(share, [...path, field], 'at most 100%', faults);
  }
  judgeLabelSelector(valueAt(object, 'spec', 'selector'), [...path, 'selector'], faults);
  const policy = textAt(object, 'spec', 'unhealthyPodEvictionPolicy');
  if (policy !== undefined)
    faults.oneOf([...path, 'unhealthyPodEvictionPolicy'], policy, ['AlwaysAllow', 'IfHealthyBudget']);
}

/**
 * What the API server has against a HorizontalPodAutoscaler's bounds and its target; its metrics and its behaviour are
 * decoded alone.
 * Source: kubernetes/kubernetes pkg/apis/autoscaling/validation `validateHorizontalPodAutoscalerSpec` (1.36).
 */
export function judgeAutoscaler(object: Value, kubernetesMinor: number, faults: Faults): void {
  const path: FieldPath = ['spec'];
  const least = integerAt(object, 'spec', 'minReplicas') ?? 1;
  const most = integerAt(object, 'spec', 'maxReplicas') ?? 0;
  const target = valueAt(object, 'spec', 'scaleTargetRef');
  // 0 is for clusters with the feature gate HPAScaleToZero.
  faults.notNegative([...path, 'minReplicas'], least);
  if (most === 0) faults.add('Required', [...path, 'maxReplicas'], 'is required, and must be greater than 0');
  else if (most < 0) faults.add('Invalid', [...path, 'maxReplicas'], `is ${most}; it must be at least 1`);
  if (most !== 0 && most < least)
    faults.add('Invalid', [...path, 'maxReplicas'], `is ${most}; it must not be less than minReplicas (${least})`);
  for (const field of ['kind', 'name']) {
    const text = textAt(target, field) ?? '';
    if (text === '') faults.add('Required', [...path, 'scaleTargetRef', field], 'is required');
    else faults.invalid([...path, 'scaleTargetRef', field], pathSegment(text));
  }
  if (kubernetesMinor >= groupAskedSince && !/^[^/]+\/[^/]*$/.test(textAt(target, 'apiVersion') ?? ''))
    faults.add('Invalid', [...path, 'scaleTargetRef', 'apiVersion'], 'must have a group, as apps/v1', [
      ...path,
      'scaleTargetRef',
    ]);
}

/** The release whose API server is known to ask for a group there. */
const groupAskedSince = 36;
