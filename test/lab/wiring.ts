import { type Family, familyOf, hostPort, ofFamily } from '../../shared/cluster/address.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { addressOfFamily, type ClusterNode } from '../../shared/cluster/node.ts';
import type { Pod } from '../../shared/cluster/pod.ts';
import type { Service } from '../../shared/cluster/service.ts';
import { healthAnswer } from '../../shared/network/kubeProxy/healthServer.ts';
import { iptablesRules } from '../../shared/network/kubeProxy/iptablesRules.ts';
import { nftablesRules } from '../../shared/network/kubeProxy/nftablesRules.ts';
import { hasLocalhostNodePorts } from '../../shared/network/kubeProxy/proxiedPort.ts';
import { addressOfManual } from '../../shared/network/wayIn.ts';
import { internetClient } from '../../shared/cluster/standIns.ts';
import { Agent } from './agent.ts';
import { labPrefix, removeNamespaces, run } from './namespaces.ts';

/** Where a pod runs: one of the model's, or one of which only an EndpointSlice tells. */
interface Seat {
  readonly node: string;
  readonly addresses: readonly string[];
  readonly containers: Pod['containers'];
}

function seatsOf(model: ClusterModel): Seat[] {
  const seats: Seat[] = model.pods.filter(({ hostNetwork }) => !hostNetwork);
  const known = new Set([...seats, ...model.nodes].flatMap(({ addresses }) => addresses));
  for (const { address, node } of model.services.flatMap((service) =>
    [...model.endpointsOf(service).byFamily.values()].flat(2),
  )) {
    if (known.has(address) || node === null) continue;
    known.add(address);
    seats.push({ node, addresses: [address], containers: [] });
  }
  return seats;
}

/**
 * A cluster model as network namespaces: a switch, a router that is also the load balancer, a client behind it, nodes
 * with the rules that `hoplens rules` prints, and a pod each behind a veth pair, wired as the profile's CNI does it.
 */
export class Lab {
  readonly #prefix = `${labPrefix}-`;
  readonly #model: ClusterModel;
  readonly #agent: Agent;
  readonly #seats: readonly Seat[];

  private constructor(model: ClusterModel, agent: Agent) {
    this.#model = model;
    this.#agent = agent;
    this.#seats = seatsOf(model);
  }

  static async build(model: ClusterModel, agent: Agent): Promise<Lab> {
    const lab = new Lab(model, agent);
    try {
      await lab.#build();
    } catch (error) {
      await lab.remove();
      throw error;
    }
    return lab;
  }

  async remove(): Promise<void> {
    await this.#agent.closeListeners();
    removeNamespaces(this.#prefix);
  }

  get client(): string {
    return `${this.#prefix}client`;
  }

  nodeNamespace(node: Pick<ClusterNode, 'name'>): string {
    return `${this.#prefix}n${this.#model.nodes.findIndex(({ name }) => name === node.name)}`;
  }

  podNamespace(pod: Pod): string {
    return pod.hostNetwork
      ? this.nodeNamespace({ name: pod.node })
      : this.#seatNamespace(this.#seats.findIndex((seat) => seat.addresses[0] === pod.address));
  }

  /** The nodes' ends of the links to pods, by the pod's first address. */
  get links(): ReadonlyMap<string, string> {
    return new Map(this.#seats.map(({ addresses }, index) => [addresses[0] ?? '', `v${index}`]));
  }

  #seatNamespace(index: number): string {
    return `${this.#prefix}p${index}`;
  }

  get #families(): readonly Family[] {
    return this.#model.profile.podNetwork.cidrs.map(familyOf);
  }

