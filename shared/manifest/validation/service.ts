import {
  booleanAt,
  type FieldPath,
  integerAt,
  isMap,
  isScalar,
  itemsAt,
  type MapValue,
  textAt,
  textOf,
  type Value,
  valueAt,
} from '../value.ts';
import { type FieldError, Faults } from './fieldError.ts';
import {
  address,
  dnsLabel,
  dnsLabelFromLetter,
  dnsSubdomain,
  endpointAddress,
  containerPortName,
  portNumber,
  qualifiedName,
  addressRange,
} from './formats.ts';
import { judgeBeginning, judgeLabels, judgeMetadata, judgeName } from './metadata.ts';
import { judgeShape, textEntries } from './shape.ts';

/**
 * What the API server has against a Service when it is created, defaults applied; empty for one that it takes. Fields
 * of the wrong type come alone: the server doesn't look further.
 * Source: kubernetes/kubernetes pkg/apis/core/validation/validation.go `ValidateServiceCreate` (1.36),
 * pkg/apis/core/v1/defaults.go, and what pkg/registry/core/service/storage asks before it.
 */
export function validateService(value: Value, kubernetesMinor: number): readonly FieldError[] {
  if (!isMap(value)) return judged(value, kubernetesMinor);
  const known = judgedBefore.get(value);
  if (known?.minor === kubernetesMinor) return known.errors;
  const errors = judged(value, kubernetesMinor);
  judgedBefore.set(value, { minor: kubernetesMinor, errors });
  return errors;
}

/** What was found for a Service, by version: each trace to it asks. */
const judgedBefore = new WeakMap<MapValue, { readonly minor: number; readonly errors: readonly FieldError[] }>();

function judged(value: Value, kubernetesMinor: number): readonly FieldError[] {
  const faults = new Faults();
  judgeShape(value, 'Service', [], faults);
  if (faults.errors.some(({ kind }) => kind === 'WrongType')) return faults.errors;
  new ServiceJudge(value, kubernetesMinor, faults).judge();
  return faults.errors;
}

const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const policies = ['Cluster', 'Local'];
const protocols = ['SCTP', 'TCP', 'UDP'];
const families = ['IPv4', 'IPv6'];
const longestAffinitySeconds = 86400;

class ServiceJudge {
  readonly #value: Value;
  readonly #spec: Value | undefined;
  readonly #minor: number;
  readonly #faults: Faults;
  readonly #type: string;
  readonly #isHeadless: boolean;
  /** As the server fills them in: `clusterIP` alone also makes the list. */
  readonly #clusterIPs: readonly string[];
  /** Where each of them stands. */
  readonly #clusterIPsPath: FieldPath;

  constructor(value: Value, kubernetesMinor: number, faults: Faults) {
    this.#value = value;
    this.#spec = valueAt(value, 'spec');
    this.#minor = kubernetesMinor;
    this.#faults = faults;
    this.#type = this.#text('type') || 'ClusterIP';
    const written = this.#texts('clusterIPs');
    const single = this.#text('clusterIP');
    this.#clusterIPs = written.length === 0 && single !== '' ? [single] : written;
    this.#clusterIPsPath = written.length === 0 ? ['spec', 'clusterIP'] : ['spec', 'clusterIPs'];
    this.#isHeadless = this.#clusterIPs.length === 1 && this.#clusterIPs[0] === 'None';
  }

