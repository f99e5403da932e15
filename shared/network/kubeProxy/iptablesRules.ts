import { type Family, hostPort, isIn } from '../../cluster/address.ts';
import type { Because } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { addressOfFamily, type ClusterNode } from '../../cluster/node.ts';
import { endpointChain, serviceChain } from './iptablesChains.ts';
import {
  hasLocalhostNodePorts,
  localRanges,
  nodePortAddressesOf,
  type PortOnNode,
  portOnNode,
  type ProxiedPort,
  proxiedPorts,
  watchedEndpoints,
} from './proxiedPort.ts';
import { PortFields } from './portField.ts';
import { byText, reachable, type RuleLine } from './ruleLine.ts';

/**
 * What kube-proxy in iptables mode programs on one node for one family, as text for `iptables-restore`: its jumps from
 * the built-in chains, then its own chains and rules in its own order. Services come by name (kube-proxy's order is a
 * Go map's).
 * Source: kubernetes/kubernetes pkg/proxy/iptables/proxier.go `syncProxyRules` (1.36). Left out: nfacct counters.
 */
export function iptablesRules(model: ClusterModel, node: ClusterNode, family: Family): string {
  return [iptablesTables(model, node, family)]
    .flatMap(({ filter, nat }) => [`*filter\n${filter.text()}COMMIT\n`, `*nat\n${nat.text()}COMMIT\n`])
    .join('');
}

/** The same as data: the rules of some ports alone, with the fields that each comes from. */
export function iptablesTables(
  model: ClusterModel,
  node: ClusterNode,
  family: Family,
  ports: readonly ProxiedPort[] = proxiedPorts(model, family),
): { readonly filter: IptablesTable; readonly nat: IptablesTable } {
  const filter = new IptablesTable('filter', [
    'KUBE-SERVICES',
    'KUBE-EXTERNAL-SERVICES',
    'KUBE-FORWARD',
    'KUBE-NODEPORTS',
    'KUBE-PROXY-FIREWALL',
    'KUBE-FIREWALL',
  ]);
  const nat = new IptablesTable('nat', ['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ']);
  // kube-proxy puts each jump before the ones that are there, so the last comes first.
  for (const [from, to, comment, isNew] of filterJumps.toReversed()) {
    filter.rule(
      from,
      [],
      isNew ? '-m conntrack --ctstate NEW' : '',
      comment === '' ? '' : `-m comment --comment "${comment}"`,
      `-j ${to}`,
    );
  }
  for (const [from, to, comment] of natJumps.toReversed())
    nat.rule(from, [], `-m comment --comment "${comment}"`, `-j ${to}`);
  nat.rule('KUBE-POSTROUTING', [], `-m mark ! --mark ${mark}/${mark}`, '-j RETURN');
  nat.rule('KUBE-POSTROUTING', [], `-j MARK --xor-mark ${mark}`);
  nat.rule(
    'KUBE-POSTROUTING',
    [],
    '-m comment --comment "kubernetes service traffic requiring SNAT"',
    '-j MASQUERADE',
    '--random-fully',
  );
  nat.rule('KUBE-MARK-MASQ', [], `-j MARK --or-mark ${mark}`);
  const blocksLocalnet =
    family === 'IPv4' && hasLocalhostNodePorts({ ...model.profile.kubeProxy, mode: 'iptables' }, node);
  if (blocksLocalnet)
    filter.rule(
      'KUBE-FIREWALL',
      [],
      '-m comment --comment "block incoming localnet connections"',
      '-d 127.0.0.0/8',
      '! -s 127.0.0.0/8',
      '-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT',
      '-j DROP',
    );
  const isLarge = ports.reduce((sum, port) => sum + watchedEndpoints(model, port).length, 0) > largeCluster;
  for (const port of ports.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)))
    new ServicePortWriter(model, node, portOnNode(model, port, node), { isLarge, filter, nat }).write();
  writeNodePortJump(model, node, family, nat);
  filter.rule('KUBE-FORWARD', [], '-m conntrack --ctstate INVALID', '-j DROP');
  filter.rule(
    'KUBE-FORWARD',
    [],
    '-m comment --comment "kubernetes forwarding rules"',
    `-m mark --mark ${mark}/${mark}`,
    '-j ACCEPT',
  );
  filter.rule(
    'KUBE-FORWARD',
    [],
    '-m comment --comment "kubernetes forwarding conntrack rule"',
    '-m conntrack --ctstate RELATED,ESTABLISHED',
    '-j ACCEPT',
  );
  return { filter, nat };
}

