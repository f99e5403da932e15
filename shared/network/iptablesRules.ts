import { type ClusterModel, endpointsFor } from '../cluster/clusterModel.ts';
import type { Endpoint } from '../cluster/endpoints.ts';
import { type ClusterNode, isIn } from '../cluster/node.ts';
import { isExternallyAccessible, type Service, type ServicePort, servicePortName } from '../cluster/service.ts';
import { usableEndpoints } from './endpointSelection.ts';
import { endpointChain, hostPort, serviceChain } from './kubeProxyChains.ts';

/**
 * What kube-proxy in iptables mode programs on one node, as text for `iptables-restore`: its jumps from the built-in
 * chains, then its own chains and rules in its own order. Services come by name (kube-proxy's order is a Go map's).
 * Source: kubernetes/kubernetes pkg/proxy/iptables/proxier.go `syncProxyRules` (1.36).
 * Left out: nfacct counters, IPv6, large-cluster mode (more than 1,000 endpoints drop the comments).
 */
export function iptablesRules(model: ClusterModel, node: ClusterNode): string {
  const filter = new Table(['KUBE-SERVICES', 'KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-NODEPORTS', 'KUBE-PROXY-FIREWALL', 'KUBE-FIREWALL']);
  const nat = new Table(['KUBE-SERVICES', 'KUBE-NODEPORTS', 'KUBE-POSTROUTING', 'KUBE-MARK-MASQ']);
  // kube-proxy puts each jump before the ones that are there, so the last comes first.
  for (const [from, to, comment, isNew] of filterJumps.toReversed()) filter.rule(from, isNew ? '-m conntrack --ctstate NEW' : '', comment === '' ? '' : `-m comment --comment "${comment}"`, `-j ${to}`);
  for (const [from, to, comment] of natJumps.toReversed()) nat.rule(from, `-m comment --comment "${comment}"`, `-j ${to}`);
  nat.rule('KUBE-POSTROUTING', `-m mark ! --mark ${mark}/${mark}`, '-j RETURN');
  nat.rule('KUBE-POSTROUTING', `-j MARK --xor-mark ${mark}`);
  nat.rule('KUBE-POSTROUTING', '-m comment --comment "kubernetes service traffic requiring SNAT"', '-j MASQUERADE', '--random-fully');
  nat.rule('KUBE-MARK-MASQ', `-j MARK --or-mark ${mark}`);
  filter.rule('KUBE-FIREWALL', '-m comment --comment "block incoming localnet connections"', '-d 127.0.0.0/8', '! -s 127.0.0.0/8', '-m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT', '-j DROP');
  const services = model.services.filter(({ headless, type, clusterIP }) => !headless && type !== 'ExternalName' && clusterIP !== null);
  const ports = services.flatMap((service) => service.ports.map((port) => ({ service, port, name: servicePortName(service, port) })));
  for (const { service, port, name } of ports.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))) writeServicePort(model, node, service, port, name, filter, nat);
  nat.rule('KUBE-SERVICES', '-m comment --comment "kubernetes service nodeports; NOTE: this must be the last rule in this chain"', '-m addrtype --dst-type LOCAL', '-j KUBE-NODEPORTS');
  filter.rule('KUBE-FORWARD', '-m conntrack --ctstate INVALID', '-j DROP');
  filter.rule('KUBE-FORWARD', '-m comment --comment "kubernetes forwarding rules"', `-m mark --mark ${mark}/${mark}`, '-j ACCEPT');
  filter.rule('KUBE-FORWARD', '-m comment --comment "kubernetes forwarding conntrack rule"', '-m conntrack --ctstate RELATED,ESTABLISHED', '-j ACCEPT');
  return `*filter\n${filter.text()}COMMIT\n*nat\n${nat.text()}COMMIT\n`;
}

/** Bit 14 of the mark, as Go's `%#08x` prints it. */
const mark = '0x00004000';

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
class Table {
  readonly #chains: string[];
  readonly #rules: string[] = [];

  constructor(chains: readonly string[]) {
    this.#chains = [...chains];
  }

  chain(name: string): void {
    this.#chains.push(name);
  }

