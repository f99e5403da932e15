import { type Family, hostPort, isIn, ofFamily } from '../../cluster/address.ts';
import type { Because } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Endpoint } from '../../cluster/endpoints.ts';
import { addressOfFamily, type ClusterNode } from '../../cluster/node.ts';
import { type NftablesPrefix, nftablesEndpointChain, nftablesServiceChain } from './nftablesChains.ts';
import {
  localRanges,
  nodePortAddressesOf,
  type PortOnNode,
  portOnNode,
  type ProxiedPort,
  proxiedPorts,
} from './proxiedPort.ts';
import { PortFields } from './portField.ts';
import { byText, reachable, type RuleLine } from './ruleLine.ts';

/**
 * What kube-proxy in nftables mode programs on one node for one family, as text for `nft -f`: its table with base
 * chains, then sets, maps and chains for the Services, by name. Source: kubernetes/kubernetes
 * pkg/proxy/nftables/proxier.go `setupNFTables`, `syncProxyRules` (1.36).
 */
export function nftablesRules(model: ClusterModel, node: ClusterNode, family: Family): string {
  return nftablesTable(model, node, family).text();
}

/** The same as data: for some ports alone, with the fields that each line comes from. */
export function nftablesTable(
  model: ClusterModel,
  node: ClusterNode,
  family: Family,
  ports: readonly ProxiedPort[] = proxiedPorts(model, family),
): NftablesTable {
  const table = new NftablesTable(family);
  writeBase(model, node, family, table);
  for (const port of ports.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)))
    new ServicePortWriter(model, node, portOnNode(model, port, node), table).write();
  return table;
}

const mark = '0x00004000';
const markForMasquerade = `mark set mark or ${mark}`;

const baseChains = [
  ['filter-prerouting-pre-dnat', 'filter', 'prerouting', -110],
  ['filter-output-pre-dnat', 'filter', 'output', -110],
  ['filter-input', 'filter', 'input', 0],
  ['filter-forward', 'filter', 'forward', 0],
  ['filter-output', 'filter', 'output', 0],
  ['nat-prerouting', 'nat', 'prerouting', -100],
  ['nat-output', 'nat', 'output', -100],
  ['nat-postrouting', 'nat', 'postrouting', 100],
] as const;

const jumps = [
  ['filter-input', 'nodeport-endpoints-check', true],
  ['filter-input', 'service-endpoints-check', true],
  ['filter-forward', 'service-endpoints-check', true],
  ['filter-output', 'service-endpoints-check', true],
  ['filter-prerouting-pre-dnat', 'firewall-check', true],
  ['filter-output-pre-dnat', 'firewall-check', true],
  ['nat-output', 'services', false],
  ['nat-prerouting', 'services', false],
  ['nat-postrouting', 'masquerading', false],
  ['filter-forward', 'cluster-ips-check', true],
  ['filter-output', 'cluster-ips-check', true],
] as const;

/** The table while it is written. `nft` wants sets, maps and chains to exist before a rule names them. */
export class NftablesTable {
  readonly ip: 'ip' | 'ip6';
  readonly addressType: string;
  readonly #containers: string[] = [];
  readonly #chains: string[] = [];
  readonly #rules: RuleLine[] = [];
  readonly #elements = new Map<string, RuleLine>();

  constructor(family: Family) {
    this.ip = family === 'IPv4' ? 'ip' : 'ip6';
    this.addressType = family === 'IPv4' ? 'ipv4_addr' : 'ipv6_addr';
  }

  /** Rules first, then elements. */
  get lines(): readonly RuleLine[] {
    return [...this.#rules, ...this.#elements.values()];
  }

  container(kind: 'set' | 'map', name: string, type: string, details: string): void {
    this.#containers.push(`add ${kind} ${this.ip} kube-proxy ${name} { type ${type} ; ${details} ; }`);
  }

  chain(name: string, details = ''): void {
    this.#chains.push(`add chain ${this.ip} kube-proxy ${name}${details === '' ? '' : ` { ${details} ; }`}`);
  }

  rule(chain: string, because: readonly Because[], text: string, comment = ''): void {
    this.#rules.push({
      table: 'kube-proxy',
      chain,
      because,
      text: `add rule ${this.ip} kube-proxy ${chain} ${text}${comment === '' ? '' : ` comment "${comment}"`}`,
    });
  }

  /** A set's or a map's entry, once. */
  element(
    container: string,
    because: readonly Because[],
    key: readonly (string | number)[],
    { value = '', comment = '' }: { readonly value?: string; readonly comment?: string } = {},
  ): void {
    const name = key.join(' . ');
    const text = `${name}${comment === '' ? '' : ` comment "${comment}"`}${value === '' ? '' : ` : ${value}`}`;
    const id = `${container} ${name}`;
    if (!this.#elements.has(id))
      this.#elements.set(id, {
        table: 'kube-proxy',
        chain: container,
        because,
        text: `add element ${this.ip} kube-proxy ${container} { ${text} }`,
      });
  }

  text(): string {
    return [
      `add table ${this.ip} kube-proxy { comment "rules for kube-proxy" ; }`,
      ...this.#containers,
      ...this.#chains,
      ...this.lines.map(({ text }) => text),
    ]
      .map((line) => `${line}\n`)
      .join('');
  }
}

