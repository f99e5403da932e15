import { type FieldPath, integerAt, itemsAt, textAt, type Value, valueAt } from '../value.ts';
import type { Faults } from './fieldError.ts';
import { containerPortName, headerName, portNumber } from './formats.ts';
import { isWritten } from './shape.ts';

export type ProbeName = (typeof probeNames)[number];

export const probeNames = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/**
 * What the API server has against a container's probe.
 * Source: kubernetes/kubernetes pkg/apis/core/validation `validateLivenessProbe`, `validateReadinessProbe`,
 * `validateProbe`; pkg/apis/core/v1/defaults.go `SetDefaults_Probe` (1.36).
 */
export function judgeProbe(probe: Value, name: ProbeName, path: FieldPath, faults: Faults): void {
  judgeHandler(probe, path, ['exec', 'httpGet', 'tcpSocket', 'grpc'], faults);
  for (const field of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'failureThreshold'])
    faults.notNegative([...path, field], integerAt(probe, field));
  const successes = integerAt(probe, 'successThreshold') || 1;
  if (name !== 'readinessProbe' && successes !== 1)
    faults.add('Invalid', [...path, 'successThreshold'], `is ${successes}; it must be 1 in a ${name}`);
  else faults.notNegative([...path, 'successThreshold'], successes);
  const grace = integerAt(probe, 'terminationGracePeriodSeconds');
  const gracePath = [...path, 'terminationGracePeriodSeconds'];
  if (grace === undefined) return;
  if (name === 'readinessProbe') faults.add('Invalid', gracePath, 'must not be set for a readinessProbe');
  else if (grace <= 0) faults.add('Invalid', gracePath, 'must be greater than 0');
}

const longestGrace = 30;

/**
 * What it has against what a container does when it starts and before it stops.
 * Source: there, `validateLifecycle`, `validateSleepAction`.
 */
export function judgeLifecycle(lifecycle: Value, path: FieldPath, spec: Value | undefined, faults: Faults): void {
  const grace = integerAt(spec, 'terminationGracePeriodSeconds') ?? longestGrace;
  for (const moment of ['postStart', 'preStop']) {
    const handler = valueAt(lifecycle, moment);
    if (!isWritten(handler)) continue;
    const handled = judgeHandler(handler, [...path, moment], ['exec', 'httpGet', 'tcpSocket', 'sleep'], faults);
    const seconds = integerAt(handler, 'sleep', 'seconds') ?? 0;
    if (handled === 'sleep' && (seconds < 0 || seconds > grace))
      faults.add(
        'Invalid',
        [...path, moment, 'sleep', 'seconds'],
        `is ${seconds}; it must be between 0 and terminationGracePeriodSeconds (${grace})`,
      );
  }
}

/** Judges the first handler, since the server looks at no other; which that is. */
function judgeHandler(handlers: Value, path: FieldPath, kinds: readonly string[], faults: Faults): string | undefined {
  const [first, ...more] = kinds.filter((kind) => isWritten(valueAt(handlers, kind)));
  if (first === undefined) {
    faults.add('Required', path, `has no handler: one of ${kinds.join(', ')} is required`);
    return undefined;
  }
  for (const kind of more) faults.add('Forbidden', [...path, kind], `may not stand beside ${first}: one handler only`);
  judgeAction(first, valueAt(handlers, first), [...path, first], faults);
  return first;
}

function judgeAction(kind: string, action: Value | undefined, path: FieldPath, faults: Faults): void {
  if (kind === 'exec' && itemsAt(action, 'command').length === 0)
    faults.add('Required', [...path, 'command'], 'is required');
  if (kind === 'httpGet') {
    const scheme = textAt(action, 'scheme') || 'HTTP';
    faults.oneOf([...path, 'scheme'], scheme, ['HTTP', 'HTTPS']);
    for (const [index, header] of itemsAt(action, 'httpHeaders').entries())
      faults.invalid([...path, 'httpHeaders', index, 'name'], headerName(textAt(header, 'name') ?? ''));
  }
  if (kind === 'exec' || kind === 'sleep') return;
  const port = valueAt(action, 'port');
  if (typeof port === 'string') faults.invalid([...path, 'port'], containerPortName(port));
  else faults.invalid([...path, 'port'], portNumber(integerAt(action, 'port') ?? 0));
}
