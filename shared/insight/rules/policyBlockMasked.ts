import { addressIn, endsOfRange, isIn } from '../../cluster/address.ts';
import { isAssumed } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { servicesSelecting } from '../../cluster/lookups.ts';
import type { NetworkPolicy, PolicyPeer, PolicyRule } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import { isExternallyAccessible, type Service } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { judgeAtGate } from '../../network/policy/gate.ts';
import { endsOf } from '../../trace/ends.ts';
import type { Trace } from '../../trace/graph.ts';
import { pathsOf } from '../../trace/paths.ts';
import { podName } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import { asksOf, requestOf } from '../asks.ts';
import { adding, replacing } from '../fixes.ts';
import { isBalancerKnown, mayHoldNodes } from '../hiddenClients.ts';
import { guardedBy } from '../policyPods.ts';
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
  const client = clientOf(block);
  if (client === null) return;
  const pods = guardedBy(model, policy);
  const services = new Set(
    pods.flatMap((pod) =>
      servicesSelecting(model, pod).filter((one) => isExternallyAccessible(one) && !isAssumed(one.manifest.uri)),
    ),
  );
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

/** Services that are traced for one entry. */
const mostTraced = 4;

/** Somebody whom an entry means; null where all are left out, or everybody is meant, nodes too. */
function clientOf({ range, except }: Block): string | null {
  if (/\/0$/.test(range)) return null;
  const { first, last } = endsOfRange(range);
  const inside = [addressIn(range, 0), first, last].find(
    (each) => isIn(each, range) && !except.some((out) => isIn(each, out)),
  );
  return inside ?? null;
}

interface Hidden {
  /** Whose masquerade it is. */
  readonly by: string;
  readonly pod: string;
  /** The address in the client's place. */
  readonly sees: string;
  /** Whether every such connection is denied. */
  readonly isAll: boolean;
}

/** Where a client whom a rule means is denied for somebody else's address; null where it never is. */
function hiddenAt(
  model: ClusterModel,
  service: Service,
  { policy, rule: by, client }: { readonly policy: NetworkPolicy; readonly rule: PolicyRule; readonly client: string },
): Hidden | null {
  const { plugin } = chosenPlugin(model.profile);
  const guarded = new Map(guardedBy(model, policy).map((pod): [string, Pod] => [podName(pod), pod]));
  for (const asked of asksOf(model, { kind: 'Service', service })) {
    const trace: Trace = traceRequest(model, requestOf(asked, { kind: 'address', address: client }));
    const verdicts = endsOf(trace.graph).map(({ verdict }) => verdict);
    for (const path of pathsOf(trace.graph)) {
      const { verdict } = path;
      if (verdict.kind !== 'denied' || verdict.reason !== 'network-policy' || verdict.direction !== 'ingress') continue;
      const pod = guarded.get(verdict.pod);
      const masking = path.hops.findLast(({ rewrites }) => rewrites.some(({ kind }) => kind === 'SNAT'));
      if (pod === undefined || masking === undefined || verdict.peer === client) continue;
      const { protocol, port } = verdict;
      const seen = judgeAtGate(model, { pod, direction: 'ingress', protocol, peer: client, port }, plugin);
      const isMeant =
        seen.kind === 'allowed' && seen.by?.kind === 'NetworkPolicy' && seen.by.rule.at.join() === by.at.join();
      if (isMeant && seen.by?.name === policy.name)
        return {
          by: masking.to.name,
          pod: verdict.pod,
          sees: verdict.peer,
          isAll: !verdicts.some(({ kind }) => kind === 'delivered'),
        };
    }
  }
  return null;
}

function keepingAddresses({ manifest, name }: Service): Fix[] {
  const title = `Keep clients' addresses: externalTrafficPolicy: Local for Service ${name}`;
  const field = ['spec', 'externalTrafficPolicy'];
  return [
    ...replacing(title, manifest, 'Local', ...field),
    ...adding(title, manifest, { key: 'externalTrafficPolicy', text: 'Local' }, 'spec'),
  ];
}
