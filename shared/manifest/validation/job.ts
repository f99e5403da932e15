import { booleanAt, type FieldPath, integerAt, textAt, type Value, valueAt } from '../value.ts';
import type { Faults } from './fieldError.ts';
import { dnsLabel, labelValue } from './formats.ts';
import { judgeLabelSelector, unmetBy } from './labelSelector.ts';
import { nameOf } from './metadata.ts';
import { judgePodTemplate, restartPolicyOf } from './podSpec.ts';
import { isWritten, textEntries } from './shape.ts';
import { notOfTemplate } from './workload.ts';

/** Source: kubernetes/kubernetes pkg/apis/batch/validation (1.36). */
const most = { indexes: 100_000, indexesOfMany: 10_000, cronJobName: 52 };

/**
 * What the API server has against a Job, with its defaults: what decides on its pods. When a failed pod or a success
 * counts isn't judged.
 * Source: kubernetes/kubernetes pkg/apis/batch/validation `ValidateJob`; pkg/registry/batch/job/strategy.go
 * `generateSelector`; pkg/apis/batch/v1/defaults.go (1.36).
 */
export function judgeJob(object: Value, kubernetesMinor: number, faults: Faults): void {
  judgeJobSpec(valueAt(object, 'spec'), ['spec'], kubernetesMinor, faults);
  judgeJobSelector(object, faults);
  const completions = integerAt(object, 'spec', 'completions') ?? (isParallel(object) ? 0 : 1);
  if (textAt(object, 'spec', 'completionMode') !== 'Indexed' || completions <= 0) return;
  const name = nameOf(object);
  const host = `${name}-${completions - 1}`;
  if (name !== '' && dnsLabel(host).length > 0)
    faults.add('Invalid', ['metadata', 'name'], `makes a pod's host name ${host}, which is no DNS label`, [
      'metadata',
      'generateName',
    ]);
}

function isParallel(object: Value): boolean {
  return integerAt(object, 'spec', 'parallelism') !== undefined;
}

/** A CronJob; whether its schedule and time zone can be read isn't judged. Source: there, `ValidateCronJobCreate`. */
export function judgeCronJob(object: Value, kubernetesMinor: number, faults: Faults): void {
  if (nameOf(object).length > most.cronJobName)
    faults.add('Invalid', ['metadata', 'name'], `must be no more than ${most.cronJobName} characters`, [
      'metadata',
      'generateName',
    ]);
  const spec = valueAt(object, 'spec');
  if ((textAt(spec, 'schedule') ?? '') === '') faults.add('Required', ['spec', 'schedule'], 'is required');
  faults.oneOf(['spec', 'concurrencyPolicy'], textAt(spec, 'concurrencyPolicy') || 'Allow', [
    'Allow',
    'Forbid',
    'Replace',
  ]);
  for (const field of ['startingDeadlineSeconds', 'successfulJobsHistoryLimit', 'failedJobsHistoryLimit'])
    faults.notNegative(['spec', field], integerAt(spec, field));
  const path = ['spec', 'jobTemplate', 'spec'];
  const job = valueAt(object, ...path);
  judgeJobSpec(job, path, kubernetesMinor, faults);
  if (isWritten(valueAt(job, 'selector')))
    faults.add('Invalid', [...path, 'selector'], 'may not be set: each Job gets one of its own');
  if (booleanAt(job, 'manualSelector') === true)
    faults.add('NotSupported', [...path, 'manualSelector'], 'may not be true: each Job gets a selector of its own');
}

/** Source: there, `validateJobSpec`. */
function judgeJobSpec(spec: Value | undefined, path: FieldPath, kubernetesMinor: number, faults: Faults): void {
  for (const field of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ])
    faults.notNegative([...path, field], integerAt(spec, field));
  judgeCompletion(spec, path, faults);
  const template = [...path, 'template'];
  judgePodTemplate(valueAt(spec, 'template'), template, kubernetesMinor, faults);
  const restart = restartPolicyOf(valueAt(spec, 'template', 'spec'));
  const restartPath = [...template, 'spec', 'restartPolicy'];
  if (restart === 'Always')
    faults.add('Required', restartPath, "is Always, which is also the default; a Job's pods need OnFailure or Never");
  else if (restart === 'OnFailure' && isWritten(valueAt(spec, 'podFailurePolicy')))
    faults.add('Invalid', restartPath, 'must be Never where there is a podFailurePolicy');
}

