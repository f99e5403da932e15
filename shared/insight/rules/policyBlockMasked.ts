import Fraction from 'fraction.js';
import { isRangeIn } from '../../cluster/address.ts';
import { isAssumed } from '../../cluster/because.ts';
import { byKeyOfModel, type ClusterModel } from '../../cluster/clusterModel.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { nameKey, serviceNamed, servicesSelecting } from '../../cluster/lookups.ts';
import type { NetworkPolicy, PolicyPeer, PolicyRule } from '../../cluster/networkPolicy.ts';
import { isExternallyAccessible, type Protocol, type Service } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { type Judgement, judgeAtGate } from '../../network/policy/gate.ts';
import { endsOf } from '../../trace/ends.ts';
import { firstPaths } from '../../trace/paths.ts';
import { podName } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import type { Verdict } from '../../trace/verdict.ts';
import { asksOf, requestOf } from '../asks.ts';
import { adding, replacing } from '../fixes.ts';
import { isBalancerKnown, mayHoldNodes } from '../hiddenClients.ts';
import { addressMeant } from '../policies/peersMeant.ts';
import { guardedBy, ofPod, podTraced } from '../policies/policyPods.ts';
import { theObject } from '../related.ts';
import type { Fix } from '../rule.ts';
import { rule, type Yielded } from '../rule.ts';

/** Clients that a rule means, or leaves out, by their addresses, which the pods never get to see. */
export const policyBlockMasked = rule({
  id: 'policy-block-masked',
  topic: 'policies',
  severity: 'warning',
  meaning:
    'The clients that the entry is for are shut out, or those that it leaves out are let in: at the pod their ' +
    'packets carry the address of a node.',
  remedy:
    "Keep clients' addresses with `externalTrafficPolicy: Local`, or let the load balancer filter " +
    '(`loadBalancerSourceRanges`).',
  details:
    'Found by tracing a connection from within the range, or from within an `except`, through each Service that ' +
    'leads to the pods from outside. ' +
    "Where nothing says nodes' addresses, private ranges are left alone: nodes may be meant. Where nothing says " +
    'which load balancer it is, it is an info.',
  link: 'https://kubernetes.io/docs/tutorials/services/source-ip/',
  about: 'NetworkPolicy',
  *check(policy, { model, isComplete }): Generator<Yielded> {
    if (!isComplete || !policy.isolates.ingress) return;
    for (const each of policy.ingress)
      for (const peer of each.peers ?? [])
        if (peer.kind === 'addresses') {
          if (!mayHoldNodes(model, [peer.range])) yield* judge(model, policy, each, peer);
          yield* judgeExcepts(model, policy, each, peer);
        }
  },
  bad: {
    says:
      'is denied at pod web-0, unless they ask its own node: node-2 masquerades (externalTrafficPolicy: Cluster), so ' +
      'the pod sees 192.168.0.12',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: office }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ ipBlock: { cidr: 203.0.113.0/24 } }] }]
                                        ~~~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
  },
  also: [
    {
      says:
        'office leaves 203.0.113.0/24 out of 0.0.0.0/0, but 1/2 of their requests by Service web are let in all the ' +
        'same: node-2 masquerades (externalTrafficPolicy: Cluster), so pod web-0 sees 192.168.0.12.',
      yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: office }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ ipBlock: { cidr: 0.0.0.0/0, except: [203.0.113.0/24] } }] }]
                                                            ~~~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: prod }
spec: { nodes: { count: 2 } }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: office }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ ipBlock: { cidr: 203.0.113.0/24 } }] }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, externalTrafficPolicy: Local, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
});

type Block = Extract<PolicyPeer, { kind: 'addresses' }>;

