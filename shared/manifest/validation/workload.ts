import { type FieldPath, integerAt, isMap, textAt, type Value, valueAt } from '../value.ts';
import type { Faults } from './fieldError.ts';
import { dnsLabel, percent } from './formats.ts';
import { isEmptySelector, judgeLabelSelector, unmetBy } from './labelSelector.ts';
import { judgeEndless, judgePodTemplate } from './podSpec.ts';
import { isWritten, textEntries } from './shape.ts';

/**
 * What the API server has against the specs of the workloads whose pods go on for ever, with its defaults.
 * Source: kubernetes/kubernetes pkg/apis/apps/validation, pkg/apis/core/validation `ValidateReplicationControllerSpec`;
 * pkg/apis/apps/v1/defaults.go, pkg/apis/core/v1/defaults.go (1.36).
 */

const spec = ['spec'] as const;
const template: FieldPath = ['spec', 'template'];
const selector: FieldPath = ['spec', 'selector'];

/** The detail by which the fault is known that a selector doesn't take its template's labels. */
export const notOfTemplate = '`selector` does not match template `labels`';

export function judgeDeployment(object: Value, kubernetesMinor: number, faults: Faults): void {
  judgeCounts(object, ['replicas', 'minReadySeconds', 'revisionHistoryLimit', 'progressDeadlineSeconds'], faults);
  if (judgeSelector(object, 'Deployment', faults)) judgeTemplate(object, 'Deployment', kubernetesMinor, faults);
  judgeDeploymentStrategy(valueAt(object, 'spec', 'strategy'), [...spec, 'strategy'], faults);
  const minReady = integerAt(object, 'spec', 'minReadySeconds') ?? 0;
  const deadline = integerAt(object, 'spec', 'progressDeadlineSeconds') ?? defaultDeadline;
  if (deadline <= minReady)
    faults.add(
      'Invalid',
      [...spec, 'progressDeadlineSeconds'],
      `is ${deadline}; it must be greater than minReadySeconds (${minReady})`,
      [...spec, 'minReadySeconds'],
    );
}

const defaultDeadline = 600;

export function judgeReplicaSet(object: Value, kubernetesMinor: number, faults: Faults): void {
  judgeCounts(object, ['replicas', 'minReadySeconds'], faults);
  if (judgeSelector(object, 'ReplicaSet', faults)) judgeTemplate(object, 'ReplicaSet', kubernetesMinor, faults);
}

/** What its claims for volumes ask, and what becomes of them, isn't judged. */
export function judgeStatefulSet(object: Value, kubernetesMinor: number, faults: Faults): void {
  judgeCounts(object, ['replicas', 'minReadySeconds'], faults);
  faults.notNegative([...spec, 'ordinals', 'start'], integerAt(object, 'spec', 'ordinals', 'start'));
  const policy = textAt(object, 'spec', 'podManagementPolicy') || 'OrderedReady';
  if (policy !== 'OrderedReady' && policy !== 'Parallel')
    faults.add(
      'Invalid',
      [...spec, 'podManagementPolicy'],
      `is ${JSON.stringify(policy)}; ${either('OrderedReady', 'Parallel')}`,
    );
  const service = textAt(object, 'spec', 'serviceName') ?? '';
  if (service !== '') faults.invalid([...spec, 'serviceName'], dnsLabel(service));
  judgeStatefulStrategy(valueAt(object, 'spec', 'updateStrategy'), [...spec, 'updateStrategy'], faults);
  if (judgeSelector(object, 'StatefulSet', faults)) {
    judgeMatch(object, faults);
    judgePodTemplate(nameless(valueAt(object, ...template)), template, kubernetesMinor, faults);
  }
  judgeEndless(valueAt(object, ...template), template, 'StatefulSet', faults);
}

/** The controller gives each pod a host name and a subdomain of its own, so the server doesn't look at these. */
function nameless(of: Value | undefined): Value | undefined {
  const own = valueAt(of, 'spec');
  return isMap(of) && isMap(own) ? { ...of, spec: { ...own, hostname: null, subdomain: null } } : of;
}

export function judgeDaemonSet(object: Value, kubernetesMinor: number, faults: Faults): void {
  judgeCounts(object, ['minReadySeconds', 'revisionHistoryLimit'], faults);
  if (judgeSelector(object, 'DaemonSet', faults)) judgeMatch(object, faults);
  judgePodTemplate(valueAt(object, ...template), template, kubernetesMinor, faults);
  judgeEndless(valueAt(object, ...template), template, 'DaemonSet', faults);
  judgeDaemonStrategy(valueAt(object, 'spec', 'updateStrategy'), [...spec, 'updateStrategy'], faults);
}

export function judgeReplicationController(object: Value, kubernetesMinor: number, faults: Faults): void {
  judgeCounts(object, ['replicas', 'minReadySeconds'], faults);
  const wanted = textEntries(valueAt(object, ...selector));
  const labels = labelsOf(object);
  if (wanted.length === 0 && labels.size === 0)
    faults.add('Required', selector, "is required where the template's pods have no labels");
  if (!isWritten(valueAt(object, ...template))) return faults.add('Required', template, 'is required');
  if (wanted.some(([key, value]) => labels.get(key) !== value))
    faults.add('Invalid', [...template, 'metadata', 'labels'], notOfTemplate, selector);
  judgePodTemplate(valueAt(object, ...template), template, kubernetesMinor, faults);
  judgeEndless(valueAt(object, ...template), template, 'ReplicationController', faults);
}

function judgeCounts(object: Value, fields: readonly string[], faults: Faults): void {
  for (const field of fields) faults.notNegative([...spec, field], integerAt(object, 'spec', field));
}