function judgeCompletion(spec: Value | undefined, path: FieldPath, faults: Faults): void {
  const mode = textAt(spec, 'completionMode') ?? 'NonIndexed';
  const perIndex = integerAt(spec, 'backoffLimitPerIndex');
  const failed = integerAt(spec, 'maxFailedIndexes');
  if (failed !== undefined && perIndex === undefined)
    faults.add('Required', [...path, 'backoffLimitPerIndex'], 'is required where there is maxFailedIndexes', [
      ...path,
      'maxFailedIndexes',
    ]);
  faults.oneOf([...path, 'completionMode'], mode, ['NonIndexed', 'Indexed']);
  if (mode === 'Indexed') return judgeIndexed(spec, path, faults);
  if (isWritten(valueAt(spec, 'successPolicy')))
    faults.add('Invalid', [...path, 'successPolicy'], 'requires `completionMode: Indexed`');
  if (mode !== 'NonIndexed') return;
  for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'])
    if (integerAt(spec, field) !== undefined)
      faults.add('Invalid', [...path, field], 'requires `completionMode: Indexed`');
}

function judgeIndexed(spec: Value | undefined, path: FieldPath, faults: Faults): void {
  const parallel = integerAt(spec, 'parallelism');
  const completions = integerAt(spec, 'completions') ?? (path.length > 1 || parallel !== undefined ? undefined : 1);
  const failed = integerAt(spec, 'maxFailedIndexes');
  if (completions === undefined)
    faults.add('Required', [...path, 'completions'], 'is required when `completionMode` is Indexed', [
      ...path,
      'completionMode',
    ]);
  const bound = (field: string, value: number | undefined, highest: number, why: string): void => {
    if (value !== undefined && value > highest)
      faults.add('Invalid', [...path, field], `must be at most ${highest}${why}`);
  };
  bound('parallelism', parallel, most.indexes, ' when `completionMode` is Indexed');
  if (completions !== undefined) bound('maxFailedIndexes', failed, completions, ' (completions)');
  bound('maxFailedIndexes', failed, most.indexes, '');
  if (completions === undefined || completions <= most.indexes) return;
  if (integerAt(spec, 'backoffLimitPerIndex') === undefined) return;
  const many = ` when completions are above ${most.indexes}`;
  if (failed === undefined) faults.add('Required', [...path, 'maxFailedIndexes'], `is required${many}`);
  bound('parallelism', parallel, most.indexesOfMany, many);
  bound('maxFailedIndexes', failed, most.indexesOfMany, many);
}

/** The detail of a label that a Job's pods have already. */
export const givenByServer = "is a label that the API server itself gives to a Job's pods, with another value";

/** What a Job is called in its pods' labels, and what it is known by: the first of each is the one from before. */
const nameLabels = ['job-name', 'batch.kubernetes.io/job-name'];
const uidLabels = ['controller-uid', 'batch.kubernetes.io/controller-uid'];

/**
 * A Job's selector: its own where `manualSelector` says so, else the server's, with which what is written must go
 * together. What a dump shows has been written by the server.
 */
function judgeJobSelector(object: Value, faults: Faults): void {
  const path = ['spec', 'selector'];
  const labelsPath: FieldPath = ['spec', 'template', 'metadata', 'labels'];
  const selector = valueAt(object, ...path);
  const labels = new Map(textEntries(valueAt(object, ...labelsPath)));
  const isManual = booleanAt(object, 'spec', 'manualSelector') === true;
  if (isManual && !isWritten(selector))
    return faults.add('Required', path, 'is required when `manualSelector` is true', ['spec', 'manualSelector']);
  const isReadable = judgeLabelSelector(selector, path, faults);
  if (isManual) {
    if (isReadable && unmetBy(labels, selector).length > 0) faults.add('Invalid', labelsPath, notOfTemplate, path);
    return;
  }
  const made = madeLabels(object);
  for (const problem of labels.has('job-name') ? [] : labelValue(nameOf(object)))
    faults.add('Invalid', [...labelsPath, 'job-name'], problem, ['metadata', 'name']);
  for (const [label, value] of made) {
    const own = labels.get(label) ?? value;
    if (own !== value) faults.add('Invalid', [...labelsPath, label], givenByServer);
    labels.set(label, own);
  }
  if (!isReadable) return;
  if (unmetBy(made, selector).length > 0)
    faults.add('Invalid', path, "is not the server's own; leave it out, or set `manualSelector: true`");
  if (unmetBy(labels, selector).length > 0) faults.add('Invalid', labelsPath, notOfTemplate, path);
}

/** The labels that the server gives a Job's pods: its name, and an id that nobody knows before. */
function madeLabels(object: Value): ReadonlyMap<string, string> {
  const name = nameOf(object);
  const uid = textAt(object, 'metadata', 'uid') ?? ' unknown';
  return new Map([
    ...nameLabels.map((label): [string, string] => [label, name]),
    ...uidLabels.map((label): [string, string] => [label, uid]),
  ]);
}