function* judge(model: ClusterModel, policy: NetworkPolicy, each: PolicyRule, block: Block): Generator<Yielded> {
  // Of everybody nodes are some.
  const client = block.range.endsWith('/0') ? null : addressMeant(block);
  if (client === null) return;
  const pods = guardedBy(model, policy);
  const services = new Set(pods.flatMap((pod) => waysIn(model, pod) ?? []));
  for (const service of [...services].slice(0, mostTraced)) {
    const hidden = hiddenAt(model, service, { policy, rule: each, client });
    if (hidden === null) continue;
    const { by, pod, sees, isAll } = hidden;
    const isSure = isBalancerKnown(model, service);
    yield {
      severity: isSure ? 'warning' : 'info',
      message:
        `NetworkPolicy ${policy.name} lets in ${block.range}, but whoever comes from there by Service ` +
        `${service.name} is denied at pod ${pod}${isAll ? '' : ', unless they ask its own node'}: ${by} masquerades ` +
        `(externalTrafficPolicy: ${service.externalTrafficPolicy}), so the pod sees ${sees}` +
        `${isSure ? '' : '. Not so where the load balancer goes to pods itself'}.`,
      at: fieldOf(policy.manifest, ...block.at, 'ipBlock', 'cidr'),
      related: [theObject(service.manifest)],
      fixes: keepingAddresses(service),
    };
  }
}

/** The Services that lead to a pod from outside. */
const waysIn = ofPod(
  (model, pod) =>
    servicesSelecting(model, pod).filter((one) => isExternallyAccessible(one) && !isAssumed(one.manifest.uri)),
  sameItems,
);

/** Services that are traced for one entry. */
const mostTraced = 4;

/** Clients who are let in though an entry leaves them out. */
function* judgeExcepts(
  model: ClusterModel,
  policy: NetworkPolicy,
  by: PolicyRule,
  { range: around, except, at }: Block,
): Generator<Yielded> {
  const services = new Set(guardedBy(model, policy).flatMap((pod) => waysIn(model, pod) ?? []));
  for (const [index, range] of except.entries()) {
    const client = addressMeant({ range, except: [] });
    if (client === null || mayHoldNodes(model, [range]) || mayHoldPods(model, range)) continue;
    for (const service of [...services].slice(0, mostTraced)) {
      const letIn = letInAt(model, service, { policy, rule: by, client });
      const [first] = letIn;
      if (first === undefined) continue;
      const share = letIn.reduce((sum, { probability }) => sum.add(probability), new Fraction(0));
      const isSure = isBalancerKnown(model, service);
      const nodes = model.assumptions.some(({ id }) => id === 'nodes')
        ? ` With the ${model.nodes.length} nodes that are assumed.`
        : '';
      yield {
        severity: isSure ? 'warning' : 'info',
        message:
          `NetworkPolicy ${policy.name} leaves ${range} out of ${around}, but ` +
          `${share.equals(1) ? 'all' : share.toFraction()} of their requests by Service ${service.name} are let in ` +
          `all the same: ${first.by} masquerades (externalTrafficPolicy: ${service.externalTrafficPolicy}), so pod ` +
          `${first.pod} sees ${first.sees}${isSure ? '' : ' (unless the load balancer goes to pods itself)'}.${nodes}`,
        at: fieldOf(policy.manifest, ...at, 'ipBlock', 'except', index),
        related: [theObject(service.manifest)],
        fixes: keepingAddresses(service),
      };
    }
  }
}

/** Pods ask a Service by its cluster address, and nobody masquerades them there. */
function mayHoldPods({ profile }: ClusterModel, range: string): boolean {
  return profile.podNetwork.cidrs.some((each) => isRangeIn(range, each) || isRangeIn(each, range));
}

/** A client from outside at a pod that sees the address which somebody put in the place of its own. */
interface Hidden {
  /** Which of the ways to ask the Service it is. */
  readonly asked: number;
  readonly outcome: 'denied' | 'let in';
  /** Whose masquerade it is. */
  readonly by: string;
  readonly pod: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** The address in the client's place. */
  readonly sees: string;
  readonly probability: string;
  /** Whether every such connection is denied. */
  readonly isAll: boolean;
  /** Those that decide it; none where the packet is exempt. */
  readonly policies: readonly string[];
}

