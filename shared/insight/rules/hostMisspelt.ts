import { serviceNamed, servicesNamed } from '../../cluster/lookups.ts';
import { namedAddresses } from '../../cluster/namedAddresses.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { isServiceThere, nearService } from '../absence.ts';
import { missingService } from '../causes.ts';
import { replacing } from '../fixes.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/** A host that a pod is given and that can only be a Service's name, a slip off one that is there. */
export const hostMisspelt = rule({
  id: 'host-misspelt',
  topic: 'names',
  severity: 'warning',
  meaning: 'The name resolves to nothing: the connection is never opened.',
  remedy: "Write the Service's name.",
  details:
    'It reads environment variables, commands and arguments, and the values of ConfigMaps: URLs, `NAME:PORT`, ' +
    '`NAME.NAMESPACE.svc`. It speaks where the namespace has no Service of that name, and one whose name differs by ' +
    'a slip and that has this very port. A host with dots that is no `.svc` name may be of the internet.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    if (!isComplete) return;
    for (const { service, namespace, port, at, text, nameAt } of namedAddresses(manifest)) {
      if (isServiceThere(model, namespace, service) || servicesNamed(model, service).length > 0) continue;
      const near = nearService(model, namespace, service);
      const found = near === null ? undefined : serviceNamed(model, namespace, near);
      if (found === undefined || (port !== null && !found.ports.some((each) => each.port === port))) continue;
      const mended = `${text.slice(0, nameAt)}${found.name}${text.slice(nameAt + service.length)}`;
      yield {
        message:
          `${manifest.kind} ${manifest.name} names host ${service}, but namespace ${namespace} has no Service of ` +
          `that name, so it resolves to nothing. Did you mean ${found.name}?`,
        at: fieldOf(manifest, ...at),
        related: [theObject(found.manifest)],
        cause: missingService(namespace, service),
        fixes: text.includes('\n') ? [] : replacing(`Use Service ${found.name}`, manifest, mended, ...at),
      };
    }
  },
  bad: {
    says: 'names host catalouge, but namespace default has no Service of that name',
    yaml: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: example/web:1
          env:
            - name: CATALOGUE
              value: http://catalouge:8080/items
                     ~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: catalogue }
spec: { selector: { app: catalogue }, ports: [{ port: 8080 }] }
`,
  },
  also: [
    {
      says: 'ConfigMap web names host cache, but namespace shop has no Service of that name',
      yaml: `
apiVersion: v1
kind: ConfigMap
metadata: { name: web, namespace: shop }
data:
  redis: redis://cache.shop.svc:6379/0
         ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: caches, namespace: shop }
spec: { selector: { app: caches }, ports: [{ port: 6379 }] }
`,
    },
  ],
  isMended: true,
  good: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: example/web:1
          env:
            - { name: CATALOGUE, value: "http://catalogue:8080/items" }
            - { name: MIRROR, value: "http://catalogues.example.com:8080/items" }
            - { name: TWIN, value: "catalogues:9090" }
---
apiVersion: v1
kind: Service
metadata: { name: catalogue }
spec: { selector: { app: catalogue }, ports: [{ port: 8080 }] }
`,
});
