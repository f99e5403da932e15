import { indexOfModel } from '../../cluster/clusterModel.ts';
import { nameKey } from '../../cluster/lookups.ts';
import { once } from '../../cluster/once.ts';
import { isService, needsHealthCheckPort, readService } from '../../cluster/service.ts';
import { fieldOf, type Manifest } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { rule } from '../rule.ts';

/**
 * The allocator gives each number once, whatever the protocol, and health checks take from the same numbers. Only ports
 * of one Service with the same port number share a nodePort: 53 over TCP and UDP.
 * Source: kubernetes/kubernetes pkg/registry/core/service/storage/alloc.go `initNodePorts`, `allocHealthCheckNodePort`
 * (1.36).
 */
export const nodePortTakenTwice = rule({
  id: 'node-port-taken-twice',
  topic: 'services',
  severity: 'error',
  meaning: 'The API server refuses whichever Service comes second.',
  remedy: 'Leave `nodePort` out of one of them, or choose another number.',
  details:
    'Each number is given once, whatever the protocol; a `healthCheckNodePort` takes from the same. Two ports of ' +
    'one Service with the same number may share one: 53 over TCP and UDP.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport',
  refuses: 'API server',
  about: 'Service',
  *check(service, { model }) {
    const { manifest, name } = service;
    const own = new Set<number>();
    for (const { number, field, path } of requestsOf(manifest)) {
      const at = fieldOf(manifest, ...path);
      const [first] = servicesByNumber(model).get(String(number));
      if (own.has(number))
        yield { at, message: `${field} ${number} ${sharing[field]}: the API server refuses Service ${name}.` };
      else if (first !== undefined && nameKey(readService(first)) !== nameKey(service)) {
        const theirs = requestsOf(first).find((each) => each.number === number);
        yield {
          at,
          message: `${field} ${number} is taken by Service ${first.name} already: the API server refuses the second.`,
          related: [{ message: `Service ${first.name}`, at: fieldOf(first, ...(theirs?.path ?? [])) }],
        };
      }
      own.add(number);
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
      protocol: UDP
      nodePort: 30080
                ~~~~~
---
apiVersion: v1
kind: Service
metadata: { name: three }
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  healthCheckNodePort: 30081
                       ~~~~~
  ports:
    - { name: http, port: 80, nodePort: 30081 }
    - { name: quic, port: 443, protocol: UDP, nodePort: 30081 }
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
---
apiVersion: v1
kind: Service
metadata: { name: dns }
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  healthCheckNodePort: 30082
  ports:
    - { name: udp, port: 53, protocol: UDP, nodePort: 30053 }
    - { name: tcp, port: 53, protocol: TCP, nodePort: 30053 }
`,
});

/** A number that a Service asks the allocator for. */
interface PortRequest {
  readonly number: number;
  readonly field: 'nodePort' | 'healthCheckNodePort';
  readonly path: FieldPath;
}

/** What is wrong with a number that the Service itself asks for before. */
const sharing: Readonly<Record<PortRequest['field'], string>> = {
  nodePort: 'is there twice, and only ports of one number share a nodePort, each with its protocol',
  healthCheckNodePort: 'is a nodePort of the Service already',
};

/** The numbers that a Service asks the allocator for, in its order. */
export const requestsOf = once((manifest: Manifest): readonly PortRequest[] => {
  const service = readService(manifest);
  const { ports, healthCheckNodePort } = service;
  const written = ports.filter(({ nodePort }) => nodePort !== null && nodePort !== 0);
  const requests = written
    .filter((each) => {
      const first = written.find(({ port }) => port === each.port);
      return each === first || each.nodePort !== first?.nodePort;
    })
    .map(({ nodePort, index }): PortRequest => ({
      number: nodePort ?? 0,
      field: 'nodePort',
      path: ['spec', 'ports', index, 'nodePort'],
    }));
  if (!needsHealthCheckPort(service) || healthCheckNodePort === null || healthCheckNodePort === 0) return requests;
  const field = 'healthCheckNodePort';
  return [...requests, { number: healthCheckNodePort, field, path: ['spec', field] }];
});

const servicesByNumber = indexOfModel(
  ({ declared }) => declared.ofKind('Service'),
  (manifest: Manifest) =>
    isService(manifest) ? [...new Set(requestsOf(manifest).map(({ number }) => String(number)))] : [],
);