/** What becomes of a client who asks a Service, given as `namespace/name address`. */
const hiddenFrom = byKeyOfModel(
  (model, key): readonly Hidden[] => {
    const [named = '', client = ''] = key.split(' ');
    const [namespace = '', name = ''] = named.split('/');
    const service = serviceNamed(model, namespace, name);
    if (service === undefined) return [];
    return asksOf(model, { kind: 'Service', service }).flatMap((each, asked) => {
      const request = requestOf(each, { kind: 'address', address: client });
      const { graph } = traceRequest(model, request);
      const isAll = !endsOf(graph).some(({ verdict }) => verdict.kind === 'delivered');
      return [...firstPaths({ graph }).paths].flatMap(({ verdict, hops, gates, probability }): Hidden[] => {
        const masking = hops.findLast(({ rewrites }) => rewrites.some(({ kind }) => kind === 'SNAT'));
        const end = endAtPod(verdict);
        if (masking === undefined || end === null) return [];
        const gate = gates.findLast(({ direction }) => direction === 'ingress');
        const sees = gate?.peer ?? hops.at(-1)?.packet.source ?? client;
        if (sees === client) return [];
        return [
          {
            ...end,
            asked,
            by: masking.to.name,
            protocol: request.protocol,
            sees,
            probability: probability.toFraction(),
            isAll,
            policies: gate?.policies ?? [],
          },
        ];
      });
    });
  },
  { eager: true, same: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
);

function endAtPod(verdict: Verdict): Pick<Hidden, 'outcome' | 'pod' | 'port'> | null {
  if (verdict.kind === 'delivered' && verdict.pod !== null)
    return { outcome: 'let in', pod: podName(verdict.pod), port: verdict.port };
  const isAtGate = verdict.kind === 'denied' && verdict.reason === 'network-policy' && verdict.direction === 'ingress';
  return isAtGate ? { outcome: 'denied', pod: verdict.pod, port: verdict.port } : null;
}

interface Meant {
  readonly policy: NetworkPolicy;
  readonly rule: PolicyRule;
  readonly client: string;
}

/** Where a client whom a rule means is denied for somebody else's address; null where it never is. */
function hiddenAt(model: ClusterModel, service: Service, { policy, rule: by, client }: Meant): Hidden | null {
  const hidden = hiddenFrom(model, `${nameKey(service)} ${client}`).find((each) => {
    if (each.outcome !== 'denied') return false;
    const seen = asItself(model, each, client);
    if (seen?.kind !== 'allowed' || seen.by?.kind !== 'NetworkPolicy') return false;
    return seen.by.name === policy.name && seen.by.rule.at.join() === by.at.join();
  });
  return hidden ?? null;
}

/**
 * Where a client whom all rules leave out is let in for somebody else's address, by this policy or since nobody asks
 * it: by the first of the ways to ask that lead there.
 */
function letInAt(model: ClusterModel, service: Service, { policy, client }: Meant): readonly Hidden[] {
  const letIn = hiddenFrom(model, `${nameKey(service)} ${client}`).filter((each) => {
    const isItsOwn = each.policies.length === 0 || each.policies.includes(policy.name);
    if (each.outcome !== 'let in' || !isItsOwn) return false;
    const seen = asItself(model, each, client);
    return seen?.kind === 'denied' && seen.by.some(({ name }) => name === policy.name);
  });
  return letIn.filter(({ asked }) => asked === letIn[0]?.asked);
}

/** What becomes of a client at a pod's gate under its own address. */
function asItself(model: ClusterModel, { pod: name, protocol, port }: Hidden, client: string): Judgement | null {
  const { plugin } = chosenPlugin(model.profile);
  const pod = podTraced(model, name);
  return pod === null ? null : judgeAtGate(model, { pod, direction: 'ingress', protocol, peer: client, port }, plugin);
}

function keepingAddresses({ manifest, name }: Service): Fix[] {
  const title = `Keep clients' addresses: externalTrafficPolicy: Local for Service ${name}`;
  const field = ['spec', 'externalTrafficPolicy'];
  return [
    ...replacing(title, manifest, 'Local', ...field),
    ...adding(title, manifest, { key: 'externalTrafficPolicy', text: 'Local' }, 'spec'),
  ];
}
