import type { Assumption, Because } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Pod } from '../cluster/pod.ts';
import { type Judgement, judgeAtGate, type PolicyField } from '../network/policy/gate.ts';
import { type Direction, isolating } from '../network/policy/policiesOf.ts';
import { commonReading, type PolicyPlugin } from '../network/policy/policyPlugin.ts';
import { nearText } from '../network/policy/policyText.ts';
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
  if (isolating(model, passing.pod, passing.direction).length === 0) return goOn(flight);
  const plugin = commonReading;
  const seen = seenAtGate(flight, passing, plugin);
  const { pod, direction } = passing;
  const { protocol } = flight.packet;
  const judgement = judgeAtGate(model, { pod, direction, protocol, peer: seen.address, port: seen.port }, plugin);
  const judged = assuming(flight, assumedReading);
  const gate = { direction, pod: podName(pod), peer: seen.address };
  switch (judgement.kind) {
    case 'allowed': {
      if (judgement.by === null) return goOn(judged);
      const because = allowing(judgement.by);
      const passed = { ...gate, outcome: 'passed', policies: [judgement.by.name], because: [because] } as const;
      return goOn(comingTo(restingOn(judged, because), passed));
    }
    case 'denied':
      return denied(judged, passing, { judgement, seen, plugin });
    case 'undecided': {
      const { by, namespace } = judgement;
      const because = [ruleBecause(by, `NetworkPolicy ${by.name} goes by labels of namespace ${namespace}`)];
      return ends(
        comingTo(judged, { ...gate, outcome: 'undecided', policies: [by.name], because }),
        { kind: 'unknown', reason: 'network-policy', policy: by.name, namespace },
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
    judgement: { by, nearest },
    seen,
    plugin,
  }: {
    readonly judgement: Extract<Judgement, { kind: 'denied' }>;
    readonly seen: Socket;
    readonly plugin: PolicyPlugin;
  },
): Moves {
  const policies = by.map(({ name }) => name);
  const because = [
    ...(nearest === null ? [] : [ruleBecause(nearest, nearText(nearest))]),
    ...by.map(({ name, field }): Because => ({
      kind: 'field',
      text: `NetworkPolicy ${name} isolates ${podName(pod)} for ${direction}`,
      field,
    })),
  ];
  const gate: GateMet = {
    direction,
    pod: podName(pod),
    peer: seen.address,
    outcome: 'stopped',
    policies,
    because,
  };
  return ends(
    comingTo(flight, gate),
    {
      kind: 'denied',
      reason: 'network-policy',
      direction,
      pod: podName(pod),
      peer: seen.address,
      protocol: flight.packet.protocol,
      port: seen.port,
      policies,
      nearest: nearest === null ? null : nearText(nearest),
      answers: plugin.denies,
    },
    because,
  );
}

function allowing(by: PolicyField): Because {
  return ruleBecause(by, `NetworkPolicy ${by.name} allows it`);
}

function ruleBecause({ field }: PolicyField, text: string): Because {
  return { kind: 'field', text, field };
}

function restingOn(flight: Flight, because: Because): Flight {
  return { ...flight, because: [...flight.because, because] };
}
