import type { ClusterModel } from '../cluster/clusterModel.ts';
import { type AssumedProxy, withAssumedProxy } from './assumedProxy.ts';

/** The annotation by which the assumed pod is known as the controller of a class. */
export const assumedClassAnnotation = 'hoplens.dev/assumed-ingress-class';

/** The cluster with an Ingress controller that nothing in the set shows. */
export function withAssumedController(model: ClusterModel, className: string | null): AssumedProxy {
  return withAssumedProxy(model, {
    assumption: {
      id: 'ingress-controller',
      text: `an Ingress controller${className === null ? '' : ` for class ${className}`} behind a load balancer assumed: neither the set nor a ClusterProfile holds one`,
    },
    namespace: 'ingress',
    name: className === null || !/^[a-z0-9-]+$/.test(className) ? 'ingress-controller' : `${className}-controller`,
    annotation: [assumedClassAnnotation, className ?? ''],
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'https', port: 443, protocol: 'TCP' },
    ],
    address: '203.0.113.2',
    serviceAnnotations: new Map(),
    externalTrafficPolicy: 'Cluster',
    runs: 'on the first node',
  });
}
