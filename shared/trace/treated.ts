import { familyOf, hostPort, isIn, ofFamily } from '../cluster/address.ts';
import { type Because, written } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Endpoint } from '../cluster/endpoints.ts';
import { nodeNamed } from '../cluster/lookups.ts';
import { type ClusterNode, isLocalTo, leadsOut } from '../cluster/node.ts';
import type { Pod } from '../cluster/pod.ts';
import { waitingFor, whyNoneIsReady } from '../cluster/waiting.ts';
import { chainNames } from '../network/kubeProxy/chainNames.ts';
import {
  type Choice,
  ownAddress,
  type PacketPath,
  type ServiceMatch,
  type Treatment,
} from '../network/kubeProxy/treatment.ts';
import { unwatchedListings } from '../network/kubeProxy/unwatchedListings.ts';
import { ruleWalks } from '../network/kubeProxy/walk.ts';
import { type Arrival, ends, type Flight, hopTo, type Move, type Moves, rewrittenBy, shared } from './flight.ts';
import { leftToAnother } from './leftToAnother.ts';
import { throughGate } from './policyGate.ts';
import { endpointOf, endpointParty, nodeParty } from './towards.ts';
import type { Consulted, Packet, Rewrite } from './trace.ts';
import type { Ended, OtherProxy } from './verdict.ts';

/** The node whose kube-proxy treats the packet, and how the packet came there. */
interface TreatedAt {
  readonly node: ClusterNode;
  /** The pod that sends it from there, if one does. */
  readonly sender: Pod | null;
  readonly way: PacketPath;
}

/** What kube-proxy's treatment of a packet comes to. */
export function treated(
  model: ClusterModel,
  flight: Flight,
  treatment: Exclude<Treatment, { kind: 'untouched' }>,
  at: TreatedAt,
): Moves {
  const consulting = consultingAt(model, flight, at);
  if (treatment.kind !== 'forwarded') {
    const goOn = (out: Flight): Moves => unforwarded(model, out, at.node, treatment);
    const ended = consulting(null);
    // kube-proxy rejects where it filters what is forwarded; plug-ins' chains stand in front of its own there. Tried on
    // a real kernel with Calico's; what it drops is lost either way.
    return at.sender === null || treatment.kind !== 'rejected'
      ? goOn(ended)
      : throughGate(model, ended, { pod: at.sender, direction: 'egress', service: null }, goOn);
  }
  return treatment.choices.flatMap((choice) =>
    forward(model, consulting(choice.endpoint), { ...treatment, choice }, at),
  );
}

function unforwarded(model: ClusterModel, flight: Flight, node: ClusterNode, treatment: Unforwarded): Moves {
  if (treatment.match !== null)
    return ends(flight, endedByService(model, flight, node, treatment), [
      ...(treatment.reason === 'no-endpoints' ? whyNoneIsReady(model, treatment.match.service) : []),
      ...treatment.because,
    ]);
  const { leftTo, because } = leftToAnother(model, flight.packet);
  return ends(flight, endedWithoutService(model, flight, treatment, leftTo), [...because, ...treatment.because]);
}

function endedByService(
  model: ClusterModel,
  { packet: { source } }: Flight,
  node: ClusterNode,
  treatment: Extract<Unforwarded, { match: ServiceMatch }>,
): Ended {
  const { service } = treatment.match;
  switch (treatment.reason) {
    case 'no-local-endpoints':
      return { kind: treatment.kind, reason: 'no-local-endpoints', node: node.name, service: service.name };
    case 'no-endpoints': {
      const [waiting = null] = waitingFor(model, service);
      const unwatched = unwatchedListings(model, service).map(({ text }) => text);
      return { kind: 'rejected', reason: 'no-endpoints', by: 'kube-proxy', service: service.name, waiting, unwatched };
    }
    case 'source-ranges':
      return { kind: 'denied', reason: 'source-ranges', source, service: service.name };
    default:
      return treatment satisfies never;
  }
}

