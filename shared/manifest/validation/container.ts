import { type FieldPath, integerAt, itemsAt, textAt, type Value, valueAt } from '../value.ts';
import type { Faults } from './fieldError.ts';
import { containerPortName, dnsLabel, environmentName, portNumber } from './formats.ts';
import { judgeLifecycle, judgeProbe, probeNames } from './probe.ts';
import { isWritten } from './shape.ts';

/** By what a pod's containers are judged. */
export interface PodRules {
  readonly kubernetesMinor: number;
  /** What holds the pod: a Pod is that itself, a workload has a template of such. */
  readonly holder: 'Pod' | 'workload';
}

const protocols = ['SCTP', 'TCP', 'UDP'];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const restartPolicies = ['Always', 'Never', 'OnFailure'];
/** The release since which a container may have a restart policy of its own (ContainerRestartRules). */
const ownRestartSince = 35;

/**
 * What the API server has against a pod's containers and those that come before them: names, images, ports, names of
 * environment variables, probes, and what they do when they start and stop. Mounts, resources, security, and where an
 * environment variable has its value from aren't judged.
 * Source: kubernetes/kubernetes pkg/apis/core/validation `validateContainers`, `validateInitContainers` (1.36).
 */
export function judgeContainers(spec: Value | undefined, path: FieldPath, rules: PodRules, faults: Faults): void {
  const containers = itemsAt(spec, 'containers');
  if (containers.length === 0) faults.add('Required', [...path, 'containers'], 'is required: at least one container');
  const names = new Set<string>();
  const hostPorts = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const own = [...path, 'containers', index];
    judgeContainer(container, own, rules, faults);
    judgeContainerName(container, own, names, faults);
    judgeRunning(container, own, spec, faults);
    judgeRestart(container, own, rules, faults);
    judgeHostPorts(container, own, takesHostPorts(spec, rules), { taken: hostPorts, faults });
  }
  for (const [index, container] of itemsAt(spec, 'initContainers').entries()) {
    const own = [...path, 'initContainers', index];
    judgeContainer(container, own, rules, faults);
    judgeContainerName(container, own, names, faults);
    judgeInitRestart(container, own, rules, faults);
    judgeHostPorts(container, own, takesHostPorts(spec, rules), { taken: new Set(), faults });
    if (textAt(container, 'restartPolicy') === 'Always') judgeRunning(container, own, spec, faults);
    else
      for (const field of ['lifecycle', ...probeNames])
        if (isWritten(valueAt(container, field)))
          faults.add(
            'Forbidden',
            [...own, field],
            'may not be set for init containers without `restartPolicy: Always`',
          );
  }
}

function judgeContainer(container: Value, path: FieldPath, rules: PodRules, faults: Faults): void {
  const image = textAt(container, 'image') ?? '';
  if (image === '') faults.add('Required', [...path, 'image'], 'is required');
  else if (rules.holder === 'Pod' && image !== image.trim())
    faults.add('Invalid', [...path, 'image'], 'must not have leading or trailing whitespace');
  faults.oneOf([...path, 'imagePullPolicy'], textAt(container, 'imagePullPolicy') || 'Always', pullPolicies);
  judgePorts(container, [...path, 'ports'], faults);
  for (const [index, variable] of itemsAt(container, 'env').entries())
    judgeVariable(variable, [...path, 'env', index], rules, faults);
}

function judgeContainerName(container: Value, path: FieldPath, names: Set<string>, faults: Faults): void {
  const name = textAt(container, 'name') ?? '';
  if (name === '') return faults.add('Required', [...path, 'name'], 'is required');
  faults.invalid([...path, 'name'], dnsLabel(name));
  if (names.has(name)) faults.add('Duplicate', [...path, 'name'], `${JSON.stringify(name)} is there twice`);
  names.add(name);
}

/** Source: there, `validateContainerPorts`. */
function judgePorts(container: Value, path: FieldPath, faults: Faults): void {
  const names = new Set<string>();
  for (const [index, port] of itemsAt(container, 'ports').entries()) {
    const own = [...path, index];
    const name = textAt(port, 'name') ?? '';
    const problems = name === '' ? [] : containerPortName(name);
    faults.invalid([...own, 'name'], problems);
    if (names.has(name)) faults.add('Duplicate', [...own, 'name'], `${name} is there twice`);
    if (name !== '' && problems.length === 0) names.add(name);
    const number = integerAt(port, 'containerPort') ?? 0;
    if (number === 0) faults.add('Required', [...own, 'containerPort'], 'is required');
    else faults.invalid([...own, 'containerPort'], portNumber(number));
    const hostPort = integerAt(port, 'hostPort') ?? 0;
    if (hostPort !== 0) faults.invalid([...own, 'hostPort'], portNumber(hostPort));
    faults.oneOf([...own, 'protocol'], textAt(port, 'protocol') || 'TCP', protocols);
  }
}

