import type { ToPanel } from '../../client/panel/messages.ts';
import { Workspace } from '../../shared/insight/workspace.ts';
import { trace } from '../../server/features/trace.ts';
import { example } from '../examples/example.ts';

/** What the panel is told of a request to an example, or to one file's text. */
export function shownOf(workspace: Workspace, target: string, from = 'internet'): ToPanel {
  const [uri = ''] = workspace.sets().flatMap(({ uris }) => uris);
  const answer = trace(workspace, { uri, target, from });
  return { kind: 'show', request: { target, from }, answer };
}

export function workspaceOf(yaml: string): Workspace {
  const workspace = new Workspace(['/w']);
  workspace.put('/w/web.yaml', yaml);
  return workspace;
}

/** A Service of many pods on many nodes, behind a load balancer. */
export function crowd(nodes: number, pods: number, policy: 'Cluster' | 'Local'): string {
  return `
kind: ClusterProfile
apiVersion: hoplens.dev/v1alpha1
metadata: { name: crowd }
spec: { nodes: { count: ${nodes} } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, externalTrafficPolicy: ${policy}, selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: ${pods}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: web }] }
`;
}

/** What has to look right, by name. */
export function panelCases(): readonly (readonly [name: string, shown: ToPanel])[] {
  return [
    ['local', shownOf(example('A8'), 'svc/shop')],
    ['gateway', shownOf(example('E1'), 'https://shop.example.com/cart/7')],
    ['two-tiers', shownOf(example('B5'), 'http://app.example.com/')],
    ['extra-hop', shownOf(example('A6'), 'svc/web')],
    ['inside', shownOf(example('A14'), 'svc/web', 'pod/web-0')],
    ['fifty', shownOf(workspaceOf(crowd(3, 50, 'Cluster')), 'svc/web')],
    ['crowd', shownOf(workspaceOf(crowd(100, 1000, 'Local')), 'svc/web')],
    ['crowd-cluster', shownOf(workspaceOf(crowd(100, 1000, 'Cluster')), 'svc/web')],
    ['dropping', shownOf(workspaceOf(crowd(100, 3, 'Local').replace('LoadBalancer', 'NodePort')), 'svc/web')],
    ['unreadable', shownOf(example('A8'), 'svc/')],
  ];
}