function endedWithoutService(
  { profile }: ClusterModel,
  { packet }: Flight,
  { reason }: Extract<Unforwarded, { match: null }>,
  leftTo: OtherProxy | null,
): Ended {
  const { address, port } = packet.destination;
  return reason === 'no-such-port'
    ? { kind: 'rejected', reason, address, port, mode: profile.kubeProxy.mode, leftTo }
    : { kind: 'dropped', reason, address, by: { kind: 'nftables' }, leftTo };
}

/** What kube-proxy ends itself. */
type Unforwarded = Exclude<Treatment, { kind: 'untouched' | 'forwarded' }>;

/** With the rules that the packet meets on the node, if somebody asked for them; by the endpoint that is chosen. */
function consultingAt(
  model: ClusterModel,
  flight: Flight,
  { node, way: path }: TreatedAt,
): (chosen: Endpoint | null) => Flight {
  const { packet, consulted } = flight;
  if (consulted === null) return () => flight;
  const walks = ruleWalks(model, { node, packet, path });
  return (chosen) => {
    const look = (): Consulted | null => {
      const { met } = walks(chosen);
      return met.length === 0 ? null : { at: nodeParty(node), rules: met };
    };
    return { ...flight, consulted: [...consulted, look] };
  };
}

function forward(model: ClusterModel, flight: Flight, { choice, match, because }: Chosen, at: TreatedAt): Moves {
  const { sender } = at;
  const weighted = shared(flight, choice.probability);
  const goOn = (out: Flight): Moves => [forwardTo(model, out, { choice, match, because }, at)];
  if (sender === null) return goOn(weighted);
  const { address, port } = choice.endpoint;
  const chosen = { ...weighted, packet: { ...flight.packet, destination: { address, port } } };
  const passing = { pod: sender, direction: 'egress', service: flight.packet.destination } as const;
  return throughGate(model, chosen, passing, (out) => goOn({ ...out, packet: flight.packet }));
}

interface Chosen {
  readonly choice: Choice;
  readonly match: ServiceMatch;
  readonly because: readonly Because[];
}

function forwardTo(
  model: ClusterModel,
  flight: Flight,
  { choice, match, because }: Chosen,
  { node, sender, way }: TreatedAt,
): Move<Arrival> {
  const { endpoint } = choice;
  const { packet } = flight;
  const at = endpoint.node ?? endpoint.pod?.node ?? null;
  const isHere = at === node.name && !isRoutedOut(model, node, endpoint);
  const crossesNodes = at !== null && !isHere;
  const source = choice.masquerade === null ? packet.source : masqueradeSource(model, node, endpoint, isHere);
  const rewritten: Packet = { ...packet, source, destination: { address: endpoint.address, port: endpoint.port } };
  const rewrites: Rewrite[] = [
    {
      kind: 'DNAT',
      from: hostPort(packet.destination.address, packet.destination.port),
      to: hostPort(endpoint.address, endpoint.port),
      by: choice.chains.at(-1) ?? model.profile.kubeProxy.mode,
      chains: choice.chains,
      because: [
        written(
          match.service.manifest,
          `port ${match.port.port} → targetPort ${match.port.targetPort}`,
          'spec',
          'ports',
          match.port.index,
        ),
      ],
    },
  ];
  if (choice.masquerade !== null) {
    const { masquerade } = chainNames(model.profile.kubeProxy.mode);
    rewrites.push({
      kind: 'SNAT',
      from: packet.source,
      to: source,
      by: masquerade.at(-1) ?? model.profile.kubeProxy.mode,
      chains: masquerade,
      because: node.tunnels.includes(source) ? [...because, byTunnel(model)] : because,
    });
  }
  // An endpoint on another node's own network is outside the pod network, and the CNI plugin treats the packet as such.
  const isLeaving =
    sender !== null && !sender.hostNetwork && choice.masquerade === null && !isLocalTo(node, endpoint.address);
  const { leaving, rewrites: further } = outOfPodNetwork(model, { ...flight, packet: rewritten }, node, !isLeaving);
  rewrites.push(...further);
  const owner = choice.masquerade === null ? leaving.sender : nodeParty(node);
  const to = endpointParty(endpoint, match.service);
  const atNode = flight.hasCome && flight.at.kind === 'node' && sender === null;
  const ready = atNode
    ? rewrittenBy(flight, { rewrites, because, packet: leaving.packet, sender: owner })
    : { ...flight, packet: leaving.packet, sender: owner, because: [...flight.because, ...because] };
  const replies = { kind: 'straight', from: packet.destination.address } as const;
  const sent = choice.returnsDirectly === true ? { ...ready, replies } : ready;
  const picked = endpointOf(match.service, endpoint);
  const hop = {
    crossesNodes,
    ...(atNode ? { because: [picked] } : { rewrites, because: [...because, picked] }),
  };
  const home = at === null ? null : nodeNamed(model, at);
  // Without a masquerade the reply goes straight to who asked; only the node that rewrote the packet could undo that.
  const isFromService = packet.source === packet.destination.address && !isLocalTo(node, packet.source);
  const isReplyLost =
    (atNode || isFromService) && crossesNodes && choice.masquerade === null && choice.returnsDirectly !== true;
  if (isReplyLost && home?.ready !== false) {
    const facts = { endpoint: endpoint.podName ?? endpoint.address, node: node.name } as const;
    return hopTo(sent, to, { kind: 'settled', verdict: { kind: 'dropped', reason: 'reply-lost', ...facts } }, hop);
  }
  const masquerade = choice.masquerade === null ? null : { source: packet.source, isHere, isOwn: way === 'own' };
  return hopTo(sent, to, { kind: 'pod', pod: endpoint.pod, node: at, service: match.service, masquerade }, hop);
}

