import type { SideView, ToPanel, TraceFound } from '../../client/panel/messages.ts';
import { Workspace } from '../../shared/insight/workspace.ts';
import { trace } from '../../server/features/trace.ts';
import type { TraceParams } from '../../shared/insight/protocol.ts';
import { example } from '../examples/example.ts';

export type Shown = Extract<ToPanel, { kind: 'show' }>;

/** What the panel is told of a request to an example, or to one file's text. */
export function shownOf(workspace: Workspace, target: string, from = 'internet'): Shown {
  return shownSides([sideOf(workspace, { target, from })]);
}

export function shownSides(sides: readonly SideView[]): Shown {
  return { kind: 'show', view: { sides, isPinned: false } };
}

/** `last`: the trace that was there before. */
export function sideOf(
  workspace: Workspace,
  asked: Omit<TraceParams, 'uri'>,
  last: TraceFound | null = null,
): SideView {
  const [uri = ''] = workspace.sets().flatMap(({ uris }) => uris);
  const request = { uri, ...asked };
  const answer = trace(workspace, request);
  return answer.kind === 'trace'
    ? { request, trace: answer, message: null }
    : { request, trace: last, message: answer.message };
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

/** A text that can't be read any more, of a file that could. */
export function unreadable(yaml: string, broken: string): Workspace {
  const workspace = workspaceOf(yaml);
  workspace.noteEdited('/w/web.yaml', true);
  workspace.put('/w/web.yaml', broken);
  return workspace;
}

/** Names that would be markup or an icon, would turn the direction of writing, or are far too long. */
function hostile(): string {
  const name = `<img src=x onerror=\\"said.push(1)\\">$(bug)\\u202e${'x'.repeat(10_000)}`;
  const [services, deployment = ''] = crowd(3, 2, 'Local').split(/^(?=apiVersion: apps)/m);
  return `${services}${deployment.replace('{ name: web }', () => `{ name: "${name}" }`)}`;
}

/** A policy for the office's addresses, behind a balancer that hides them on some paths; and one that shuts all in. */
const office = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: allow-office }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress:
    - from: [{ ipBlock: { cidr: 198.51.100.0/24 } }]
`;
const shutIn = `
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Egress] }
---
apiVersion: v1
kind: Pod
metadata: { name: asking }
spec: { containers: [{ name: asking, image: asking }] }
`;

/** What has to look right, by name. */
export function panelCases(): readonly (readonly [name: string, shown: Shown])[] {
  const small = crowd(3, 3, 'Local');
  const asked = { target: 'svc/web', from: 'internet' };
  const plain = sideOf(workspaceOf(small), asked);
  const drained = sideOf(workspaceOf(small), { ...asked, whatIf: ['node/node-1=just-drained'] });
  return [
    ['what-if', shownSides([drained])],
    ['compared', shownSides([plain, drained])],
    ['as of before', shownSides([sideOf(unreadable(small, small.replace('}]', '}')), asked)])],
    ['last trace', shownSides([sideOf(workspaceOf(small), { ...asked, from: 'nobody/x' }, plain.trace)])],
    ['local', shownOf(example('A8'), 'svc/shop')],
    ['gateway', shownOf(example('E1'), 'https://shop.example.com/cart/7')],
    ['two-tiers', shownOf(example('B5'), 'http://app.example.com/')],
    ['extra-hop', shownOf(example('A6'), 'svc/web')],
    ['gates', shownOf(workspaceOf(crowd(3, 3, 'Cluster') + office), 'svc/web')],
    ['shut in', shownOf(workspaceOf(crowd(3, 1, 'Cluster') + shutIn), 'svc/web', 'pod/asking')],
    ['inside', shownOf(example('A14'), 'svc/web', 'pod/web-0')],
    ['fifty', shownOf(workspaceOf(crowd(3, 50, 'Cluster')), 'svc/web')],
    ['crowd', shownOf(workspaceOf(crowd(100, 1000, 'Local')), 'svc/web')],
    ['crowd-cluster', shownOf(workspaceOf(crowd(100, 1000, 'Cluster')), 'svc/web')],
    ['dropping', shownOf(workspaceOf(crowd(100, 3, 'Local').replace('LoadBalancer', 'NodePort')), 'svc/web')],
    ['unreadable', shownOf(example('A8'), 'svc/')],
    ['hostile', shownOf(workspaceOf(hostile()), 'svc/web')],
  ];
}