/** What is there whatever the Services are. */
function writeBase(model: ClusterModel, node: ClusterNode, family: Family, table: NftablesTable): void {
  const { ip, addressType } = table;
  const { kubeProxy, serviceCidrs } = model.profile;
  for (const [name, type, hook, priority] of baseChains)
    table.chain(name, `type ${type} hook ${hook} priority ${priority}`);
  for (const name of [
    'nodeport-endpoints-check',
    'service-endpoints-check',
    'firewall-check',
    'services',
    'masquerading',
    'cluster-ips-check',
  ])
    table.chain(name);
  table.chain('reject-chain', 'comment "helper for @no-endpoint-services / @no-endpoint-nodeports"');
  for (const [from, to, isNew] of jumps) table.rule(from, [], `${isNew ? 'ct state new ' : ''}jump ${to}`);

  table.container('set', 'cluster-ips', addressType, 'comment "Active ClusterIPs"');
  table.container(
    'set',
    'hairpin-connections',
    `${addressType} . ${addressType} . inet_proto . inet_service`,
    'comment "service hairpin connections"',
  );
  table.container(
    'map',
    'firewall-ips',
    `${addressType} . inet_proto . inet_service : verdict`,
    'comment "destinations that are subject to LoadBalancerSourceRanges"',
  );
  table.container(
    'map',
    'no-endpoint-nodeports',
    'inet_proto . inet_service : verdict',
    'comment "vmap to drop or reject packets to service nodeports with no endpoints"',
  );
  table.container(
    'map',
    'no-endpoint-services',
    `${addressType} . inet_proto . inet_service : verdict`,
    'comment "vmap to drop or reject packets to services with no endpoints"',
  );
  table.container(
    'map',
    'service-ips',
    `${addressType} . inet_proto . inet_service : verdict`,
    'comment "ClusterIP, ExternalIP and LoadBalancer IP traffic"',
  );
  table.container('map', 'service-nodeports', 'inet_proto . inet_service : verdict', 'comment "NodePort traffic"');

  table.rule('masquerading', [], `mark and ${mark} != 0 mark set mark xor ${mark} masquerade fully-random`);
  table.rule(
    'masquerading',
    [],
    `ct status dnat ${ip} saddr . ${ip} daddr . meta l4proto . th dport @hairpin-connections masquerade fully-random`,
  );
  table.rule(
    'cluster-ips-check',
    [],
    `${ip} daddr @cluster-ips reject`,
    'Reject traffic to invalid ports of ClusterIPs',
  );
  const cidrs = ofFamily(serviceCidrs, family);
  if (cidrs.length > 0)
    table.rule(
      'cluster-ips-check',
      [],
      `${ip} daddr { ${cidrs.join(',')} } drop`,
      'Drop traffic to unallocated ClusterIPs',
    );
  table.rule('reject-chain', [], 'reject');
  table.rule('service-endpoints-check', [], `${ip} daddr . meta l4proto . th dport vmap @no-endpoint-services`);
  table.rule('firewall-check', [], `${ip} daddr . meta l4proto . th dport vmap @firewall-ips`);

  const local = localRanges(model, node, family);
  if (kubeProxy.masqueradeAll)
    table.rule('services', [], `${ip} daddr @cluster-ips ${markForMasquerade}`, 'masquerade all clusterIP traffic');
  else if (local !== null)
    table.rule(
      'services',
      [],
      `${ip} daddr @cluster-ips ${ip} saddr != ${local} ${markForMasquerade}`,
      'masquerade clusterIP traffic from outside cluster',
    );
  table.rule('services', [], `${ip} daddr . meta l4proto . th dport vmap @service-ips`);

  const addresses = nodePortAddressesOf(kubeProxy, node, family);
  const noLoopback = family === 'IPv4' ? 'ip daddr != 127.0.0.0/8' : 'ip6 daddr != ::1';
  const isChosen = addresses !== null;
  table.rule(
    'nodeport-endpoints-check',
    [],
    `${isChosen ? `${ip} daddr @nodeport-ips` : noLoopback} meta l4proto . th dport vmap @no-endpoint-nodeports`,
  );
  table.rule(
    'services',
    [],
    `${isChosen ? `${ip} daddr @nodeport-ips` : `fib daddr type local ${noLoopback}`} meta l4proto . th dport ` +
      'vmap @service-nodeports',
  );
  if (isChosen) table.container('set', 'nodeport-ips', addressType, 'comment "IPs that accept NodePort traffic"');
  for (const address of addresses ?? []) table.element('nodeport-ips', [], [address]);
}

