import { matchesAll } from '../../shared/cluster/labelSelector.ts';
import { podNamed, podsOfManifest, servicesSelecting } from '../../shared/cluster/lookups.ts';
import { type NetworkPolicy, type PolicyRule, readNetworkPolicy } from '../../shared/cluster/networkPolicy.ts';
import type { Pod } from '../../shared/cluster/pod.ts';
import { isExternallyAccessible } from '../../shared/cluster/service.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { type Field, fieldOf, type Manifest } from '../../shared/manifest/manifest.ts';
import { refused } from './around.ts';
import { entriesAt, gone, itemsWith, line, type Mistake, more, type Place, value } from './mistake.ts';
import { type FieldPath, itemsAt, keysAt, textAt, valueAt } from '../../shared/manifest/value.ts';
import { isolating } from '../../shared/network/policy/policiesOf.ts';
import { chosenBy, groupsOfPolicy } from '../../shared/network/policy/selected.ts';

/** A port that is none of the pods' may be the one that somebody asks for. */
const ofPorts = ['policy-port-not-offered', 'policy-cuts-ingress', 'policy-cuts-scrapes', 'policy-cuts-webhook'];

/** In NetworkPolicies, and in what they are for. */
export const inPolicies: readonly Mistake[] = [
  {
    name: 'NetworkPolicy: a letter of its podSelector wrong',
    kinds: ['NetworkPolicy'],
    rules: ['policy-selects-nothing'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete, slip }) {
      if (!isComplete || guarded(model, readNetworkPolicy(manifest)).length === 0) return;
      for (const path of entriesAt(written, 'spec', 'podSelector', 'matchLabels'))
        yield { change: value(manifest, path, slip(...path)) };
    },
  },
  {
    name: 'NetworkPolicy: a port that no selected pod declares',
    kinds: ['NetworkPolicy'],
    rules: ofPorts,
    least: 'info',
    *places({ manifest, model, isComplete }) {
      for (const { at, pods } of isComplete ? portsIn(model, manifest) : [])
        if (pods.length > 0) yield { change: value(manifest, [...at, 'port'], '1999'), at: fieldsOfPort(manifest, at) };
    },
  },
  {
    name: 'NetworkPolicy: protocol in small letters',
    kinds: ['NetworkPolicy'],
    ...refused,
    *places({ manifest, value: written }) {
      for (const direction of ['ingress', 'egress'])
        for (const { item, at } of itemsWith(written, 'spec', direction))
          for (const index of itemsAt(item, 'ports').keys()) {
            const path = [...at, 'ports', index];
            yield {
              change:
                valueAt(written, ...path, 'protocol') === undefined
                  ? more(manifest, path, 'protocol: tcp')
                  : value(manifest, [...path, 'protocol'], 'tcp'),
            };
          }
    },
  },
  {
    name: 'NetworkPolicy: egress rules, and policyTypes lists Ingress alone',
    kinds: ['NetworkPolicy'],
    rules: ['policy-type-missing'],
    least: 'warning',
    *places({ manifest, value: written }) {
      const [first, second] = [0, 1].map((index) => valueAt(written, 'spec', 'policyTypes', index));
      if (valueAt(written, 'spec', 'egress') === undefined && first === 'Ingress' && second === undefined)
        yield { change: more(manifest, ['spec'], 'egress: [{ to: [{ podSelector: {} }] }]') };
    },
  },
  {
    name: 'hostNetwork: true, under a NetworkPolicy',
    kinds: ['Deployment', 'StatefulSet'],
    rules: ['policy-for-host-network'],
    least: 'warning',
    *places({ manifest, model, isComplete }) {
      const [pod] = podsOfManifest(model, manifest);
      if (!isComplete || pod === undefined || pod.containers.some(({ ports }) => ports.length > 0)) return;
      const alone = isolating(model, pod, 'ingress').filter((each) => groupsOfPolicy(model, each).length === 1);
      if (alone.length > 0)
        yield {
          change: more(manifest, ['spec', 'template', 'spec'], 'hostNetwork: true'),
          at: alone.map((each) => fieldOf(each.manifest, 'spec', 'podSelector')),
        };
    },
  },
  {
    name: 'NetworkPolicy: the port of the Service, not of the pods',
    kinds: ['NetworkPolicy'],
    rules: ofPorts,
    least: 'warning',
    *places({ manifest, model, isComplete }) {
      if (!isComplete) return;
      for (const { port, at, pods } of portsIn(model, manifest)) {
        const [pod] = pods;
        if (pod === undefined || !pods.every((each) => offers(each).includes(port))) continue;
        const [of] = servicesSelecting(model, pod)
          .flatMap(({ ports }) => ports)
          .filter((each) => each.targetPort === port && !pods.some((own) => offers(own).includes(each.port)));
        if (of !== undefined)
          yield { change: value(manifest, [...at, 'port'], String(of.port)), at: fieldsOfPort(manifest, at) };
      }
    },
  },
  {
    name: 'NetworkPolicy: a port by a name that its pods lack',
    kinds: ['NetworkPolicy'],
    rules: ofPorts,
    least: 'warning',
    *places({ manifest, model, isComplete }) {
      for (const { at, pods } of isComplete ? portsIn(model, manifest) : [])
        if (pods.length > 0)
          yield { change: value(manifest, [...at, 'port'], 'http-ui'), at: fieldsOfPort(manifest, at) };
    },
  },
  {
    name: 'NetworkPolicy: egress: [], and no policyTypes',
    kinds: ['NetworkPolicy'],
    rules: ['policy-type-missing'],
    least: 'info',
    *places({ manifest, value: written }) {
      const [types, egress] = ['policyTypes', 'egress'].map((each) => valueAt(written, 'spec', each));
      if (types === undefined && egress === undefined) yield { change: more(manifest, ['spec'], 'egress: []') };
    },
  },
  {
    name: 'NetworkPolicy: a dash too many: podSelector as an entry of its own',
    kinds: ['NetworkPolicy'],
    rules: ['policy-peers-apart'],
    least: 'info',
    *places({ manifest, model, isComplete }) {
      if (!isComplete) return;
      const policy = readNetworkPolicy(manifest);
      for (const peer of rulesOf(policy).flatMap(({ peers }) => peers ?? [])) {
        if (peer.kind !== 'pods' || peer.namespaces === null || matchesAll(peer.pods)) continue;
        const [none, both] = [{ ...peer, namespaces: null }, peer].map((each) =>
          chosenBy(model, each, policy.namespace),
        );
        if (matchesAll(peer.namespaces) || none?.groups.length !== 0 || both?.groups.length === 0) continue;
        const [, second = ''] = keysAt(manifest.value, ...peer.at);
        const change = line(manifest, [...peer.at, second], (text) => text.replace(/^( *) {2}(?=\w)/, '$1- '));
        yield { change, at: [fieldOf(manifest, ...peer.at)] };
      }
    },
  },
  {
    name: 'NetworkPolicy: an egress rule, and none for DNS',
    kinds: ['NetworkPolicy'],
    rules: ['policy-shuts-out-dns'],
    least: 'info',
    *places({ manifest, value: written, model, isComplete }) {
      const policy = readNetworkPolicy(manifest);
      const pods = guarded(model, policy);
      if (!isComplete || pods.length === 0) return;
      const isFree = pods.every((each) => isolating(model, each, 'egress').length === 0);
      const isOpen = valueAt(written, 'spec', 'policyTypes') === undefined;
      if (isOpen && isFree && valueAt(written, 'spec', 'egress') === undefined)
        yield { change: more(manifest, ['spec'], 'egress: [{ to: [{ podSelector: {} }], ports: [{ port: 80 }] }]') };
      for (const [index, each] of policy.egress.entries()) {
        const others = pods.flatMap((pod) => isolating(model, pod, 'egress').flatMap(({ egress }) => egress));
        const rest = others.filter(({ at }) => at !== each.at);
        if (!isForDns(each) || rest.length === 0 || rest.some((other) => other.ports === null || isForDns(other)))
          continue;
        if (rest.every(({ peers }) => peers?.every(({ kind }) => kind === 'addresses') === true)) continue;
        yield { change: gone(manifest, ['spec', 'egress', index]), at: ownFields(model, pods, 'egress') };
      }
    },
  },
  {
    name: 'NetworkPolicy: the clients of a load balancer by their addresses',
    kinds: ['NetworkPolicy'],
    rules: ['policy-block-masked'],
    least: 'info',
    *places({ manifest, model, isComplete }) {
      const policy = readNetworkPolicy(manifest);
      const hidden = guarded(model, policy).some(
        (pod) =>
          isOnlyRule(model, pod) &&
          servicesSelecting(model, pod).some(
            (each) => isExternallyAccessible(each) && each.externalTrafficPolicy === 'Cluster',
          ),
      );
      if (!isComplete || !hidden || policy.ingress.length !== 1) return;
      yield* narrowed(policy, policy.ingress, 'from: [{ ipBlock: { cidr: 203.0.113.0/24 } }]');
      for (const peer of policy.ingress[0]?.peers ?? [])
        if (peer.kind === 'addresses' && peer.range === '0.0.0.0/0' && peer.except.length === 0)
          yield { change: value(manifest, [...peer.at, 'ipBlock', 'cidr'], '203.0.113.0/24') };
    },
  },
  {
    name: "NetworkPolicy: a Service's address as an ipBlock",
    kinds: ['NetworkPolicy'],
    rules: ['policy-block-of-services'],
    least: 'info',
    *places({ manifest }) {
      const policy = readNetworkPolicy(manifest);
      for (const peer of policy.isolates.egress ? policy.egress.flatMap(({ peers }) => peers ?? []) : [])
        if (peer.kind === 'addresses' && peer.except.length === 0)
          yield { change: value(manifest, [...peer.at, 'ipBlock', 'cidr'], '10.96.0.1/32') };
      const rules = policy.isolates.egress ? policy.egress.filter((each) => !isForDns(each)) : [];
      yield* narrowed(policy, rules, 'to: [{ ipBlock: { cidr: 10.96.0.1/32 } }]');
    },
  },
  {
    name: 'NetworkPolicy: an except that an entry beside it lets through',
    kinds: ['NetworkPolicy'],
    rules: ['policy-except-allowed'],
    least: 'warning',
    *places({ manifest }) {
      const policy = readNetworkPolicy(manifest);
      for (const peer of rulesOf(policy).flatMap(({ peers }) => peers ?? [])) {
        const [except] = peer.kind === 'addresses' ? peer.except : [];
        if (except === undefined) continue;
        const entry = `- ipBlock: { cidr: ${JSON.stringify(except)} }`;
        const change = line(manifest, [...peer.at, 'ipBlock'], (text) => text.replace(/^( *)(?=- )/, `$1${entry}\n$1`));
        yield { change, at: [fieldOf(manifest, ...peer.at, 'ipBlock', 'except', 0)] };
      }
    },
  },
  {
    name: 'NetworkPolicy: an open port shut to all but its own app, behind an Ingress or a webhook',
    kinds: ['NetworkPolicy'],
    rules: ['policy-cuts-ingress', 'policy-cuts-webhook'],
    least: 'info',
    *places({ manifest, model, isComplete }) {
      const policy = readNetworkPolicy(manifest);
      const pods = guarded(model, policy);
      const isAsked = pods.some((pod) => isOnlyRule(model, pod) && isBehindSomebody(model, pod));
      if (!isComplete || !isAsked || policy.ingress.length !== 1) return;
      const at = ownFields(model, pods, 'podSelector');
      const labels = JSON.stringify(Object.fromEntries(pods[0]?.labels ?? []));
      const peers = `from: [{ podSelector: { matchLabels: ${labels} } }]`;
      for (const place of narrowed(policy, policy.ingress, peers)) yield { ...place, at };
    },
  },
  {
    name: 'NetworkPolicy: Prometheus by a label that it lacks',
    kinds: ['NetworkPolicy'],
    rules: ['policy-cuts-scrapes', 'policy-selects-nothing'],
    least: 'warning',
    *places({ manifest, model, isComplete }) {
      const isScraped =
        model.declared.ofKind('ServiceMonitor').length > 0 && guarded(model, readNetworkPolicy(manifest)).length > 0;
      for (const { peers } of isComplete && isScraped ? readNetworkPolicy(manifest).ingress : [])
        for (const peer of peers ?? [])
          for (const [label, text] of peer.kind === 'pods' ? peer.pods.labels : [])
            if (text === 'prometheus')
              yield {
                change: value(manifest, [...peer.at, 'podSelector', 'matchLabels', label], 'prometheus-server'),
                at: [fieldOf(manifest, 'spec', 'podSelector'), fieldOf(manifest, ...peer.at)],
              };
    },
  },
];

