import type { Assumption, Because } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { NetworkPolicy } from '../cluster/networkPolicy.ts';
import type { Profile } from '../cluster/profile.ts';
import { type ChosenPlugin, chosenPlugin } from '../network/policy/chosenPlugin.ts';
import { type Judgement, judgeAtGate, type PolicyField } from '../network/policy/gate.ts';
import { otherwise } from '../network/policy/otherPlugins.ts';
import type { PolicyPlugin } from '../network/policy/policyPlugin.ts';
import { isolating } from '../network/policy/policiesOf.ts';
import { namesText, nearText } from '../network/policy/policyText.ts';
import { type Passing, seenAtGate, type Socket } from '../network/policy/seenAtGate.ts';
import { assuming, ends, type Flight, type Moves } from './flight.ts';
import { podName } from './trace.ts';

/** Where policies let the packet through, `goOn` says what comes of it, resting on the rule that did. */
export function throughGate(
  model: ClusterModel,
  flight: Flight,
  passing: Passing,
  goOn: (flight: Flight) => Moves,
): Moves {
  const isolated = isolating(model, passing.pod, passing.direction);
  if (isolated.length === 0) return goOn(flight);
  const chosen = chosenPlugin(model.profile);
  if (chosen.plugin.enforces.length === 0) return goOn(assuming(flight, notEnforced(isolated, chosen)));
  const { peer, at, plugin } = seenAtGate(model, flight.packet, passing, chosen.plugin);
  const judgement = judgeAtGate(model, at, plugin);
  const judged = withOthers(model, flight, passing, chosen);
  switch (judgement.kind) {
    case 'allowed':
      return goOn(judgement.by === null ? judged : restingOn(judged, allowing(judgement.by)));
    case 'denied':
      return denied(judged, passing, { judgement, seen: peer, chosen, profile: model.profile });
    case 'undecided':
      return ends(
        judged,
        { kind: 'unknown', reason: 'network-policy', policy: judgement.by.name, namespace: judgement.namespace },
        [
          ruleBecause(
            judgement.by,
            `NetworkPolicy ${judgement.by.name} goes by labels of namespace ${judgement.namespace}`,
          ),
        ],
      );
    default:
      return judgement satisfies never;
  }
}

/** What policies do where nobody enforces them: nothing. */
function notEnforced(policies: readonly NetworkPolicy[], { plugin, said }: ChosenPlugin): Assumption {
  const names = policies.map(({ name }) => name);
  const whom =
    said === 'podNetwork.policies' ? 'Nobody enforces NetworkPolicies' : `${plugin.title} enforces no NetworkPolicy`;
  const does = names.length === 1 ? 'does' : 'do';
  return {
    id: `not-enforced:${names.join(',')}`,
    text: `${whom} (${said ?? 'assumed'}): ${namesText(names)} ${does} nothing here`,
  };
}

/** Where the profile doesn't say whose reading it is: that it is assumed, and who would decide otherwise. */
function withOthers(
  model: ClusterModel,
  flight: Flight,
  passing: Passing,
  { plugin, said, others }: ChosenPlugin,
): Flight {
  if (said !== null) return flight;
  const assumed = assuming(flight, assumedReading(plugin));
  const way = passing.direction === 'ingress' ? 'in' : 'out';
  return otherwise(model, { packet: flight.packet, passing }, plugin, others)
    .map(({ titles, decides, why }): Assumption => {
      const text = `${eitherText(titles)} would let ${decisionText[decides]} ${way}: ${why}`;
      return { id: `other-plug-ins:${text}`, text };
    })
    .reduce(assuming, assumed);
}

/** By whose reading policies are judged where the profile doesn't say it. */
export function assumedReading({ id, title }: PolicyPlugin): Assumption {
  const whose = id === null ? 'as most network plug-ins do' : `by ${title}`;
  return {
    id: 'network-policy',
    text: `NetworkPolicies are taken to be enforced ${whose}: the profile's podNetwork.policies doesn't say by whom`,
  };
}

/** Of several paths some may end as they do here: the others are more or less. */
const decisionText: Readonly<Record<Judgement['kind'], string>> = {
  allowed: 'more',
  denied: 'less',
  undecided: 'perhaps more',
};

/** `Cilium`, `Cilium or Antrea` */
function eitherText(titles: readonly string[]): string {
  return titles.length === 1 ? (titles[0] ?? '') : `${titles.slice(0, -1).join(', ')} or ${titles.at(-1)}`;
}

function denied(
  flight: Flight,
  { pod, direction }: Passing,
  {
    judgement,
    seen,
    chosen,
    profile,
  }: {
    readonly judgement: Denial;
    readonly seen: Socket;
    readonly chosen: ChosenPlugin;
    readonly profile: Profile;
  },
): Moves {
  const { by, nearest } = judgement;
  return ends(
    flight,
    {
      kind: 'denied',
      reason: 'network-policy',
      direction,
      pod: podName(pod),
      peer: seen.address,
      protocol: flight.packet.protocol,
      port: seen.port,
      policies: by.map(({ name }) => name),
      nearest: nearest === null ? null : nearText(nearest),
      answers: chosen.plugin.denies,
    },
    decisiveOf({ judgement, at: { pod, direction }, chosen, profile }),
  );
}

/** What a denial rests on, the most telling first. */
export function decisiveOf({
  judgement: { by, nearest },
  at: { pod, direction },
  chosen: { plugin, said },
  profile,
}: {
  readonly judgement: Denial;
  readonly at: Pick<Passing, 'pod' | 'direction'>;
  readonly chosen: ChosenPlugin;
  readonly profile: Profile;
}): Because[] {
  return [
    ...(nearest === null ? [] : [ruleBecause(nearest, nearText(nearest))]),
    ...by.map(({ name, field }): Because => ({
      kind: 'field',
      text: `NetworkPolicy ${name} isolates ${podName(pod)} for ${direction}`,
      field,
    })),
    ...(said === null
      ? []
      : [{ kind: 'profile', text: `${said} says who enforces it: ${plugin.title}`, field: profile.field } as const]),
  ];
}

type Denial = Extract<Judgement, { kind: 'denied' }>;

function allowing(by: PolicyField): Because {
  return ruleBecause(by, `NetworkPolicy ${by.name} allows it`);
}

function ruleBecause({ field }: PolicyField, text: string): Because {
  return { kind: 'field', text, field };
}

function restingOn(flight: Flight, because: Because): Flight {
  return { ...flight, because: [...flight.because, because] };
}
