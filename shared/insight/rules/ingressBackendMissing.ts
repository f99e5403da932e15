import { type ClusterModel, serviceNamed } from '../../cluster/clusterModel.ts';
import type { Backend, Ingress } from '../../cluster/ingress.ts';
import { siteOf } from '../../manifest/manifest.ts';
import { type Found, rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/** An Ingress's backend must be a Service of the Ingress's own namespace and one of its ports. */
export const ingressBackendMissing = rule({
  id: 'ingress-backend-missing',
  severity: 'warning',
  meaning: 'The controller has nowhere to send these requests and answers 503 itself.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource',
  *check({ model, isComplete }) {
    for (const ingress of model.ingresses) {
      const backends = [...(ingress.defaultBackend === null ? [] : [ingress.defaultBackend]), ...ingress.rules.flatMap(({ backend }) => backend ?? [])];
      for (const backend of backends) yield* judge(model, ingress, backend, isComplete);
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
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80 }] }
`,
});

function* judge(model: ClusterModel, ingress: Ingress, backend: Backend, isComplete: boolean): Generator<Found> {
  const { manifest, namespace, version } = ingress;
  const service = serviceNamed(model, namespace, backend.service);
  if (service === undefined) {
    const elsewhere = model.services.filter(({ name }) => name === backend.service);
    // A Service that the set doesn't hold may be applied from somewhere else; one in another namespace is no backend at all.
    const hasOwn = model.services.some((each) => each.namespace === namespace);
    if (!isComplete || elsewhere.length === 0 && !hasOwn) return;
    const [other] = elsewhere;
    const alike = model.services.find((each) => each.namespace === namespace && isLike(each.name, backend.service));
    const hasSiblings = [ingress.defaultBackend, ...ingress.rules.map((each) => each.backend)].some((each) => each !== null && each.service !== backend.service && serviceNamed(model, namespace, each.service) !== undefined);
    const isSure = other !== undefined || alike !== undefined || hasSiblings;
    const where = other === undefined ? `which isn't among the Services of namespace ${namespace}` : `which is in namespace ${other.namespace}, not in ${namespace}`;
    const hint = alike === undefined ? '' : ` Did you mean ${alike.name}?`;
    yield {
      severity: isSure ? 'warning' : 'info',
      message: `Ingress ${ingress.name} names Service ${backend.service}, ${where}: ${isSure ? '' : 'unless it is applied from elsewhere, '}the controller answers 503 itself.${hint}`,
      site: siteOf(manifest, ...backend.at, version === 'v1' ? 'name' : 'serviceName'),
      related: other === undefined ? [] : [{ message: `Service ${other.name}`, site: siteOf(other.manifest, 'metadata', 'name') }],
    };
    return;
  }
  if (service.type === 'ExternalName' || backend.port === null || service.ports.some(({ port, name }) => port === backend.port || name === backend.port)) return;
  const offered = service.ports.map(({ port, name }) => (name === '' ? `${port}` : `${port} (${name})`)).join(', ') || 'none';
  const path = version === 'v1' ? ['port', typeof backend.port === 'number' ? 'number' : 'name'] : ['servicePort'];
  yield {
    message: `Service ${service.name} has no port ${backend.port}; it has ${offered}. The controller answers 503 itself.`,
    site: siteOf(manifest, ...backend.at, ...path),
    related: [{ message: `Service ${service.name}`, site: siteOf(service.manifest, 'spec', 'ports') }],
  };
}

