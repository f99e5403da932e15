import { fieldOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';

/** Source: kubernetes/kubernetes pkg/registry/core/service/portallocator: "provided port is not in the valid range". */
export const nodePortOutOfRange = rule({
  id: 'node-port-out-of-range',
  severity: 'error',
  meaning: 'The API server refuses the Service, so nothing of it comes to be.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  about: 'Service',
  *check(service, { model }) {
    const { from, to } = model.profile.nodePortRange;

    for (const { nodePort, nodePortAssigned, index } of service.ports) {
      if (nodePort === null || nodePortAssigned || nodePort === 0 || (nodePort >= from && nodePort <= to)) continue;
      yield {
        message: `nodePort ${nodePort} is outside the cluster's range ${from}-${to}: the API server refuses Service ${service.name}.`,
        at: fieldOf(service.manifest, 'spec', 'ports', index, 'nodePort'),
      };
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
`,
});
