import { familyOf, hostPort, ofFamily } from '../../cluster/address.ts';
import { type Because, written } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { endpointsOfPort, nodeAt } from '../../cluster/lookups.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import { whyNoneIsReady } from '../../cluster/waiting.ts';
import type { ManualLoadBalancer } from '../../cluster/profile.ts';
import { healthAnswer } from '../../network/kubeProxy/healthServer.ts';
import { isWatched } from '../../network/kubeProxy/proxiedPort.ts';
import { ownAddress, rangesOf } from '../../network/kubeProxy/treatment.ts';
import { kindOf } from '../../network/loadBalancers/catalogue.ts';
import { type Behaviour, isRefusedByBalancer } from '../../network/loadBalancers/loadBalancerKind.ts';
import { spread } from '../../network/spread.ts';
import { assuming, ends, type Flight, type Moves, rewrittenBy, shared } from '../flight.ts';
import { passedOn, proxied } from '../proxying.ts';
import type { BalancedPort } from '../station.ts';
import { becauseOfKind, becauseOfManual, intoPod, toNode, toNodeBalancer } from '../towards.ts';
import type { Packet, Party, Rewrite } from '../trace.ts';

/**
 * A load balancer as its kind does it (`network/loadBalancers/`): it spreads over the nodes that it holds healthy, or
 * over the pods. Under `externalTrafficPolicy: Local` its health check, where it has one, leaves out the nodes without
 * a ready pod.
 */
export function atBalancer(model: ClusterModel, met: Flight, { service, port }: BalancedPort): Moves {
  const { manifest } = service;
  const lb = met.at;
  const typed = written(manifest, 'type: LoadBalancer', 'spec', 'type');
  const chosen = kindOf(model, service);
  const { behaviour } = chosen;
  const known = becauseOfKind(model, service, chosen);
  const own = nodeAt(model, lb.address);
  if (own !== undefined) return atOwnAddress(model, met, own, { service, port });
  const { namespace, name } = service;
  const arrived =
    behaviour.sourceRanges === 'assumed' && service.sourceRanges.length > 0
      ? assuming(met, {
          id: `source-ranges:${namespace}/${name}`,
          text: `the load balancer of Service ${name} is taken to obey loadBalancerSourceRanges; some ignore them`,
        })
      : met;
  if (isRefusedByBalancer(behaviour, service, met.packet.source))
    return ends(arrived, { kind: 'denied', reason: 'source-ranges', source: met.packet.source, service: name }, [
      rangesOf(service),
    ]);
  const { target } = behaviour;
  const [why = typed] = known;
  const direct: Because =
    model.profile.loadBalancer.isTargetWritten || chosen.by === 'nothing'
      ? { kind: 'profile', text: `loadBalancer.target: ${target}`, field: model.profile.field }
      : why;
  if (target === 'pod') return toPods(model, arrived, { service, port }, { because: direct, behaviour });
  const isLocal = service.externalTrafficPolicy === 'Local';
  const up = model.nodes.filter(({ ready }) => ready);
  const healthy =
    isLocal && behaviour.leavesOut !== 'nothing'
      ? up.filter(
          (node) =>
            node.stillBalanced === true || healthAnswer(model, service, node, familyOf(lb.address))?.status === 200,
        )
      : up;
  const policy = written(
    manifest,
    `externalTrafficPolicy: ${service.externalTrafficPolicy}`,
    'spec',
    'externalTrafficPolicy',
  );
  if (healthy.length === 0) {
    const failing = isWatched(service) ? 'no-local-pods' : 'unwatched';
    return ends(
      arrived,
      {
        kind: 'dropped',
        reason: 'no-healthy-node',
        of: isLocal ? { kind: failing, service: name } : { kind: 'all-nodes' },
      },
      [policy],
    );
  }
  if (target === 'nodePort' && port.nodePort === null) {
    const unallocated = written(
      manifest,
      'allocateLoadBalancerNodePorts: false',
      'spec',
      'allocateLoadBalancerNodePorts',
    );
    return model.profile.podNetwork.routable
      ? toPods(model, arrived, { service, port }, { because: unallocated, behaviour })
      : ends(arrived, { kind: 'unroutable', reason: 'pods-not-routable', service: name }, [unallocated]);
  }
  return spread(healthy).map(({ item: node, share }) => {
    const from = arrived.packet.destination;
    const destination =
      target === 'address' ? from : { address: ownAddress(node, from.address), port: port.nodePort ?? port.port };
    const rewrites: Rewrite[] =
      target === 'address'
        ? []
        : [
            {
              kind: 'DNAT',
              from: hostPort(from.address, from.port),
              to: hostPort(destination.address, destination.port),
              by: 'load balancer',
              chains: [],
              because: [typed],
            },
          ];
    const sent = leaving(arrived, behaviour, { lb, rewrites, because: [], destination });
    return toNode(model, shared(sent, share), node, { because: isLocal ? [policy] : [] });
  });
}

/**
 * The balancer's address is a node's own (k3s always, kube-vip and MetalLB where they are told so): the packet arrives
 * at that very node, whatever the balancer does for other addresses, and kube-proxy there takes it by its rules for the
 * address. With `ipMode: Proxy` it has none: the balancer's process takes it.
 */