/**
 * The address of the interface that the packet leaves by: towards a pod of the same node that is the pod bridge's,
 * towards another node's a tunnel's where there is one, else the node's own. Tried on a real kernel; see
 * docs/kube-proxy.md. Source: Linux net/netfilter/nf_nat_masquerade.c (`inet_select_addr` of the way out).
 */
function masqueradeSource(
  { profile }: ClusterModel,
  node: ClusterNode,
  { address, pod }: Endpoint,
  isHere: boolean,
): string {
  const own = ownAddress(node, address);
  const isInPodNetwork = pod === null ? profile.podNetwork.cidrs.some((cidr) => isIn(address, cidr)) : !pod.hostNetwork;
  const stays = isHere && !node.addresses.includes(address);
  const by = stays ? node.gateways : isInPodNetwork ? node.tunnels : [];
  return ofFamily(by, familyOf(address))[0] ?? own;
}

/** Why a node sends with another address than its own. */
function byTunnel({ profile: { podNetwork, field } }: ClusterModel): Because {
  const { cni, encapsulation } = podNetwork;
  const said = encapsulation === null ? `cni: ${cni}` : `encapsulation: ${encapsulation}`;
  return { kind: 'profile', text: `podNetwork.${said}, whose interface has an address of the pods' range`, field };
}

/**
 * Whether the node, which its slice says runs the endpoint, has no link to it: no pod of the node, and outside its
 * range.
 */
function isRoutedOut({ profile }: ClusterModel, node: ClusterNode, { address, pod }: Endpoint): boolean {
  return pod?.node !== node.name && leadsOut(node, profile, address);
}

/**
 * What the CNI plugin does to a pod's packet to an address outside the pod network: where that isn't routable, it gets
 * the node's address.
 */
export function outOfPodNetwork(
  { profile }: ClusterModel,
  flight: Flight,
  node: ClusterNode,
  isOwn: boolean,
): { readonly leaving: Flight; readonly rewrites: readonly Rewrite[] } {
  const { podNetwork, field } = profile;
  const { packet } = flight;
  if (isOwn || podNetwork.routable || podNetwork.cidrs.some((cidr) => isIn(packet.destination.address, cidr)))
    return { leaving: flight, rewrites: [] };
  const source = ownAddress(node, packet.destination.address);
  const rewrite: Rewrite = {
    kind: 'SNAT',
    from: packet.source,
    to: source,
    by: `${podNetwork.cni} CNI`,
    chains: [],
    because: [{ kind: 'profile', text: `podNetwork.cni: ${podNetwork.cni}`, field }],
  };
  return { leaving: { ...flight, packet: { ...packet, source }, sender: nodeParty(node) }, rewrites: [rewrite] };
}