/** Writes one service port's chains and elements, step by step as `syncProxyRules` does. */
class ServicePortWriter {
  readonly #model: ClusterModel;
  readonly #node: ClusterNode;
  readonly #port: PortOnNode;
  readonly #table: NftablesTable;
  readonly #protocol: string;
  readonly #fields: PortFields;
  readonly #cluster: readonly Endpoint[];
  readonly #local: readonly Endpoint[];

  constructor(model: ClusterModel, node: ClusterNode, port: PortOnNode, table: NftablesTable) {
    this.#model = model;
    this.#node = node;
    this.#port = port;
    this.#table = table;
    this.#protocol = port.port.protocol.toLowerCase();
    this.#fields = new PortFields(port);
    this.#cluster = byText(port.cluster);
    this.#local = byText(port.local);
  }

  write(): void {
    const { hasAny, isExternal, service } = this.#port;
    if (this.#cluster.length > 0) this.#table.chain(this.#chain('service-'));
    if (this.#local.length > 0) this.#table.chain(this.#chain('local-'));
    if (hasAny && isExternal) this.#table.chain(this.#chain('external-'));
    if (this.#usesFirewall) this.#table.chain(this.#chain('firewall-'));
    this.#writeEntries();
    if (hasAny && isExternal) this.#writeExternal();
    if (this.#usesFirewall) this.#writeFirewall();
    for (const endpoint of reachable(this.#cluster, this.#local)) this.#writeEndpoint(endpoint);
    const write = service.clientIPAffinitySeconds === null ? this.#writeDirectChoice : this.#writeStickyChoice;
    if (this.#cluster.length > 0) write.call(this, this.#chain('service-'), this.#cluster);
    if (this.#local.length > 0) write.call(this, this.#chain('local-'), this.#local);
  }

  get #usesFirewall(): boolean {
    return this.#port.loadBalancerVIPs.length > 0 && this.#port.sourceRanges.length > 0;
  }

  #chain(prefix: NftablesPrefix): string {
    return nftablesServiceChain(prefix, this.#port);
  }

  /** Where each address leads, or how it is refused. */
  #writeEntries(): void {
    const {
      hasAny,
      hasInternal,
      hasExternal,
      internalPolicyLocal,
      clusterIP,
      externalIPs,
      loadBalancerVIPs,
      port,
      name,
    } = this.#port;
    const table = this.#table;
    const to = (address: string): (string | number)[] => [address, this.#protocol, port.port];
    const refusal = { value: hasAny ? 'drop' : 'goto reject-chain', comment: name };
    const whyRefused = (policy: 'internalTrafficPolicy' | 'externalTrafficPolicy'): Because[] => [
      hasAny ? this.#fields.policy(policy) : this.#fields.spec('selector', 'selector'),
    ];
    const external = { value: `goto ${this.#chain('external-')}` };
    table.element('cluster-ips', [this.#fields.spec(`clusterIP: ${clusterIP}`, 'clusterIP')], [clusterIP]);
    if (hasInternal)
      table.element(
        'service-ips',
        [this.#fields.spec(`clusterIP: ${clusterIP}`, 'clusterIP'), this.#fields.port('port')],
        to(clusterIP),
        { value: `goto ${this.#chain(internalPolicyLocal ? 'local-' : 'service-')}` },
      );
    else table.element('no-endpoint-services', whyRefused('internalTrafficPolicy'), to(clusterIP), refusal);
    for (const [addresses, field] of [
      [externalIPs, 'externalIPs'],
      [loadBalancerVIPs, 'type'],
    ] as const) {
      for (const address of addresses) {
        if (hasAny)
          table.element(
            'service-ips',
            [this.#fields.spec(`${field}: ${address}`, field), this.#fields.port('port')],
            to(address),
            external,
          );
        if (!hasExternal)
          table.element('no-endpoint-services', whyRefused('externalTrafficPolicy'), to(address), refusal);
      }
    }
    if (this.#usesFirewall)
      for (const address of loadBalancerVIPs)
        table.element(
          'firewall-ips',
          [this.#fields.spec('loadBalancerSourceRanges', 'loadBalancerSourceRanges')],
          to(address),
          { value: `goto ${this.#chain('firewall-')}` },
        );
    if (port.nodePort === null) return;
    if (hasAny)
      table.element('service-nodeports', [this.#fields.port('nodePort')], [this.#protocol, port.nodePort], external);
    if (!hasExternal)
      table.element(
        'no-endpoint-nodeports',
        whyRefused('externalTrafficPolicy'),
        [this.#protocol, port.nodePort],
        refusal,
      );
  }

  #writeExternal(): void {
    const { externalPolicyLocal, hasExternal, family } = this.#port;
    const table = this.#table;
    const chain = this.#chain('external-');
    const because = [this.#fields.policy('externalTrafficPolicy')];
    const cluster = `goto ${this.#chain('service-')}`;
    if (!externalPolicyLocal) {
      table.rule(chain, because, markForMasquerade, 'masquerade');
    } else {
      const local = localRanges(this.#model, this.#node, family);
      if (local !== null)
        table.rule(chain, because, `${table.ip} saddr ${local} ${cluster}`, 'short-circuit pod traffic');
      table.rule(chain, because, `fib saddr type local ${markForMasquerade}`, 'masquerade local traffic');
      table.rule(chain, because, `fib saddr type local ${cluster}`, 'short-circuit local traffic');
    }
    if (hasExternal) table.rule(chain, because, externalPolicyLocal ? `goto ${this.#chain('local-')}` : cluster);
  }

  #writeFirewall(): void {
    const { sourceRanges, loadBalancerVIPs, family } = this.#port;
    const own = addressOfFamily(this.#node, family);
    const allowed = [
      ...sourceRanges,
      ...(own !== null && sourceRanges.some((range) => isIn(own, range)) ? loadBalancerVIPs : []),
    ];
    this.#table.rule(
      this.#chain('firewall-'),
      [this.#fields.spec('loadBalancerSourceRanges', 'loadBalancerSourceRanges')],
      `${this.#table.ip} saddr != { ${allowed.join(' , ')} } drop`,
    );
  }

  /** A random endpoint, with equal chances. */
  #writeDirectChoice(chain: string, endpoints: readonly Endpoint[]): void {
    const map = endpoints.map(({ address, port }, index) => `${index} : ${address} . ${port}`).join(' , ');
    this.#table.rule(
      chain,
      [this.#fields.spec('selector', 'selector'), this.#fields.port('targetPort')],
      `meta l4proto ${this.#protocol} dnat ${this.#table.ip} addr . port to numgen random mod ` +
        `${endpoints.length} map { ${map} }`,
    );
  }

  /** First the clients that were here before, then a random endpoint's chain. */
  #writeStickyChoice(chain: string, endpoints: readonly Endpoint[]): void {
    const affinity = [this.#fields.spec('sessionAffinity: ClientIP', 'sessionAffinity')];
    const goto = (endpoint: Endpoint): string => `goto ${nftablesEndpointChain('endpoint-', this.#port, endpoint)}`;
    for (const endpoint of endpoints)
      this.#table.rule(
        chain,
        affinity,
        `${this.#table.ip} saddr @${nftablesEndpointChain('affinity-', this.#port, endpoint)} ${goto(endpoint)}`,
      );
    const map = endpoints.map((endpoint, index) => `${index} : ${goto(endpoint)}`).join(' , ');
    this.#table.rule(
      chain,
      [this.#fields.spec('selector', 'selector')],
      `numgen random mod ${endpoints.length} vmap { ${map} }`,
    );
  }

  #writeEndpoint(endpoint: Endpoint): void {
    const { address, port } = endpoint;
    const {
      service: { clientIPAffinitySeconds },
    } = this.#port;
    const because = [this.#fields.port('targetPort')];
    if (clientIPAffinitySeconds !== null) {
      const [chain, set] = [
        nftablesEndpointChain('endpoint-', this.#port, endpoint),
        nftablesEndpointChain('affinity-', this.#port, endpoint),
      ];
      this.#table.chain(chain);
      this.#table.container(
        'set',
        set,
        this.#table.addressType,
        `flags dynamic,timeout ; timeout ${clientIPAffinitySeconds}s`,
      );
      this.#table.rule(
        chain,
        [this.#fields.spec('sessionAffinity: ClientIP', 'sessionAffinity')],
        `update @${set} { ${this.#table.ip} saddr }`,
      );
      this.#table.rule(chain, because, `meta l4proto ${this.#protocol} dnat to ${hostPort(address, port)}`);
    }
    if (endpoint.node === this.#node.name)
      this.#table.element('hairpin-connections', because, [address, address, this.#protocol, port]);
  }
}
