import { fieldOf } from '../../manifest/manifest.ts';
import { nodesThatDrop } from '../../network/localPolicy.ts';
import type { Service } from '../../cluster/service.ts';
import { kindOf } from '../../network/loadBalancers/catalogue.ts';
import { type Behaviour, keptAway } from '../../network/loadBalancers/loadBalancerKind.ts';
import { rule } from '../rule.ts';

/**
 * `externalTrafficPolicy: Local` on nodes that run none of the Service's pods. A load balancer's health check leaves
 * such nodes out, so for those Services it is information; whoever picks a node by hand loses the packets.
 */
export const localPolicyDrops = rule({
  id: 'local-policy-drops',
  topic: 'services',
  severity: 'warning',
  meaning: 'A node without a pod of the Service drops what reaches it from outside.',
  remedy: 'Run a pod on each node that gets traffic, or set `externalTrafficPolicy: Cluster`.',
  details:
    'An info where a load balancer leaves such nodes out: there the drops last until its health check notices a ' +
    'change. A hint where the nodes themselves are assumed; the lens says it too.',
  link: 'https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy',
  about: 'Service',
  *check(service, { model }) {
    const nodes = nodesThatDrop(model, service);
    if (nodes.length === 0) return;
    const at = fieldOf(service.manifest, 'spec', 'externalTrafficPolicy');
    const which = `${nodes.length} of ${model.nodes.length} nodes (${nodes
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', ')}${nodes.length > 3 ? ', …' : ''})`;
    const verb = nodes.length === 1 ? 'drops' : 'drop';
    const isGuess = model.assumptions.some(({ id }) => id === 'nodes');
    const assumption = isGuess ? ` With the ${model.nodes.length} nodes that are assumed.` : '';
    const isBalanced = service.type === 'LoadBalancer' && !service.isPending;
    const kept = isBalanced ? whatKeepsPacketsAway(service, kindOf(model, service).behaviour) : null;
    const unkept = isBalanced
      ? 'and the load balancer checks no node, so packets go there all the same.'
      : 'and nothing keeps clients from using those nodes.';
    const rest = kept === null ? `, ${unkept}` : `. ${kept}`;
    yield {
      at,
      severity: isGuess ? 'hint' : kept === null ? 'warning' : 'info',
      message: `${which} ${verb} traffic for Service ${service.name}: no pod of it runs there${rest}${assumption}`,
    };
  },
  bad: {
    says: '2 of 3 nodes (node-2, node-3) drop traffic for Service web',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  externalTrafficPolicy: Local
                         ~~~~~
  selector: { app: web }
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { replicas: 1, template: { metadata: { labels: { app: web } } } }
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  externalTrafficPolicy: Local
  selector: { app: web }
  ports: [{ port: 80 }]
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: web }
spec: { template: { metadata: { labels: { app: web } } } }
`,
});

/** Why a load balancer's packets don't come to nodes without a pod; null where nothing keeps them away. */
function whatKeepsPacketsAway({ healthCheckNodePort }: Service, behaviour: Behaviour): string | null {
  const kept = keptAway(behaviour);
  switch (kept?.by) {
    case undefined:
      return null;
    case 'target':
      return 'The load balancer sends straight to pods; only who picks such a node by hand loses packets.';
    case 'announcement':
      return "Such nodes don't announce the load balancer's address; only who picks one by hand loses packets.";
    case 'health-check': {
      const lasts =
        kept.seconds === null
          ? 'until it notices a change'
          : `for up to ${kept.seconds} s after a change, by its defaults`;
      return (
        `The load balancer's health check on port ${healthCheckNodePort ?? '(assigned)'} leaves them out; ` +
        `${lasts}, packets are lost.`
      );
    }
    default:
      return kept satisfies never;
  }
}