/** Where it is told that a port is none of the pods', and that somebody is shut out for that. */
function fieldsOfPort(manifest: Manifest, at: FieldPath): readonly Field[] {
  return [fieldOf(manifest, ...at, 'port'), fieldOf(manifest, 'spec', 'podSelector')];
}

function rulesOf({ ingress, egress, isolates }: NetworkPolicy): readonly PolicyRule[] {
  return [...(isolates.ingress ? ingress : []), ...(isolates.egress ? egress : [])];
}

/** A pod of each workload that a policy is for. */
function guarded(model: ClusterModel, policy: NetworkPolicy): readonly Pod[] {
  return groupsOfPolicy(model, policy).flatMap(({ namespace, pod }) => podNamed(model, namespace, pod) ?? []);
}

interface Opened {
  readonly port: number;
  readonly at: FieldPath;
  readonly pods: readonly Pod[];
}

/** The ports that a policy opens by number, with the pods that it is for, all of which declare some. */
function portsIn(model: ClusterModel, manifest: Manifest): readonly Opened[] {
  const policy = readNetworkPolicy(manifest);
  const pods = guarded(model, policy);
  if (!pods.every((each) => offers(each).length > 0)) return [];
  return policy.ingress.flatMap(({ ports }) =>
    (ports ?? []).flatMap(({ port, endPort, protocol, at }) =>
      typeof port === 'number' && endPort === null && protocol === 'TCP' ? [{ port, at, pods }] : [],
    ),
  );
}

