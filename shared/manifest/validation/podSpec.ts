import { booleanAt, type FieldPath, integerAt, itemsAt, textAt, textOf, type Value, valueAt } from '../value.ts';
import { judgeContainers, type PodRules } from './container.ts';
import type { Faults } from './fieldError.ts';
import { address, dnsLabel, dnsSubdomain, qualifiedName, searchDomain } from './formats.ts';
import { judgeAnnotations, judgeLabels } from './metadata.ts';
import { isWritten } from './shape.ts';

const most = { nameservers: 3, searches: 32, searchCharacters: 2048, activeDeadlineSeconds: 2 ** 31 - 1 };
const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

/**
 * What the API server has against a pod's spec, as far as it decides about traffic: containers, the host's network,
 * names, DNS, readiness gates, the node and when it restarts. Volumes, security contexts, resources, affinity,
 * tolerations and spreading are decoded alone.
 * Source: kubernetes/kubernetes pkg/apis/core/validation `ValidatePodSpec`; pkg/apis/core/v1/defaults.go (1.36).
 */
export function judgePodSpec(spec: Value | undefined, path: FieldPath, rules: PodRules, faults: Faults): void {
  judgeContainers(spec, path, rules, faults);
  judgeHostNetwork(spec, path, faults);
  faults.oneOf([...path, 'restartPolicy'], restartPolicyOf(spec), ['Always', 'OnFailure', 'Never']);
  faults.oneOf([...path, 'dnsPolicy'], textAt(spec, 'dnsPolicy') || 'ClusterFirst', dnsPolicies);
  judgeDNSConfig(spec, path, rules, faults);
  judgeLabels(valueAt(spec, 'nodeSelector'), [...path, 'nodeSelector'], faults);
  for (const [index, gate] of itemsAt(spec, 'readinessGates').entries())
    faults.invalid(
      [...path, 'readinessGates', index, 'conditionType'],
      qualifiedName(textAt(gate, 'conditionType') ?? ''),
    );
  judgeSchedulingGates(spec, path, rules, faults);
  for (const [index, alias] of itemsAt(spec, 'hostAliases').entries()) {
    const own = [...path, 'hostAliases', index];
    faults.invalid([...own, 'ip'], address(rules.kubernetesMinor)(textAt(alias, 'ip') ?? ''));
    for (const [at, host] of itemsAt(alias, 'hostnames').entries())
      faults.invalid([...own, 'hostnames', at], dnsSubdomain(textOf(host) ?? ''));
  }
  const node = textAt(spec, 'nodeName') ?? '';
  if (node !== '') faults.invalid([...path, 'nodeName'], dnsSubdomain(node));
  for (const field of ['hostname', 'subdomain']) {
    const text = textAt(spec, field) ?? '';
    if (text !== '') faults.invalid([...path, field], dnsLabel(text));
  }
  const deadline = integerAt(spec, 'activeDeadlineSeconds');
  if (deadline !== undefined && (deadline < 1 || deadline > most.activeDeadlineSeconds))
    faults.add('Invalid', [...path, 'activeDeadlineSeconds'], `must be between 1 and ${most.activeDeadlineSeconds}`);
  if (itemsAt(spec, 'ephemeralContainers').length > 0)
    faults.add('Forbidden', [...path, 'ephemeralContainers'], 'may not be set when a pod is created');
}

export function restartPolicyOf(spec: Value | undefined): string {
  return textAt(spec, 'restartPolicy') || 'Always';
}

/** Source: there, `validatePodHostNetworkDeps`, `validateHostUsers`. */
function judgeHostNetwork(spec: Value | undefined, path: FieldPath, faults: Faults): void {
  if (booleanAt(spec, 'hostNetwork') !== true) return;
  if (booleanAt(spec, 'hostUsers') === false)
    faults.add('Forbidden', [...path, 'hostNetwork'], 'may not be set when `hostUsers` is false');
  for (const [index, container] of itemsAt(spec, 'containers').entries())
    for (const [at, port] of itemsAt(container, 'ports').entries()) {
      const hostPort = integerAt(port, 'hostPort') ?? 0;
      const own = integerAt(port, 'containerPort') ?? 0;
      if (hostPort !== 0 && hostPort !== own)
        faults.add(
          'Invalid',
          [...path, 'containers', index, 'ports', at, 'hostPort'],
          `is ${hostPort}; it must be the containerPort, ${own}, when \`hostNetwork\` is true`,
        );
    }
}

