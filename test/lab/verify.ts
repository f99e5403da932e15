import jstat from 'jstat';
import { familyOf, hostPort } from '../../shared/cluster/address.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { nodeNamed } from '../../shared/cluster/lookups.ts';
import { isLocalTo } from '../../shared/cluster/node.ts';
import type { Protocol } from '../../shared/cluster/service.ts';
import { networkPoliciesOf } from '../../shared/network/policy/policiesOf.ts';
import type { Origin, Path, Request } from '../../shared/trace/trace.ts';
import type { Agent, Outcome } from './agent.ts';
import type { Lab } from './wiring.ts';
import { follow, type Followed } from '../follow.ts';
import { type SourcesSeen, watchingSources } from './sources.ts';

/** One thing to ask, of the trace and of the kernel. */
export interface LabRequest {
  readonly from: Origin;
  readonly address: string;
  readonly port: number;
  readonly protocol: Exclude<Protocol, 'SCTP'>;
}

/** What the trace says, by what can be told from outside, with its share. */
type Expected = ReadonlyMap<string, number>;

export type Verdict =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'agrees'; readonly seen: SourcesSeen }
  | { readonly kind: 'disagrees'; readonly text: string };

/** Connections per attempt: enough to see each of a few endpoints, and to tell a half from a third. */
const connections = 48;

/** Asks the trace and the kernel, and compares: who answers at what odds, what source each saw, how the rest ends. */
export async function verify(model: ClusterModel, lab: Lab, agent: Agent, request: LabRequest): Promise<Verdict> {
  const trace = follow(model, asRequest(request));
  const refusals = refusalsOf(model, request);
  const expected = expectedOf(trace, request, refusals);
  if (expected === null) return { kind: 'unasked' };
  const isSticky = model.services.some(
    ({ clientIPAffinitySeconds, ports }) =>
      clientIPAffinitySeconds !== null &&
      ports.some(({ port, nodePort }) => port === request.port || nodePort === request.port),
  );
  const namespace = namespaceOf(lab, request.from);
  const address = hostPort(request.address, request.port);
  const protocol = request.protocol === 'TCP' ? 'tcp' : 'udp';
  let last = '';
  // A second look, slower and longer, so that a busy machine isn't taken for a lost packet or bad luck for bad odds.
  for (const [count, timeoutMs] of [
    [expected.size === 1 || isSticky ? 4 : connections, 500],
    [expected.size === 1 || isSticky ? 8 : 4 * connections, 3000],
  ] as const) {
    const ask = (): Promise<readonly Outcome[]> => agent.ask({ namespace, protocol, address, count, timeoutMs });
    const { made: outcomes, seen } = await watchingSources(model, lab, trace, ask);
    const [otherwise] = seen.differences;
    const difference =
      otherwise ??
      (isSticky ? stickyDifference(expected, outcomes, refusals) : differenceOf(expected, outcomes, refusals));
    if (difference === null) return { kind: 'agrees', seen };
    last = difference;
  }
  return { kind: 'disagrees', text: last };
}

function namespaceOf(lab: Lab, from: Origin): string {
  switch (from.kind) {
    case 'internet':
    case 'address':
      return lab.client;
    case 'node':
      return lab.nodeNamespace({ name: from.node });
    case 'pod':
      return lab.podNamespace(from.pod);
    default:
      return from satisfies never;
  }
}

/** Whether a refusal by the address itself can be told from a rejection on the way. */
type Refusals = 'told apart' | 'alike';

/**
 * UDP knows one ICMP error for both. And where Calico enforces policies, it accepts what a pod may send to its own node
 * (DefaultEndpointToHostAction) before kube-proxy could reject it: the node itself refuses it then.
 */
function refusalsOf(model: ClusterModel, { from, address, protocol }: LabRequest): Refusals {
  if (protocol === 'UDP') return 'alike';
  const own = from.kind === 'pod' ? nodeNamed(model, from.pod.node) : undefined;
  const isOwnNode = own !== undefined && isLocalTo(own, address);
  return isOwnNode && networkPoliciesOf(model).length > 0 ? 'alike' : 'told apart';
}

function asRequest({ from, address, port, protocol }: LabRequest): Request {
  return { from, target: { kind: 'socket', host: address, port }, protocol, method: 'GET', headers: new Map() };
}

/** Whether a policy denies some of it. */
export function isDenied(model: ClusterModel, request: LabRequest): boolean {
  return follow(model, asRequest(request)).paths.some(({ verdict }) => verdict.kind === 'denied');
}

