import { siteOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';

/** Two ports of one protocol can't share a nodePort: the allocator gives each number once. */
export const nodePortTakenTwice = rule({
  id: 'node-port-taken-twice',
  severity: 'error',
  meaning: 'The API server refuses whichever Service comes second.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  *check({ model }) {
    const seen = new Map<string, { name: string; identity: string; site: ReturnType<typeof siteOf> }>();
    for (const service of model.services) {
      for (const { nodePort, nodePortAssigned, protocol, index } of service.ports) {
        if (nodePort === null || nodePortAssigned || nodePort === 0) continue;
        const site = siteOf(service.manifest, 'spec', 'ports', index, 'nodePort');
        const identity = `${service.namespace}/${service.name}`;
        const first = seen.get(`${protocol}/${nodePort}`);
        if (first === undefined) seen.set(`${protocol}/${nodePort}`, { name: service.name, identity, site });
        else if (first.identity !== identity)
          yield {
            site,
            message: `nodePort ${nodePort} is taken by Service ${first.name} already: the API server refuses the second.`,
            related: [{ message: `Service ${first.name}`, site: first.site }],
          };
      }
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