  judge(): void {
    const format = this.#minor >= relaxedNamesSince ? dnsLabel : dnsLabelFromLetter;
    judgeName(this.#value, format, this.#faults);
    judgeBeginning(this.#value, format, this.#faults);
    judgeMetadata(valueAt(this.#value, 'metadata'), this.#faults, 'standard or qualified');
    this.#judgeTopologyMode();
    this.#judgeType();
    this.#judgePorts();
    judgeLabels(valueAt(this.#spec, 'selector'), ['spec', 'selector'], this.#faults);
    this.#judgeAffinity();
    if (this.#type !== 'ExternalName') {
      const before = this.#faults.errors.length;
      this.#judgeFamilies();
      if (this.#faults.errors.length === before) this.#judgeSingleStack();
    }
    for (const [index, ip] of this.#texts('externalIPs').entries()) {
      const problems = address(this.#minor)(ip);
      this.#faults.invalid(['spec', 'externalIPs', index], problems.length > 0 ? problems : endpointAddress(ip));
    }
    this.#judgeLoadBalancer();
    this.#judgePolicies();
  }

  #text(...path: FieldPath): string {
    return textAt(this.#spec, ...path) ?? '';
  }

  #texts(field: string): string[] {
    return itemsAt(this.#spec, field).map((each) => textOf(each) ?? '');
  }

  #selector(): readonly (readonly [string, string])[] {
    return textEntries(valueAt(this.#spec, 'selector'));
  }

  #has(field: string): boolean {
    const found = valueAt(this.#spec, field);
    return found !== undefined && found !== null;
  }

  /** The old name of the annotation wins, so the server takes no two values. */
  #judgeTopologyMode(): void {
    const [hints, mode] = [hintsAnnotation, modeAnnotation].map((key) =>
      textEntries(valueAt(this.#value, 'metadata', 'annotations')).find(([each]) => each === key),
    );
    if (hints !== undefined && mode !== undefined && hints[1] !== mode[1])
      this.#faults.add(
        'Invalid',
        ['metadata', 'annotations', modeAnnotation],
        `must match annotations[${hintsAnnotation}] when both are specified`,
      );
  }

  #judgeType(): void {
    const faults = this.#faults;
    faults.oneOf(['spec', 'type'], this.#type, serviceTypes);
    if (this.#isHeadless && (this.#type === 'LoadBalancer' || this.#type === 'NodePort'))
      faults.add(
        'Invalid',
        this.#clusterIPsPath.length === 2 && this.#clusterIPsPath[1] === 'clusterIP'
          ? this.#clusterIPsPath
          : [...this.#clusterIPsPath, 0],
        `may not be set to 'None' for ${this.#type} services`,
      );
    if (this.#type !== 'ExternalName') return;
    if (this.#clusterIPs.length > 0)
      faults.add('Forbidden', this.#clusterIPsPath, 'may not be set for ExternalName services');
    for (const field of ['ipFamilies', 'ipFamilyPolicy'])
      if (field === 'ipFamilies' ? this.#texts(field).length > 0 : this.#has(field))
        faults.add('Forbidden', ['spec', field], 'may not be set for ExternalName services');
    const alias = this.#text('externalName').replace(/\.$/, '');
    if (alias === '') faults.add('Required', ['spec', 'externalName'], 'is required for type ExternalName');
    else faults.invalid(['spec', 'externalName'], dnsSubdomain(alias));
  }

  #judgePorts(): void {
    const ports = itemsAt(this.#spec, 'ports');
    const faults = this.#faults;
    if (ports.length === 0 && !this.#isHeadless && this.#type !== 'ExternalName')
      faults.add('Required', ['spec', 'ports'], 'is required: at least one port');
    const [names, numbers, nodePorts] = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (const [index, port] of ports.entries()) {
      const path: FieldPath = ['spec', 'ports', index];
      this.#judgePort(port, path, ports.length > 1, names);
      const protocol = textAt(port, 'protocol') || 'TCP';
      const nodePort = integerAt(port, 'nodePort') ?? 0;
      if (nodePort !== 0 && this.#type === 'ClusterIP')
        faults.add('Forbidden', [...path, 'nodePort'], "may not be used when `type` is 'ClusterIP'");
      if (nodePort !== 0 && nodePorts.has(`${protocol} ${nodePort}`))
        faults.add('Duplicate', [...path, 'nodePort'], `${nodePort} (${protocol}) is there twice`);
      nodePorts.add(`${protocol} ${nodePort}`);
      const number = `${protocol} ${integerAt(port, 'port') ?? 0}`;
      if (numbers.has(number))
        faults.add('Duplicate', path, `port ${integerAt(port, 'port') ?? 0} (${protocol}) is there twice`);
      numbers.add(number);
    }
  }

  #judgePort(port: Value, path: FieldPath, needsName: boolean, names: Set<string>): void {
    const faults = this.#faults;
    const name = textAt(port, 'name') ?? '';
    if (needsName && name === '')
      faults.add('Required', [...path, 'name'], 'is required where there are several ports');
    if (name !== '') {
      faults.invalid([...path, 'name'], dnsLabel(name));
      if (names.has(name)) faults.add('Duplicate', [...path, 'name'], `${name} is there twice`);
      names.add(name);
    }
    const number = integerAt(port, 'port') ?? 0;
    faults.invalid([...path, 'port'], portNumber(number));
    faults.oneOf([...path, 'protocol'], textAt(port, 'protocol') || 'TCP', protocols);
    const target = valueAt(port, 'targetPort');
    // An empty or zero target port is the port itself, which then is at fault here as well.
    const targetValue = isScalar(target) && target !== null && target !== 0 && target !== '' ? target : number;
    faults.invalid(
      [...path, 'targetPort'],
      typeof targetValue === 'string' ? containerPortName(targetValue) : portNumber(Number(targetValue)),
    );
    const appProtocol = textAt(port, 'appProtocol');
    if (appProtocol !== undefined) faults.invalid([...path, 'appProtocol'], qualifiedName(appProtocol));
  }

  #judgeAffinity(): void {
    const affinity = this.#text('sessionAffinity') || 'None';
    this.#faults.oneOf(['spec', 'sessionAffinity'], affinity, ['ClientIP', 'None']);
    const seconds = integerAt(this.#spec, 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds');
    if (affinity === 'ClientIP' && seconds !== undefined && (seconds <= 0 || seconds > longestAffinitySeconds))
      this.#faults.add(
        'Invalid',
        ['spec', 'sessionAffinityConfig', 'clientIP', 'timeoutSeconds'],
        `must be greater than 0 and at most ${longestAffinitySeconds}`,
      );
  }

  #judgeFamilies(): void {
    const faults = this.#faults;
    const ips = this.#clusterIPs;
    const path = this.#clusterIPsPath;
    const at = (index: number): FieldPath => (path[1] === 'clusterIP' ? path : [...path, index]);
    const single = this.#text('clusterIP');
    if (single !== '' && ips[0] !== single)
      faults.add('Invalid', ['spec', 'clusterIPs'], 'first value must match `clusterIP`');
    if (single === '' && ips.length > 0)
      faults.add('Invalid', ['spec', 'clusterIPs'], 'must be empty when `clusterIP` is not specified');
    const named = this.#texts('ipFamilies');
    for (const [index, family] of named.entries()) {
      faults.oneOf(['spec', 'ipFamilies', index], family, families);
      if (named.indexOf(family) < index)
        faults.add('Duplicate', ['spec', 'ipFamilies', index], `${family} is there twice`);
    }
    if (this.#has('ipFamilyPolicy'))
      faults.oneOf(['spec', 'ipFamilyPolicy'], this.#text('ipFamilyPolicy'), [
        'PreferDualStack',
        'RequireDualStack',
        'SingleStack',
      ]);
    let isReadable = true;
    for (const [index, ip] of ips.entries()) {
      if (index === 0 && ip === 'None') {
        if (ips.length > 1) {
          isReadable = false;
          faults.add('Invalid', path, "'None' must be the first and only value");
        }
        continue;
      }
      const problems = address(this.#minor)(ip);
      isReadable &&= problems.length === 0;
      faults.invalid(at(index), problems);
    }
    if (ips.length > 2) faults.add('Invalid', path, 'may only hold up to 2 values');
    if (!isReadable) return;
    const own = ips.map(familyOf);
    if (ips.length > 1 && (new Set(own).size !== 2 || ips.length > 2))
      faults.add('Invalid', path, 'may specify no more than one IP for each IP family');
    if (this.#isHeadless) return;
    for (const [index, family] of own.entries()) {
      const expected = named[index];
      if ((expected === 'IPv4' || expected === 'IPv6') && expected !== family)
        faults.add('Invalid', at(index), `expected an ${expected} value as indicated by \`ipFamilies[${index}]\``);
    }
  }

  /**
   * Two families or addresses need a policy that allows two. If no policy is written it is SingleStack; for a headless
   * Service without selector it is RequireDualStack.
   * Source: kubernetes/kubernetes pkg/registry/core/service/storage/alloc.go `initIPFamilyFields` (1.36).
   */
  #judgeSingleStack(): void {
    const isFree = this.#isHeadless && this.#selector().length === 0;
    const policy = this.#text('ipFamilyPolicy') || (isFree ? 'RequireDualStack' : 'SingleStack');
    if (policy !== 'SingleStack') return;
    const unwritten = this.#has('ipFamilyPolicy') ? '' : ' (it is SingleStack where nothing is written)';
    const refuse = (what: string, field: string): void =>
      this.#faults.add(
        'Invalid',
        ['spec', 'ipFamilyPolicy'],
        `must be RequireDualStack or PreferDualStack when multiple ${what} are specified${unwritten}`,
        ['spec', field],
      );
    if (this.#clusterIPs.length === 2) refuse('cluster IPs', 'clusterIPs');
    if (this.#texts('ipFamilies').length === 2) refuse('IP families', 'ipFamilies');
  }

  #judgeLoadBalancer(): void {
    const faults = this.#faults;
    const isBalanced = this.#type === 'LoadBalancer';
    const ranges = this.#texts('loadBalancerSourceRanges');
    const annotation = textAt(this.#value, 'metadata', 'annotations', rangesAnnotation);
    const only = "may only be used when `type` is 'LoadBalancer'";
    if (ranges.length > 0) {
      if (!isBalanced) faults.add('Forbidden', ['spec', 'loadBalancerSourceRanges'], only);
      for (const [index, each] of ranges.entries())
        faults.invalid(['spec', 'loadBalancerSourceRanges', index], addressRange(this.#minor)(each.trim()));
    } else if (annotation !== undefined) {
      const path = ['metadata', 'annotations', rangesAnnotation];
      if (!isBalanced) faults.add('Forbidden', path, only);
      for (const each of annotation.trim() === '' ? [] : annotation.trim().split(','))
        faults.invalid(path, addressRange(this.#minor)(each.trim()));
    }
    if (booleanAt(this.#spec, 'allocateLoadBalancerNodePorts') !== undefined && !isBalanced)
      faults.add('Forbidden', ['spec', 'allocateLoadBalancerNodePorts'], only);
    const balancerClass = textAt(this.#spec, 'loadBalancerClass');
    if (balancerClass === undefined) return;
    if (!isBalanced) faults.add('Forbidden', ['spec', 'loadBalancerClass'], only);
    else faults.invalid(['spec', 'loadBalancerClass'], qualifiedName(balancerClass));
  }

  #judgePolicies(): void {
    const faults = this.#faults;
    const isExternal =
      this.#type === 'LoadBalancer' ||
      this.#type === 'NodePort' ||
      (this.#type === 'ClusterIP' && this.#texts('externalIPs').length > 0);
    const external = this.#text('externalTrafficPolicy');
    if (!isExternal && external !== '')
      faults.add('Invalid', ['spec', 'externalTrafficPolicy'], 'may only be set for externally-accessible services');
    if (isExternal && external !== '') faults.oneOf(['spec', 'externalTrafficPolicy'], external, policies);
    const health = integerAt(this.#spec, 'healthCheckNodePort') ?? 0;
    const needsHealth = this.#type === 'LoadBalancer' && external === 'Local';
    if (!needsHealth && health !== 0)
      faults.add(
        'Invalid',
        ['spec', 'healthCheckNodePort'],
        "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
      );
    if (needsHealth && health !== 0) faults.invalid(['spec', 'healthCheckNodePort'], portNumber(health));
    const internal = textAt(this.#spec, 'internalTrafficPolicy');
    if (internal !== undefined) faults.oneOf(['spec', 'internalTrafficPolicy'], internal, policies);
    const distribution = textAt(this.#spec, 'trafficDistribution');
    if (distribution !== undefined)
      faults.oneOf(
        ['spec', 'trafficDistribution'],
        distribution,
        this.#minor >= sameNodeSince ? ['PreferClose', 'PreferSameNode', 'PreferSameZone'] : ['PreferClose'],
      );
  }
}

/** Source: kubernetes/kubernetes pkg/apis/core/annotation_key_constants.go (1.36). */
const hintsAnnotation = 'service.kubernetes.io/topology-aware-hints';
const modeAnnotation = 'service.kubernetes.io/topology-mode';
const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges';
/** The release from which a Service's name may start with a digit (RelaxedServiceNameValidation). */
export const relaxedNamesSince = 36;
/** The release from which PreferSameZone and PreferSameNode are known (PreferSameTrafficDistribution). */
const sameNodeSince = 34;

function familyOf(ip: string): string {
  return ip.includes(':') ? 'IPv6' : 'IPv4';
}