/** Null where the trace makes no claim, or one that the lab has no means to check. */
function expectedOf({ paths }: Followed, { from }: LabRequest, refusals: Refusals): Expected | null {
  const expected = new Map<string, number>();
  for (const path of paths) {
    // Back into the same network through a balancer that keeps addresses: the reply would bypass it.
    if (from.kind !== 'internet' && path.hops.some(({ to, rewrites }) => to.kind === 'lb' && rewrites.length > 0))
      return null;
    const ends = endOf(path, refusals);
    if (ends === null) return null;
    expected.set(ends, (expected.get(ends) ?? 0) + path.probability.valueOf());
  }
  return expected;
}

function endOf({ verdict, seenBy }: Path, refusals: Refusals): string | null {
  switch (verdict.kind) {
    case 'delivered':
      return `answered by ${verdict.address}, which saw ${seenBy.at(-1)?.source}`;
    case 'dropped':
    case 'denied':
      return 'lost';
    case 'rejected':
      return refusals === 'alike' ? 'refused' : 'rejected';
    case 'refused':
      return 'refused';
    case 'unroutable':
      return 'lost';
    case 'answered':
    case 'unresolved':
      return null;
    // The lab's nodes run nothing but what the set says.
    case 'unknown':
      return verdict.reason === 'node-process' ? 'refused' : null;
    default:
      return verdict satisfies never;
  }
}

/**
 * A router that doesn't know the way, or sees a packet for the sixtieth time, says so or keeps silent: the packet is
 * lost either way.
 */
function seen({ kind, name, source }: Outcome, refusals: Refusals): string {
  if (kind === 'answered') return `answered by ${name}, which saw ${source}`;
  if (kind === 'unreachable') return 'lost';
  return kind === 'rejected' && refusals === 'alike' ? 'refused' : kind;
}

function differenceOf(expected: Expected, outcomes: readonly Outcome[], refusals: Refusals): string | null {
  const counts = new Map<string, number>();
  for (const outcome of outcomes.map((each) => seen(each, refusals)))
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const strange = [...counts.keys()].filter((each) => !expected.has(each));
  const table =
    `\n  trace:  ${[...expected].map(([end, share]) => `${share.toFixed(3)} ${end}`).join('; ')}\n` +
    `  kernel: ${[...counts].map(([end, count]) => `${(count / outcomes.length).toFixed(3)} ${end}`).join('; ')}`;
  if (strange.length > 0) return `not in the trace: ${strange.join('; ')}${table}`;
  if (expected.size === 1) return null;
  const statistic = [...expected].reduce(
    (sum, [end, share]) => sum + ((counts.get(end) ?? 0) - share * outcomes.length) ** 2 / (share * outcomes.length),
    0,
  );
  const chance = 1 - jstat.chisquare.cdf(statistic, expected.size - 1);
  return chance < unlikely
    ? `such odds come by chance once in ${Math.round(1 / Math.max(chance, 1e-12))}${table}`
    : null;
}

/** Below this chance, asked twice, the odds are taken to be others than the trace says. */
const unlikely = 1e-4;

/** Under session affinity a client stays with whom it met first, whoever that was. */
function stickyDifference(expected: Expected, outcomes: readonly Outcome[], refusals: Refusals): string | null {
  const ends = outcomes.map((each) => seen(each, refusals));
  const strange = ends.find((each) => !expected.has(each));
  return strange === undefined ? null : `not in the trace: ${strange}\n  trace: ${[...expected.keys()].join('; ')}`;
}

/** Who asks, as a person would type it. */
export function originText(from: Origin): string {
  switch (from.kind) {
    case 'internet':
      return 'internet';
    case 'address':
      return from.address;
    case 'node':
      return `node/${from.node}`;
    case 'pod':
      return `pod/${from.pod.name}.${from.pod.namespace}`;
    default:
      return from satisfies never;
  }
}

/** A request as a person would type it. */
export function requestText(model: ClusterModel, { from, address, port, protocol }: LabRequest): string {
  return (
    `${hostPort(address, port)} --from ${originText(from)} --protocol ${protocol.toLowerCase()} ` +
    `(${model.profile.kubeProxy.mode}, ${familyOf(address)}, ${model.profile.podNetwork.cni}` +
    `${from.kind === 'pod' ? `, on ${nodeNamed(model, from.pod.node)?.name}` : ''})`
  );
}
