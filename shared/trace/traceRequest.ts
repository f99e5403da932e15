import type { Assumption } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { caveatsOf } from './caveats.ts';
import { type Arrival, ends, type Flight, type Following, type Moves } from './flight.ts';
import { explore, type Trace, type TraceGraph } from './graph.ts';
import { standInsMet } from './standInsMet.ts';
import { atBalancer, atManualBalancer } from './stations/balancer.ts';
import { departure } from './stations/client.ts';
import { atCloudGateway, atCloudIngress } from './stations/cloudBalancer.ts';
import { atController } from './stations/controller.ts';
import { atGateway } from './stations/gateway.ts';
import { leaving, sending } from './stations/leaving.ts';
import { atNode } from './stations/node.ts';
import { atNodeBalancer } from './stations/nodeBalancer.ts';
import { atPod, type InPods, withinPod } from './stations/pod.ts';
import { atWorld } from './stations/world.ts';
import type { Request } from './trace.ts';

/** Follows a request through a cluster model. The assumptions are the model's and those that this request needed. */
export function traceRequest(
  model: ClusterModel,
  request: Request,
  { withRules = false, policies = 'asked' }: Partial<Following> = {},
): Trace {
  const { start, moves, assumed } = departure(model, request);
  const act = (flight: Flight, arrival: Arrival): Moves =>
    arrival.station.kind === 'client' ? moves : actAt(model, flight, arrival);
  const graph = explore(start, act, { withRules, policies });
  const [atStart, onTheWay] = assumedIn(graph);
  const met = new Map<string, Assumption>();
  for (const each of [...assumed, ...atStart, ...standInsMet(model, graph), ...onTheWay]) met.set(each.id, each);
  return {
    request,
    graph,
    assumptions: [...model.assumptions, ...met.values(), ...caveatsOf(model, request.target, graph)],
  };
}

const inPods: InPods = { gateway: atGateway, controller: atController };

/** What a station makes of a packet. No station knows another: each says what a packet comes to, as data. */
function actAt(model: ClusterModel, flight: Flight, { station }: Arrival): Moves {
  switch (station.kind) {
    case 'client':
      return [];
    case 'leaving':
      return leaving(model, flight, station);
    case 'world':
      return atWorld(model, flight);
    case 'balancer':
      return atBalancer(model, flight, station);
    case 'manual-balancer':
      return atManualBalancer(model, flight, station.balancer);
    case 'cloud-ingress':
      return atCloudIngress(model, flight, station);
    case 'cloud-gateway':
      return atCloudGateway(model, flight, station);
    case 'node':
      return atNode(model, flight, station.node);
    case 'balancer-on-node':
      return atNodeBalancer(flight, station);
    case 'pod':
      return atPod(model, flight, station, inPods);
    case 'within':
      return withinPod(model, flight, station, inPods);
    case 'sending':
      return sending(model, flight, station);
    case 'settled':
      return ends(flight, station.verdict);
    default:
      return station satisfies never;
  }
}

/** What was assumed before the first hop, and after it; each as the paths first rest on it. */
function assumedIn(graph: TraceGraph): readonly [Assumption[], Assumption[]] {
  const of = (hasCome: boolean): Assumption[] =>
    graph.moves.flatMap(({ node, move }) => (node.arrival.hasCome === hasCome ? move.assumed : []));
  return [of(false), of(true)];
}
