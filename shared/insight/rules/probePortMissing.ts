import { servicesSelecting } from '../../cluster/lookups.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import { type LostProbe, lostProbesOf, undeclaredProbesOf } from '../../cluster/probe.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { replacing } from '../fixes.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';
import { isLike } from '../spelling.ts';

/** A probe that asks for a port by a name that its container doesn't give to any: see `cluster/probe.ts`. */
export const probePortMissing = rule({
  id: 'probe-port-missing',
  topic: 'pods',
  severity: 'warning',
  meaning: 'The kubelet can never make the probe: the pods never become ready, and no Service sends to them.',
  remedy: 'Name a port of the same container, or write its number.',
  details:
    'The name is looked up in the probed container alone, not in the others of the pod. A readiness or startup probe ' +
    "that can't be made leaves the pod not ready for good, and the kubelet doesn't restart it for that. A liveness " +
    "probe that can't be made is a hint: the container is never restarted by it. A number needs no " +
    'declaration: one that no container of the pod declares, though they declare others, is an info, told once a ' +
    'workload.',
  link: 'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
  about: 'object',
  *check(manifest, { model }) {
    const template = readPodTemplate(manifest);
    if (template === null) return;
    const [undeclared] = undeclaredProbesOf(template);
    if (undeclared !== undefined) {
      const { kind, container, port, declared, at } = undeclared;
      yield {
        severity: 'info',
        message:
          `The ${kind === 'readinessProbe' ? 'readiness' : 'startup'} probe of container ${container} asks port ` +
          `${port}, which the pod doesn't declare (it declares ${declared.join(', ')}): unless something listens ` +
          `there all the same, no pod of ${manifest.kind} ${manifest.name} is ever ready.`,
        at: fieldOf(manifest, ...at),
        fixes: declared.length === 1 ? replacing(`Use port ${declared[0]}`, manifest, `${declared[0]}`, ...at) : [],
      };
    }
    const probes = lostProbesOf(template);
    if (probes.length === 0) return;
    const services = servicesSelecting(model, template);
    for (const probe of probes) {
      const { kind, container, port, offered, at } = probe;
      const meant = offered.find((each) => isLike(each, port)) ?? (offered.length === 1 ? offered[0] : undefined);
      const has = offered.length === 0 ? 'it names none' : `it has ${offered.join(', ')}`;
      yield {
        severity: kind === 'livenessProbe' ? 'hint' : 'warning',
        message: `Container ${container} has no port named ${port} (${has}), so ${effectOf(
          probe,
          `${manifest.kind} ${manifest.name}`,
          services.map(({ name }) => name),
        )}.`,
        at: fieldOf(manifest, ...at),
        related: services.slice(0, mostRelated).map((each) => theObject(each.manifest)),
        fixes: meant === undefined ? [] : replacing(`Use port ${meant}`, manifest, meant, ...at),
      };
    }
  },
  bad: {
    says: 'no pod of Deployment web is ever ready, and Service web has no endpoint of it',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
---
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
          image: web
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe:
            httpGet: { path: /, port: htp }
                                      ~~~
`,
  },
  also: [
    {
      says: "asks port 8081, which the pod doesn't declare (it declares 8080)",
      yaml: `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
    - name: web
      image: web
      ports: [{ name: http, containerPort: 8080 }]
      readinessProbe: { httpGet: { path: /, port: 8081 } }
                                                  ~~~~
`,
    },
    {
      says: 'its startup probe is never made: the container never counts as started',
      yaml: `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
    - name: web
      image: web
      ports: [{ name: http, containerPort: 8080 }]
      startupProbe: { tcpSocket: { port: metrics } }
                                         ~~~~~~~
      livenessProbe: { tcpSocket: { port: metrics } }
                                          ~~~~~~~
    - { name: sidecar, image: sidecar, ports: [{ name: metrics, containerPort: 9090 }] }
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
          image: web
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { httpGet: { path: /, port: http } }
          livenessProbe: { httpGet: { path: /, port: "9090" } }
          startupProbe: { tcpSocket: { port: 8080 } }
`,
});

const mostRelated = 5;

/** What follows, after "so". */
function effectOf({ kind }: LostProbe, owner: string, services: readonly string[]): string {
  const [first] = services;
  const whose = services.length > 1 ? `${services.length} Services have` : `Service ${first} has`;
  const lost = first === undefined ? '' : `, and ${whose} no endpoint of it`;
  switch (kind) {
    case 'readinessProbe':
      return `its readiness probe is never made: no pod of ${owner} is ever ready${lost}`;
    case 'startupProbe':
      return (
        'its startup probe is never made: the container never counts as started, ' +
        `no pod of ${owner} is ever ready${lost}`
      );
    case 'livenessProbe':
      return 'its liveness probe is never made: a container that hangs is never restarted';
    default:
      return kind satisfies never;
  }
}