/** Whether the server goes on to the template: it doesn't behind a selector that it can't read. */
function judgeSelector(object: Value, kind: string, faults: Faults): boolean {
  const own = valueAt(object, ...selector);
  if (!isWritten(own)) {
    faults.add('Required', selector, `is required, and has to take the labels of the template`);
    return true;
  }
  if (isEmptySelector(own)) faults.add('Invalid', selector, `is empty; a ${kind} takes no empty selector`);
  return judgeLabelSelector(own, selector, faults);
}

function judgeTemplate(object: Value, kind: string, kubernetesMinor: number, faults: Faults): void {
  judgeMatch(object, faults);
  judgePodTemplate(valueAt(object, ...template), template, kubernetesMinor, faults);
  judgeEndless(valueAt(object, ...template), template, kind, faults);
}

function labelsOf(object: Value): ReadonlyMap<string, string> {
  return new Map(textEntries(valueAt(object, ...template, 'metadata', 'labels')));
}

function judgeMatch(object: Value, faults: Faults): void {
  if (unmetBy(labelsOf(object), valueAt(object, ...selector)).length > 0)
    faults.add('Invalid', [...template, 'metadata', 'labels'], notOfTemplate, selector);
}

/** Source: there, `ValidateDeploymentStrategy`, `SetDefaults_Deployment`. */
function judgeDeploymentStrategy(strategy: Value | undefined, path: FieldPath, faults: Faults): void {
  const type = textAt(strategy, 'type') || 'RollingUpdate';
  const rolling = valueAt(strategy, 'rollingUpdate');
  const own = [...path, 'rollingUpdate'];
  faults.oneOf([...path, 'type'], type, ['Recreate', 'RollingUpdate']);
  if (type === 'Recreate' && isWritten(rolling))
    faults.add('Forbidden', own, 'may not be specified when `type` is Recreate');
  if (type !== 'RollingUpdate') return;
  const unavailable = share(rolling, 'maxUnavailable', '25%');
  const surge = share(rolling, 'maxSurge', '25%');
  judgeShare(unavailable, [...own, 'maxUnavailable'], 'at most 100%', faults);
  judgeShare(surge, [...own, 'maxSurge'], 'any', faults);
  if (amount(unavailable) === 0 && amount(surge) === 0)
    faults.add('Invalid', [...own, 'maxUnavailable'], 'may not be 0 when `maxSurge` is 0');
}

/** Source: there, `ValidateStatefulSetSpec`; a `maxUnavailable` counts only behind a feature gate that is off. */
function judgeStatefulStrategy(strategy: Value | undefined, path: FieldPath, faults: Faults): void {
  const type = textAt(strategy, 'type') || 'RollingUpdate';
  const rolling = valueAt(strategy, 'rollingUpdate');
  const own = [...path, 'rollingUpdate'];
  if (type === 'RollingUpdate') faults.notNegative([...own, 'partition'], integerAt(rolling, 'partition'));
  else if (type !== 'OnDelete')
    faults.add('Invalid', [...path, 'type'], `is ${JSON.stringify(type)}; ${either('RollingUpdate', 'OnDelete')}`);
  else if (isWritten(rolling)) faults.add('Invalid', own, 'is only allowed when `type` is RollingUpdate');
}

/** Source: there, `ValidateDaemonSetUpdateStrategy`, `SetDefaults_DaemonSet`. */
function judgeDaemonStrategy(strategy: Value | undefined, path: FieldPath, faults: Faults): void {
  const type = textAt(strategy, 'type') || 'RollingUpdate';
  const rolling = valueAt(strategy, 'rollingUpdate');
  const own = [...path, 'rollingUpdate'];
  faults.oneOf([...path, 'type'], type, ['RollingUpdate', 'OnDelete']);
  if (type !== 'RollingUpdate') return;
  const unavailable = share(rolling, 'maxUnavailable', 1);
  const surge = share(rolling, 'maxSurge', 0);
  judgeShare(unavailable, [...own, 'maxUnavailable'], 'at most 100%', faults);
  judgeShare(surge, [...own, 'maxSurge'], 'at most 100%', faults);
  if (amount(unavailable) !== 0 && amount(surge) !== 0)
    faults.add('Invalid', [...own, 'maxSurge'], `may not be set when \`maxUnavailable\` (${unavailable}) is not 0`);
  if (amount(unavailable) === 0 && amount(surge) === 0)
    faults.add('Required', [...own, 'maxUnavailable'], 'may not be 0 when `maxSurge` is 0');
}

/** A number of pods, or a percentage. */
type Share = number | string;

function share(rolling: Value | undefined, field: string, otherwise: Share): Share {
  const written = valueAt(rolling, field);
  return typeof written === 'number' || typeof written === 'string' ? written : otherwise;
}

/** Source: kubernetes/kubernetes pkg/apis/apps/validation `ValidatePositiveIntOrPercent` (1.36). */
export function judgeShare(value: Share, path: FieldPath, bound: 'at most 100%' | 'any', faults: Faults): void {
  if (typeof value === 'number') return faults.notNegative(path, value);
  const problems = percent(value);
  faults.invalid(path, problems);
  if (bound === 'at most 100%' && problems.length === 0 && Number.parseInt(value, 10) > 100)
    faults.add('Invalid', path, 'must not be greater than 100%');
}

/** What is no percentage counts as the number that it may be. Source: there, `getIntOrPercentValue`. */
function amount(value: Share): number {
  if (typeof value === 'number') return value;
  return /^[+-]?\d+%?$/.test(value) ? Number.parseInt(value, 10) : 0;
}

function either(first: string, second: string): string {
  return `it can be ${first} or ${second}`;
}
