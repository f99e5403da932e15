import { type ClusterNetworkPolicy, readClusterNetworkPolicy } from '../../cluster/clusterNetworkPolicy.ts';
import { isCounting } from '../../cluster/declared.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { serviceNamed, servicesIn, servicesSelecting } from '../../cluster/lookups.ts';
import {
  isNetworkPolicy,
  type NetworkPolicy,
  type PolicyRule,
  readNetworkPolicy,
} from '../../cluster/networkPolicy.ts';
import { isExternallyAccessible, type Service } from '../../cluster/service.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { printableStart } from '../../manifest/printable.ts';
import { placeholdersIn } from '../../manifest/placeholder.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import type { PolicyKind } from '../../network/policy/policyPlugin.ts';
import { type Direction, isTakenClusterPolicy, isTakenPolicy, isolating } from '../../network/policy/policiesOf.ts';
import { chosenBy, groupsOfPolicy, type PodGroup } from '../../network/policy/selected.ts';
import { podName } from '../../trace/trace.ts';
import { type Asked, asksOf } from '../asks.ts';
import { refusalsOf } from '../refusals.ts';
import { counted } from '../counted.ts';
import { plainDetails } from '../protocol.ts';
import type { JudgedSet } from '../rule.ts';
import { mayBeUnseen } from '../absence.ts';
import { groupsAllowed, groupsRuled, originOf } from './allowedSender.ts';
import { allowedText, ruledText } from './policyWords.ts';

const directions: readonly Direction[] = ['ingress', 'egress'];

export interface PolicyLens {
  readonly kind: PolicyKind;
  readonly namespace: string;
  readonly name: string;
  /** `isolates 3 pods for ingress`. */
  readonly way: string;
  /** Whether it does anything. */
  readonly outcome: 'arrives' | 'lost' | 'unknown';
  /** `lets in: web → 8080`. */
  readonly notes: readonly string[];
  readonly ask: Asked | null;
}

/** What stands over a NetworkPolicy: whom it isolates, and whom it lets through; null for what is none. */
export function lensOfPolicy(judged: JudgedSet, manifest: Manifest): PolicyLens | null {
  const { model, isComplete } = judged;
  if (!isNetworkPolicy(manifest) || !isCounting(model.declared, manifest)) return null;
  const policy = readNetworkPolicy(manifest);
  const lens = (
    way: string,
    outcome: PolicyLens['outcome'],
    { notes = [], ask = null }: Partial<Pick<PolicyLens, 'notes' | 'ask'>> = {},
  ): PolicyLens => ({
    kind: 'NetworkPolicy',
    namespace: policy.namespace,
    name: policy.name,
    way,
    outcome,
    notes,
    ask,
  });
  const [unknown] = placeholdersIn(manifest);
  if (unknown !== undefined) return lens(`unknown: ${unknown.text} is a placeholder`, 'unknown');
  if (!isTakenPolicy(model, manifest))
    return refusalsOf(manifest, model.profile.kubernetesMinor).length > 0
      ? lens('enforces nothing: the API server refuses it', 'lost')
      : lens('unknown: something fills in what the API server would refuse', 'unknown');
  const { plugin } = chosenPlugin(model.profile);
  if (!plugin.enforces.includes('NetworkPolicy'))
    return lens('does nothing: nobody enforces NetworkPolicies here', 'lost');
  const groups = groupsOfPolicy(model, policy);
  const isolated = groups.filter(({ hostNetwork }) => !hostNetwork);
  const count = isolated.reduce((sum, each) => sum + each.count, 0);
  if (groups.length === 0)
    return isComplete && !mayBeUnseen(model, { ...policy, selector: policy.pods.labels })
      ? lens('isolates no pod', 'lost')
      : lens('isolates no pod of these files', 'unknown');
  if (count === 0) return lens("isolates nobody: its pods are on their nodes' network", 'lost');
  const types = directions.filter((each) => policy.isolates[each]);
  return lens(`isolates ${counted(count, 'pod')} for ${types.join(' and ')}`, 'arrives', {
    notes: [...types.map((each) => letsThrough(model, policy, each)), ...besides(model, policy, isolated)],
    ask: askOf(model, policy, isolated),
  });
}

/** What stands over a policy for a whole cluster: whom it is for, and what its rules do in their order. */
export function lensOfClusterPolicy({ model, isComplete }: JudgedSet, manifest: Manifest): PolicyLens | null {
  const policy = readClusterNetworkPolicy(manifest);
  if (policy === null || !isCounting(model.declared, manifest)) return null;
  const { kind, name, tier, priority, subject } = policy;
  const lens = (
    way: string,
    outcome: PolicyLens['outcome'],
    { notes = [], ask = null }: Partial<Pick<PolicyLens, 'notes' | 'ask'>> = {},
  ): PolicyLens => ({ kind, namespace: '', name, way, outcome, notes, ask });
  const [unknown] = placeholdersIn(manifest);
  if (unknown !== undefined) return lens(`unknown: ${unknown.text} is a placeholder`, 'unknown');
  if (!isTakenClusterPolicy(model, manifest)) return lens('enforces nothing: the API server refuses it', 'lost');
  if (!chosenPlugin(model.profile).plugin.enforces.includes(kind))
    return lens(`does nothing: nobody enforces a ${kind} here`, 'lost');
  const { groups, undecided } = chosenBy(model, subject, '');
  const count = groups.reduce((sum, each) => sum + each.count, 0);
  if (count === 0 && undecided.length === 0)
    return isComplete ? lens('for no pod', 'lost') : lens('for no pod of these files', 'unknown');
  const order = kind === 'BaselineAdminNetworkPolicy' ? '' : `, priority ${priority}`;
  const perhaps = undecided.length === 0 ? '' : `, perhaps those of ${counted(undecided.length, 'namespace')} more`;
  const notes = directions.flatMap((each) =>
    policy[each].length === 0 ? [] : [`${each === 'ingress' ? 'in' : 'out'}: ${ruledText(model, policy[each])}`],
  );
  return lens(`for ${counted(count, 'pod')}${perhaps}, tier ${tier}${order}`, 'arrives', {
    notes,
    ask: askOfClusterPolicy(model, policy, groups),
  });
}

