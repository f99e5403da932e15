import { type Because, written } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { ClusterNode } from '../cluster/node.ts';
import { nodesThatDrop } from '../network/localPolicy.ts';
import { kindOf } from '../network/loadBalancers/catalogue.ts';
import { type KeptAway, keptAway } from '../network/loadBalancers/loadBalancerKind.ts';
import type { TraceGraph } from './graph.ts';
import type { Station } from './station.ts';
import { becauseOfManual } from './towards.ts';

/** A node that a load balancer on the way sends nothing to, and why. */
export interface LeftOutNode {
  readonly node: ClusterNode;
  /** In words, without the node's name. */
  readonly text: string;
  readonly because: readonly Because[];
}

/** The nodes that the load balancers of a trace leave out, each once, in the cluster's order. */
export function leftOutNodes(model: ClusterModel, { nodes }: TraceGraph): LeftOutNode[] {
  const found = new Map<ClusterNode, LeftOutNode>();
  const known = new Set<object>();
  for (const { arrival } of nodes) {
    const { station } = arrival;
    if (station.kind !== 'balancer' && station.kind !== 'manual-balancer') continue;
    const balancer = station.kind === 'balancer' ? station.service : station.balancer;
    if (known.has(balancer)) continue;
    known.add(balancer);
    for (const each of leftOutBy(model, station)) if (!found.has(each.node)) found.set(each.node, each);
  }
  return model.nodes.flatMap((node) => found.get(node) ?? []);
}

type Balancer =
  | Pick<Extract<Station, { kind: 'balancer' }>, 'kind' | 'service'>
  | Extract<Station, { kind: 'manual-balancer' }>;

function leftOutBy(model: ClusterModel, balancer: Balancer): LeftOutNode[] {
  const unready = model.nodes.flatMap((node): LeftOutNode[] =>
    node.ready ? [] : [{ node, text: 'not ready, so the load balancer sends it nothing', because: stateOf(node) }],
  );
  if (balancer.kind === 'manual-balancer') {
    const { name, nodes } = balancer.balancer;
    const others = nodes === null ? [] : model.nodes.filter((node) => !nodes.includes(node.name));
    const text = `not among the nodes of load balancer ${name}`;
    return [...others.map((node) => ({ node, text, because: [becauseOfManual(balancer.balancer)] })), ...unready];
  }
  const { service } = balancer;
  const { manifest, name, externalTrafficPolicy } = service;
  const kept = keptAway(kindOf(model, service).behaviour);
  if (kept === null) return unready;
  if (kept.by === 'target') return [];
  const policy = written(manifest, `externalTrafficPolicy: ${externalTrafficPolicy}`, 'spec', 'externalTrafficPolicy');
  const text = `no pod of Service ${name}, ${keptAwayText(kept)}`;
  return [...nodesThatDrop(model, service).map((node) => ({ node, text, because: [policy] })), ...unready];
}

function keptAwayText(kept: Exclude<KeptAway, { by: 'target' }>): string {
  if (kept.by === 'announcement') return "so it doesn't announce the load balancer's address";
  const lasts = kept.seconds === null ? 'until the check notices' : `for up to ${kept.seconds} s`;
  return `left out by the load balancer's health check; after a change it drops ${lasts}`;
}

function stateOf({ manifest, name }: ClusterNode): Because[] {
  return manifest === null ? [] : [written(manifest, `${name} is not ready`, 'status', 'conditions')];
}
