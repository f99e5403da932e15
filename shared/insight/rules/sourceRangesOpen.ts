import { ofFamily } from '../../cluster/address.ts';
import { keyFieldOf } from '../../manifest/manifest.ts';
import { kindOf } from '../../network/loadBalancers/catalogue.ts';
import { rule } from '../rule.ts';

/**
 * Ranges that keep out nobody, or nobody of one family: a balancer that never reads the field, or one that leaves it to
 * kube-proxy, which has a filter for each family that has a range and looks at packets to the balancer's address alone,
 * not at nodePorts. If nothing says which balancer it is, a family without a range is kept out by the balancer itself
 * or by nobody, and that is worth knowing. That it keeps to the ranges of a family that has some is an assumption of
 * the trace and no finding.
 * Source: kubernetes/kubernetes pkg/proxy/serviceport.go `newBaseServiceInfo`, pkg/proxy/iptables/proxier.go
 * `syncProxyRules` (1.36).
 */
export const sourceRangesOpen = rule({
  id: 'source-ranges-open',
  topic: 'services',
  severity: 'warning',
  meaning: 'The ranges keep out nobody, or nobody of one family.',
  remedy: 'Name a range of the family that is open, or a balancer that keeps to the ranges.',
  details:
    'A balancer that never reads the field keeps out nobody; kube-proxy filters a family that has a range, at the ' +
    "balancer's address alone.",
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
    const families = open.join(' or ');
    if (behaviour.sourceRanges === 'kube-proxy' && open.length > 0)
      yield {
        at,
        message: `No range is of family ${families}, so kube-proxy lets ${clients} to Service ${name}.`,
      };
    if (behaviour.sourceRanges === 'assumed' && open.length > 0)
      yield {
        at,
        severity: 'info',
        message:
          `No range is of family ${families}: unless the load balancer itself keeps them out, ` +
          `${clients} gets to Service ${name}.`,
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
