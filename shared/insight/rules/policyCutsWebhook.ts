import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { eachOfDeclared, indexOfDeclared } from '../../cluster/declared.ts';
import { targetPortOn } from '../../cluster/endpoints.ts';
import { nameKey, servicesSelecting } from '../../cluster/lookups.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { integerAt, itemsAt, textAt, valueAt } from '../../manifest/value.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { judgeAtGate } from '../../network/policy/gate.ts';
import { selectsNamespace } from '../../network/policy/peer.ts';
import { addingItem } from '../fixes.ts';
import { ofPod, peersAt, toldOf } from '../policies/policyPods.ts';
import { theObject } from '../related.ts';
import { rule, type Yielded } from '../rule.ts';

/** A webhook with its pods. */
const webhook = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: guard }
webhooks:
  - name: guard.example.com
    clientConfig: { service: { name: guard, namespace: guard } }
---
apiVersion: v1
kind: Service
metadata: { name: guard, namespace: guard }
spec: { selector: { app: guard }, ports: [{ port: 443, targetPort: 9443 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: guard, namespace: guard }
spec: { template: { metadata: { labels: { app: guard } } } }`;

/**
 * The API server asks a webhook's pods from a control plane node, or from outside the cluster: no selector means it.
 * Source: k8s.io/api admissionregistration/v1 `WebhookClientConfig`.
 */
export const policyCutsWebhook = rule({
  id: 'policy-cuts-webhook',
  topic: 'policies',
  severity: 'warning',
  meaning: "The API server can't ask the webhook: what it is to judge is refused, or let through unjudged.",
  remedy: "Let in the webhook's port from anybody, or from the control plane's addresses.",
  details:
    "Judged from a node other than the pod's own, which is let in always. Nothing is said where a rule is for " +
    'addresses or may be for pods of `kube-system`: there a tunnel to the control plane may end.',
  link: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference',
  about: 'NetworkPolicy',
  *check(policy, { model, isComplete }): Generator<Yielded> {
    if (!isComplete) return;
    for (const pod of toldOf(model, policy, 'ingress'))
      for (const { manifest, service, port } of shutOutOf(model, pod) ?? []) {
        yield {
          message:
            `NetworkPolicy ${policy.name} shuts out the API server: it asks ${manifest.kind} ${manifest.name} by ` +
            `Service ${service.name} at port ${port} of ${pod.owner.kind} ${pod.owner.name}, from no pod but from ` +
            'the control plane, and no rule lets that in.',
          at: fieldOf(policy.manifest, 'spec', 'podSelector'),
          related: [theObject(manifest), theObject(pod.manifest, pod.owner)],
          fixes: addingItem(
            `Let anybody in to port ${port}`,
            policy.manifest,
            `{ ports: [{ port: ${port} }] }`,
            'spec',
            'ingress',
          ),
        };
        return;
      }
  },
  bad: {
    says: 'shuts out the API server: it asks ValidatingWebhookConfiguration guard by Service guard at port 9443',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: guard }
spec:
  podSelector: {}
               ~~
  policyTypes: [Ingress]
---
${webhook}
`,
  },
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny, namespace: guard }
spec:
  podSelector: {}
  ingress: [{ ports: [{ port: 9443 }] }]
---
${webhook}
`,
});

/** A Service that the API server asks for a webhook. */
interface Asked {
  readonly manifest: Manifest;
  readonly service: string;
  readonly port: number;
}

const asked = eachOfDeclared(
  (declared) => [
    ...declared.ofKind('ValidatingWebhookConfiguration'),
    ...declared.ofKind('MutatingWebhookConfiguration'),
  ],
  (manifest: Manifest) =>
    itemsAt(manifest.value, 'webhooks').flatMap((each): Asked[] => {
      const service = valueAt(each, 'clientConfig', 'service');
      const [namespace, name] = [textAt(service, 'namespace'), textAt(service, 'name')];
      if (namespace === undefined || name === undefined) return [];
      return [{ manifest, service: nameKey({ namespace, name }), port: integerAt(service, 'port') ?? 443 }];
    }),
);

const byService = indexOfDeclared(asked, ({ service }: Asked) => [service]);

/** A webhook that a pod answers, by a Service, at its own port. */
interface Answered {
  readonly manifest: Manifest;
  readonly service: Service;
  readonly port: number;
}

/** Those that the API server can't ask. */
const shutOutOf = ofPod(
  (model, pod) => webhooksOf(model, pod).filter(({ port }) => isShutOut(model, pod, port)),
  (a, b) => a.length === 0 && b.length === 0,
);

function webhooksOf(model: ClusterModel, pod: Pod): readonly Answered[] {
  return servicesSelecting(model, pod).flatMap((service) =>
    byService(model.declared)
      .get(nameKey(service))
      .flatMap(({ manifest, port }) => {
        const own = service.ports.find((each) => each.port === port);
        const target = own === undefined ? null : targetPortOn(pod, own);
        return target === null ? [] : [{ manifest, service, port: target }];
      }),
  );
}

function isShutOut(model: ClusterModel, pod: Pod, port: number): boolean {
  const [address] = model.nodes.find(({ name }) => name !== pod.node)?.addresses ?? [];
  if (address === undefined) return false;
  const at = { pod, direction: 'ingress', protocol: 'TCP', peer: address, port } as const;
  if (judgeAtGate(model, at, chosenPlugin(model.profile).plugin).kind !== 'denied') return false;
  return !peersAt(model, pod, 'ingress').some(
    (peer) =>
      peer !== null &&
      (peer.kind === 'addresses' ||
        (peer.namespaces !== null && selectsNamespace(model, peer.namespaces, 'kube-system') !== false)),
  );
}
