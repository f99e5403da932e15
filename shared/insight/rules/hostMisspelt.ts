import { serviceNamed, servicesNamed } from '../../cluster/lookups.ts';
import { namedAddresses } from '../../cluster/namedAddresses.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { isServiceThere, nearService } from '../absence.ts';
import { missingService } from '../causes.ts';
import { replacing } from '../fixes.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';
import { isSlipOf, longWord } from '../spelling.ts';

/** A host that a pod is given and that can only be a Service's name, a slip off one that is there. */
export const hostMisspelt = rule({
  id: 'host-misspelt',
  topic: 'names',
  severity: 'warning',
  meaning: 'The name resolves to nothing: the connection is never opened.',
  remedy: "Write the Service's name.",
  details:
    'It reads environment variables, commands and arguments, and the values of ConfigMaps: URLs, `NAME:PORT`, ' +
    '`NAME.NAMESPACE.svc`. It speaks where the namespace has no Service of that name, and one whose name differs ' +
    'by a plain slip and that has this very port: two neighbours have changed places, a letter inside is left out ' +
    'or comes twice, or, in a word of six letters and more, is another. `users` beside `user`, `store` beside ' +
    '`stork` are names of two things. A host with dots that is no `.svc` name may be of the internet, and what a ' +
    'configuration file names itself (an `upstream` of nginx, a `backend` of HAProxy, a cluster of Envoy) is no ' +
    'Service.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    if (!isComplete) return;
    for (const { service, namespace, port, at, text, nameAt } of namedAddresses(manifest)) {
      if (isServiceThere(model, namespace, service) || servicesNamed(model, service).length > 0) continue;
      const near = nearService(model, namespace, service);
      const found = near === null ? undefined : serviceNamed(model, namespace, near);
      if (found === undefined || (port !== null && !found.ports.some((each) => each.port === port))) continue;
      if (!isSlipOf(found.name, service)) continue;
      // Of two short words that differ in length, one may be another word: cart and chart.
      const isSure = found.name.length === service.length || service.length >= longWord;
      const mended = `${text.slice(0, nameAt)}${found.name}${text.slice(nameAt + service.length)}`;
      yield {
        severity: isSure ? 'warning' : 'info',
        message:
          `${manifest.kind} ${manifest.name} names host ${service}, but namespace ${namespace} has no Service of ` +
          `that name${isSure ? ', so' : ' here: unless it is applied from elsewhere,'} it resolves to nothing. ` +
          `Did you mean ${found.name}?`,
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
      says: 'ConfigMap web names host cahce, but namespace shop has no Service of that name',
      yaml: `
apiVersion: v1
kind: ConfigMap
metadata: { name: web, namespace: shop }
data:
  redis: redis://cahce.shop.svc:6379/0
         ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: cache, namespace: shop }
spec: { selector: { app: cache }, ports: [{ port: 6379 }] }
`,
    },
    {
      says: 'here: unless it is applied from elsewhere, it resolves to nothing. Did you mean cart?',
      yaml: `
apiVersion: v1
kind: ConfigMap
metadata: { name: web }
data:
  cart: http://chart/
        ~~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: cart }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
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
            - { name: PEERS, value: "http://stork,http://tore,http://stores" }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: front }
data:
  default.conf: |
    upstream catalogeu { server catalogue:8080; }
    server { location / { proxy_pass http://catalogeu:8080; } }
---
apiVersion: v1
kind: Service
metadata: { name: store }
spec: { selector: { app: store }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: catalogue }
spec: { selector: { app: catalogue }, ports: [{ port: 8080 }] }
`,
});
