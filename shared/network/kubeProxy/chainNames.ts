import type { Endpoint } from '../../cluster/endpoints.ts';
import type { ProxyMode } from '../../cluster/profile.ts';
import { endpointChain, serviceChain } from './iptablesChains.ts';
import { nftablesEndpointChain, nftablesServiceChain } from './nftablesChains.ts';
import type { EntryKind, ProxiedPort } from './proxiedPort.ts';

/** The chains that a forwarded packet meets, by their names in each mode; none in a mode that has no chains. */
export interface ChainNames {
  /** Up to the choice of an endpoint. */
  readonly towards: (port: ProxiedPort, entry: EntryKind, policy: 'cluster' | 'local') => readonly string[];
  readonly endpoint: (port: ProxiedPort, endpoint: Endpoint) => readonly string[];
  /** Where the source is replaced. */
  readonly masquerade: readonly string[];
}

const iptables: ChainNames = {
  towards: (port, entry, policy) => {
    const chosen = serviceChain(policy === 'local' ? 'KUBE-SVL-' : 'KUBE-SVC-', port.service, port.port);
    if (entry === 'clusterIP') return ['KUBE-SERVICES', chosen];
    const external = serviceChain('KUBE-EXT-', port.service, port.port);
    if (entry === 'nodePort') return ['KUBE-SERVICES', 'KUBE-NODEPORTS', external, chosen];
    const firewall =
      entry === 'loadBalancer' && port.sourceRanges.length > 0
        ? [serviceChain('KUBE-FW-', port.service, port.port)]
        : [];
    return ['KUBE-SERVICES', ...firewall, external, chosen];
  },
  endpoint: (port, endpoint) => [endpointChain(port.service, port.port, endpoint)],
  masquerade: ['KUBE-MARK-MASQ', 'KUBE-POSTROUTING'],
};

const nftables: ChainNames = {
  towards: (port, entry, policy) => {
    const chosen = nftablesServiceChain(policy === 'local' ? 'local-' : 'service-', port);
    if (entry === 'clusterIP') return ['services', chosen];
    const firewall =
      entry === 'loadBalancer' && port.sourceRanges.length > 0
        ? ['firewall-check', nftablesServiceChain('firewall-', port)]
        : [];
    return [...firewall, 'services', nftablesServiceChain('external-', port), chosen];
  },
  endpoint: (port, endpoint) =>
    port.service.clientIPAffinitySeconds === null ? [] : [nftablesEndpointChain('endpoint-', port, endpoint)],
  masquerade: ['masquerading'],
};

const none: ChainNames = { towards: () => [], endpoint: () => [], masquerade: [] };

export function chainNames(mode: ProxyMode): ChainNames {
  switch (mode) {
    case 'iptables':
      return iptables;
    case 'nftables':
      return nftables;
    case 'ipvs':
    case 'cilium':
      return none;
    default:
      return mode satisfies never;
  }
}
