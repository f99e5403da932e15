import { type Because, written } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { type Endpoint, isOfController } from '../cluster/endpoints.ts';
import type { Gateway } from '../cluster/gatewayApi/gateway.ts';
import type { Ingress } from '../cluster/ingress.ts';
import type { ClusterNode } from '../cluster/node.ts';
import { once } from '../cluster/once.ts';
import type { Pod } from '../cluster/pod.ts';
import type { ManualLoadBalancer } from '../cluster/profile.ts';
import type { Service } from '../cluster/service.ts';
import type { ChosenImplementation } from '../network/gateway/chosenImplementation.ts';
import { ownAddress } from '../network/kubeProxy/treatment.ts';
import { type ChosenKind, kindOf } from '../network/loadBalancers/catalogue.ts';
import { spread } from '../network/spread.ts';
import {
  type Arrival,
  type Flight,
  goesOn,
  type Handling,
  hopTo,
  type Move,
  type Moves,
  rewrittenBy,
  shared,
} from './flight.ts';
import type { BalancedPort, ServiceName } from './station.ts';
import { type Party, podName } from './trace.ts';

// The hops that a packet can take: whom it comes to, as what, and why.

export function nodeParty({ name, address }: ClusterNode): Party {
  return { kind: 'node', name, address };
}

export function toNode(
  model: ClusterModel,
  flight: Flight,
  node: ClusterNode,
  { because = [], ...details }: { readonly crossesNodes?: boolean } & Partial<Handling> = {},
): Move<Arrival> {
  const reasons = because.length > 0 ? because : [addressOf(node, model)];
  return hopTo(flight, nodeParty(node), { kind: 'node', node }, { ...details, because: reasons });
}

/** Why a node has its address: its manifest, the profile, or the assumption that it is there. */
function addressOf({ name, address, manifest }: ClusterNode, { profile }: ClusterModel): Because {
  const text = `${name} has address ${address}`;
  if (manifest !== null) return written(manifest, text, 'status', 'addresses');
  if (profile.nodes !== null || profile.nodeCount !== null) return { kind: 'profile', text, field: profile.field };
  return { kind: 'assumption', text, assumption: 'nodes' };
}

/** To the load balancer's process on a node, which has the node's own address. */
export function toNodeBalancer(flight: Flight, node: ClusterNode, { service, port }: BalancedPort): Moves {
  const { address } = flight.packet.destination;
  const party: Party = { ...nodeParty(node), address };
  const own = written(service.manifest, `${address} is ${node.name}'s own address`, 'status', 'loadBalancer');
  const station = { kind: 'balancer-on-node', node, service, port } as const;
  const isThere = flight.at.kind === 'node' && flight.at.name === node.name && flight.hasCome;
  return isThere
    ? goesOn({ ...rewrittenBy(flight, { because: [own] }), at: party }, station)
    : [hopTo(flight, party, station, { because: [own] })];
}

/**
 * To each node equally often, or to each of those that are named; without an address each is asked at its own, of the
 * client's family.
 */
export function toAnyNode(
  model: ClusterModel,
  flight: Flight,
  because: Because,
  { names, address }: { readonly names?: readonly string[]; readonly address?: string } = {},
): Moves {
  const wanted = names === undefined ? null : new Set(names);
  const nodes = model.nodes.filter(({ name }) => wanted === null || wanted.has(name));
  return spread(nodes).map(({ item: node, share }) => {
    const packet = {
      ...flight.packet,
      destination: { ...flight.packet.destination, address: address ?? ownAddress(node, flight.packet.source) },
    };
    return toNode(model, shared({ ...flight, packet }, share), node, { because: [because] });
  });
}

/** A pod as it is reached at one of its addresses. */
export function podParty(pod: Pod, reached: string): Party {
  return { kind: 'pod', name: podName(pod), address: pod.addresses.includes(reached) ? reached : pod.address };
}

/**
 * Straight to a pod, past every Service. `from` is the node that sends it there, if one does; `service` is whose
 * endpoint it was chosen as, if it was.
 */
export function intoPod(
  flight: Flight,
  pod: Pod,
  { from = null, service = null }: { readonly from?: ClusterNode | null; readonly service?: Service | null } = {},
): Move<Arrival> {
  return hopTo(
    flight,
    podParty(pod, flight.packet.destination.address),
    { kind: 'pod', pod, node: pod.node, service, masquerade: null },
    {
      crossesNodes: from !== null && from.name !== pod.node,
      because: [service === null ? placeOf(pod) : endpointOf(service)],
    },
  );
}

/** From a pod to its own address. */
export function toItself(flight: Flight, pod: Pod): Move<Arrival> {
  const { address } = flight.packet.destination;
  return hopTo(flight, podParty(pod, address), { kind: 'within', pod }, { because: [placeOf(pod)] });
}

/** Why a pod is where it is: its own manifest, or its workload's. */
export function placeOf(pod: Pod): Because {
  return written(pod.manifest, `${pod.owner.kind} ${pod.owner.name}`, 'metadata', 'name');
}