function atOwnAddress(model: ClusterModel, arrived: Flight, node: ClusterNode, { service, port }: BalancedPort): Moves {
  const { address } = arrived.packet.destination;
  if (service.proxiedAddresses.includes(address) && port.nodePort !== null && node.ready)
    return toNodeBalancer(arrived, node, { service, port });
  const because = written(service.manifest, `${address} is ${node.name}'s own address`, 'status', 'loadBalancer');
  return [toNode(model, { ...arrived, replies: { kind: 'past-balancer' } }, node, { because: [because] })];
}

/** How the packet leaves the balancer: with the client's address, or on a connection of the balancer's own. */
function leaving(
  arrived: Flight,
  { source, reply, proxyProtocol }: Behaviour,
  {
    lb,
    rewrites,
    because,
    destination,
  }: {
    readonly lb: Party;
    readonly rewrites: readonly Rewrite[];
    readonly because: readonly Because[];
    readonly destination: Packet['destination'];
  },
): Flight {
  const isProxy = source === 'balancer';
  const sent = rewrittenBy(arrived, {
    rewrites: isProxy ? rewrites.map((each): Rewrite => ({ ...each, kind: 'proxy' })) : rewrites,
    because,
    packet: { ...arrived.packet, ...(isProxy ? { source: lb.address } : {}), destination },
    sender: isProxy ? lb : arrived.sender,
  });
  return {
    ...sent,
    replies: { kind: reply === 'through' ? 'through-balancer' : 'past-balancer' },
    proxyHeader: proxyProtocol ? arrived.packet.source : sent.proxyHeader,
  };
}

function toPods(
  model: ClusterModel,
  arrived: Flight,
  { service, port }: BalancedPort,
  { because, behaviour }: { readonly because: Because; readonly behaviour: Behaviour },
): Moves {
  if (!model.profile.podNetwork.routable)
    return ends(arrived, { kind: 'unroutable', reason: 'pods-not-routable', service: null }, [because]);
  const { source, destination } = arrived.packet;
  const family = behaviour.podFamily ?? familyOf(destination.address);
  const ready = endpointsOfPort(model, service, port, family).filter((each) => each.ready);
  if (ready.length === 0)
    return ends(arrived, { kind: 'dropped', reason: 'no-endpoints', service: service.name }, [
      written(service.manifest, 'selector', 'spec', 'selector'),
      ...whyNoneIsReady(model, service),
    ]);
  // A client's address can't be kept in a packet of the other family, nor the address that it asked.
  const keeps = familyOf(source) === family ? behaviour : { ...behaviour, source: 'balancer' as const };
  const [speaks = arrived.at.address] = ofFamily(service.loadBalancerAddresses, family);
  const lb: Party = { ...arrived.at, address: speaks };
  return spread(ready).flatMap(({ item: endpoint, share }) => {
    const to = { address: endpoint.address, port: endpoint.port };
    const rewrite: Rewrite = {
      kind: 'DNAT',
      from: hostPort(destination.address, destination.port),
      to: hostPort(to.address, to.port),
      by: 'load balancer',
      chains: [],
      because: [because],
    };
    const sent = leaving(arrived, keeps, { lb, rewrites: [rewrite], because: [because], destination: to });
    const weighted = shared(sent, share);
    if (endpoint.pod === null)
      return ends(weighted, {
        kind: 'unknown',
        reason: 'outside-cluster',
        address: endpoint.address,
        met: 'as-endpoint',
      });
    return intoPod(weighted, endpoint.pod, { service });
  });
}

/** A load balancer from the profile: it sends to one nodePort of the nodes that somebody picked. */
export function atManualBalancer(model: ClusterModel, arrived: Flight, balancer: ManualLoadBalancer): Moves {
  const because = becauseOfManual(balancer);
  if (arrived.packet.destination.port !== balancer.listen)
    return ends(arrived, {
      kind: 'refused',
      reason: 'nothing-listens',
      at: 'load-balancer',
      balancer: balancer.name,
      listen: balancer.listen,
    });
  const nodes = model.nodes.filter(
    ({ name, ready }) => ready && (balancer.nodes === null || balancer.nodes.includes(name)),
  );
  if (nodes.length === 0)
    return ends(arrived, {
      kind: 'dropped',
      reason: 'no-healthy-node',
      of: { kind: 'picked-nodes', balancer: balancer.name },
    });
  return spread(nodes).map(({ item: node, share }) => {
    const from = arrived.packet.destination;
    const destination = { address: ownAddress(node, from.address), port: balancer.nodePort };
    const by = `load balancer ${balancer.name}`;
    const rewrite: Rewrite = {
      kind: 'DNAT',
      from: hostPort(from.address, from.port),
      to: hostPort(destination.address, destination.port),
      by,
      chains: [],
      because: [because],
    };
    const request = arrived.http === null ? null : passedOn(arrived.http, arrived.packet.source, 'appends');
    const sent =
      balancer.layer === 7
        ? proxied(arrived, { destination, request, because: [because], by })
        : rewrittenBy(arrived, { rewrites: [rewrite], because: [], packet: { ...arrived.packet, destination } });
    return toNode(model, shared(sent, share), node);
  });
}
