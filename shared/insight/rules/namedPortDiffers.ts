import { targetPortOn } from '../../cluster/endpoints.ts';
import { selectedPods } from '../../cluster/lookups.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/** A targetPort by a name that stands for another number in some of the pods. */
export const namedPortDiffers = rule({
  id: 'named-port-differs',
  topic: 'services',
  severity: 'hint',
  meaning: 'The Service sends to one port of some pods and to another one of the rest, as each names it.',
  remedy: 'Give the port one number in all pods; if two versions are to run side by side, it is as it should be.',
  details:
    'A name is looked up in each pod for itself, which is what lets a port move from one version to the next. Said ' +
    'where two workloads behind one Service give it two numbers.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports',
  about: 'Service',
  *check(service, { model }) {
    if (model.endpointsOf(service).source !== 'pods') return;
    for (const port of service.ports) {
      if (typeof port.targetPort !== 'string') continue;
      const byNumber = Map.groupBy(
        selectedPods(model, service).filter((pod) => targetPortOn(pod, port) !== null),
        (pod) => targetPortOn(pod, port),
      );
      if (byNumber.size < 2) continue;
      const numbers = [...byNumber].map(
        ([number, [first]]) => `${number} of ${first?.owner.kind} ${first?.owner.name}`,
      );
      yield {
        message:
          `Port ${port.targetPort} is ${numbers.join(' and ')}: ` + `Service ${service.name} sends to each by its own.`,
        at: fieldOf(service.manifest, 'spec', 'ports', port.index, 'targetPort'),
        related: [...byNumber.values()].flatMap(([first]) =>
          first === undefined ? [] : [theObject(first.manifest, first.owner)],
        ),
      };
    }
  },
  bad: {
    says: 'Port http is 8080 of Pod one and 9090 of Pod two',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
                                                                ~~~~
---
apiVersion: v1
kind: Pod
metadata: { name: one, labels: { app: web } }
spec: { containers: [{ name: web, image: example/web, ports: [{ name: http, containerPort: 8080 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: two, labels: { app: web } }
spec: { containers: [{ name: web, image: example/web, ports: [{ name: http, containerPort: 9090 }] }] }
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: http }] }
---
apiVersion: v1
kind: Pod
metadata: { name: one, labels: { app: web } }
spec: { containers: [{ name: web, image: example/web, ports: [{ name: http, containerPort: 8080 }] }] }
`,
});
