import { isAssumed } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { servicesSelecting } from '../../cluster/lookups.ts';
import type { NetworkPolicy, PolicyPeer } from '../../cluster/networkPolicy.ts';
import type { Profile } from '../../cluster/profile.ts';
import { isExternallyAccessible, type Service } from '../../cluster/service.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import type { Direction } from '../../network/policy/policiesOf.ts';
import type { PolicyPlugin } from '../../network/policy/policyPlugin.ts';
import { isThroughTunnel } from '../../network/policy/seenAtGate.ts';
import { groupsOfPolicy, holdersOf } from '../../network/policy/selected.ts';
import { rewritesOf } from '../../trace/flight.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import { asksOf, requestOf } from '../asks.ts';
import { plain } from './trafficField.ts';

/** Something of an `ipBlock` that each plug-in reads in its own way. */
interface Question {
  /** What it is about, as a sentence begins; empty where the answer says it. */
  readonly about: string;
  /** What a plug-in makes of it, as the rest of a sentence. */
  readonly answer: (plugin: PolicyPlugin) => string;
  /** Whether that is as anybody would think, so that it needn't be said. */
  readonly isUsual: (plugin: PolicyPlugin) => boolean;
}

/**
 * How the network plug-in reads an `ipBlock`, where that matters now: whether it means pods and nodes, and as whom it
 * knows clients that a node masquerades. Where the profile doesn't say which one runs, also who reads it otherwise.
 */
export function blockReading(
  model: ClusterModel,
  {
    policy,
    block,
    direction,
  }: {
    readonly policy: NetworkPolicy;
    readonly block: Extract<PolicyPeer, { kind: 'addresses' }>;
    readonly direction: Direction;
  },
): string[] {
  const { plugin, said, others } = chosenPlugin(model.profile);
  if (!plugin.enforces.includes('NetworkPolicy')) return [];
  const { pods, nodes } = holdersOf(model, block);
  const masked = direction === 'ingress' ? maskedBy(model, policy) : null;
  const questions = [
    ...(pods.length + nodes.length > 0 ? [ofThoseInside] : []),
    ...(direction === 'egress' && pods.length > 0 ? [ofServices] : []),
    ...(masked === null ? [] : [ofTheMasked(masked, model.profile)]),
  ];
  const whose = said === null ? '' : `${plugin.title} (\`${said}\`): `;
  const own = questions
    .filter(({ isUsual }) => !isUsual(plugin))
    .map(({ about, answer }) => capitalized(`${whose}${about}${answer(plugin)}.`));
  const otherwise = questions.flatMap(({ answer }) => {
    const differing = others.filter((each) => answer(each) !== answer(plugin));
    return [...Map.groupBy(differing, answer)].map(
      ([text, by]) => `- ${by.map(({ title }) => title).join(', ')}: ${text}`,
    );
  });
  if (otherwise.length === 0) return own;
  const open =
    said === null
      ? "Which plug-in runs isn't said (`podNetwork.policies`). Others read it otherwise:"
      : "How nodes send to each other's pods isn't said (`podNetwork.encapsulation`). It might be otherwise:";
  return [...own, `${open}\n${otherwise.join('\n')}`];
}

const ofThoseInside: Question = {
  about: '',
  answer: ({ ipBlocksAreFor }) =>
    ipBlocksAreFor === 'outside'
      ? 'pods and nodes are never meant by an address'
      : 'pods and nodes are meant by their addresses too',
  isUsual: ({ ipBlocksAreFor }) => ipBlocksAreFor === 'all',
};

const ofServices: Question = {
  about: '',
  answer: ({ egressSees }) =>
    egressSees === 'service'
      ? "what is sent to a Service has that one's address here, and is meant by that alone"
      : "what is sent to a Service already has the pod's address here",
  isUsual: ({ egressSees }) => egressSees === 'endpoint',
};

function ofTheMasked({ name }: Service, profile: Profile): Question {
  return {
    about: `clients that come by Service ${plain(name)} are masqueraded: `,
    answer: (plugin) => `these clients are ${knownBy(plugin, profile)}`,
    isUsual: () => false,
  };
}

/** Cilium in kube-proxy's place masquerades nobody for a pod of the same node. */
function knownBy(plugin: PolicyPlugin, profile: Profile): string {
  const { ingressSees, masqueradedIs } = plugin;
  const isTunnel = isThroughTunnel(profile, plugin);
  if (ingressSees === 'the client') return 'known by their own address still';
  if (ingressSees === 'before masquerade')
    return (
      "known by their own address at the pod's own node, else by that of the node that they come in by" +
      (isTunnel ? ", its tunnel's, of the pods' range" : '')
    );
  const isCiliumAlone = profile.kubeProxy.mode === 'cilium';
  const where = isCiliumAlone ? ' where they come from another node' : '';
  switch (masqueradedIs) {
    case 'the node':
      return `known by the node's address${where}, and let in from the pod's own node`;
    case "the node's gateway":
      return `known by an address of the pods' range${where}`;
    case 'somebody outside':
      if (isTunnel) return `meant by no range but 0.0.0.0/0 and ::/0${where}`;
      return isCiliumAlone
        ? `meant by no range${where}`
        : "meant by no range but 0.0.0.0/0 and ::/0 at the pod's own node, else by none";
    case 'the gateway router':
      return `known by the gateway router's address, of 100.64.0.0/16${where}`;
    default:
      return masqueradedIs satisfies never;
  }
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** As many workloads, and as many Services of theirs, as are looked at. */
const mostTried = 4;

/** A Service by which clients come to the policy's pods from outside with a node's address in place of their own. */
function maskedBy(model: ClusterModel, policy: NetworkPolicy): Service | null {
  const services = groupsOfPolicy(model, policy)
    .filter(({ hostNetwork }) => !hostNetwork)
    .slice(0, mostTried)
    .flatMap((group) => servicesSelecting(model, group))
    .filter((each) => isExternallyAccessible(each) && !isAssumed(each.manifest.uri));
  const isMasked = (service: Service): boolean =>
    asksOf(model, { kind: 'Service', service })
      .slice(0, 1)
      .some((asked) =>
        traceRequest(model, requestOf(asked, { kind: 'internet' })).graph.moves.some(({ move }) =>
          rewritesOf(move).some(({ kind }) => kind === 'SNAT'),
        ),
      );
  return [...new Set(services)].slice(0, mostTried).find(isMasked) ?? null;
}

/** Whether pods and nodes can be meant by an address. */
export function areHoldersMeant({ profile }: ClusterModel): boolean {
  return chosenPlugin(profile).plugin.ipBlocksAreFor === 'all';
}
