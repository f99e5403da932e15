import type { Assumption, Because } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Profile } from '../cluster/profile.ts';
import { type ChosenPlugin, chosenPlugin } from '../network/policy/chosenPlugin.ts';
import {
  type Judgement,
  judgeAtGate,
  type PolicyField,
  type PolicyName,
  type Undetermined,
} from '../network/policy/gate.ts';
import { otherwise } from '../network/policy/otherPlugins.ts';
import { isJudged, isolating, tierAt } from '../network/policy/policiesOf.ts';
import { policyKinds, type PolicyKind, type PolicyPlugin } from '../network/policy/policyPlugin.ts';
import { doesText, goesBy, namesText, nearText, ruleText, unfollowedText } from '../network/policy/policyText.ts';
import { type Passing, seenAtGate, type Socket } from '../network/policy/seenAtGate.ts';
import { type UnfollowedPolicy, unfollowedAt } from '../network/policy/unfollowedPolicies.ts';
import { assuming, comingTo, ends, type Flight, type Moves } from './flight.ts';
import { type GateMet, podName } from './trace.ts';
import type { EndedAs } from './verdict.ts';

/** Where policies let the packet through, `goOn` says what comes of it, resting on the rule that did. */
export function throughGate(
  model: ClusterModel,
  flight: Flight,
  passing: Passing,
  goOn: (flight: Flight) => Moves,
): Moves {
  if (flight.policies === 'left out') return goOn(flight);
  const come = unfollowed(model, flight, passing).reduce(assuming, flight);
  if (!isJudged(model, passing.pod, passing.direction)) return goOn(come);
  const chosen = chosenPlugin(model.profile);
  const told = switched(model, passing, chosen).reduce(assuming, come);
  if (chosen.plugin.enforces.length === 0) return goOn(told);
  const { peer, at, plugin } = seenAtGate(model, flight.packet, passing, chosen.plugin);
  const judgement = judgeAtGate(model, at, plugin);
  const judged = withOthers(model, told, passing, { ...chosen, own: judgement.kind });
  const { pod, direction } = passing;
  const gate = { direction, pod: podName(pod), peer: peer.address };
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
      return denied(judged, passing, { judgement, seen: peer, chosen, profile: model.profile });
    case 'undecided': {
      const { by, lacks } = judgement;
      const because = [ruleBecause(by, `${by.kind} ${by.name} ${goesBy(lacks)}`)];
      return ends(undecided([by], because), openVerdict(judgement), because);
    }
    case 'tied': {
      const because = judgement.by.map(ruling);
      return ends(undecided(judgement.by, because), openVerdict(judgement), because);
    }
    default:
      return judgement satisfies never;
  }
}

function unfollowed(model: ClusterModel, { packet }: Flight, { pod, direction }: Passing): Assumption[] {
  return unfollowedOnes(
    unfollowedAt(model, { pod, direction, to: packet.destination.address }),
    ` at pods of ${pod.namespace}`,
  );
}

const ofUnfollowed = 'unfollowed-policies:';

/** What policies that aren't followed may decide otherwise, product by product; `where` as the end of the sentence. */
export function unfollowedOnes(policies: readonly UnfollowedPolicy[], where: string): Assumption[] {
  return [...Map.groupBy(policies, ({ product }) => product).values()].map((each) => {
    const text = `${unfollowedText(each)}${where}`;
    return { id: `${ofUnfollowed}${text}`, text };
  });
}

/** Whether it tells of policies that aren't followed. */
export function isOfUnfollowed({ id }: Assumption): boolean {
  return id.startsWith(ofUnfollowed);
}

/** What keeps a judgement open, as a verdict. */
export function openVerdict(judgement: Undetermined): EndedAs<'unknown'> {
  if (judgement.kind === 'undecided') {
    const { by, lacks } = judgement;
    return { kind: 'unknown', reason: 'network-policy', policyKind: by.kind, policy: by.name, lacks };
  }
  const { by, tier, priority } = judgement;
  const [one, other] = by;
  return {
    kind: 'unknown',
    reason: 'network-policy',
    policyKind: one.kind,
    policy: one.name,
    lacks: { kind: 'order', other: other.name, otherKind: other.kind, tier, priority },
  };
}

/** What the profile leaves open of the policies at a gate: by whom each kind of them is enforced, if at all. */
function switched(model: ClusterModel, { pod, direction }: Passing, chosen: ChosenPlugin): Assumption[] {
  if (policyKinds.every((kind) => isSimplyEnforced(chosen, kind))) return [];
  const tiers = (['Admin', 'Baseline'] as const).flatMap((tier) => tierAt(model, pod, direction, tier));
  const names = [
    ...isolating(model, pod, direction).map(({ name }) => ({ kind: 'NetworkPolicy' as const, name })),
    ...tiers.map(({ policy }) => policy),
  ];
  return switchedPolicies(chosen, names);
}

function isSimplyEnforced({ plugin: { enforces, switches } }: ChosenPlugin, kind: PolicyKind): boolean {
  return enforces.includes(kind) && switches[kind] === undefined;
}

/**
 * Of these, what those do whose kind the plug-in doesn't enforce: nothing; and of a kind that is off by default that it
 * is taken to be on.
 */
