import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import { familyOf } from '../../cluster/address.ts';
import { iptablesWalks } from './iptablesWalk.ts';
import { nftablesWalks } from './nftablesWalk.ts';
import { portAt, portWithNodePort, type ProxiedPort, proxiedPortsAt } from './proxiedPort.ts';
import type { RuleWalks, WalkingPacket } from './packetWalk.ts';
import type { ArrivingPacket } from './treatment.ts';

/**
 * Walks the rules as the kernel would for the first packet of a connection. They are the text that `hoplens rules`
 * prints, without the Services that the packet doesn't concern. Empty and untouched in a mode without such rules.
 */
export function ruleWalks(model: ClusterModel, walking: WalkingPacket): RuleWalks {
  let walks: RuleWalks | null = null;
  return (chosen) => {
    walks ??= walksOf(model, walking);
    return walks(chosen);
  };
}

function walksOf(model: ClusterModel, walking: WalkingPacket): RuleWalks {
  const { node, packet } = walking;
  const family = familyOf(packet.destination.address);
  const ports = concerned(model, node, packet);
  switch (model.profile.kubeProxy.mode) {
    case 'iptables':
      return iptablesWalks(model, family, ports, walking);
    case 'nftables':
      return nftablesWalks(model, family, ports, walking);
    case 'ipvs':
    case 'cilium':
      return () => ({ met: [], end: 'untouched', isMasqueraded: false });
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
