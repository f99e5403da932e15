import { keyFieldOf } from '../../manifest/manifest.ts';
import { itemsAt, textAt } from '../../manifest/value.ts';
import { rule } from '../rule.ts';

/**
 * Source: kubernetes/kubernetes pkg/apis/core/validation `ValidateService`: source ranges only with type LoadBalancer.
 */
export const sourceRangesWithoutLoadBalancer = rule({
  id: 'source-ranges-without-load-balancer',
  topic: 'services',
  severity: 'error',
  meaning: 'The ranges protect nothing: the API server refuses them on any type but LoadBalancer.',
  remedy: 'Make the Service a LoadBalancer, or take the ranges away and write a NetworkPolicy.',
  link: 'https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/#ServiceSpec',
  refuses: 'API server',
  about: 'Service',
  *check({ manifest, type, name }) {
    if (type === 'LoadBalancer' || itemsAt(manifest.value, 'spec', 'loadBalancerSourceRanges').length === 0) return;
    yield {
      message:
        `loadBalancerSourceRanges only works with type LoadBalancer; Service ${name} is of type ` +
        `${textAt(manifest.value, 'spec', 'type') ?? 'ClusterIP'}, and the API server refuses it.`,
      at: keyFieldOf(manifest, 'spec', 'loadBalancerSourceRanges'),
    };
  },
  bad: {
    says: 'only works with type LoadBalancer',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  loadBalancerSourceRanges: [10.0.0.0/8]
  ~~~~~~~~~~~~~~~~~~~~~~~~
  ports: [{ port: 80 }]
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  loadBalancerSourceRanges: [10.0.0.0/8]
  ports: [{ port: 80 }]
`,
});
