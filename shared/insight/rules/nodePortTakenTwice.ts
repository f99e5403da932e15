import { indexOfModel, nameKey } from '../../cluster/clusterModel.ts';
import type { Service, ServicePort } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';

/** Two ports of one protocol can't share a nodePort: the allocator gives each number once. */
export const nodePortTakenTwice = rule({
  id: 'node-port-taken-twice',
  severity: 'error',
  meaning: 'The API server refuses whichever Service comes second.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  about: 'Service',
  *check(service, { model }) {
    for (const port of service.ports.filter(isWritten)) {
      const at = fieldOf(service.manifest, 'spec', 'ports', port.index, 'nodePort');
      const [first] = servicesByNodePort(model).get(keyOf(port));
      if (first === undefined || nameKey(first) === nameKey(service)) continue;
      const theirs = first.ports.find((each) => isWritten(each) && keyOf(each) === keyOf(port));
      yield {
        at,
        message: `nodePort ${port.nodePort} is taken by Service ${first.name} already: the API server refuses the second.`,
        related: [
          {
            message: `Service ${first.name}`,
            at: fieldOf(first.manifest, 'spec', 'ports', theirs?.index ?? 0, 'nodePort'),
          },
        ],
      };
    }
  },
  bad: {
    says: 'taken by Service one',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: one }
spec: { type: NodePort, ports: [{ port: 80, nodePort: 30080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: two }
spec:
  type: NodePort
  ports:
    - port: 80
      nodePort: 30080
                ~~~~~
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: one }
spec: { type: NodePort, ports: [{ port: 80, nodePort: 30080 }] }
---
apiVersion: v1
kind: Service
metadata: { name: two }
spec:
  type: NodePort
  ports:
    - port: 80
      nodePort: 30081
`,
});

function isWritten({ nodePort, nodePortAssigned }: ServicePort): boolean {
  return nodePort !== null && nodePort !== 0 && !nodePortAssigned;
}

function keyOf({ protocol, nodePort }: ServicePort): string {
  return `${protocol}/${nodePort}`;
}

const servicesByNodePort = indexOfModel(
  ({ services }) => services,
  ({ ports }: Service) => [...new Set(ports.filter(isWritten).map(keyOf))],
);
