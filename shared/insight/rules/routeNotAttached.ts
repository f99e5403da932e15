import { fieldOf } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import { gatewayElsewhere, parentsOf } from '../../network/gateway/attachment.ts';
import { conditionsOfGateway } from '../../network/gateway/conditions.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import { adding, replacing } from '../fixes.ts';
import { theObject } from '../related.ts';
import { type Fix, type Yielded, rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/** A parent that takes none of a route, with the standard's reason. */
export const routeNotAttached = rule({
  id: 'route-not-attached',
  topic: 'gateways',
  severity: 'warning',
  meaning: 'The Gateway takes none of the route: its hosts and paths lead nowhere.',
  remedy: 'Name a listener that takes the route, or have the listener take it.',
  details: "The reasons are the standard's: `NoMatchingListenerHostname`, `NotAllowedByListeners`, `NoMatchingParent`.",
  link: 'https://gateway-api.sigs.k8s.io/concepts/api-overview/#attaching-routes-to-gateways',
  about: 'Route',
  *check(route, { model, isComplete }): Generator<Yielded> {
    for (const parent of parentsOf(model.declared, route)) {
      const { reference, outcome } = parent;
      const names = model.gatewayApi.gateways
        .filter(({ namespace, name }) => namespace === reference.namespace && name !== '')
        .map(({ name }) => name);
      if (outcome.kind === 'absent' && isComplete && reference.kind === 'Gateway') {
        const alike = names.find((each) => isLike(each, reference.name));
        const namespaceAt = [...reference.at, 'namespace'];
        const meant = model.gatewayApi.gateways.find(
          (each) => each.name === reference.name && isLike(each.namespace, reference.namespace),
        );
        if (meant !== undefined && textAt(route.manifest.value, ...namespaceAt) !== undefined) {
          yield {
            message:
              `There is no Gateway ${reference.name} in namespace ${reference.namespace}, so ${route.kind} ` +
              `${route.name} isn't behind it. It is in namespace ${meant.namespace}.`,
            at: fieldOf(route.manifest, ...namespaceAt),
            cause: JSON.stringify(['namespace', reference.namespace, reference.name]),
            fixes: replacing(`Use namespace ${meant.namespace}`, route.manifest, meant.namespace, ...namespaceAt),
          };
          continue;
        }
        const elsewhere = alike === undefined ? gatewayElsewhere(model.declared, parent) : null;
        if (elsewhere !== null) {
          yield {
            severity: 'info',
            message:
              `${route.kind} ${route.name} looks for Gateway ${reference.name} in its own namespace ` +
              `${reference.namespace}; here, one is in namespace ${elsewhere.namespace} alone. ` +
              `If that is meant, write its namespace: else the route isn't behind it.`,
            at: fieldOf(route.manifest, ...reference.at, 'name'),
            cause: JSON.stringify(['elsewhere', reference.namespace, reference.name]),
            related: [theObject(elsewhere.manifest)],
            fixes: adding(
              `Add namespace ${elsewhere.namespace}`,
              route.manifest,
              { key: 'namespace', text: elsewhere.namespace },
              ...reference.at,
            ),
          };
          continue;
        }
        // Gateways are mostly applied from elsewhere: without others of the namespace, its absence says nothing.
        if (names.length === 0) continue;
        yield alike === undefined
          ? {
              severity: 'info',
              message:
                `There is no Gateway ${reference.name} among these of namespace ` +
                `${reference.namespace} (${names.join(', ')}): unless it is applied ` +
                `from elsewhere, ${route.kind} ${route.name} leads nowhere.`,
              at: fieldOf(route.manifest, ...reference.at, 'name'),
              cause: JSON.stringify(['absent', reference.namespace, reference.name]),
            }
          : {
              message:
                `There is no Gateway ${reference.name} in namespace ${reference.namespace}, so ${route.kind} ` +
                `${route.name} isn't behind it. Did you mean ${alike}?`,
              at: fieldOf(route.manifest, ...reference.at, 'name'),
              cause: JSON.stringify(['absent', reference.namespace, reference.name]),
              fixes: replacing(`Use Gateway ${alike}`, route.manifest, alike, ...reference.at, 'name'),
            };
      }
      if (outcome.kind !== 'refused') continue;
      const { reason, text, manifest, at } = outcome.condition;
      const gateway = model.gatewayApi.gateways.find(
        ({ namespace, name }) => namespace === reference.namespace && name === reference.name,
      );
      // What no controller knows the protocol of is told at the listener.
      if (gateway !== undefined && isOfUnknownProtocol(model, gateway, reference.sectionName)) continue;
      yield {
        message: `${route.kind} ${route.name} isn't behind ${reference.kind} ${reference.name}: ${text} (${reason})`,
        at: fieldOf(manifest, ...at),
        cause:
          reason === 'NoMatchingListenerHostname'
            ? null
            : JSON.stringify([
                reason,
                reference.kind,
                reference.namespace,
                reference.name,
                reference.sectionName,
                text,
              ]),
        related:
          gateway === undefined
            ? []
            : [{ message: `Gateway ${gateway.name}`, at: fieldOf(gateway.manifest, 'spec', 'listeners') }],
        fixes:
          reason === 'NoMatchingParent' && reference.sectionName !== null
            ? sectionFixes(gateway?.listeners.map(({ name }) => name) ?? [], reference.sectionName)
            : reason === 'NoMatchingListenerHostname'
              ? hostnameFixes()
              : [],
      };

      function sectionFixes(listeners: readonly string[], asked: string): Fix[] {
        const [only, second] = listeners;
        const meant = listeners.find((each) => isLike(each, asked)) ?? (second === undefined ? only : undefined);
        return meant === undefined
          ? []
          : replacing(`Use listener ${meant}`, route.manifest, meant, ...reference.at, 'sectionName');
      }

      /** The one host of the Gateway that the route's only host looks like. */
      function hostnameFixes(): Fix[] {
        const [host, other] = route.hostnames;
        const meant = gateway?.listeners
          .map(({ hostname }) => hostname)
          .find((each) => each !== null && host !== undefined && isLike(each, host));
        return other !== undefined || meant == null
          ? []
          : replacing(`Use hostname ${meant}`, route.manifest, JSON.stringify(meant), 'spec', 'hostnames', 0);
      }
    }
  },
  bad: {
    says: 'NoMatchingListenerHostname',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: eg, listeners: [{ name: http, port: 80, protocol: HTTP, hostname: shop.example.com }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  hostnames: [shop.example.org]
             ~~~~~~~~~~~~~~~~~~
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: other }
spec:
  parentRefs:
    - name: edge
      sectionName: htpt
                   ~~~~
`,
  },
  also: [
    {
      says: 'in its own namespace shop; here, one is in namespace edge-system alone',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: edge-system }
spec:
  gatewayClassName: eg
  listeners: [{ name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec:
  parentRefs:
    - name: edge
            ~~~~
`,
    },
    {
      says: 'It is in namespace edge-system.',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: edge-system }
spec:
  gatewayClassName: eg
  listeners: [{ name: http, port: 80, protocol: HTTP, allowedRoutes: { namespaces: { from: All } } }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: shop }
spec:
  parentRefs:
    - name: edge
      namespace: edge-sytem
                 ~~~~~~~~~~
`,
    },
  ],
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: eg, listeners: [{ name: http, port: 80, protocol: HTTP, hostname: "*.example.com" }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge, sectionName: http }]
  hostnames: [shop.example.com]
`,
});

/** Whether all of a Gateway's listeners that are meant have a protocol that it doesn't know. */
function isOfUnknownProtocol(model: ClusterModel, gateway: Gateway, sectionName: string | null): boolean {
  const meant = gateway.listeners.filter(({ name }) => sectionName === null || name === sectionName);
  const unknown = conditionsOfGateway(model, gateway).filter(({ reason }) => reason === 'UnsupportedProtocol');
  return (
    meant.length > 0 &&
    meant.every((listener) => unknown.some(({ at }) => listener.at.every((step, index) => at[index] === step)))
  );
}
