import { byKeyOfModel, type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { selectedPods } from '../../cluster/lookups.ts';
import type { ClusterNode } from '../../cluster/node.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { nodesThatDropInside } from '../../network/localPolicy.ts';
import { replacing } from '../fixes.ts';
import { rule } from '../rule.ts';

/** `internalTrafficPolicy: Local` on nodes that run none of the Service's pods. */
export const internalPolicyDrops = rule({
  id: 'internal-policy-drops',
  topic: 'services',
  severity: 'warning',
  meaning: "What pods send to the Service's cluster address from a node without a pod of it is dropped.",
  remedy:
    'Use `Cluster`, or `trafficDistribution: PreferSameNode`, which prefers the own node and goes on to others; or ' +
    'run a pod on each node, as a DaemonSet does.',
  details:
    'It is a warning where the nodes are written and other pods of the set run on those that drop; else an info, ' +
    'since it takes a client there to lose anything. Silent where every node has a pod, and where no pod is there ' +
    'at all.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service-traffic-policy/',
  about: 'Service',
  *check(service, { model }) {
    const nodes = nodesThatDropInside(model, service);
    if (nodes.length === 0) return;
    const isGuess = model.assumptions.some(({ id }) => id === 'nodes');
    const hasClients = haveClients(model, service, nodes);
    const all = model.nodes.length;
    const names = nodes.slice(0, 3).map(({ name }) => name);
    const which = `${nodes.length} of ${all} nodes (${names.join(', ')}${nodes.length > 3 ? ', …' : ''})`;
    const have = nodes.length === 1 ? 'has' : 'have';
    const sent = hasClients ? 'what other pods there send' : 'what is sent from there';
    yield {
      at: fieldOf(service.manifest, 'spec', 'internalTrafficPolicy'),
      severity: isGuess || !hasClients ? 'info' : 'warning',
      message:
        `${which} ${have} no pod of Service ${service.name}: ${sent} to its cluster address is dropped` +
        `${isGuess ? `, if the cluster has the ${all} nodes that are assumed` : ''}.`,
      fixes: replacing('Use Cluster', service.manifest, 'Cluster', 'spec', 'internalTrafficPolicy'),
    };
  },
  bad: {
    says: '1 of 2 nodes (b) has no pod of Service web: what other pods there send to its cluster address is',
    yaml: `
apiVersion: v1
kind: Node
metadata: { name: a }
---
apiVersion: v1
kind: Node
metadata: { name: b }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  internalTrafficPolicy: Local
                         ~~~~~
  selector: { app: web }
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { nodeName: a, containers: [{ name: web, image: example/web }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client }
spec: { nodeName: b, containers: [{ name: client, image: example/client }] }
`,
  },
  also: [
    {
      says:
        '2 of 3 nodes (node-2, node-3) have no pod of Service web: what is sent from there to its cluster address is ' +
        'dropped, if the cluster has the 3 nodes that are assumed.',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { internalTrafficPolicy: Local, selector: { app: web }, ports: [{ port: 80 }] }
                               ~~~~~
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: example/web }] }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: v1
kind: Service
metadata: { name: agent }
spec: { internalTrafficPolicy: Local, selector: { app: agent }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: agent }
spec:
  selector: { matchLabels: { app: agent } }
  template:
    metadata: { labels: { app: agent } }
    spec: { containers: [{ name: agent, image: example/agent }] }
`,
});

const podsByNode = indexOfModel(
  ({ pods }) => pods,
  ({ node, waits }: Pod) => (node === '' || waits !== null ? [] : [node]),
);

const podsOn = byKeyOfModel((model, node): number => podsByNode(model).get(node).length);

/** Whether some nodes have pods that may be the Service's clients: others than its own. */
function haveClients(model: ClusterModel, service: Service, nodes: readonly ClusterNode[]): boolean {
  const names = new Set(nodes.map(({ name }) => name));
  const own = selectedPods(model, service).filter(({ node, waits }) => waits === null && names.has(node));
  return nodes.reduce((sum, { name }) => sum + podsOn(model, name), 0) > own.length;
}
