import type { Assumption, Because } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Pod } from '../cluster/pod.ts';
import { chosenPlugin } from '../network/policy/chosenPlugin.ts';
import { type Judgement, judgeAtGate, type PolicyField, type PolicyName } from '../network/policy/gate.ts';
import { type Direction, isJudged } from '../network/policy/policiesOf.ts';
import type { PolicyPlugin } from '../network/policy/policyPlugin.ts';
import { doesText, goesBy, nearText, ruleText } from '../network/policy/policyText.ts';
import { assuming, comingTo, ends, type Flight, type Moves } from './flight.ts';
import { type GateMet, podName } from './trace.ts';

/** A packet at the one gate of a pod of the pod network, on its way in or out. */
export interface Passing {
  readonly pod: Pod;
  readonly direction: Direction;
  /**
   * What a gate may see in the place of what the packet says by then; null where that is all there is. On the way in:
   * the sender, before the pod's own node masqueraded it. On the way out: the Service, before an endpoint was chosen.
   */
  readonly before: Socket | null;
}

export interface Socket {
  readonly address: string;
  readonly port: number;
}

/** Where policies let the packet through, `goOn` says what comes of it, resting on the rule that did. */
export function throughGate(
  model: ClusterModel,
  flight: Flight,
  passing: Passing,
  goOn: (flight: Flight) => Moves,
): Moves {
  if (!isJudged(model, passing.pod, passing.direction)) return goOn(flight);
  const { plugin, said } = chosenPlugin(model.profile);
  const seen = seenAtGate(flight, passing, plugin);
  const { pod, direction } = passing;
  const { protocol } = flight.packet;
  const judgement = judgeAtGate(model, { pod, direction, protocol, peer: seen.address, port: seen.port }, plugin);
  const judged = said === null ? assuming(flight, assumedReading) : flight;
  const gate = { direction, pod: podName(pod), peer: seen.address };
  const undecided = (by: readonly PolicyField[], because: readonly Because[]): Flight =>
    comingTo(judged, { ...gate, outcome: 'undecided', policies: by.map(({ name }) => name), because });
  switch (judgement.kind) {
    case 'allowed': {
      const { by, passed } = judgement;
      const because = [...passed.map(ruling), ...(by === null ? [] : [ruling(by)])];
      const on = restingOn(judged, because);
      if (by === null) return goOn(on);
      return goOn(comingTo(on, { ...gate, outcome: 'passed', policies: [by.name], because: because.toReversed() }));
    }
    case 'denied':
      return denied(judged, passing, { judgement, seen, plugin });
    case 'undecided': {
      const { by, lacks } = judgement;
      const because = [ruleBecause(by, `${by.kind} ${by.name} ${goesBy(lacks)}`)];
      return ends(
        undecided([by], because),
        { kind: 'unknown', reason: 'network-policy', policyKind: by.kind, policy: by.name, lacks },
        because,
      );
    }
    case 'tied': {
      const { by, tier, priority } = judgement;
      const [one, other] = by;
      const because = by.map(ruling);
      return ends(
        undecided(by, because),
        {
          kind: 'unknown',
          reason: 'network-policy',
          policyKind: one.kind,
          policy: one.name,
          lacks: { kind: 'order', other: other.name, otherKind: other.kind, tier, priority },
        },
        because,
      );
    }
    default:
      return judgement satisfies never;
  }
}

const assumedReading: Assumption = {
  id: 'network-policy',
  text: 'NetworkPolicies are taken to be enforced as most network plug-ins do: the profile names none',
};

/** The peer, and the port at the receiver, as the gate of a plug-in sees them. */
function seenAtGate({ packet }: Flight, { direction, before }: Passing, plugin: PolicyPlugin): Socket {
  if (direction === 'egress') return before !== null && plugin.egressSees === 'service' ? before : packet.destination;
  const isBefore = before !== null && plugin.ingressSees === 'before masquerade';
  return { address: isBefore ? before.address : packet.source, port: packet.destination.port };
}

function denied(
  flight: Flight,
  { pod, direction }: Passing,
  {
    judgement: { by, nearest, rule, passed },
    seen,
    plugin,
  }: {
    readonly judgement: Extract<Judgement, { kind: 'denied' }>;
    readonly seen: Socket;
    readonly plugin: PolicyPlugin;
  },
): Moves {
  const near = nearest === null ? [] : [ruleBecause(nearest, nearText(nearest))];
  const isolates = ({ name, field }: PolicyName): Because => ({
    kind: 'field',
    text: `NetworkPolicy ${name} isolates ${podName(pod)} for ${direction}`,
    field,
  });
  const policies = by.map(({ name }) => name);
  const because = rule === null ? [...near, ...by.map(isolates)] : [ruling(rule)];
  const gate: GateMet = { direction, pod: podName(pod), peer: seen.address, outcome: 'stopped', policies, because };
  return ends(
    comingTo(restingOn(flight, passed.map(ruling)), gate),
    {
      kind: 'denied',
      reason: 'network-policy',
      direction,
      pod: podName(pod),
      peer: seen.address,
      protocol: flight.packet.protocol,
      port: seen.port,
      policies,
      rule: rule === null ? null : ruleText(rule),
      nearest: nearest === null ? null : nearText(nearest),
      answers: rule === null ? plugin.denies : 'drops',
    },
    because,
  );
}

/** What a rule does to a packet that it takes. */
function ruling(by: PolicyField): Because {
  return ruleBecause(by, `${ruleText(by)} ${doesText(by)}`);
}

function ruleBecause({ field }: PolicyField, text: string): Because {
  return { kind: 'field', text, field };
}

function restingOn(flight: Flight, because: readonly Because[]): Flight {
  return { ...flight, because: [...flight.because, ...because] };
}
