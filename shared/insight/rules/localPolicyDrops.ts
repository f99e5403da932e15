import { siteOf } from '../../manifest/manifest.ts';
import { nodesThatDrop } from '../../network/localPolicy.ts';
import { rule } from '../rule.ts';

/**
 * `externalTrafficPolicy: Local` on nodes that run none of the Service's pods. A load balancer's health check leaves such
 * nodes out, so for those Services it is information; whoever picks a node by hand loses the packets.
 */
export const localPolicyDrops = rule({
  id: 'local-policy-drops',
  severity: 'warning',
  meaning: 'A node without a pod of the Service drops what reaches it from outside.',
  link: 'https://kubernetes.io/docs/reference/networking/virtual-ips/#external-traffic-policy',
  *check({ model }) {
    for (const service of model.services) {
      const nodes = nodesThatDrop(model, service);
      if (nodes.length === 0) continue;
      const site = siteOf(service.manifest, 'spec', 'externalTrafficPolicy');
      const which = `${nodes.length} of ${model.nodes.length} nodes (${nodes.slice(0, 3).map(({ name }) => name).join(', ')}${nodes.length > 3 ? ', …' : ''})`;
      const verb = nodes.length === 1 ? 'drops' : 'drop';
      const isGuess = model.assumptions.some(({ id }) => id === 'nodes');
      const assumption = isGuess ? ` With the ${model.nodes.length} nodes that are assumed.` : '';
      const balanced = service.type === 'LoadBalancer';
      yield {
        site,
        severity: balanced || isGuess ? 'info' : 'warning',
        message: balanced
          ? `${which} ${verb} traffic for Service ${service.name}: no pod of it runs there. The load balancer's health check on port ${service.healthCheckNodePort ?? '(assigned)'} leaves them out; until it notices a change, packets are lost.${assumption}`
          : `${which} ${verb} traffic for Service ${service.name}: no pod of it runs there, and nothing keeps clients from using those nodes.${assumption}`,
      };
    }
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
