import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Service, ServicePort } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import { parentsOf } from '../../network/gateway/attachment.ts';
import { resolveBackend, tlsPolicyFor } from '../../network/gateway/backends.ts';
import { implementationOf } from '../../network/gateway/chosenImplementation.ts';
import { ownBackendsOf } from '../../network/gateway/conditions.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/** A route's backend that looks as if it spoke TLS, and no BackendTLSPolicy says so. */
export const plainToTlsBackend = rule({
  id: 'plain-to-tls-backend',
  topic: 'gateways',
  severity: 'info',
  meaning: 'The gateway speaks plain HTTP to a backend that seems to speak TLS, which then answers 400 or hangs up.',
  remedy: 'Add a BackendTLSPolicy for the Service, or send to its port for plain HTTP.',
  details:
    'A port looks so whose `appProtocol` is `https`, or whose number is 443 while its name begins with `https`. ' +
    "Silent for Traefik, which speaks TLS to such ports by itself, and in a set with Istio's DestinationRules, " +
    'which say it too.',
  link: 'https://gateway-api.sigs.k8s.io/api-types/backendtlspolicy/',
  about: 'Route',
  *check(route, { model, isComplete }) {
    if (!isComplete || (route.kind !== 'HTTPRoute' && route.kind !== 'GRPCRoute')) return;
    if (model.declared.ofKind('DestinationRule').length > 0 || !isSpokenPlainly(model, route)) return;
    for (const { backends } of route.rules)
      for (const backend of backends) {
        const resolved = resolveBackend(model, route, backend, ownBackendsOf(model, route));
        if (resolved.kind !== 'service' || backend.weight === 0) continue;
        const { service, port } = resolved;
        if (!looksLikeTls(service, port) || tlsPolicyFor(model, service, port) !== null) continue;
        yield {
          message:
            `Port ${port.port} of Service ${service.name} looks like TLS, and no BackendTLSPolicy is for it: if it ` +
            'is, the plain HTTP that the gateway speaks to it is refused.',
          at: fieldOf(route.manifest, ...backend.at, 'port'),
          related: [theObject(service.manifest)],
        };
      }
  },
  bad: {
    says: 'Port 443 of Service web looks like TLS, and no BackendTLSPolicy is for it',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: eg, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec:
  parentRefs: [{ name: edge }]
  rules: [{ backendRefs: [{ name: web, port: 443 }] }]
                                             ~~~
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: https, port: 443 }] }
`,
  },
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge }
spec: { gatewayClassName: eg, listeners: [{ name: http, port: 80, protocol: HTTP }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec:
  parentRefs: [{ name: edge }]
  rules: [{ backendRefs: [{ name: web, port: 443 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: https, port: 443 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: BackendTLSPolicy
metadata: { name: tls }
spec:
  targetRefs: [{ group: "", kind: Service, name: web }]
  validation: { hostname: web.example.com, wellKnownCACertificates: System }
`,
});

function looksLikeTls({ manifest }: Service, { index, port, name }: ServicePort): boolean {
  const appProtocol = textAt(manifest.value, 'spec', 'ports', index, 'appProtocol');
  return appProtocol === 'https' || (appProtocol === undefined && port === 443 && name.startsWith('https'));
}

/**
 * Whether a Gateway of the set takes the route that goes by policies alone.
 * Source: traefik/traefik pkg/provider/kubernetes/gateway/kubernetes.go `getProtocol` (3.7).
 */
function isSpokenPlainly(model: ClusterModel, route: Parameters<typeof parentsOf>[1]): boolean {
  const gateways = parentsOf(model.declared, route).flatMap(({ outcome }) =>
    outcome.kind === 'attached' ? [outcome.gateway] : [],
  );
  return gateways.some((gateway) => implementationOf(model, gateway).implementation.id !== 'traefik');
}
