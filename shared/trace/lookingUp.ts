import type { Assumption } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Pod } from '../cluster/pod.ts';
import { chosenPlugin } from '../network/policy/chosenPlugin.ts';
import { type DnsGate, dnsGate } from '../network/policy/dnsGate.ts';
import type { Undetermined } from '../network/policy/gate.ts';
import { goesBy, ruleText } from '../network/policy/policyText.ts';
import { assuming, comingTo, ends, type Flight, type Moves } from './flight.ts';
import { assumedReading, decisiveOf, type Denial, factsOf } from './policyGate.ts';
import { type GateMet, podName } from './trace.ts';
import type { EndedAs } from './verdict.ts';
import { verdictSentence } from './verdictText.ts';

// A name is looked up before anything is sent to it, so policies that shut a pod off from the cluster's DNS come first.

/** How a request by a name ends that its pod can't look up, and what is to be said where it can, or perhaps. */
export interface LookingUp {
  readonly denied: ((flight: Flight) => Moves) | null;
  readonly assumed: readonly Assumption[];
}

/** `host` is a name that a pod asks for. */
export function lookingUp(model: ClusterModel, pod: Pod, host: string): LookingUp {
  const gate = dnsGate(model, pod, host, 'UDP');
  if (gate === null || isOpen(gate)) return { denied: null, assumed: [] };
  const { judgement } = gate;
  const assumed = [...(gate.isAssumed ? [assumedDns] : []), ...readingOf(model)];
  switch (judgement.kind) {
    case 'allowed':
      return { denied: null, assumed: [...assumed, ...longAnswers(model, pod, host)] };
    case 'undecided':
    case 'tied':
      return { denied: null, assumed: [...assumed, undecidedDns(judgement)] };
    case 'denied': {
      const verdict = verdictOf(model, pod, host, { ...gate, judgement });
      const because = decisiveOf({ judgement, at: gate, chosen: chosenPlugin(model.profile), profile: model.profile });
      // The gate of a server is none of the asking pod's.
      const met: GateMet = {
        direction: gate.direction,
        pod: podName(pod),
        peer: gate.peer.address,
        outcome: 'stopped',
        policies: judgement.by.map(({ name }) => name),
        because,
      };
      const stopped = (flight: Flight): Flight => (gate.direction === 'egress' ? comingTo(flight, met) : flight);
      return { denied: (flight) => ends(stopped(assumed.reduce(assuming, flight)), verdict, because), assumed: [] };
    }
    default:
      return judgement satisfies never;
  }
}

/** A Service that is asked by its address, though its name can't be looked up; nothing where it can. */
export function nameOutOfReach(model: ClusterModel, pod: Pod, name: string): Assumption[] {
  const gate = dnsGate(model, pod, name, 'UDP');
  if (gate === null || gate.judgement.kind !== 'denied') return [];
  const verdict = verdictOf(model, pod, name, { ...gate, judgement: gate.judgement });
  return [
    ...(gate.isAssumed ? [assumedDns] : []),
    { id: `dns-denied:${podName(pod)}`, text: `asked by its address here, since ${verdictSentence(verdict)}` },
  ];
}

/** Whether no policy has a say in it. */
function isOpen({ judgement }: DnsGate): boolean {
  return judgement.kind === 'allowed' && judgement.by === null;
}

export const assumedDns: Assumption = {
  id: 'cluster-dns',
  text:
    "the cluster's DNS is taken to be pods with the label k8s-app: kube-dns in kube-system, " +
    'or those of OpenShift: no file here shows it',
};

function readingOf({ profile }: ClusterModel): Assumption[] {
  const { said, plugin } = chosenPlugin(profile);
  return said === null ? [assumedReading(plugin)] : [];
}

/** What doesn't fit into a datagram is asked for again by TCP. */
function longAnswers(model: ClusterModel, pod: Pod, host: string): Assumption[] {
  return dnsGate(model, pod, host, 'TCP')?.judgement.kind !== 'denied'
    ? []
    : [
        {
          id: 'dns-tcp',
          text: `${podName(pod)} may ask the cluster's DNS by UDP alone: answers that need TCP 53 don't come`,
        },
      ];
}

function undecidedDns(judgement: Undetermined): Assumption {
  const why =
    judgement.kind === 'undecided'
      ? `${ruleText(judgement.by)} ${goesBy(judgement.lacks)}, which no file here says`
      : `${judgement.by.map(ruleText).join(' and ')} don't agree about it`;
  return { id: 'dns-unknown', text: `whether the name can be looked up can't be decided: ${why}` };
}

function verdictOf(
  model: ClusterModel,
  asker: Pod,
  host: string,
  { judgement, pod, direction, peer, protocol }: Omit<DnsGate, 'judgement'> & { readonly judgement: Denial },
): EndedAs<'denied'> {
  return {
    kind: 'denied',
    reason: 'dns',
    host,
    pod: podName(asker),
    direction,
    server: direction === 'egress' ? peer.address : podName(pod),
    protocol,
    port: peer.port,
    ...factsOf(judgement, chosenPlugin(model.profile)),
  };
}
