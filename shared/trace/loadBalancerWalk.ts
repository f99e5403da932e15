import { hostPort, isIn } from '../cluster/address.ts';
import { type Because, written } from '../cluster/because.ts';
import { type ClusterModel, endpointsFor } from '../cluster/clusterModel.ts';
import type { ManualLoadBalancer } from '../cluster/profile.ts';
import type { Service, ServicePort } from '../cluster/service.ts';
import { healthAnswer } from '../network/kubeProxy/healthServer.ts';
import { ownAddress } from '../network/kubeProxy/treatment.ts';
import { ends, type Flight, hopTo, rewrittenBy, shared } from './flight.ts';
import { arriveAtNode, intoPod } from './nodeWalk.ts';
import { spread } from '../network/spread.ts';
import type { Party, Path, Rewrite } from './trace.ts';

/**
 * A generic load balancer in front of the nodes: it spreads over the nodes that it holds healthy and keeps the client's
 * address. Under `externalTrafficPolicy: Local` its health check leaves out the nodes without a ready pod.
 */
export function throughLoadBalancer(model: ClusterModel, flight: Flight, service: Service, port: ServicePort): Path[] {
  const { manifest } = service;
  const lb: Party = { kind: 'lb', name: service.name, address: flight.packet.destination.address };
  const typed = written(manifest, 'type: LoadBalancer', 'spec', 'type');
  const arrived = hopTo(flight, lb, { because: [typed] });
  if (service.sourceRanges.length > 0 && !service.sourceRanges.some((range) => isIn(flight.packet.source, range))) {
    return ends(arrived, 'denied', 'source-ranges', `${flight.packet.source} is in none of Service ${service.name}'s loadBalancerSourceRanges.`, [written(manifest, `loadBalancerSourceRanges: ${service.sourceRanges.join(', ')}`, 'spec', 'loadBalancerSourceRanges')]);
  }
  const { target } = model.profile.loadBalancer;
  const direct: Because = { kind: 'profile', text: `loadBalancer.target: ${target}`, site: model.profile.site };
  if (target === 'pod') return toPods(model, arrived, service, port, direct);
  const isLocal = service.externalTrafficPolicy === 'Local';
  const up = model.nodes.filter(({ ready }) => ready);
  const healthy = isLocal ? up.filter((node) => node.stillBalanced === true || healthAnswer(model, service, node)?.status === 200) : up;
  const policy = written(manifest, `externalTrafficPolicy: ${service.externalTrafficPolicy}`, 'spec', 'externalTrafficPolicy');
  if (healthy.length === 0) return ends(arrived, 'dropped', 'no-healthy-node', isLocal ? `No node runs a ready pod of Service ${service.name}, so every node fails the load balancer's health check.` : 'No node is ready.', [policy]);
  if (target === 'nodePort' && port.nodePort === null) {
    const reason = model.profile.podNetwork.routable ? 'no-node-port' : 'pods-not-routable';
    const text = reason === 'pods-not-routable'
      ? `Service ${service.name} allocates no nodePort, and the pod network isn't routable, so the load balancer has nowhere to send to.`
      : `Service ${service.name} allocates no nodePort, and this load balancer sends to nodePorts.`;
    if (model.profile.podNetwork.routable) return toPods(model, arrived, service, port, written(manifest, 'allocateLoadBalancerNodePorts: false', 'spec', 'allocateLoadBalancerNodePorts'));
    return ends(arrived, 'unroutable', reason, text, [written(manifest, 'allocateLoadBalancerNodePorts: false', 'spec', 'allocateLoadBalancerNodePorts')]);
  }
  return spread(healthy).flatMap(({ item: node, share }) => {
    const from = arrived.packet.destination;
    const destination = target === 'address' ? from : { address: ownAddress(node, from.address), port: port.nodePort ?? port.port };
    const rewrites: Rewrite[] = target === 'address' ? [] : [{ kind: 'DNAT', from: hostPort(from.address, from.port), to: hostPort(destination.address, destination.port), by: 'load balancer', chains: [], because: [typed] }];
    const sent = rewrittenBy(arrived, rewrites, [], { ...arrived.packet, destination });
    return arriveAtNode(model, shared(sent, share), node, isLocal ? [policy] : []);
  });
}

function toPods(model: ClusterModel, arrived: Flight, service: Service, port: ServicePort, because: Because): Path[] {
  if (!model.profile.podNetwork.routable) return ends(arrived, 'unroutable', 'pods-not-routable', `The load balancer is to send to pods, and the pod network isn't routable.`, [because]);
  const ready = (endpointsFor(model, service).byPort[port.index] ?? []).filter((each) => each.ready);
  if (ready.length === 0) return ends(arrived, 'dropped', 'no-endpoints', `Service ${service.name} has no ready endpoint.`, [written(service.manifest, 'selector', 'spec', 'selector')]);
  return spread(ready).flatMap(({ item: endpoint, share }) => {
    const { destination } = arrived.packet;
    const to = { address: endpoint.address, port: endpoint.port };
    const rewrite: Rewrite = { kind: 'DNAT', from: hostPort(destination.address, destination.port), to: hostPort(to.address, to.port), by: 'load balancer', chains: [], because: [because] };
    const sent = rewrittenBy(arrived, [rewrite], [because], { ...arrived.packet, destination: to });
    const weighted = shared(sent, share);
    if (endpoint.pod === null) return ends(weighted, 'unknown', 'outside-cluster', `${endpoint.address} is no pod of the set.`);
    return intoPod(model, weighted, endpoint.pod, null, service);
  });
}

/** A load balancer from the profile: it sends to one nodePort of the nodes that somebody picked. */
export function throughManualLoadBalancer(model: ClusterModel, flight: Flight, balancer: ManualLoadBalancer): Path[] {
  const lb: Party = { kind: 'lb', name: balancer.name, address: flight.packet.destination.address };
  const because: Because = { kind: 'profile', text: `load balancer ${balancer.name} → nodePort ${balancer.nodePort}`, site: balancer.site };
  const arrived = hopTo(flight, lb, { because: [because] });
  if (flight.packet.destination.port !== balancer.listen) return ends(arrived, 'refused', 'nothing-listens', `Load balancer ${balancer.name} listens on port ${balancer.listen} alone.`);
  const nodes = model.nodes.filter(({ name, ready }) => ready && (balancer.nodes === null || balancer.nodes.includes(name)));
  if (nodes.length === 0) return ends(arrived, 'dropped', 'no-healthy-node', `None of load balancer ${balancer.name}'s nodes is ready.`);
  const source = balancer.layer === 7 ? lb.address : arrived.packet.source;
  return spread(nodes).flatMap(({ item: node, share }) => {
    const from = arrived.packet.destination;
    const destination = { address: node.address, port: balancer.nodePort };
    const rewrite: Rewrite = { kind: balancer.layer === 7 ? 'proxy' : 'DNAT', from: hostPort(from.address, from.port), to: hostPort(destination.address, destination.port), by: `load balancer ${balancer.name}`, chains: [], because: [because] };
    const sent = rewrittenBy(arrived, [rewrite], [], { ...arrived.packet, source, destination }, balancer.layer === 7 ? lb : arrived.sender);
    return arriveAtNode(model, shared(sent, share), node);
  });
}
