import { fieldOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';
import { requestsOf } from './nodePortTakenTwice.ts';

/** Source: kubernetes/kubernetes pkg/registry/core/service/portallocator: "provided port is not in the valid range". */
export const nodePortOutOfRange = rule({
  id: 'node-port-out-of-range',
  topic: 'services',
  severity: 'error',
  meaning: 'The API server refuses the Service, so nothing of it comes to be.',
  remedy: 'Choose a port of the range, or leave `nodePort` out and have one given.',
  details: "The range is 30000-32767, or the profile's `nodePortRange`.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  refuses: 'API server',
  about: 'Service',
  *check({ manifest, name }, { model }) {
    const { from, to } = model.profile.nodePortRange;
    const outside = `is outside the cluster's range ${from}-${to}: the API server refuses Service ${name}.`;
    for (const { number, field, path } of requestsOf(manifest)) {
      if (number >= from && number <= to) continue;
      yield { message: `${field} ${number} ${outside}`, at: fieldOf(manifest, ...path) };
    }
  },
  bad: {
    says: "outside the cluster's range 30000-32767",
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  ports:
    - port: 80
      nodePort: 8080
                ~~~~
---
apiVersion: v1
kind: Service
metadata: { name: local }
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  healthCheckNodePort: 8081
                       ~~~~
  ports: [{ port: 80 }]
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  ports:
    - port: 80
      nodePort: 30080
---
apiVersion: v1
kind: Service
metadata: { name: local }
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  healthCheckNodePort: 30081
  ports: [{ port: 80 }]
`,
});
