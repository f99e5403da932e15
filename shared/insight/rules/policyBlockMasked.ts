import { isAssumed } from '../../cluster/because.ts';
import { byKeyOfModel, type ClusterModel } from '../../cluster/clusterModel.ts';
import { sameItems } from '../../cluster/listChanges.ts';
import { nameKey, serviceNamed, servicesSelecting } from '../../cluster/lookups.ts';
import type { NetworkPolicy, PolicyPeer, PolicyRule } from '../../cluster/networkPolicy.ts';
import { isExternallyAccessible, type Protocol, type Service } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { judgeAtGate } from '../../network/policy/gate.ts';
import { endsOf } from '../../trace/ends.ts';
import { firstPaths } from '../../trace/paths.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import type { EndedAs, Verdict } from '../../trace/verdict.ts';
import { asksOf, requestOf } from '../asks.ts';
import { adding, replacing } from '../fixes.ts';
import { isBalancerKnown, mayHoldNodes } from '../hiddenClients.ts';
import { addressMeant } from '../policies/peersMeant.ts';
import { guardedBy, ofPod, podTraced } from '../policies/policyPods.ts';
import { theObject } from '../related.ts';
import type { Fix } from '../rule.ts';
import { rule, type Yielded } from '../rule.ts';

/** Clients that a rule means by their addresses, which the pods never get to see. */
export const policyBlockMasked = rule({
  id: 'policy-block-masked',
  topic: 'policies',
  severity: 'warning',
  meaning: 'The clients that the entry is for are shut out: at the pod their packets carry the address of a node.',
  remedy:
    "Keep clients' addresses with `externalTrafficPolicy: Local`, or let the load balancer filter " +
    '(`loadBalancerSourceRanges`).',
  details:
    'Found by tracing a connection from within the range through each Service that leads to the pods from outside. ' +
    "Where nothing says nodes' addresses, private ranges are left alone: nodes may be meant. Where nothing says " +
    'which load balancer it is, it is an info.',
  link: 'https://kubernetes.io/docs/tutorials/services/source-ip/',
  about: 'NetworkPolicy',
  *check(policy, { model, isComplete }): Generator<Yielded> {
    if (!isComplete || !policy.isolates.ingress) return;
    for (const each of policy.ingress)
      for (const peer of each.peers ?? [])
        if (peer.kind === 'addresses' && !mayHoldNodes(model, [peer.range])) yield* judge(model, policy, each, peer);
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

/** A client from outside who is denied at a pod for the address that somebody put in the place of its own. */
interface Hidden {
  readonly client: string;
  /** Whose masquerade it is. */
  readonly by: string;
  readonly pod: string;
  readonly protocol: Protocol;
  readonly port: number;
  /** The address in the client's place. */
  readonly sees: string;
  /** Whether every such connection is denied. */
  readonly isAll: boolean;
}

/** What becomes of a client who asks a Service, given as `namespace/name address`. */
const hiddenFrom = byKeyOfModel(
  (model, key): readonly Hidden[] => {
    const [named = '', client = ''] = key.split(' ');
    const [namespace = '', name = ''] = named.split('/');
    const service = serviceNamed(model, namespace, name);
    if (service === undefined) return [];
    return asksOf(model, { kind: 'Service', service }).flatMap((asked) => {
      const { graph } = traceRequest(model, requestOf(asked, { kind: 'address', address: client }));
      const ends = endsOf(graph).map(({ verdict }) => verdict);
      if (!ends.some(isAtPolicies)) return [];
      const isAll = !ends.some(({ kind }) => kind === 'delivered');
      return [...firstPaths({ graph }).paths].flatMap(({ verdict, hops }) => {
        const masking = hops.findLast(({ rewrites }) => rewrites.some(({ kind }) => kind === 'SNAT'));
        if (!isAtPolicies(verdict) || verdict.direction !== 'ingress' || verdict.peer === client) return [];
        const { pod, protocol, port, peer: sees } = verdict;
        return masking === undefined ? [] : [{ client, by: masking.to.name, pod, protocol, port, sees, isAll }];
      });
    });
  },
  { eager: true, same: (a, b) => JSON.stringify(a) === JSON.stringify(b) },
);

function isAtPolicies(verdict: Verdict): verdict is Extract<EndedAs<'denied'>, { reason: 'network-policy' }> {
  return verdict.kind === 'denied' && verdict.reason === 'network-policy';
}

/** Where a client whom a rule means is denied for somebody else's address; null where it never is. */
function hiddenAt(
  model: ClusterModel,
  service: Service,
  { policy, rule: by, client }: { readonly policy: NetworkPolicy; readonly rule: PolicyRule; readonly client: string },
): Hidden | null {
  const { plugin } = chosenPlugin(model.profile);
  const hidden = hiddenFrom(model, `${nameKey(service)} ${client}`).find(({ pod: name, protocol, port }) => {
    const pod = podTraced(model, name);
    if (pod === null) return false;
    const seen = judgeAtGate(model, { pod, direction: 'ingress', protocol, peer: client, port }, plugin);
    if (seen.kind !== 'allowed' || seen.by?.kind !== 'NetworkPolicy') return false;
    return seen.by.name === policy.name && seen.by.rule.at.join() === by.at.join();
  });
  return hidden ?? null;
}

function keepingAddresses({ manifest, name }: Service): Fix[] {
  const title = `Keep clients' addresses: externalTrafficPolicy: Local for Service ${name}`;
  const field = ['spec', 'externalTrafficPolicy'];
  return [
    ...replacing(title, manifest, 'Local', ...field),
    ...adding(title, manifest, { key: 'externalTrafficPolicy', text: 'Local' }, 'spec'),
  ];
}
