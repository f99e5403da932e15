import { written } from '../../cluster/because.ts';
import { type Flight, goesOn, type Moves } from '../flight.ts';
import { proxied } from '../proxying.ts';
import type { Station } from '../station.ts';

/**
 * A load balancer at the node's own address, with `ipMode: Proxy`: kube-proxy leaves such an address alone, wherever
 * the client is. A process on the node takes the connection, and opens one of its own to the nodePort.
 * Source: kubernetes/kubernetes pkg/proxy/serviceport.go `newBaseServiceInfo` (1.36); KEP-1860.
 */
export function atNodeBalancer(
  flight: Flight,
  { node, service, port }: Extract<Station, { kind: 'balancer-on-node' }>,
): Moves {
  const { address } = flight.packet.destination;
  const sent = proxied(flight, {
    destination: { address, port: port.nodePort ?? port.port },
    request: flight.http,
    because: [written(service.manifest, 'ipMode: Proxy', 'status', 'loadBalancer')],
    by: `load balancer ${service.name}`,
  });
  return goesOn(sent, { kind: 'leaving', node, pod: null, beyond: 'own-node' });
}
