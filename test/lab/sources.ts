import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { nodeNamed } from '../../shared/cluster/lookups.ts';
import type { ClusterNode } from '../../shared/cluster/node.ts';
import type { Pod } from '../../shared/cluster/pod.ts';
import type { Trace } from '../../shared/trace/graph.ts';
import type { Verdict } from '../../shared/trace/verdict.ts';
import { runProgram } from './namespaces.ts';
import type { Lab } from './wiring.ts';

/**
 * Which source stands in the first packet of a connection to a pod, at the two places where network plug-ins judge it:
 * on its own node before postrouting (netfilter's forward, or its output for the node's own processes), and at its own
 * interface, behind everything that its node does.
 */
const places = ['on its node', 'at its interface'] as const;

type Place = (typeof places)[number];

/** Behind what replaces a Service's address, in front of what filters. */
function watchAt(hooks: readonly string[]): string {
  const chains = hooks.map(
    (hook) => `chain ${hook} {
      type filter hook ${hook} priority -5
      iifname "lo" accept
      meta nfproto ipv4 ct state new add @IPv4 { ip saddr . ip daddr }
      meta nfproto ipv6 ct state new add @IPv6 { ip6 saddr . ip6 daddr }
    }`,
  );
  return `
    add table inet watch
    delete table inet watch
    table inet watch {
      set IPv4 { type ipv4_addr . ipv4_addr; flags dynamic; size 4096; }
      set IPv6 { type ipv6_addr . ipv6_addr; flags dynamic; size 4096; }
      ${chains.join('\n')}
    }
  `;
}

const watches: Readonly<Record<Place, string>> = {
  'on its node': watchAt(['forward', 'output']),
  'at its interface': watchAt(['input']),
};

/** A pod that a connection comes to, with its node. */
interface Receiver {
  readonly pod: Pod;
  readonly node: ClusterNode;
}

function namespaceAt(lab: Lab, place: Place, { pod, node }: Receiver): string {
  return place === 'on its node' ? lab.nodeNamespace(node) : lab.podNamespace(pod);
}

/** The sources that the trace has a pod's packets carry, by pod and place. */
type Sources = ReadonlyMap<Receiver, Readonly<Record<Place, ReadonlySet<string>>>>;

function sourcesIn(model: ClusterModel, { graph }: Trace): Sources {
  // What a gate on the way out stops may pass the place on its node before it is stopped.
  if (graph.moves.some(({ move: { goes } }) => goes.kind === 'end' && isStoppedOnTheWayOut(goes.verdict)))
    return new Map();
  const found = new Map<Pod, { readonly receiver: Receiver; readonly sources: Record<Place, Set<string>> }>();
  for (const { arrival } of graph.nodes) {
    const { station, packet } = arrival;
    if (station.kind !== 'pod' || station.pod === null || station.pod.hostNetwork) continue;
    const node = nodeNamed(model, station.pod.node);
    if (node === undefined || !node.ready) continue;
    const known = found.get(station.pod) ?? {
      receiver: { pod: station.pod, node },
      sources: { 'on its node': new Set<string>(), 'at its interface': new Set<string>() },
    };
    known.sources['on its node'].add(station.masquerade?.isHere === true ? station.masquerade.source : packet.source);
    known.sources['at its interface'].add(packet.source);
    found.set(station.pod, known);
  }
  return new Map([...found.values()].map(({ receiver, sources }) => [receiver, sources]));
}

/** Whether each packet ends where it is watched: within a pod, or at the gate on its way in. */
function endsAtPods({ graph }: Trace, watched: Sources): boolean {
  const pods = new Set([...watched.keys()].map(({ pod }) => pod));
  return graph.moves.every(({ node: { arrival }, move: { goes } }) => {
    const { station } = arrival;
    return goes.kind !== 'end' || (station.kind === 'pod' && station.pod !== null && pods.has(station.pod));
  });
}

function isStoppedOnTheWayOut(verdict: Verdict): boolean {
  return verdict.kind === 'denied' && verdict.reason === 'network-policy' && verdict.direction === 'egress';
}

/** What was seen, and what of it the trace has otherwise. */
export interface SourcesSeen {
  readonly count: number;
  /** Of those on a node, the ones that the node then masqueraded. */
  readonly masqueraded: number;
  readonly differences: readonly string[];
}

export const nothingSeen: SourcesSeen = { count: 0, masqueraded: 0, differences: [] };

/** Watches whoever may receive what a trace tells, while connections are made. */
export async function watchingSources<T>(
  model: ClusterModel,
  lab: Lab,
  trace: Trace,
  connect: () => Promise<T>,
): Promise<{ readonly made: T; readonly seen: SourcesSeen }> {
  const expected = sourcesIn(model, trace);
  const watched = new Map(
    [...expected.keys()].flatMap((each) =>
      places.map((place) => [namespaceAt(lab, place, each), watches[place]] as const),
    ),
  );
  await Promise.all([...watched].map(([namespace, watch]) => runProgram(['nft', '-f', '-'], watch, namespace)));
  const made = await connect();
  const listed = new Map(
    await Promise.all(
      [...watched.keys()].map(
        async (namespace) =>
          [namespace, await runProgram(['nft', 'list', 'table', 'inet', 'watch'], '', namespace)] as const,
      ),
    ),
  );
  const facts = [...expected].flatMap(([receiver, sources]) =>
    places.flatMap((place) =>
      sourcesOf(listed.get(namespaceAt(lab, place, receiver)) ?? '', receiver.pod).map((source) => ({
        place,
        source,
        sources,
        name: receiver.pod.name,
      })),
    ),
  );
  return {
    made,
    seen: {
      count: facts.length,
      masqueraded: facts.filter(
        ({ place, source, sources }) => place === 'on its node' && !sources['at its interface'].has(source),
      ).length,
      differences: [
        ...(facts.length === 0 && endsAtPods(trace, expected) ? ['no packet came to a pod'] : []),
        ...facts.flatMap(({ place, source, sources, name }) =>
          sources[place].has(source)
            ? []
            : [`${name} ${place}: packets come from ${source}, in the trace from ${[...sources[place]].join(' or ')}`],
        ),
      ],
    },
  };
}

/** Of the pairs that nft lists, `source . destination`, those to a pod. */
function sourcesOf(listed: string, { addresses }: Pod): string[] {
  return [...listed.matchAll(/([0-9a-f.:]+) \. ([0-9a-f.:]+)/g)].flatMap(([, source = '', destination = '']) =>
    addresses.includes(destination) ? [source] : [],
  );
}
