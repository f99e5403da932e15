import type { Route, RouteBackend } from '../../cluster/gatewayApi/route.ts';
import { serviceNamed } from '../../cluster/lookups.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import { resolveBackend } from '../../network/gateway/backends.ts';
import { ownBackendsOf } from '../../network/gateway/conditions.ts';
import { absentRouteBackend, serviceNamesIn } from '../absence.ts';
import { missingPort, missingService } from '../causes.ts';
import { replacing, safely } from '../fixes.ts';
import { theObject } from '../related.ts';
import { type Yielded, type JudgedSet, rule } from '../rule.ts';
import { isLike } from '../spelling.ts';
import { effectOfUnusable, effectOfUnusableMirror, losesRequests } from '../unusableBackend.ts';

/** A route's backend must be a Service of the set and one of its ports, or something that the implementation knows. */
export const routeBackendMissing = rule({
  id: 'route-backend-missing',
  topic: 'gateways',
  severity: 'warning',
  meaning:
    "For this backend's share, the gateway answers 500 (gRPC: UNAVAILABLE) itself, closes the connection, or drops " +
    "the packets. A mirror's copies are lost.",
  remedy: 'Name a Service of the set, and one of its ports.',
  details:
    "Speaks where the set shows that the Service isn't there, and never of backends that an implementation knows.",
  link: 'https://gateway-api.sigs.k8s.io/api-types/httproute/#backendrefs-optional',
  about: 'Route',
  *check(route, judged): Generator<Yielded> {
    for (const { backends, filters } of route.rules) {
      for (const backend of backends)
        yield* judge(judged, route, {
          ...backend,
          siblings: route.rules,
          effect: effectOfUnusable(judged.model, route, backend),
        });
      for (const filter of [...filters, ...backends.flatMap((backend) => backend.filters)])
        if (filter.kind === 'RequestMirror')
          yield* judge(judged, route, {
            ...filter.backend,
            weight: 1,
            siblings: [],
            effect: effectOfUnusableMirror(judged.model, route),
          });
    }
  },
  bad: {
    says: 'has no port 8080',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - backendRefs: [{ name: cart, port: 8080 }]
                                        ~~~~
    - backendRefs: [{ name: crat, port: 80 }]
                            ~~~~
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
`,
  },
  also: [
    {
      says: 'the copies of its requests are lost (BackendNotFound). Did you mean cart?',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - filters: [{ type: RequestMirror, requestMirror: { backendRef: { name: crat, port: 80 } } }]
                                                                            ~~~~
      backendRefs: [{ name: cart, port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
`,
    },
    {
      says: 'which is in namespace store, not in stroe',
      yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop, namespace: web }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - backendRefs: [{ name: cart, namespace: stroe, port: 80 }]
                                             ~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: store }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: web, namespace: store }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: web }]
  to: [{ group: "", kind: Service }]
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - backendRefs: [{ name: cart, port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
`,
});

/** A backend of a rule or of a mirror, with what becomes of the requests where it isn't there, as half a sentence. */
interface Asked extends Omit<RouteBackend, 'filters'> {
  readonly effect: string;
  /** Whose other backends show whether it was meant to be in the set; a mirror's is often a team's of its own: none. */
  readonly siblings: Route['rules'];
}

function* judge(judged: JudgedSet, route: Route, backend: Asked): Generator<Yielded> {
  const { model, isComplete } = judged;
  const { effect } = backend;
  const { manifest } = route;
  const absent =
    backend.kind === 'Service' && backend.group === ''
      ? absentRouteBackend(judged, { ...route, rules: backend.siblings }, backend)
      : null;
  if (absent !== null) {
    const { absence, elsewhere, alike } = absent;
    if (
      !isComplete ||
      absence === 'unsaid' ||
      (absence === 'perhaps' &&
        (backend.siblings.length === 0 || serviceNamesIn(model, backend.namespace).length === 0))
    )
      return;
    const where =
      elsewhere === null
        ? `which isn't among the Services of namespace ${backend.namespace}`
        : `which is in namespace ${elsewhere.namespace}, not in ${backend.namespace}`;
    const isLost = losesRequests(model, route, backend);
    const namespaceAt = [...backend.at, 'namespace'];
    const isSlip = elsewhere !== null && isLike(elsewhere.namespace, backend.namespace);
    const isNamespaceMeant = isSlip && textAt(manifest.value, ...namespaceAt) !== undefined;
    yield {
      severity: absence === 'sure' && isLost ? 'warning' : 'info',
      message:
        `${route.kind} ${route.name} names Service ${backend.name}, ${where}: ` +
        `${absence === 'sure' || !isLost ? '' : 'unless it is applied from elsewhere, '}` +
        `${effect} (BackendNotFound).${alike === null ? '' : ` Did you mean ${alike}?`}`,
      at: fieldOf(manifest, ...(isNamespaceMeant ? namespaceAt : [...backend.at, 'name'])),
      cause: missingService(backend.namespace, backend.name),
      related: elsewhere === null ? [] : [theObject(elsewhere.manifest)],
      fixes: isNamespaceMeant
        ? replacing(`Use namespace ${elsewhere.namespace}`, manifest, elsewhere.namespace, ...namespaceAt)
        : alike === null
          ? []
          : replacing(`Use Service ${alike}`, manifest, alike, ...backend.at, 'name'),
    };
    return;
  }
  const resolved = resolveBackend(model, route, backend, ownBackendsOf(model, route));
  if (resolved.kind !== 'invalid' || resolved.condition.reason === 'RefNotPermitted') return;
  const service = serviceNamed(model, backend.namespace, backend.name);
  const [only, second] = service?.ports ?? [];
  yield {
    severity: losesRequests(model, route, backend) ? 'warning' : 'info',
    message: `${resolved.condition.text.replace(/\.$/, '')}: ${effect} (${resolved.condition.reason}).`,
    at: fieldOf(manifest, ...resolved.condition.at),
    cause:
      service === undefined || backend.port === null || service.ports.some(({ port }) => port === backend.port)
        ? null
        : missingPort(service, backend.port),
    related:
      service === undefined
        ? []
        : [{ message: `Service ${service.name}`, at: fieldOf(service.manifest, 'spec', 'ports') }],
    fixes:
      only !== undefined && second === undefined && backend.port !== null
        ? safely(replacing(`Use port ${only.port}`, manifest, `${only.port}`, ...backend.at, 'port'))
        : [],
  };
}