export function switchedPolicies(
  chosen: ChosenPlugin,
  policies: readonly { readonly kind: PolicyKind; readonly name: string }[],
): Assumption[] {
  const { plugin, said } = chosen;
  const { enforces, switches, title } = plugin;
  const by = said === null ? '' : ` (${said})`;
  return policyKinds.flatMap((kind): Assumption[] => {
    if (isSimplyEnforced(chosen, kind)) return [];
    const names = policies.filter((each) => each.kind === kind).map(({ name }) => name);
    if (names.length === 0) return [];
    const needs = switches[kind];
    if (enforces.includes(kind))
      return [{ id: `switched-on:${kind}`, text: `${title} enforces a ${kind} only with ${needs}, taken to be on` }];
    const who = said === 'podNetwork.policies' && enforces.length === 0 ? 'nobody enforces a' : `${title} enforces no`;
    const unless = needs === undefined ? '' : ` without ${needs}`;
    const does = names.length === 1 ? 'does' : 'do';
    return [
      {
        id: `not-enforced:${kind}:${names.join(',')}`,
        text: `${who} ${kind}${by}${unless}: ${namesText(names)} ${does} nothing here`,
      },
    ];
  });
}

/** Where the profile leaves open whose reading it is, or how packets go between nodes: who would decide otherwise. */
function withOthers(
  model: ClusterModel,
  flight: Flight,
  passing: Passing,
  { plugin, said, others, own }: ChosenPlugin & { readonly own: Judgement['kind'] },
): Flight {
  const assumed = said === null ? assuming(flight, assumedReading(plugin)) : flight;
  const way = passing.direction === 'ingress' ? 'in' : 'out';
  return otherwise(model, { packet: flight.packet, passing }, { plugin, own, others })
    .map(({ titles, decides, why }): Assumption => {
      const text = otherText({ titles, lets: decisionText[decides], way, why });
      return { id: `${ofOthers}${text}`, text };
    })
    .reduce(assuming, assumed);
}

const ofOthers = 'other-plug-ins:';

/** Whether it says what other plug-ins would do. */
export function isOfOthers({ id }: Assumption): boolean {
  return id.startsWith(ofOthers);
}

/** What other plug-ins would do, all for the same reason. */
export function otherText({
  titles,
  lets,
  way,
  why,
}: {
  readonly titles: readonly string[];
  readonly lets: string;
  readonly way: string;
  readonly why: string;
}): string {
  return `${eitherText(titles)} would let ${lets} ${way}: ${why}`;
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
  tied: 'perhaps more',
};

/** `Cilium`, `Cilium or Antrea` */
function eitherText(titles: readonly string[]): string {
  return titles.length === 1 ? (titles[0] ?? '') : `${titles.slice(0, -1).join(', ')} or ${titles.at(-1)}`;
}

export type Denial = Extract<Judgement, { kind: 'denied' }>;

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
  const because = decisiveOf({ judgement, at: { pod, direction }, chosen, profile });
  const gate: GateMet = {
    direction,
    pod: podName(pod),
    peer: seen.address,
    outcome: 'stopped',
    policies: judgement.by.map(({ name }) => name),
    because,
  };
  return ends(
    comingTo(restingOn(flight, judgement.passed.map(ruling)), gate),
    {
      kind: 'denied',
      reason: 'network-policy',
      direction,
      pod: podName(pod),
      peer: seen.address,
      protocol: flight.packet.protocol,
      port: seen.port,
      ...factsOf(judgement, chosen),
    },
    because,
  );
}

/** Who denies it, what comes nearest to letting it through, and what becomes of it. */
export function factsOf(
  { by, rule, nearest }: Denial,
  { plugin }: ChosenPlugin,
): {
  readonly policies: readonly string[];
  readonly rule: string | null;
  readonly nearest: string | null;
  readonly answers: PolicyPlugin['denies'];
} {
  return {
    policies: by.map(({ name }) => name),
    rule: rule === null ? null : ruleText(rule),
    nearest: nearest === null ? null : nearText(nearest),
    // The API of the tiers says that a denied packet is dropped.
    answers: rule === null ? plugin.denies : 'drops',
  };
}

/** What a denial rests on, the most telling first. */
export function decisiveOf({
  judgement: { by, nearest, rule },
  at: { pod, direction },
  chosen: { plugin, said },
  profile,
}: {
  readonly judgement: Denial;
  readonly at: Pick<Passing, 'pod' | 'direction'>;
  readonly chosen: ChosenPlugin;
  readonly profile: Profile;
}): Because[] {
  const isolates = ({ name, field }: PolicyName): Because => ({
    kind: 'field',
    text: `NetworkPolicy ${name} isolates ${podName(pod)} for ${direction}`,
    field,
  });
  const enforced: Because[] =
    said === null
      ? []
      : [{ kind: 'profile', text: `${said} says who enforces it: ${plugin.title}`, field: profile.field }];
  const near = nearest === null ? [] : [ruleBecause(nearest, nearText(nearest))];
  return rule === null ? [...near, ...by.map(isolates), ...enforced] : [ruling(rule), ...enforced];
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