/** Source: there, `validatePodDNSConfig`. */
function judgeDNSConfig(spec: Value | undefined, path: FieldPath, { kubernetesMinor }: PodRules, faults: Faults): void {
  const config = valueAt(spec, 'dnsConfig');
  const own = [...path, 'dnsConfig'];
  const servers = itemsAt(config, 'nameservers');
  if (textAt(spec, 'dnsPolicy') === 'None') {
    if (!isWritten(config))
      return faults.add('Required', own, 'is required when `dnsPolicy` is None', [...path, 'dnsPolicy']);
    if (servers.length === 0)
      return faults.add('Required', [...own, 'nameservers'], 'is required when `dnsPolicy` is None');
  }
  if (servers.length > most.nameservers)
    faults.add('Invalid', [...own, 'nameservers'], `has ${servers.length}; at most ${most.nameservers} are taken`);
  for (const [index, server] of servers.entries())
    faults.invalid([...own, 'nameservers', index], address(kubernetesMinor)(textOf(server) ?? ''));
  const searches = itemsAt(config, 'searches').map((each) => textOf(each) ?? '');
  if (searches.length > most.searches)
    faults.add('Invalid', [...own, 'searches'], `has ${searches.length}; at most ${most.searches} are taken`);
  if (searches.join(' ').length > most.searchCharacters)
    faults.add('Invalid', [...own, 'searches'], `must not have more than ${most.searchCharacters} characters`);
  const format = kubernetesMinor >= relaxedSearchSince ? searchDomain : dnsSubdomain;
  for (const [index, search] of searches.entries())
    if (search !== '.' || kubernetesMinor < relaxedSearchSince)
      faults.invalid([...own, 'searches', index], format(search.replace(/\.$/, '')));
  for (const [index, option] of itemsAt(config, 'options').entries())
    if ((textAt(option, 'name') ?? '') === '') faults.add('Required', [...own, 'options', index], 'has no name');
}

/** The release since which RelaxedDNSSearchValidation is on. */
const relaxedSearchSince = 33;

/** Source: there, `validateSchedulingGates`, `ValidatePodCreate`. */
function judgeSchedulingGates(spec: Value | undefined, path: FieldPath, { holder }: PodRules, faults: Faults): void {
  const names = itemsAt(spec, 'schedulingGates').map((each) => textAt(each, 'name') ?? '');
  for (const [index, name] of names.entries()) {
    const own = [...path, 'schedulingGates', index];
    faults.invalid(own, qualifiedName(name));
    if (names.indexOf(name) < index) faults.add('Duplicate', own, `${name} is there twice`);
  }
  if (holder === 'Pod' && names.length > 0 && (textAt(spec, 'nodeName') ?? '') !== '')
    faults.add('Forbidden', [...path, 'nodeName'], 'cannot be set while there are schedulingGates');
}

/**
 * What it has against what a workload makes its pods of.
 * Source: there, `ValidatePodTemplateSpec`.
 */
export function judgePodTemplate(
  template: Value | undefined,
  path: FieldPath,
  kubernetesMinor: number,
  faults: Faults,
): void {
  judgeLabels(valueAt(template, 'metadata', 'labels'), [...path, 'metadata', 'labels'], faults);
  judgeAnnotations(valueAt(template, 'metadata', 'annotations'), [...path, 'metadata', 'annotations'], faults);
  judgePodSpec(valueAt(template, 'spec'), [...path, 'spec'], { kubernetesMinor, holder: 'workload' }, faults);
}

/** What it asks of the pods of a workload that lets none of them end. */
export function judgeEndless(template: Value | undefined, path: FieldPath, kind: string, faults: Faults): void {
  const policy = restartPolicyOf(valueAt(template, 'spec'));
  if (policy === 'OnFailure' || policy === 'Never')
    faults.add('NotSupported', [...path, 'spec', 'restartPolicy'], `is ${policy}; a ${kind} takes Always only`);
  if (integerAt(template, 'spec', 'activeDeadlineSeconds') !== undefined)
    faults.add('Forbidden', [...path, 'spec', 'activeDeadlineSeconds'], `may not be set in a ${kind}`);
}
