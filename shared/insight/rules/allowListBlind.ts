import { familyOf, isIn } from '../../cluster/address.ts';
import { isAssumed } from '../../cluster/because.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import { once } from '../../cluster/once.ts';
import { internetClient } from '../../cluster/standIns.ts';
import type { Field } from '../../manifest/manifest.ts';
import type { RouteTable } from '../../network/routing/routeTable.ts';
import { entryOf } from '../../network/wayIn.ts';
import { endsOf } from '../../trace/ends.ts';
import type { Origin } from '../../trace/trace.ts';
import { traceRequest } from '../../trace/traceRequest.ts';
import type { Verdict } from '../../trace/verdict.ts';
import { asksOf, requestOf } from '../asks.ts';
import { firstOf, isBalancerKnown, mayHoldNodes } from '../hiddenClients.ts';
import { theObject } from '../related.ts';
import { dialectFor, ruledTable } from '../ruledTable.ts';
import { rule } from '../rule.ts';

/** An allow list of an Ingress where the controller sees somebody else's address in place of its clients'. */
export const allowListBlind = rule({
  id: 'allow-list-blind',
  topic: 'ingresses',
  severity: 'warning',
  meaning: "The controller doesn't see its clients' addresses, so the list shuts out everybody, or lets in everybody.",
  remedy:
    'Keep the address: `externalTrafficPolicy: Local` for the Service of the controller, or a load balancer that ' +
    'says it (PROXY protocol, `X-Forwarded-For`) and a controller that believes that.',
  details:
    'Found by tracing a request of a client in the list, and one of a client that is in none of its ranges. Said ' +
    "only where the controller and the Service that leads to it are in the set. Which addresses nodes have isn't " +
    'known where none is written: then a list with private ranges is left alone. Where nothing says which load ' +
    'balancer it is, it is an info.',
  link: 'https://kubernetes.io/docs/tutorials/services/source-ip/',
  about: 'Ingress',
  *check(ingress, { model, isComplete }) {
    const list = isComplete ? allowListOf(model, ingress) : null;
    const { assumption, way } = entryOf(model, ingress);
    if (list === null || assumption !== null || way.kind !== 'service' || isAssumed(way.service.manifest.uri)) return;
    const isGuess = model.assumptions.some(({ id }) => id === 'nodes');
    if (mayHoldNodes(model, list.ranges)) return;
    const severity = isBalancerKnown(model, way.service) ? 'warning' : 'info';
    const unless = severity === 'info' ? ', unless the load balancer hands on their addresses' : '';
    const related = [theObject(way.service.manifest)];
    const [inside = ''] = list.ranges.map(firstOf);
    const insiders = endingsOf(model, ingress, { kind: 'address', address: inside });
    if (insiders.length > 0 && insiders.every(isShutOut)) {
      const message =
        `The allow list lets in nobody${unless}: Service ${way.service.name} hides clients' addresses from the ` +
        `controller, and a client at ${inside} is shut out too.`;
      yield { message, at: list.at, related, severity };
      return;
    }
    const outside = internetClient.IPv4;
    if (isGuess || list.ranges.some((range) => familyOf(firstOf(range)) === 'IPv4' && isIn(outside, range))) return;
    const outsiders = endingsOf(model, ingress, { kind: 'address', address: outside });
    if (outsiders.length > 0 && outsiders.every(({ kind }) => kind === 'delivered'))
      yield {
        message:
          `The allow list lets in everybody${unless}: Service ${way.service.name} hides clients' addresses from the ` +
          `controller, and what it sees in their place is in the list; ${outside} isn't, and gets in.`,
        at: list.at,
        related,
        severity,
      };
  },
  bad: {
    says: "The allow list lets in nobody: Service ingress hides clients' addresses from the controller",
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations: { nginx.ingress.kubernetes.io/whitelist-source-range: 203.0.113.0/24 }
                                                                     ~~~~~~~~~~~~~~
spec:
  ingressClassName: nginx
  rules:
    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { containers: [{ name: web, image: example/web }] }
---
apiVersion: v1
kind: Service
metadata: { name: ingress }
spec: { type: NodePort, selector: { app: ingress }, ports: [{ name: http, port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: ingress, labels: { app: ingress } }
spec:
  containers:
    - name: controller
      image: registry.k8s.io/ingress-nginx/controller:v1.14.5
      args: [/nginx-ingress-controller]
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations: { nginx.ingress.kubernetes.io/whitelist-source-range: 203.0.113.0/24 }
spec:
  ingressClassName: nginx
  rules:
    - http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { containers: [{ name: web, image: example/web }] }
---
apiVersion: v1
kind: Service
metadata: { name: ingress }
spec:
  type: NodePort
  externalTrafficPolicy: Local
  selector: { app: ingress }
  ports: [{ name: http, port: 80 }]
---
apiVersion: v1
kind: Pod
metadata: { name: ingress, labels: { app: ingress } }
spec:
  containers:
    - name: controller
      image: registry.k8s.io/ingress-nginx/controller:v1.14.5
      args: [/nginx-ingress-controller]
`,
});

interface AllowList {
  readonly ranges: readonly string[];
  readonly at: Field;
}

/** The list that an Ingress's own annotation says; null for none. */
function allowListOf(model: ClusterModel, ingress: Ingress): AllowList | null {
  const dialect = dialectFor(model, ingress);
  return dialect === null ? null : (listsIn(ruledTable(model, dialect, ingress)).get(ingress.manifest.key) ?? null);
}

const listsIn = once((table: RouteTable): ReadonlyMap<string, AllowList> => {
  const found = new Map<string, AllowList>();
  for (const { of, match, action, because } of table.routes) {
    const key = of?.ingress.manifest.key;
    const { clients } = match;
    if (key === undefined || clients === null || clients.isIn || clients.ranges.length === 0) continue;
    if (action.kind !== 'answer' || action.reason !== 'not-allowed') continue;
    const [at] = because.flatMap((each) => (each.kind === 'field' && each.field.object === key ? [each.field] : []));
    if (at !== undefined && !found.has(key)) found.set(key, { ranges: clients.ranges, at });
  }
  return found;
});

/** How the Ingress's first request ends for somebody. */
function endingsOf(model: ClusterModel, ingress: Ingress, origin: Origin): Verdict[] {
  const [asked] = asksOf(model, { kind: 'Ingress', ingress });
  if (asked === undefined) return [];
  return endsOf(traceRequest(model, requestOf(asked, origin)).graph).map(({ verdict }) => verdict);
}

function isShutOut(verdict: Verdict): boolean {
  return verdict.kind === 'answered' && verdict.reason === 'not-allowed';
}