/** In a Pod on its host's network each port is the host's, written or not. */
function takesHostPorts(spec: Value | undefined, { holder }: PodRules): 'all' | 'the written' {
  return holder === 'Pod' && valueAt(spec, 'hostNetwork') === true ? 'all' : 'the written';
}

/** Source: there, `AccumulateUniqueHostPorts`; pkg/apis/core/v1/defaults.go `defaultHostNetworkPorts` (1.36). */
function judgeHostPorts(
  container: Value,
  path: FieldPath,
  which: 'all' | 'the written',
  { taken, faults }: { readonly taken: Set<string>; readonly faults: Faults },
): void {
  for (const [index, port] of itemsAt(container, 'ports').entries()) {
    const number = integerAt(port, 'hostPort') || (which === 'all' ? (integerAt(port, 'containerPort') ?? 0) : 0);
    if (number === 0) continue;
    const protocol = textAt(port, 'protocol') || 'TCP';
    const wanted = `${protocol} ${textAt(port, 'hostIP') ?? ''} ${number}`;
    const own = [...path, 'ports', index];
    if (taken.has(wanted))
      faults.add('Duplicate', [...own, 'hostPort'], `${number} (${protocol}) is there twice`, [
        ...own,
        'containerPort',
      ]);
    taken.add(wanted);
  }
}

/** Source: there, `ValidateEnv`, `validateEnvVarValueFrom`. */
function judgeVariable(variable: Value, path: FieldPath, { kubernetesMinor }: PodRules, faults: Faults): void {
  const name = textAt(variable, 'name') ?? '';
  if (name === '') faults.add('Required', [...path, 'name'], 'is required');
  else faults.invalid([...path, 'name'], environmentName(kubernetesMinor)(name));
  const from = valueAt(variable, 'valueFrom');
  if (!isWritten(from)) return;
  const kinds = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'];
  const sources = kinds.filter((kind) => isWritten(valueAt(from, kind)));
  if (sources.length === 0) faults.add('Invalid', [...path, 'valueFrom'], `must have one of ${kinds.join(', ')}`);
  else if ((textAt(variable, 'value') ?? '') !== '')
    faults.add('Invalid', [...path, 'valueFrom'], 'may not be specified when `value` is not empty');
  else if (sources.length > 1)
    faults.add('Invalid', [...path, 'valueFrom'], `may have one only of ${sources.join(', ')}`);
}

/** What only a container has that goes on running. */
function judgeRunning(container: Value, path: FieldPath, spec: Value | undefined, faults: Faults): void {
  const lifecycle = valueAt(container, 'lifecycle');
  if (isWritten(lifecycle)) judgeLifecycle(lifecycle, [...path, 'lifecycle'], spec, faults);
  for (const name of probeNames) {
    const probe = valueAt(container, name);
    if (isWritten(probe)) judgeProbe(probe, name, [...path, name], faults);
  }
}

/** Source: there, `validateContainerRestartPolicy`. */
function judgeRestart(container: Value, path: FieldPath, { kubernetesMinor }: PodRules, faults: Faults): void {
  const policy = textAt(container, 'restartPolicy');
  if (policy === undefined) return;
  if (kubernetesMinor < ownRestartSince)
    faults.add('Forbidden', [...path, 'restartPolicy'], 'may not be set for non-init containers');
  else faults.oneOf([...path, 'restartPolicy'], policy, restartPolicies);
}

/** Source: there, `validateInitContainerRestartPolicy`. */
function judgeInitRestart(container: Value, path: FieldPath, { kubernetesMinor }: PodRules, faults: Faults): void {
  const policy = textAt(container, 'restartPolicy');
  if (policy === undefined) return;
  faults.oneOf([...path, 'restartPolicy'], policy, kubernetesMinor < ownRestartSince ? ['Always'] : restartPolicies);
}