  rule(chain: string, ...parts: readonly string[]): void {
    this.#rules.push(['-A', chain, ...parts.filter((part) => part !== '')].join(' '));
  }

  text(): string {
    return [...this.#chains.map((name) => `:${name} - [0:0]\n`), ...this.#rules.map((rule) => `${rule}\n`)].join('');
  }
}

function writeServicePort(model: ClusterModel, node: ClusterNode, service: Service, port: ServicePort, name: string, filter: Table, nat: Table): void {
  const protocol = port.protocol.toLowerCase();
  const endpoints = (endpointsFor(model, service).byPort[port.index] ?? []).toSorted(byAddress);
  const { cluster, local, hasAny } = usableEndpoints(endpoints, service, node, model.profile.kubernetesMinor);
  const isExternal = isExternallyAccessible(service);
  const internalLocal = service.internalTrafficPolicy === 'Local';
  const externalLocal = isExternal && service.externalTrafficPolicy === 'Local';
  const clusterChain = serviceChain('KUBE-SVC-', service, port);
  const localChain = serviceChain('KUBE-SVL-', service, port);
  const externalChain = serviceChain('KUBE-EXT-', service, port);
  const firewallChain = serviceChain('KUBE-FW-', service, port);
  const internalChain = internalLocal ? localChain : clusterChain;
  const hasInternal = hasAny && (!internalLocal || local.length > 0);
  const hasExternal = hasAny && (!externalLocal || local.length > 0);
  const usesFirewall = hasAny && service.loadBalancerAddresses.length > 0 && service.sourceRanges.length > 0;
  const refusal = hasAny ? { comment: `-m comment --comment "${name} has no local endpoints"`, target: '-j DROP' } : { comment: `-m comment --comment "${name} has no endpoints"`, target: '-j REJECT' };
  const comment = (text: string): string => `-m comment --comment "${name} ${text}"`;
  const to = (address: string): string[] => [`-m ${protocol} -p ${protocol}`, `-d ${address}`, `--dport ${port.port}`];
  const clusterIP = service.clusterIP ?? '';

  if (hasInternal) nat.rule('KUBE-SERVICES', comment('cluster IP'), ...to(clusterIP), `-j ${internalChain}`);
  else filter.rule('KUBE-SERVICES', refusal.comment, ...to(clusterIP), refusal.target);
  for (const address of service.externalIPs) {
    if (hasAny) nat.rule('KUBE-SERVICES', comment('external IP'), ...to(address), `-j ${externalChain}`);
    if (!hasExternal) filter.rule('KUBE-EXTERNAL-SERVICES', refusal.comment, ...to(address), refusal.target);
  }
  for (const address of service.loadBalancerAddresses) {
    if (hasAny) nat.rule('KUBE-SERVICES', comment('loadbalancer IP'), ...to(address), `-j ${usesFirewall ? firewallChain : externalChain}`);
    if (usesFirewall) filter.rule('KUBE-PROXY-FIREWALL', comment(`traffic not accepted by ${firewallChain}`), ...to(address), '-j DROP');
  }
  if (!hasExternal) for (const address of service.loadBalancerAddresses) filter.rule('KUBE-EXTERNAL-SERVICES', refusal.comment, ...to(address), refusal.target);
  if (port.nodePort !== null) {
    const nodePort = [`-m ${protocol} -p ${protocol}`, `--dport ${port.nodePort}`];
    if (hasAny) nat.rule('KUBE-NODEPORTS', `-m comment --comment ${name.includes(' ') ? `"${name}"` : name}`, ...nodePort, `-j ${externalChain}`);
    if (!hasExternal) filter.rule('KUBE-EXTERNAL-SERVICES', refusal.comment, '-m addrtype --dst-type LOCAL', ...nodePort, refusal.target);
  }
  if (service.healthCheckNodePort !== null) filter.rule('KUBE-NODEPORTS', comment('health check node port'), '-m tcp -p tcp', `--dport ${service.healthCheckNodePort}`, '-j ACCEPT');

  if (hasInternal) nat.rule(internalChain, comment('cluster IP'), ...to(clusterIP), ...(model.profile.masqueradeAll ? [] : [`! -s ${model.profile.podNetwork.cidr}`]), '-j KUBE-MARK-MASQ');
  if (hasAny && isExternal) {
    nat.chain(externalChain);
    if (!externalLocal) {
      nat.rule(externalChain, `-m comment --comment "masquerade traffic for ${name} external destinations"`, '-j KUBE-MARK-MASQ');
    } else {
      nat.rule(externalChain, `-m comment --comment "pod traffic for ${name} external destinations"`, `-s ${model.profile.podNetwork.cidr}`, `-j ${clusterChain}`);
      nat.rule(externalChain, `-m comment --comment "masquerade LOCAL traffic for ${name} external destinations"`, '-m addrtype --src-type LOCAL', '-j KUBE-MARK-MASQ');
      nat.rule(externalChain, `-m comment --comment "route LOCAL traffic for ${name} external destinations"`, '-m addrtype --src-type LOCAL', `-j ${clusterChain}`);
    }
    if (hasExternal) nat.rule(externalChain, `-j ${externalLocal ? localChain : clusterChain}`);
  }
  if (usesFirewall) {
    nat.chain(firewallChain);
    const ranges = service.sourceRanges.map((range) => range.trim());
    for (const range of ranges) nat.rule(firewallChain, comment('loadbalancer IP'), `-s ${range}`, `-j ${externalChain}`);
    if (ranges.some((range) => isIn(node.address, range))) for (const address of service.loadBalancerAddresses) nat.rule(firewallChain, comment('loadbalancer IP'), `-s ${address}`, `-j ${externalChain}`);
    nat.rule(firewallChain, `-m comment --comment "other traffic to ${name} will be dropped by KUBE-PROXY-FIREWALL"`);
  }
  if (cluster.length > 0) {
    nat.chain(clusterChain);
    writeChoice(nat, clusterChain, service, port, name, cluster);
  }
  if (local.length > 0) {
    nat.chain(localChain);
    writeChoice(nat, localChain, service, port, name, local);
  }
  const reachable = new Map([...cluster, ...local].map((endpoint) => [hostPort(endpoint.address, endpoint.port), endpoint]));
  for (const [destination, endpoint] of reachable) {
    const chain = endpointChain(service, port, endpoint);
    const named = `-m comment --comment ${name}`;
    nat.chain(chain);
    nat.rule(chain, named, `-s ${endpoint.address}`, '-j KUBE-MARK-MASQ');
    nat.rule(chain, named, service.clientIPAffinitySeconds === null ? '' : `-m recent --name ${chain} --set`, `-m ${protocol} -p ${protocol}`, `-j DNAT --to-destination ${destination}`);
  }
}

/** First the clients that were here before, then a random choice: 1/n, then 1/(n-1) of the rest, and so on. */
function writeChoice(nat: Table, chain: string, service: Service, port: ServicePort, name: string, endpoints: readonly Endpoint[]): void {
  const comment = ({ address, port: target }: Endpoint): string => `-m comment --comment "${name} -> ${hostPort(address, target)}"`;
  if (service.clientIPAffinitySeconds !== null) {
    for (const endpoint of endpoints) {
      const to = endpointChain(service, port, endpoint);
      nat.rule(chain, comment(endpoint), `-m recent --name ${to} --rcheck --seconds ${service.clientIPAffinitySeconds} --reap`, `-j ${to}`);
    }
  }
  for (const [index, endpoint] of endpoints.entries()) {
    const left = endpoints.length - index;
    nat.rule(chain, comment(endpoint), left === 1 ? '' : `-m statistic --mode random --probability ${(1 / left).toFixed(10)}`, `-j ${endpointChain(service, port, endpoint)}`);
  }
}

/** kube-proxy sorts endpoints by their text. Source: pkg/proxy/endpointslicecache.go `byEndpoint`. */
function byAddress(a: Endpoint, b: Endpoint): number {
  const [left, right] = [hostPort(a.address, a.port), hostPort(b.address, b.port)];
  return left < right ? -1 : left > right ? 1 : 0;
}
