import { ofFamily } from '../../cluster/address.ts';
import { keyFieldOf } from '../../manifest/manifest.ts';
import { kindOf } from '../../network/loadBalancers/catalogue.ts';
import { rule } from '../rule.ts';

/**
 * Ranges that keep out nobody, or nobody of one family. Only where it is known what stands behind the Service: a
 * balancer that never reads the field, or one that leaves it to kube-proxy, which has a filter for each family that has
 * a range.
 */
export const sourceRangesOpen = rule({
  id: 'source-ranges-open',
  severity: 'warning',
  meaning: 'The ranges keep out nobody, or nobody of one family.',
  link: 'https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/#ServiceSpec',
  about: 'Service',
  *check(service, { model }) {
    const { manifest, name, sourceRanges, ipFamilies } = service;
    if (sourceRanges.length === 0 || service.isPending) return;
    const { kind, behaviour } = kindOf(model, service);
    const at = keyFieldOf(manifest, 'spec', 'loadBalancerSourceRanges');
    if (behaviour.sourceRanges === 'nobody')
      yield {
        at,
        message: `${kind.title} doesn't look at loadBalancerSourceRanges: everybody gets to Service ${name}.`,
      };
    const open = ipFamilies.filter((family) => ofFamily(sourceRanges, family).length === 0);
    const clients = `every ${open.join(' and ')} client`;
    if (behaviour.sourceRanges === 'kube-proxy' && open.length > 0)
      yield {
        at,
        message: `No range is of family ${open.join(' or ')}, so kube-proxy lets ${clients} to Service ${name}.`,
      };
  },
  bad: {
    says: 'No range is of family IPv4',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  loadBalancerClass: metallb
  loadBalancerSourceRanges: ['2001:db8::/32']
  ~~~~~~~~~~~~~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: shop, annotations: { load-balancer.hetzner.cloud/location: fsn1 } }
spec:
  type: LoadBalancer
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
  loadBalancerClass: metallb
  loadBalancerSourceRanges: [10.0.0.0/8]
  ports: [{ port: 80 }]
`,
});