function letsThrough(model: ClusterModel, policy: NetworkPolicy, direction: Direction): string {
  const allowed = allowedText(model, policy.namespace, policy[direction]);
  if (direction === 'ingress') return allowed === null ? 'lets in nobody' : `lets in: ${allowed}`;
  return allowed === null ? 'lets out to nobody' : `lets out to: ${allowed}`;
}

/** Other policies that let the same pods have more: what this one doesn't allow isn't denied yet. */
function besides(model: ClusterModel, policy: NetworkPolicy, isolated: readonly PodGroup[]): string[] {
  const others = new Set<NetworkPolicy>();
  for (const direction of directions)
    if (policy.isolates[direction])
      for (const group of isolated.slice(0, mostGroups))
        for (const each of isolating(model, group, direction))
          if (
            each.manifest.key !== policy.manifest.key &&
            each[direction].some((rule) => meansAnybody(model, each, rule))
          )
            others.add(each);
  const [first] = others;
  if (first === undefined) return [];
  return [
    others.size === 1 ? `${printableStart(first.name, 60)} allows more` : `${others.size} other policies allow more`,
  ];
}

/** Whether a rule allows somebody now: a misspelt selector allows nobody. */
function meansAnybody(model: ClusterModel, { namespace }: NetworkPolicy, { peers }: PolicyRule): boolean {
  return (
    peers === null ||
    peers.some((peer) => {
      if (peer.kind === 'addresses') return true;
      const { groups, undecided } = chosenBy(model, peer, namespace);
      return groups.length + undecided.length > 0;
    })
  );
}

/** As many of its workloads as are asked what else isolates them. */
const mostGroups = 20;

/**
 * What is worth tracing of a policy. Of one for what comes in: the way from outside where there is one, else a request
 * of the first that it lets in, else of any pod. Of one for what goes out: to the first that it lets out to, else to a
 * Service beside.
 */
function askOf(model: ClusterModel, policy: NetworkPolicy, isolated: readonly PodGroup[]): Asked | null {
  const { namespace, isolates } = policy;
  return isolates.ingress
    ? askIn(model, isolated, { senders: groupsAllowed(model, namespace, policy.ingress), first: 'who is outside' })
    : askOut(model, isolated, groupsAllowed(model, namespace, policy.egress));
}

/** The same of one for the whole cluster, of which rules for what comes in name nobody but pods. */
function askOfClusterPolicy(
  model: ClusterModel,
  { ingress, egress }: ClusterNetworkPolicy,
  subject: readonly PodGroup[],
): Asked | null {
  return ingress.length > 0
    ? askIn(model, subject, { senders: groupsRuled(model, ingress), first: 'senders' })
    : askOut(model, subject, groupsRuled(model, egress));
}

function askIn(
  model: ClusterModel,
  judged: readonly PodGroup[],
  { senders, first }: { readonly senders: Iterable<PodGroup>; readonly first: 'who is outside' | 'senders' },
): Asked | null {
  const targets = judged.slice(0, mostGroups).map((group) => ({ group, service: serviceOf(model, group) }));
  const { group, service } = targets.find((each) => each.service !== null && isExternallyAccessible(each.service)) ??
    targets.find((each) => each.service !== null) ?? { group: judged[0], service: null };
  if (group === undefined) return null;
  const asked = askFor(model, group, service);
  if (asked === null || (asked.from === 'internet' && first === 'who is outside')) return asked;
  for (const sender of senders) if (sender.owner.name !== group.owner.name) return { ...asked, from: originOf(sender) };
  return asked;
}

function askOut(model: ClusterModel, judged: readonly PodGroup[], receivers: Iterable<PodGroup>): Asked | null {
  const [sender] = judged;
  if (sender === undefined) return null;
  const from = originOf(sender);
  let tried = 0;
  for (const group of receivers) {
    const asked = askFor(model, group, serviceOf(model, group));
    if (asked !== null) return { ...asked, from };
    if (++tried === mostGroups) break;
  }
  const [beside] = servicesIn(model, sender.namespace).filter(({ selector }) =>
    [...(selector ?? [])].some(([key, value]) => sender.labels.get(key) !== value),
  );
  const [asked] = beside === undefined ? [] : asksOf(model, { kind: 'Service', service: beside });
  return asked === undefined ? null : { ...asked, from };
}

/** A Service in front of pods, one that leads in from outside first. */
function serviceOf(model: ClusterModel, group: PodGroup): Service | null {
  const found = servicesSelecting(model, group)
    .flatMap(({ namespace, name }) => serviceNamed(model, namespace, name) ?? [])
    .filter(({ ports }) => ports.length > 0);
  return found.find(isExternallyAccessible) ?? found[0] ?? null;
}

function askFor(model: ClusterModel, group: PodGroup, service: Service | null): Asked | null {
  if (service !== null) return asksOf(model, { kind: 'Service', service })[0] ?? null;
  const [port] = group.ports;
  if (port === undefined) return null;
  const { namespace, pod: name } = group;
  return {
    target: {
      text: `pod/${podName({ name, namespace })}:${port.port}`,
      value: { kind: 'pod', name, namespace, port: port.port },
    },
    from: 'pod',
    namespace,
    details: { ...plainDetails, protocol: port.protocol },
  };
}
