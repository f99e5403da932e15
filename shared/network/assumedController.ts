import type { ProxyToAssume } from './assumedProxy.ts';
import { assumedClassAnnotation } from './ingressController.ts';

/** An Ingress controller that nothing in the set shows. */
export function assumedController(className: string | null): ProxyToAssume {
  const whose = className === null ? '' : ` for class ${className}`;
  return {
    assumption: {
      id: 'ingress-controller',
      text:
        `an Ingress controller${whose} behind a load balancer assumed: neither the ` +
        'set nor a ClusterProfile holds one',
    },
    namespace: 'ingress',
    name: className === null || !/^[a-z0-9-]+$/.test(className) ? 'ingress-controller' : `${className}-controller`,
    annotation: [assumedClassAnnotation, className ?? ''],
    ports: [
      { name: 'http', port: 80, protocol: 'TCP' },
      { name: 'https', port: 443, protocol: 'TCP' },
    ],
    address: null,
    serviceAnnotations: new Map(),
    externalTrafficPolicy: 'Cluster',
    runs: 'on the first node',
  };
}