/** Bit 14 of the mark, as Go's `%#08x` prints it. */
const mark = '0x00004000';

/**
 * With more endpoints than this, kube-proxy leaves out the comments that are longest in sum
 * (`largeClusterEndpointsThreshold`).
 */
const largeCluster = 1000;

const filterJumps = [
  ['INPUT', 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', true],
  ['FORWARD', 'KUBE-EXTERNAL-SERVICES', 'kubernetes externally-visible service portals', true],
  ['INPUT', 'KUBE-NODEPORTS', 'kubernetes health check service ports', false],
  ['FORWARD', 'KUBE-SERVICES', 'kubernetes service portals', true],
  ['OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals', true],
  ['FORWARD', 'KUBE-FORWARD', 'kubernetes forwarding rules', false],
  ['INPUT', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', true],
  ['OUTPUT', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', true],
  ['FORWARD', 'KUBE-PROXY-FIREWALL', 'kubernetes load balancer firewall', true],
  ['INPUT', 'KUBE-FIREWALL', '', false],
  ['OUTPUT', 'KUBE-FIREWALL', '', false],
] as const;

const natJumps = [
  ['OUTPUT', 'KUBE-SERVICES', 'kubernetes service portals'],
  ['PREROUTING', 'KUBE-SERVICES', 'kubernetes service portals'],
  ['POSTROUTING', 'KUBE-POSTROUTING', 'kubernetes postrouting rules'],
] as const;

/** One table's chains and rules while they are written. */
export class IptablesTable {
  readonly #name: string;
  readonly #chains: string[];
  readonly #rules: RuleLine[] = [];

  constructor(name: string, chains: readonly string[]) {
    this.#name = name;
    this.#chains = [...chains];
  }

  get rules(): readonly RuleLine[] {
    return this.#rules;
  }

  chain(name: string): void {
    this.#chains.push(name);
  }

  rule(chain: string, because: readonly Because[], ...parts: readonly string[]): void {
    this.#rules.push({
      table: this.#name,
      chain,
      because,
      text: ['-A', chain, ...parts.filter((part) => part !== '')].join(' '),
    });
  }

  text(): string {
    return [...this.#chains.map((name) => `:${name} - [0:0]\n`), ...this.#rules.map(({ text }) => `${text}\n`)].join(
      '',
    );
  }
}

/** The last rule of KUBE-SERVICES: to nodePorts, by whichever addresses of the node take them. */
function writeNodePortJump(model: ClusterModel, node: ClusterNode, family: Family, nat: IptablesTable): void {
  const comment = '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"';
  const { kubeProxy } = model.profile;
  const addresses = nodePortAddressesOf(kubeProxy, node, family);
  if (addresses !== null) {
    for (const address of addresses) nat.rule('KUBE-SERVICES', [], comment, `-d ${address}`, '-j KUBE-NODEPORTS');
    return;
  }
  const loopback =
    family === 'IPv6'
      ? '! -d ::1/128'
      : hasLocalhostNodePorts({ ...kubeProxy, mode: 'iptables' }, node)
        ? ''
        : '! -d 127.0.0.0/8';
  nat.rule('KUBE-SERVICES', [], comment, '-m addrtype --dst-type LOCAL', loopback, '-j KUBE-NODEPORTS');
}

/** The tables that rules are written to, and whether there are so many endpoints that comments are left out. */
interface RuleSet {
  readonly isLarge: boolean;
  readonly filter: IptablesTable;
  readonly nat: IptablesTable;
}

/** Writes one service port's rules, step by step as `syncProxyRules` does. */
class ServicePortWriter {
  readonly #model: ClusterModel;
  readonly #node: ClusterNode;
  readonly #port: PortOnNode;
  readonly #isLarge: boolean;
  readonly #filter: IptablesTable;
  readonly #nat: IptablesTable;
  readonly #protocol: string;
  readonly #fields: PortFields;
  readonly #cluster: readonly Endpoint[];
  readonly #local: readonly Endpoint[];
  readonly #chains: Readonly<Record<'cluster' | 'local' | 'external' | 'firewall', string>>;
  readonly #usesFirewall: boolean;

  constructor(model: ClusterModel, node: ClusterNode, port: PortOnNode, { isLarge, filter, nat }: RuleSet) {
    this.#model = model;
    this.#node = node;
    this.#port = port;
    this.#isLarge = isLarge;
    this.#filter = filter;
    this.#nat = nat;
    this.#protocol = port.port.protocol.toLowerCase();
    this.#fields = new PortFields(port);
    this.#cluster = byText(port.cluster);
    this.#local = byText(port.local);
    this.#chains = {
      cluster: serviceChain('KUBE-SVC-', port.service, port.port),
      local: serviceChain('KUBE-SVL-', port.service, port.port),
      external: serviceChain('KUBE-EXT-', port.service, port.port),
      firewall: serviceChain('KUBE-FW-', port.service, port.port),
    };
    this.#usesFirewall = port.hasAny && port.loadBalancerVIPs.length > 0 && port.sourceRanges.length > 0;
  }

  write(): void {
    this.#writeEntries();
    this.#writeInternal();
    this.#writeExternal();
    this.#writeFirewall();
    if (this.#cluster.length > 0) this.#writeChoice(this.#chains.cluster, this.#cluster);
    if (this.#local.length > 0) this.#writeChoice(this.#chains.local, this.#local);
    this.#writeEndpoints();
  }

  get #internalChain(): string {
    return this.#port.internalPolicyLocal ? this.#chains.local : this.#chains.cluster;
  }

  #comment(text: string): string {
    return `-m comment --comment "${this.#port.name} ${text}"`;
  }

  #to(address: string): string[] {
    return [`-m ${this.#protocol} -p ${this.#protocol}`, `-d ${address}`, `--dport ${this.#port.port.port}`];
  }

  /** What stands in the chains that all Services share: where each address leads, or how it is refused. */
  #writeEntries(): void {
    const { hasAny, hasInternal, hasExternal, clusterIP, externalIPs, loadBalancerVIPs, service, port } = this.#port;
    const [filter, nat] = [this.#filter, this.#nat];
    const refusal = hasAny
      ? { comment: this.#comment('has no local endpoints'), target: '-j DROP' }
      : { comment: this.#comment('has no endpoints'), target: '-j REJECT' };
    const whyRefused = (policy: 'internalTrafficPolicy' | 'externalTrafficPolicy'): Because =>
      hasAny ? this.#fields.policy(policy) : this.#fields.spec('selector', 'selector');
    if (hasInternal)
      nat.rule(
        'KUBE-SERVICES',
        [this.#fields.spec(`clusterIP: ${clusterIP}`, 'clusterIP'), this.#fields.port('port')],
        this.#comment('cluster IP'),
        ...this.#to(clusterIP),
        `-j ${this.#internalChain}`,
      );
    else
      filter.rule(
        'KUBE-SERVICES',
        [whyRefused('internalTrafficPolicy')],
        refusal.comment,
        ...this.#to(clusterIP),
        refusal.target,
      );
    for (const address of externalIPs) {
      const because = [this.#fields.spec(`externalIPs: ${address}`, 'externalIPs'), this.#fields.port('port')];
      if (hasAny)
        nat.rule(
          'KUBE-SERVICES',
          because,
          this.#comment('external IP'),
          ...this.#to(address),
          `-j ${this.#chains.external}`,
        );
      if (!hasExternal)
        filter.rule(
          'KUBE-EXTERNAL-SERVICES',
          [whyRefused('externalTrafficPolicy')],
          refusal.comment,
          ...this.#to(address),
          refusal.target,
        );
    }
    for (const address of loadBalancerVIPs) {
      const ranges = this.#fields.spec('loadBalancerSourceRanges', 'loadBalancerSourceRanges');
      if (hasAny)
        nat.rule(
          'KUBE-SERVICES',
          [this.#fields.spec('type: LoadBalancer', 'type'), this.#fields.port('port')],
          this.#comment('loadbalancer IP'),
          ...this.#to(address),
          `-j ${this.#usesFirewall ? this.#chains.firewall : this.#chains.external}`,
        );
      if (this.#usesFirewall)
        filter.rule(
          'KUBE-PROXY-FIREWALL',
          [ranges],
          this.#comment(`traffic not accepted by ${this.#chains.firewall}`),
          ...this.#to(address),
          '-j DROP',
        );
    }
    if (!hasExternal)
      for (const address of loadBalancerVIPs)
        filter.rule(
          'KUBE-EXTERNAL-SERVICES',
          [whyRefused('externalTrafficPolicy')],
          refusal.comment,
          ...this.#to(address),
          refusal.target,
        );
    if (port.nodePort !== null) {
      const nodePort = [`-m ${this.#protocol} -p ${this.#protocol}`, `--dport ${port.nodePort}`];
      if (hasAny)
        nat.rule(
          'KUBE-NODEPORTS',
          [this.#fields.port('nodePort')],
          `-m comment --comment ${this.#port.name}`,
          ...nodePort,
          `-j ${this.#chains.external}`,
        );
      if (!hasExternal)
        filter.rule(
          'KUBE-EXTERNAL-SERVICES',
          [whyRefused('externalTrafficPolicy')],
          refusal.comment,
          '-m addrtype --dst-type LOCAL',
          ...nodePort,
          refusal.target,
        );
    }
    if (
      service.healthCheckNodePort !== null &&
      service.type === 'LoadBalancer' &&
      service.externalTrafficPolicy === 'Local'
    ) {
      filter.rule(
        'KUBE-NODEPORTS',
        [this.#fields.spec(`healthCheckNodePort: ${service.healthCheckNodePort}`, 'healthCheckNodePort')],
        this.#comment('health check node port'),
        '-m tcp -p tcp',
        `--dport ${service.healthCheckNodePort}`,
        '-j ACCEPT',
      );
    }
  }

  /** The first rule of the chain for inside traffic: who from outside the pod network is masqueraded. */
  #writeInternal(): void {
    const { hasInternal, clusterIP, family } = this.#port;
    const { masqueradeAll } = this.#model.profile.kubeProxy;
    const ranges = localRanges(this.#model, this.#node, family);
    if (!hasInternal || (!masqueradeAll && ranges === null)) return;
    this.#nat.rule(
      this.#internalChain,
      [this.#fields.policy('internalTrafficPolicy')],
      this.#comment('cluster IP'),
      ...this.#to(clusterIP),
      masqueradeAll ? '' : `! -s ${ranges}`,
      '-j KUBE-MARK-MASQ',
    );
  }

  #writeExternal(): void {
    const { hasAny, hasExternal, isExternal, externalPolicyLocal, family, name } = this.#port;
    if (!hasAny || !isExternal) return;
    const nat = this.#nat;
    const because = [this.#fields.policy('externalTrafficPolicy')];
    const { external, cluster, local } = this.#chains;
    nat.chain(external);
    const rule = (comment: string, ...parts: string[]): void =>
      nat.rule(external, because, `-m comment --comment "${comment} ${name} external destinations"`, ...parts);
    if (!externalPolicyLocal) {
      rule('masquerade traffic for', '-j KUBE-MARK-MASQ');
    } else {
      const ranges = localRanges(this.#model, this.#node, family);
      if (ranges !== null) rule('pod traffic for', `-s ${ranges}`, `-j ${cluster}`);
      rule('masquerade LOCAL traffic for', '-m addrtype --src-type LOCAL', '-j KUBE-MARK-MASQ');
      rule('route LOCAL traffic for', '-m addrtype --src-type LOCAL', `-j ${cluster}`);
    }
    if (hasExternal) nat.rule(external, because, `-j ${externalPolicyLocal ? local : cluster}`);
  }

  #writeFirewall(): void {
    if (!this.#usesFirewall) return;
    const { sourceRanges, loadBalancerVIPs, family, name } = this.#port;
    const { firewall, external } = this.#chains;
    const because = [this.#fields.spec('loadBalancerSourceRanges', 'loadBalancerSourceRanges')];
    const own = addressOfFamily(this.#node, family);
    const allowed = [
      ...sourceRanges,
      ...(own !== null && sourceRanges.some((range) => isIn(own, range)) ? loadBalancerVIPs : []),
    ];
    this.#nat.chain(firewall);
    for (const source of allowed)
      this.#nat.rule(firewall, because, this.#comment('loadbalancer IP'), `-s ${source}`, `-j ${external}`);
    this.#nat.rule(
      firewall,
      because,
      `-m comment --comment "other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL"`,
    );
  }

  /** First the clients that were here before, then a random choice: 1/n, then 1/(n-1) of the rest, and so on. */
  #writeChoice(chain: string, endpoints: readonly Endpoint[]): void {
    const { service, port } = this.#port;
    const affinity = service.clientIPAffinitySeconds;
    this.#nat.chain(chain);
    const comment = ({ address, port: target }: Endpoint): string =>
      this.#isLarge ? '' : this.#comment(`-> ${hostPort(address, target)}`);
    for (const endpoint of affinity === null ? [] : endpoints) {
      const to = endpointChain(service, port, endpoint);
      this.#nat.rule(
        chain,
        [this.#fields.spec('sessionAffinity: ClientIP', 'sessionAffinity')],
        comment(endpoint),
        `-m recent --name ${to} --rcheck --seconds ${affinity} --reap`,
        `-j ${to}`,
      );
    }
    for (const [index, endpoint] of endpoints.entries()) {
      const left = endpoints.length - index;
      this.#nat.rule(
        chain,
        [this.#fields.spec('selector', 'selector')],
        comment(endpoint),
        left === 1 ? '' : `-m statistic --mode random --probability ${(1 / left).toFixed(10)}`,
        `-j ${endpointChain(service, port, endpoint)}`,
      );
    }
  }

  #writeEndpoints(): void {
    const { service, port, name } = this.#port;
    for (const endpoint of reachable(this.#cluster, this.#local)) {
      const chain = endpointChain(service, port, endpoint);
      const named = this.#isLarge ? '' : `-m comment --comment ${name}`;
      const because = [this.#fields.port('targetPort')];
      this.#nat.chain(chain);
      this.#nat.rule(chain, because, named, `-s ${endpoint.address}`, '-j KUBE-MARK-MASQ');
      this.#nat.rule(
        chain,
        because,
        named,
        service.clientIPAffinitySeconds === null ? '' : `-m recent --name ${chain} --set`,
        `-m ${this.#protocol} -p ${this.#protocol}`,
        `-j DNAT --to-destination ${hostPort(endpoint.address, endpoint.port)}`,
      );
    }
  }
}