/** Who stands behind an endpoint: a pod of the set, a pod that only its slice names, or an address. */
export function endpointParty({ pod, podName: named, address }: Endpoint, { namespace }: ServiceName): Party {
  if (pod !== null) return { kind: 'pod', name: podName(pod), address };
  return named === null
    ? { kind: 'external', name: address, address }
    : { kind: 'pod', name: podName({ name: named, namespace }), address };
}

/** Why this endpoint is one of the Service's: the selector that picked it, or the object that lists it. */
export function endpointOf(service: Service, endpoint: Pick<Endpoint, 'listedBy' | 'address'> | null = null): Because {
  const listedBy = endpoint?.listedBy ?? null;
  if (service.selector !== null && listedBy !== null && !isOfController(listedBy))
    return written(
      listedBy,
      `${listedBy.kind} ${listedBy.name} lists ${endpoint?.address ?? ''}`,
      listedBy.kind === 'Endpoints' ? 'subsets' : 'endpoints',
    );
  return selectionOf(service);
}

const selectionOf = once((service: Service): Because =>
  service.selector === null
    ? written(service.manifest, `Service ${service.name} without a selector: endpoints as listed`, 'spec')
    : written(
        service.manifest,
        `selector: ${[...service.selector].map(([key, value]) => `${key}=${value}`).join(', ')}`,
        'spec',
        'selector',
      ),
);

function balancerParty(flight: Flight, name: string): Party {
  return { kind: 'lb', name, address: flight.packet.destination.address };
}

export function toBalancer(model: ClusterModel, flight: Flight, { service, port }: BalancedPort): Moves {
  const typed = written(service.manifest, 'type: LoadBalancer', 'spec', 'type');
  const because = [typed, ...becauseOfKind(model, service, kindOf(model, service))];
  return [hopTo(flight, balancerParty(flight, service.name), { kind: 'balancer', service, port }, { because })];
}

/** Which load balancer it is and how that is known; nothing where nothing says so. */
export function becauseOfKind(
  { profile }: ClusterModel,
  { manifest, externalTrafficPolicy, sourceRanges }: Service,
  { kind, by, text, behaviour: { proxyProtocol, nodes, leavesOut, sourceRanges: filters } }: ChosenKind,
): Because[] {
  if (by === 'nothing') return [];
  const named = `${kind.title} (${text})`;
  const first: Because =
    by === 'profile'
      ? { kind: 'profile', text: named, field: profile.field }
      : written(
          manifest,
          named,
          ...(by === 'class'
            ? ['spec', 'loadBalancerClass']
            : by === 'annotation'
              ? ['metadata', 'annotations', text.split(': ')[0] ?? '']
              : by === 'status'
                ? ['status']
                : ['spec', 'type']),
        );
  return [
    first,
    ...(proxyProtocol
      ? [
          written(
            manifest,
            "the client's address comes in a PROXY protocol header: the app must read it",
            'metadata',
            'annotations',
          ),
        ]
      : []),
    ...(leavesOut === 'nothing' && externalTrafficPolicy === 'Local'
      ? [written(manifest, 'no health check, so nodes without a pod get packets too', 'spec', 'externalTrafficPolicy')]
      : []),
    ...(filters === 'nobody' && sourceRanges.length > 0
      ? [
          written(
            manifest,
            `${kind.title} lets everybody in, whatever loadBalancerSourceRanges says`,
            'spec',
            'loadBalancerSourceRanges',
          ),
        ]
      : []),
    ...(nodes === 'one'
      ? [
          {
            kind: 'assumption',
            assumption: 'announcing-node',
            text: 'one node takes all packets; which one is not known, and each that may is taken to be as likely',
          } as const,
        ]
      : []),
  ];
}

export function toManualBalancer(flight: Flight, balancer: ManualLoadBalancer): Moves {
  const station = { kind: 'manual-balancer', balancer } as const;
  return [hopTo(flight, balancerParty(flight, balancer.name), station, { because: [becauseOfManual(balancer)] })];
}

export function becauseOfManual({ name, nodePort, field }: ManualLoadBalancer): Because {
  return { kind: 'profile', text: `load balancer ${name} → nodePort ${nodePort}`, field };
}

export function toCloudIngress(flight: Flight, ingresses: readonly Ingress[], product: string): Moves {
  const because = ingresses
    .slice(0, 1)
    .map(({ manifest, classPath, className }) =>
      written(manifest, `class ${className ?? ''}: ${product}`, ...classPath),
    );
  const lb = balancerParty(flight, ingresses[0]?.name ?? 'ingress');
  return [hopTo(flight, lb, { kind: 'cloud-ingress', ingresses, product }, { because })];
}

export function toCloudGateway(flight: Flight, gateway: Gateway, chosen: ChosenImplementation): Moves {
  const text = `${chosen.implementation.product} (${chosen.text})`;
  const because = [written(gateway.manifest, text, 'spec', 'gatewayClassName')];
  return [hopTo(flight, balancerParty(flight, gateway.name), { kind: 'cloud-gateway', gateway, chosen }, { because })];
}
