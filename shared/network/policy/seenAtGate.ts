import { addressIn, familyOf, ofFamily } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { nodeReachedAt } from '../../cluster/lookups.ts';
import { addressOfFamily, type ClusterNode, tunnelAddresses, usualEncapsulation } from '../../cluster/node.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Profile } from '../../cluster/profile.ts';
import type { Protocol } from '../../cluster/service.ts';
import type { AtGate } from './gate.ts';
import { joinNetworks } from './peer.ts';
import type { PolicyPlugin } from './policyPlugin.ts';

/** A packet at the one gate of a pod of the pod network, on its way in or out, and what a gate may see besides. */
export type Passing = { readonly pod: Pod } & (
  | {
      readonly direction: 'ingress';
      /** Null where no node masqueraded it. */
      readonly masquerade: Masquerade | null;
    }
  | {
      readonly direction: 'egress';
      /** What was asked for, before an endpoint was chosen; null where none was. */
      readonly service: Socket | null;
    }
);

/** What a node did that masqueraded a packet. */
export interface Masquerade {
  /** The source from before. */
  readonly source: string;
  /** Whether it is the receiving pod's own node. */
  readonly isHere: boolean;
  /** Whether the node had sent it itself: one of its processes, or a pod on its network. */
  readonly isOwn: boolean;
}

export interface Socket {
  readonly address: string;
  readonly port: number;
}

export interface AtPod {
  readonly protocol: Protocol;
  readonly source: string;
  readonly destination: Socket;
}

/** What a gate goes by. */
export interface SeenAtGate {
  /** The peer, and the port at the receiver, as they are told. */
  readonly peer: Socket;
  readonly at: AtGate;
  readonly plugin: PolicyPlugin;
}

/** What a plug-in's gate sees of a packet, and by which reading that is judged. */
export function seenAtGate(
  model: ClusterModel,
  { protocol, source, destination }: AtPod,
  passing: Passing,
  plugin: PolicyPlugin,
): SeenAtGate {
  const { pod, direction } = passing;
  const seeing = (peer: Socket, judgedAs = peer.address, by = plugin): SeenAtGate => ({
    peer,
    at: { pod, direction, protocol, peer: judgedAs, port: peer.port },
    plugin: by,
  });
  if (passing.direction === 'egress')
    return seeing(plugin.egressSees === 'service' ? (passing.service ?? destination) : destination);
  const { port } = destination;
  const { masquerade } = passing;
  const from = nodeReachedAt(model, source);
  const isOfAnother = from !== undefined && from.name !== pod.node;
  const sent = isOfAnother ? sentByAnother(model, from, source, plugin) : source;
  if (masquerade === null || (masquerade.isOwn && isKnownAsOwn(model.profile, plugin)))
    return seeing({ address: sent, port });
  const isItself = pod.addresses.includes(masquerade.source) && plugin.ownService !== 'judged';
  const isBefore = plugin.ingressSees === 'before masquerade' && masquerade.isHere;
  if (isItself || isBefore || plugin.ingressSees === 'the client') return seeing({ address: masquerade.source, port });
  switch (plugin.masqueradedIs) {
    case 'the node':
      return seeing({ address: sent, port });
    case "the node's gateway": {
      const address = isThroughTunnel(model.profile, plugin) || !isOfAnother ? gatewayAddress(from, source) : sent;
      return seeing({ address, port }, address, { ...plugin, ownNode: { ...plugin.ownNode, toPod: 'judged' } });
    }
    case 'somebody outside': {
      const isKnown = isOfAnother && !isThroughTunnel(model.profile, plugin);
      return seeing({ address: sent, port }, isKnown ? sent : nobody[familyOf(source)]);
    }
    case 'the gateway router':
      return seeing({ address: joinAddress(model, source), port });
    default:
      return plugin.masqueradedIs satisfies never;
  }
}

/** Whether what a node asks of a Service counts, masqueraded, for what it asks of a pod at its own address. */
function isKnownAsOwn({ kubeProxy }: Profile, { ownNode: { toService } }: PolicyPlugin): boolean {
  return toService === 'as to the pod' || (toService === 'as to the pod by IPVS' && kubeProxy.mode === 'ipvs');
}

/** In the range of all addresses, and in none that anybody would write besides. */
const nobody = { IPv4: '0.0.0.0', IPv6: '::' } as const;

/**
 * The gateway router's of the node that has an address: of the join network, which gives each node one, from its second
 * address on. Source: ovn-kubernetes go-controller/pkg/config/config.go (V4JoinSubnet, V6JoinSubnet).
 */
function joinAddress(model: ClusterModel, address: string): string {
  const node = nodeReachedAt(model, address);
  const index = model.nodes.findIndex((each) => each === node);
  return addressIn(joinNetworks[familyOf(address)], index + 2);
}

/** What a node has in its range of pods; the same address where it has none there. */
function gatewayAddress(node: ClusterNode | undefined, address: string): string {
  return ofFamily(node?.gateways ?? [], familyOf(address))[0] ?? address;
}

/** The source of what another node sends, or masqueraded, as it is by a reading. */
function sentByAnother(
  { profile }: ClusterModel,
  node: ClusterNode,
  source: string,
  { betweenNodes }: PolicyPlugin,
): string {
  const family = familyOf(source);
  switch (betweenNodes) {
    case 'as the profile says':
      return source;
    case 'tunnel':
      return ofFamily(tunnelAddresses(node, profile.podNetwork.cni), family)[0] ?? source;
    case 'no tunnel':
      return addressOfFamily(node, family) ?? source;
    default:
      return betweenNodes satisfies never;
  }
}

/** Whether packets from node to node go through a tunnel, by a reading. */
export function isThroughTunnel({ podNetwork }: Pick<Profile, 'podNetwork'>, { betweenNodes }: PolicyPlugin): boolean {
  if (betweenNodes !== 'as the profile says') return betweenNodes === 'tunnel';
  return (podNetwork.encapsulation ?? usualEncapsulation(podNetwork.cni) ?? 'none') !== 'none';
}