/** The TCP ports that a pod declares. */
function offers({ containers }: Pod): number[] {
  return containers.flatMap(({ ports }) => ports.flatMap(({ port, protocol }) => (protocol === 'TCP' ? [port] : [])));
}

function isForDns({ ports }: PolicyRule): boolean {
  return ports !== null && ports.some(({ port }) => port === 53 || port === 5353 || typeof port === 'string');
}

/** Whether one rule says all about what comes in to a pod. */
function isOnlyRule(model: ClusterModel, pod: Pod): boolean {
  return isolating(model, pod, 'ingress').flatMap(({ ingress }) => ingress).length === 1;
}

/** A field of each policy that isolates some pods. */
function ownFields(model: ClusterModel, pods: readonly Pod[], field: 'egress' | 'podSelector'): readonly Field[] {
  const direction = field === 'egress' ? 'egress' : 'ingress';
  return pods.flatMap((pod) => isolating(model, pod, direction)).map((each) => fieldOf(each.manifest, 'spec', field));
}

/** Rules for everybody, each for somebody alone. */
function narrowed({ manifest }: NetworkPolicy, rules: readonly PolicyRule[], peers: string): Place[] {
  return rules.flatMap(({ peers: all, ports, at }) =>
    all === null && ports !== null ? [{ change: more(manifest, at, peers) }] : [],
  );
}

/** Whether an Ingress leads to a pod, or a webhook does. */
function isBehindSomebody(model: ClusterModel, pod: Pod): boolean {
  const names = servicesSelecting(model, pod).map(({ namespace, name }) => `${namespace}/${name}`);
  const byIngress = model.ingresses.flatMap(({ namespace, rules }) =>
    rules.flatMap(({ backend }) => (backend === null ? [] : [`${namespace}/${backend.service}`])),
  );
  const byWebhook = ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'].flatMap((kind) =>
    model.declared.ofKind(kind).flatMap((each) =>
      itemsAt(each.value, 'webhooks').map((webhook) => {
        const service = valueAt(webhook, 'clientConfig', 'service');
        return `${textAt(service, 'namespace')}/${textAt(service, 'name')}`;
      }),
    ),
  );
  return [...byIngress, ...byWebhook].some((each) => names.includes(each));
}