  async #build(): Promise<void> {
    const { nodes } = this.#model;
    const [router, fabric] = [`${this.#prefix}router`, `${this.#prefix}switch`];
    const namespaces = [
      fabric,
      router,
      this.client,
      ...nodes.map((node) => this.nodeNamespace(node)),
      ...this.#seats.map((_, index) => this.#seatNamespace(index)),
    ];
    await run(`ip -batch - <<'END'\n${namespaces.map((name) => `netns add ${name}\n`).join('')}END\n`);
    await Promise.all(
      namespaces.map((name) =>
        run(settings(name === router || nodes.some((node) => this.nodeNamespace(node) === name)), name),
      ),
    );
    const links = [
      `link add name lan netns ${router} type veth peer name router netns ${fabric}`,
      `link add name wan netns ${router} type veth peer name eth0 netns ${this.client}`,
      ...nodes.map(
        (node, index) =>
          `link add name eth0 netns ${this.nodeNamespace(node)} type veth peer name n${index} netns ${fabric}`,
      ),
      ...this.#seats.map(
        ({ node }, index) =>
          `link add name eth0 netns ${this.#seatNamespace(index)} type veth peer name v${index} netns ` +
          `${this.nodeNamespace({ name: node })}`,
      ),
    ];
    await run(`ip -batch - <<'END'\n${links.join('\n')}\nEND\n`);
    await Promise.all([
      run(fabricScript(nodes.length), fabric),
      run(this.#routerScript(), router),
      run(clientScript, this.client),
      ...nodes.map((node) => run(this.#nodeScript(node), this.nodeNamespace(node))),
      ...this.#seats.map((seat, index) => run(this.#podScript(seat), this.#seatNamespace(index))),
    ]);
    await Promise.all(
      this.#listeners().map(({ protocol, address, port }) =>
        this.#agent.listen(this.#namespaceWith(address), protocol, hostPort(address, port), address),
      ),
    );
  }

  #namespaceWith(address: string): string {
    const node = this.#model.nodes.find(({ addresses }) => addresses.includes(address));
    return node === undefined
      ? this.#seatNamespace(this.#seats.findIndex(({ addresses }) => addresses.includes(address)))
      : this.nodeNamespace(node);
  }

  /** Every port that some Service sends to, and every port that a container names, on each of the pod's addresses. */
  #listeners(): { protocol: 'tcp' | 'udp'; address: string; port: number }[] {
    const { pods, services } = this.#model;
    const found = new Map<string, { protocol: 'tcp' | 'udp'; address: string; port: number }>();
    const add = (protocol: string, address: string, port: number): void => {
      if (protocol === 'TCP' || protocol === 'UDP')
        found.set(`${protocol} ${address} ${port}`, { protocol: protocol === 'TCP' ? 'tcp' : 'udp', address, port });
    };
    for (const { containers, addresses } of pods)
      for (const { ports } of containers)
        for (const { port, protocol } of ports) for (const address of addresses) add(protocol, address, port);
    for (const service of services) {
      for (const byPort of this.#model.endpointsOf(service).byFamily.values()) {
        for (const [index, endpoints] of byPort.entries())
          for (const { pod, node, address, port } of endpoints)
            if (pod !== null || node !== null) add(service.ports[index]?.protocol ?? 'TCP', address, port);
      }
    }
    return [...found.values()];
  }

  #routerScript(): string {
    const { nodes, services, profile } = this.#model;
    const lines = [...up('lan'), ...up('wan'), ...nodes.flatMap(markedRoutes)];
    for (const address of [routerLan.IPv4, routerLan.IPv6]) lines.push(`ip addr add ${host(address)} dev lan nodad`);
    lines.push('ip addr add 198.51.100.1/24 dev wan', 'ip addr add 2001:db8:7::1/64 dev wan nodad');
    for (const address of nodes.flatMap(({ addresses }) => addresses))
      lines.push(`ip route add ${host(address)} dev lan`);
    const ready = nodes.filter(({ ready }) => ready);
    if (profile.podNetwork.routable)
      for (const node of nodes)
        for (const cidr of node.podCIDRs)
          lines.push(`ip route add ${cidr} via ${addressOfFamily(node, familyOf(cidr))} dev lan onlink`);
    for (const { to, via } of profile.routes) {
      const node = nodes.find(({ name }) => name === via);
      const address = node === undefined ? null : addressOfFamily(node, familyOf(to));
      if (address !== null) lines.push(`ip route add ${to} via ${address} dev lan onlink`);
    }
    // Each new connection to one of the nodes, at random; nowhere where there is none.
    const routeTo = (target: string, via: readonly ClusterNode[]): void => {
      const reached = via.filter((node) => addressOfFamily(node, familyOf(target)) !== null);
      const add = `${iptablesOf(familyOf(target))} -t mangle -A PREROUTING -d ${target}`;
      lines.push(`ip route add blackhole ${host(target)}`);
      for (const [index, node] of reached.entries())
        lines.push(
          `${add} -m connmark --mark 0${chanceOf(index, reached.length)} -j CONNMARK --set-mark ` +
            `${nodes.indexOf(node) + 1}`,
        );
      lines.push(`${add} -j CONNMARK --restore-mark`);
    };
    for (const service of services) {
      for (const address of service.externalIPs) routeTo(address, nodes);
      for (const address of service.loadBalancerAddresses) {
        // At a node's own address no balancer stands before the node.
        if (nodes.some(({ addresses }) => addresses.includes(address))) continue;
        const healthy = ready.filter(
          (node) => healthAnswer(this.#model, service, node, familyOf(address))?.status !== 503,
        );
        if (profile.loadBalancer.target !== 'address') lines.push(...rangeRules(service, address));
        if (profile.loadBalancer.target === 'address') routeTo(address, healthy);
        else if (profile.loadBalancer.target === 'pod')
          for (const [index, port] of service.ports.entries())
            lines.push(
              ...spreadRules(
                address,
                port.protocol,
                port.port,
                this.#readyEndpoints(service, index, familyOf(address)),
              ),
            );
        else
          for (const { protocol, port, nodePort } of service.ports)
            if (nodePort !== null)
              lines.push(
                ...spreadRules(
                  address,
                  protocol,
                  port,
                  healthy.flatMap((node) => socketOf(node, familyOf(address), nodePort)),
                ),
              );
      }
    }
    for (const balancer of profile.loadBalancers) {
      const { listen, nodePort, nodes: named, layer } = balancer;
      const targets = ready
        .filter(({ name }) => named?.includes(name) ?? true)
        .flatMap((node) => socketOf(node, 'IPv4', nodePort));
      if (layer === 4) lines.push(...spreadRules(addressOfManual(this.#model, balancer), 'TCP', listen, targets));
    }
    return script(lines);
  }

  #readyEndpoints(service: Service, port: number, family: Family): string[] {
    return (this.#model.endpointsOf(service).byFamily.get(family)?.[port] ?? [])
      .filter((each) => each.ready)
      .map((each) => hostPort(each.address, each.port));
  }

  #nodeScript(node: ClusterNode): string {
    const { profile, nodes } = this.#model;
    const { kubeProxy, podNetwork } = profile;
    const bridged = isBridged(podNetwork.cni);
    const lines = [
      `sysctl -qw net.ipv4.conf.all.route_localnet=${hasLocalhostNodePorts(kubeProxy, node) ? 1 : 0}`,
      ...up('eth0'),
    ];
    for (const address of node.addresses) lines.push(`ip addr add ${host(address)} dev eth0 nodad`);
    for (const family of this.#families) {
      lines.push(
        `ip route add ${host(routerLan[family])} dev eth0`,
        `ip ${family === 'IPv6' ? '-6 ' : ''}route add default via ${routerLan[family]} dev eth0`,
      );
    }
    if (bridged) lines.push('ip link add cni0 type bridge', ...up('cni0'));
    if (bridged)
      for (const [index, gateway] of node.gateways.entries())
        lines.push(`ip addr add ${gateway}/${node.podCIDRs[index]?.split('/')[1] ?? '24'} dev cni0 nodad`);
    for (const [index, pod] of this.#seats.entries()) {
      if (pod.node !== node.name) continue;
      const link = `v${index}`;
      if (bridged) {
        lines.push(`ip link set ${link} master cni0`, `bridge link set dev ${link} hairpin on`, ...up(link));
        continue;
      }
      if (podNetwork.cni === 'ptp')
        for (const gateway of node.gateways) lines.push(`ip addr add ${host(gateway)} dev ${link} nodad`);
      else
        lines.push(
          `ip link set ${link} address ee:ee:ee:ee:ee:ee`,
          // Without a delay of its answers, as Calico has it: a packet that waits for one looks lost.
          `sysctl -qw net.ipv4.conf.${link}.proxy_arp=1 net.ipv4.neigh.${link}.proxy_delay=0`,
        );
      lines.push(...up(link));
      for (const address of pod.addresses) lines.push(`ip route add ${host(address)} dev ${link}`);
    }
    lines.push(...this.#tunnelLines(node));
    for (const other of nodes) {
      if (other === node) continue;
      for (const address of other.addresses) lines.push(`ip route add ${host(address)} dev eth0`);
      for (const cidr of other.podCIDRs) {
        const [tunnel] = ofFamily(other.tunnels, familyOf(cidr));
        const via = addressOfFamily(other, familyOf(cidr));
        if (tunnel !== undefined) lines.push(`ip route add ${cidr} via ${tunnel} dev tunnel0 onlink`);
        else if (via !== null) lines.push(`ip route add ${cidr} via ${via} dev eth0`);
      }
    }
    for (const family of this.#families) {
      const [iptables, restore] =
        family === 'IPv4' ? ['iptables', 'iptables-restore'] : ['ip6tables', 'ip6tables-restore'];
      const text =
        kubeProxy.mode === 'nftables'
          ? nftablesRules(this.#model, node, family)
          : iptablesRules(this.#model, node, family);
      lines.push(`${kubeProxy.mode === 'nftables' ? 'nft -f -' : `${restore} --noflush`} <<'RULES'\n${text}RULES`);
      // What CNI plugins do with packets that leave the pod network.
      const cidr = ofFamily(podNetwork.cidrs, family)[0];
      if (!podNetwork.routable && cidr !== undefined)
        lines.push(`${iptables} -t nat -A POSTROUTING -s ${cidr} ! -d ${cidr} -j MASQUERADE`);
      lines.push(...this.#seats.filter((seat) => seat.node === node.name).flatMap((pod) => hostPortRules(pod, family)));
    }
    if (!node.ready) lines.push('ip link set eth0 down');
    return script(lines);
  }

  /** The tunnel's interface as Flannel makes it: an address without a range, and all others' known beforehand. */
  #tunnelLines(node: ClusterNode): string[] {
    if (node.tunnels.length === 0) return [];
    const { nodes } = this.#model;
    return [
      `ip link add tunnel0 type vxlan id 1 dstport 8472 local ${node.address} dev eth0 nolearning`,
      `ip link set tunnel0 address ${tunnelLink(nodes.indexOf(node))}`,
      ...node.tunnels.map((address) => `ip addr add ${host(address)} dev tunnel0 nodad`),
      ...up('tunnel0'),
      ...nodes.flatMap((other, index) =>
        other === node
          ? []
          : [
              `bridge fdb append ${tunnelLink(index)} dev tunnel0 dst ${other.address}`,
              ...other.tunnels.map(
                (each) => `ip neigh add ${each} lladdr ${tunnelLink(index)} dev tunnel0 nud permanent`,
              ),
            ],
      ),
    ];
  }

  #podScript(pod: Seat): string {
    const { podNetwork } = this.#model.profile;
    const node = this.#model.nodes.find(({ name }) => name === pod.node);
    const lines = up('eth0');
    for (const address of pod.addresses) {
      const family = familyOf(address);
      const own = podNetwork.cni === 'calico' ? [] : ofFamily(node?.gateways ?? [], family);
      const gateway = own[0] ?? calicoGateway[family];
      const six = family === 'IPv6' ? '-6 ' : '';
      if (isBridged(podNetwork.cni)) {
        lines.push(
          `ip addr add ${address}/${family === 'IPv4' ? 24 : 64} dev eth0 nodad`,
          `ip ${six}route add default via ${gateway}`,
        );
      } else {
        lines.push(
          `ip addr add ${host(address)} dev eth0 nodad`,
          `ip ${six}route add ${gateway} dev eth0`,
          `ip ${six}route add default via ${gateway} dev eth0`,
        );
      }
    }
    return script(lines);
  }
}

const routerLan: Readonly<Record<Family, string>> = { IPv4: '192.168.255.254', IPv6: 'fd00:192:168::ffff' };
/** Calico's: an address that nobody has, answered by proxy ARP; the veth's own link-local one. */
const calicoGateway: Readonly<Record<Family, string>> = { IPv4: '169.254.1.1', IPv6: 'fe80::ecee:eeff:feee:eeee' };

function tunnelLink(index: number): string {
  return `02:00:00:00:00:${index.toString(16).padStart(2, '0')}`;
}

export function isBridged(cni: string): boolean {
  return ['bridge', 'kubenet', 'flannel'].includes(cni);
}

/** An address with its whole length; a range as it is. */
function host(address: string): string {
  return address.includes('/') ? address : `${address}/${familyOf(address) === 'IPv4' ? 32 : 128}`;
}

function up(link: string): string[] {
  return [`ip link set ${link} up`];
}

function script(lines: readonly string[]): string {
  return `ip link set lo up\n${lines.join('\n')}\n`;
}

/**
 * No waiting for duplicate addresses, no reverse-path checks, no limit to ICMP errors; forwarding where it is a router.
 */
function settings(forwards: boolean): string {
  return [
    'sysctl -qw net.ipv6.conf.default.accept_dad=0 net.ipv6.conf.all.accept_dad=0 net.ipv4.conf.all.rp_filter=0 ' +
      'net.ipv4.conf.default.rp_filter=0',
    'sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0',
    ...(forwards
      ? ['sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.forwarding=1']
      : []),
  ].join('\n');
}

function fabricScript(nodes: number): string {
  const ports = ['router', ...Array.from({ length: nodes }, (_, index) => `n${index}`)];
  return script([
    'sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0',
    'ip link add lan type bridge',
    ...up('lan'),
    ...ports.flatMap((port) => [`ip link set ${port} master lan`, ...up(port)]),
  ]);
}

const clientScript = script([
  ...up('eth0'),
  `ip addr add ${internetClient.IPv4}/24 dev eth0`,
  `ip addr add ${internetClient.IPv6}/64 dev eth0 nodad`,
  'ip route add default via 198.51.100.1',
  'ip -6 route add default via 2001:db8:7::1',
]);

function iptablesOf(family: Family): string {
  return family === 'IPv4' ? 'iptables' : 'ip6tables';
}

/** The match that gives each of several rules in a row the same share. */
function chanceOf(index: number, count: number): string {
  return index === count - 1 ? '' : ` -m statistic --mode random --probability ${(1 / (count - index)).toFixed(10)}`;
}

/** A routing table for each node, to which marked packets go. */
function markedRoutes(node: ClusterNode, index: number): string[] {
  return node.addresses.flatMap((address) => {
    const six = familyOf(address) === 'IPv6' ? '-6 ' : '';
    return [
      `ip ${six}rule add fwmark ${index + 1} table ${100 + index}`,
      `ip ${six}route add default via ${address} dev lan onlink table ${100 + index}`,
    ];
  });
}

/**
 * The load balancer lets in only who may, of the families that have a range; where nodes get its address, kube-proxy
 * does.
 */
function rangeRules({ sourceRanges }: Service, address: string): string[] {
  const family = familyOf(address);
  const ranges = ofFamily(sourceRanges, family);
  const add = `${iptablesOf(family)} -t raw -A PREROUTING -d ${address}`;
  if (ranges.length === 0) return [];
  return [...ranges.map((range) => `${add} -s ${range} -j ACCEPT`), `${add} -j DROP`];
}

/** A load balancer's rules for one port: equal chances over the targets, the client's address kept. */
function spreadRules(address: string, protocol: string, port: number, targets: readonly string[]): string[] {
  const name = protocol.toLowerCase();
  return targets.map(
    (target, index) =>
      `${iptablesOf(familyOf(address))} -t nat -A PREROUTING -d ${address} -p ${name} --dport ` +
      `${port}${chanceOf(index, targets.length)} -j DNAT --to-destination ${target}`,
  );
}

function socketOf(node: ClusterNode, family: Family, port: number): string[] {
  const address = addressOfFamily(node, family);
  return address === null ? [] : [hostPort(address, port)];
}

/** What the CNI plugin `portmap` does for a pod's host ports, behind kube-proxy's rules. */
function hostPortRules({ containers, addresses }: Seat, family: Family): string[] {
  const address = ofFamily(addresses, family)[0];
  return containers.flatMap(({ ports }) =>
    ports.flatMap(({ hostPort: outside, port, protocol }) => {
      if (outside === null || address === undefined) return [];
      const rule =
        `-p ${protocol.toLowerCase()} --dport ${outside} -m addrtype --dst-type LOCAL -j DNAT --to-destination ` +
        `${hostPort(address, port)}`;
      return ['PREROUTING', 'OUTPUT'].map((chain) => `${iptablesOf(family)} -t nat -A ${chain} ${rule}`);
    }),
  );
}
