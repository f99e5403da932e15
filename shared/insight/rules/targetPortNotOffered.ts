import { selectedPods } from '../../cluster/lookups.ts';
import { targetPortOn } from '../../cluster/endpoints.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/**
 * A named targetPort must be a container port's name of a selected pod: where it isn't, the pod is no endpoint.
 * A numeric one needs no declaration (`containerPort` only informs), so it is said gently, and only where every
 * selected pod declares ports of that protocol and none of them is this one.
 */
export const targetPortNotOffered = rule({
  id: 'target-port-not-offered',
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
