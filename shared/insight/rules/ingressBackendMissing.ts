import { serviceNamed } from '../../cluster/lookups.ts';
import type { Backend, Ingress } from '../../cluster/ingress.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { dialects } from '../../network/ingress/dialects.ts';
import { absentBackend, serviceNamesIn } from '../absence.ts';
import { missingPort, missingService } from '../causes.ts';
import { replacing, safely } from '../fixes.ts';
import { theObject } from '../related.ts';
import { dialectFor } from '../ruledTable.ts';
import { type Yielded, type JudgedSet, rule } from '../rule.ts';

/** An Ingress's backend must be a Service of the Ingress's own namespace and one of its ports. */
export const ingressBackendMissing = rule({
  id: 'ingress-backend-missing',
  topic: 'ingresses',
  severity: 'warning',
  meaning: 'The controller has nowhere to send these requests: it answers an error, or passes over the rule.',
  remedy: "Name a Service of the Ingress's own namespace, and one of its ports.",
  details:
    "Speaks where the set shows that the Service isn't there: it is complete, or a name beside it is a letter away.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource',
  about: 'Ingress',
  *check(ingress, judged) {
    const backends = [
      ...(ingress.defaultBackend === null ? [] : [ingress.defaultBackend]),
      ...ingress.rules.flatMap(({ backend }) => backend ?? []),
    ];
    for (const backend of backends) {
      if (dialects.some(({ namesAction }) => namesAction(ingress, backend))) continue;
      yield* judge(judged, ingress, backend);
    }
  },
  bad: {
    says: 'Service web has no port 8080',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 8080
                ~~~~
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`,
  },
  isMended: true,
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: to-https
  annotations:
    alb.ingress.kubernetes.io/actions.ssl-redirect: '{"Type":"redirect","RedirectConfig":{"StatusCode":"HTTP_301"}}'
spec:
  ingressClassName: alb
  defaultBackend: { service: { name: ssl-redirect, port: { name: use-annotation } } }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`,
});

function* judge(judged: JudgedSet, ingress: Ingress, backend: Backend): Generator<Yielded> {
  const { model, isComplete } = judged;
  const { manifest, namespace, version } = ingress;
  const absent = absentBackend(judged, ingress, backend);
  if (absent !== null) {
    const { absence, elsewhere, alike } = absent;
    if (!isComplete || absence === 'unsaid' || (absence === 'perhaps' && serviceNamesIn(model, namespace).length === 0))
      return;
    const where =
      elsewhere === null
        ? `which isn't among the Services of namespace ${namespace}`
        : `which is in namespace ${elsewhere.namespace}, not in ${namespace}`;
    const hint = alike === null ? '' : ` Did you mean ${alike}?`;
    yield {
      severity: absence === 'sure' ? 'warning' : 'info',
      message:
        `Ingress ${ingress.name} names Service ${backend.service}, ${where}: ` +
        `${absence === 'sure' ? '' : 'unless it is applied from elsewhere, '}the ` +
        `controller has nowhere to send its requests.${hint}`,
      at: fieldOf(manifest, ...backend.at, version === 'v1' ? 'name' : 'serviceName'),
      cause: missingService(namespace, backend.service),
      related: elsewhere === null ? [] : [theObject(elsewhere.manifest)],
      fixes:
        alike === null
          ? []
          : replacing(
              `Use Service ${alike}`,
              manifest,
              alike,
              ...backend.at,
              version === 'v1' ? 'name' : 'serviceName',
            ),
    };
    return;
  }
  const service = serviceNamed(model, namespace, backend.service);
  if (service === undefined) return;
  if (
    service.type === 'ExternalName' ||
    backend.port === null ||
    service.ports.some(({ port, name }) => port === backend.port || name === backend.port) ||
    (dialectFor(model, ingress)?.takesTargetPorts === true &&
      service.ports.some(({ targetPort }) => targetPort === backend.port))
  )
    return;
  const offered =
    service.ports.map(({ port, name }) => (name === '' ? `${port}` : `${port} (${name})`)).join(', ') || 'none';
  const path = version === 'v1' ? ['port', typeof backend.port === 'number' ? 'number' : 'name'] : ['servicePort'];
  yield {
    message:
      `Service ${service.name} has no port ${backend.port}; it has ${offered}. ` +
      'The controller has nowhere to send its requests.',
    at: fieldOf(manifest, ...backend.at, ...path),
    cause: missingPort(service, backend.port),
    related: [{ message: `Service ${service.name}`, at: fieldOf(service.manifest, 'spec', 'ports') }],
    fixes:
      service.ports.length === 1 && typeof backend.port === 'number'
        ? safely(
            replacing(
              `Use port ${service.ports[0]?.port}`,
              manifest,
              `${service.ports[0]?.port}`,
              ...backend.at,
              ...path,
            ),
          )
        : [],
  };
}
