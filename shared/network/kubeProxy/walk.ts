import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import { familyOf } from '../../cluster/address.ts';
import { walkIptables } from './iptablesWalk.ts';
import { walkNftables } from './nftablesWalk.ts';
import { portAt, portWithNodePort, type ProxiedPort, proxiedPortsAt } from './proxiedPort.ts';
import type { RuleWalk, WalkQuestion } from './packetWalk.ts';
import type { ArrivingPacket } from './treatment.ts';

/**
 * Walks the rules as the kernel would for the first packet of a connection. They are the text that `hoplens rules`
 * prints, without the Services that the packet doesn't concern. Empty and untouched in a mode without such rules.
 */
export function walkRules(model: ClusterModel, question: WalkQuestion): RuleWalk {
  const { node, packet } = question;
  const family = familyOf(packet.destination.address);
  const ports = concerned(model, node, packet);
  switch (model.profile.kubeProxy.mode) {
    case 'iptables':
      return walkIptables(model, family, ports, question);
    case 'nftables':
      return walkNftables(model, family, ports, question);
    case 'ipvs':
    case 'cilium':
      return { met: [], end: 'untouched', isMasqueraded: false };
    default:
      return model.profile.kubeProxy.mode satisfies never;
  }
}

/** The ports whose rules could match: by address, by nodePort, and those that share the address. */
function concerned(model: ClusterModel, node: ClusterNode, { protocol, destination }: ArrivingPacket): ProxiedPort[] {
  const ports = new Set<ProxiedPort>(proxiedPortsAt(model, destination.address));
  const met = portAt(model, node, protocol, destination)?.port ?? null;
  const byNumber = portWithNodePort(model, protocol, destination);
  for (const each of [met, byNumber]) if (each !== null) ports.add(each);
  return [...ports];
}
