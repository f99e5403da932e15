import { selectedPods } from '../../cluster/lookups.ts';
import { targetPortOn } from '../../cluster/endpoints.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Protocol, Service, ServicePort } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { replacing } from '../fixes.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/**
 * A named targetPort must be a container port's name of a selected pod: where it isn't, the pod is no endpoint.
 * A numeric one needs no declaration (`containerPort` only informs), so it is said gently, and only where every
 * selected pod declares ports of that protocol and none of them is this one.
 */
export const targetPortNotOffered = rule({
  id: 'target-port-not-offered',
  topic: 'services',
  severity: 'warning',
  meaning:
    'Connections are sent to a port that no selected pod offers: rejected for a ' +
    'name, most likely refused for a number.',
  remedy: "Name a port that the selected pods' containers declare.",
  details:
    "A name must be a container port's. A number needs no declaration, so it is said gently, and only where every " +
    'selected pod declares others.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  about: 'Service',
  *check(service, { model, isComplete }) {
    if (!isComplete) return;

    if (model.endpointsOf(service).source !== 'pods') return;
    const pods = selectedPods(model, service);
    if (pods.length === 0) return;
    for (const port of service.ports) {
      const declared = pods.map((pod) =>
        pod.containers.flatMap(({ ports }) => ports.filter(({ protocol }) => protocol === port.protocol)),
      );
      const offered = [
        ...new Set(
          declared
            .flat()
            .map((each) => (typeof port.targetPort === 'string' ? each.name || String(each.port) : `${each.port}`)),
        ),
      ].join(', ');
      const at = fieldOf(service.manifest, 'spec', 'ports', port.index, 'targetPort');
      const [first] = pods;
      const related = first === undefined ? [] : [theObject(first.manifest, first.owner)];
      const other = otherProtocol(pods, service, port);
      if (
        other !== null &&
        (typeof port.targetPort === 'number' || pods.every((pod) => targetPortOn(pod, port) === null))
      ) {
        const isSure = typeof port.targetPort === 'string';
        const what = isSure ? `named ${port.targetPort}` : `${port.targetPort}`;
        yield {
          at,
          related,
          severity: isSure ? 'warning' : 'info',
          message:
            `The pods declare port ${what} for ${other} alone, and port ${port.port} of Service ${service.name} is ` +
            `${port.protocol}: ` +
            (isSure
              ? 'it has no endpoints, and every connection to it is rejected.'
              : `unless they listen for ${port.protocol} there all the same, nobody answers.`),
          fixes: replacing(`Use ${other}`, service.manifest, other, 'spec', 'ports', port.index, 'protocol'),
        };
        continue;
      }
      if (typeof port.targetPort === 'string') {
        if (pods.some((pod) => targetPortOn(pod, port) !== null)) continue;
        yield {
          at,
          related,
          message:
            `No selected pod has a ${port.protocol} container port named ${port.targetPort}, so port ${port.port} ` +
            `of Service ${service.name} has no endpoints and rejects every connection. ` +
            `${offered === '' ? 'They declare no such ports.' : `They offer ${offered}.`}`,
        };
      } else if (
        declared.every((ports) => ports.length > 0) &&
        declared.flat().every((each) => each.port !== port.targetPort)
      ) {
        yield {
          at,
          related,
          cause: service.manifest.key,
          severity: 'info',
          message:
            `No selected pod declares ${port.protocol} port ${port.targetPort}; they ` +
            `declare ${offered}. Unless something listens there all the same, ` +
            `connections to port ${port.port} of Service ${service.name} are refused.`,
        };
      }
    }
  },
  bad: {
    says: 'container port named http',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports:
    - port: 80
      targetPort: http
                  ~~~~
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { containers: [{ name: web, ports: [{ name: web, containerPort: 8080 }] }] }
`,
  },
  also: [
    {
      says: 'declare port 53 for TCP alone, and port 53 of Service dns is UDP',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: dns }
spec:
  selector: { app: dns }
  ports:
    - { name: dns, protocol: UDP, port: 53, targetPort: 53 }
                                                        ~~
    - { name: dns-tcp, protocol: UDP, port: 54, targetPort: dns }
                                                            ~~~
---
apiVersion: v1
kind: Pod
metadata: { name: dns, labels: { app: dns } }
spec: { containers: [{ name: dns, image: example/dns, ports: [{ name: dns, containerPort: 53 }] }] }
`,
    },
  ],
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports:
    - port: 80
      targetPort: http
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { containers: [{ name: web, ports: [{ name: http, containerPort: 8080 }] }] }
`,
});

/**
 * The one protocol for which every pod declares the target that none declares for the port's own; null for none. Where
 * the Service has both protocols at one number, the pods are taken to listen for both.
 */
function otherProtocol(
  pods: readonly Pod[],
  { ports }: Service,
  { targetPort, protocol }: ServicePort,
): Protocol | null {
  if (typeof targetPort === 'number' && ports.filter((each) => each.targetPort === targetPort).length > 1) return null;
  const declared = pods.map((pod) =>
    pod.containers.flatMap(({ ports }) =>
      ports.filter(({ name, port }) => (typeof targetPort === 'string' ? name : port) === targetPort),
    ),
  );
  const protocols = new Set(declared.flat().map((each) => each.protocol));
  const [only] = protocols;
  const isOther = only !== undefined && protocols.size === 1 && only !== protocol;
  return isOther && declared.every((each) => each.length > 0) ? only : null;
}
