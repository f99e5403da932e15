import { serviceNamed } from '../../cluster/lookups.ts';
import { namedAddresses } from '../../cluster/namedAddresses.ts';
import type { Service } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { isWatched } from '../../network/kubeProxy/proxiedPort.ts';
import { missingPort } from '../causes.ts';
import { replacing } from '../fixes.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/** An address that a pod is given: a Service that is there, and a port that it hasn't. */
export const hostPortMissing = rule({
  id: 'host-port-missing',
  topic: 'names',
  severity: 'warning',
  meaning: 'The Service answers at other ports alone: the connection is refused or times out.',
  remedy: "Write one of the Service's ports.",
  details:
    'It reads environment variables, commands and arguments, and the values of ConfigMaps: URLs, and `NAME:PORT` ' +
    'where the variable, flag or key is called so (`…_ADDR`, `--upstream`, `redis: redis:6379`), since `web:1000` ' +
    'may as well be a user and a group, or a limit. Of a headless Service any port of its pods may be asked, so ' +
    'nothing is said of one, nor of an ExternalName.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  about: 'object',
  *check(manifest, { model, isComplete }) {
    if (!isComplete) return;
    for (const { service, namespace, port, isPortWritten, at, text, portAt } of namedAddresses(manifest)) {
      const found = serviceNamed(model, namespace, service);
      if (found === undefined || port === null || !hasFixedPorts(found)) continue;
      // In a whole file of configuration, a URL without a port may name something else of that file.
      if (found.ports.some((each) => each.port === port) || (!isPortWritten && text.includes('\n'))) continue;
      const offered = found.ports.map((each) => each.port);
      const [meant] = found.ports.filter((each) => found.ports.length === 1 || each.targetPort === port);
      const mended = `${text.slice(0, portAt)}${meant?.port}${text.slice(portAt + String(port).length)}`;
      yield {
        message:
          `${manifest.kind} ${manifest.name} asks for port ${port} of Service ${service}, which has ` +
          `${offered.join(', ')}: nobody answers there.`,
        at: fieldOf(manifest, ...at),
        cause: missingPort(found, port),
        related: [theObject(found.manifest)],
        fixes:
          meant === undefined || !isPortWritten || text.includes('\n')
            ? []
            : replacing(`Use port ${meant.port}`, manifest, mended, ...at),
      };
    }
  },
  bad: {
    says: 'asks for port 8080 of Service catalogue, which has 80: nobody answers there',
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
          args:
            - --catalogue=catalogue:8080
              ~~~~~~~~~~~~~~~~~~~~~~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: catalogue }
spec: { selector: { app: catalogue }, ports: [{ port: 80, targetPort: 8080 }] }
`,
  },
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
          args:
            - --catalogue=catalogue:80
            - --peers=web-0.peers:9000,peers:9000
            - --image=catalogue:8080
            - catalogue:1000
          env:
            - { name: RUN_AS, value: "catalogue:1000" }
            - { name: RATE_LIMITS, value: "catalogue:1000,peers:2000" }
---
apiVersion: v1
kind: Service
metadata: { name: catalogue }
spec: { selector: { app: catalogue }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: peers }
spec: { clusterIP: None, selector: { app: web } }
`,
});

/** Whether a Service has an address of its own, at which kube-proxy knows its ports and no others. */
function hasFixedPorts(service: Service): boolean {
  return service.type !== 'ExternalName' && !service.headless && isWatched(service) && service.ports.length > 0;
}
