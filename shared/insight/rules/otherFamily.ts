import { canonicalAddress, familyOf, isAddress } from '../../cluster/address.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { itemsAt, textAt, textOf } from '../../manifest/value.ts';
import { rule } from '../rule.ts';

/**
 * An address of a family that the Service, as it is written, doesn't have. kube-proxy of each family takes the
 * externalIPs of its own for Services that have it. Source: kubernetes/kubernetes pkg/proxy/serviceport.go
 * `newBaseServiceInfo`, pkg/proxy/servicechangetracker.go `serviceToServiceMap` (1.36).
 */
export const otherFamily = rule({
  id: 'other-family',
  topic: 'services',
  severity: 'warning',
  meaning: 'The Service has no address of that family, so nothing that is sent there comes to it.',
  remedy: 'Give the Service that family too (`ipFamilyPolicy: PreferDualStack`), or write an address of its own.',
  details:
    "Said where the Service's families are certain: it names them, or has its cluster address, and doesn't prefer " +
    'both. A `loadBalancerIP` is an info, since what is made of it is up to the load balancer.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/dual-stack/',
  about: 'Service',
  *check({ manifest, name, ipFamilyPolicy, ipFamilies, assigned, type }) {
    const isSaid = itemsAt(manifest.value, 'spec', 'ipFamilies').length > 0 || !assigned.clusterIP;
    if (!isSaid || ipFamilies.length !== 1 || ipFamilyPolicy !== 'SingleStack' || type === 'ExternalName') return;
    const [own] = ipFamilies;
    const isOther = (address: string): boolean => isAddress(address) && familyOf(canonicalAddress(address)) !== own;
    for (const [index, item] of itemsAt(manifest.value, 'spec', 'externalIPs').entries()) {
      const address = textOf(item) ?? '';
      if (isOther(address))
        yield {
          message: `Service ${name} has ${own} alone, so kube-proxy takes nothing for it at ${address}.`,
          at: fieldOf(manifest, 'spec', 'externalIPs', index),
        };
    }
    const asked = textAt(manifest.value, 'spec', 'loadBalancerIP') ?? '';
    if (type === 'LoadBalancer' && isOther(asked))
      yield {
        severity: 'info',
        message: `Service ${name} has ${own} alone: if it is given ${asked}, no node takes what is sent there.`,
        at: fieldOf(manifest, 'spec', 'loadBalancerIP'),
      };
  },
  bad: {
    says: 'Service web has IPv4 alone, so kube-proxy takes nothing for it at 2001:db8::9.',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  ipFamilies: [IPv4]
  externalIPs: [198.51.100.9, "2001:db8::9"]
                              ~~~~~~~~~~~~~
  loadBalancerIP: "2001:db8::10"
                  ~~~~~~~~~~~~~~
  selector: { app: web }
  ports: [{ port: 80 }]
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  ipFamilies: [IPv4]
  ipFamilyPolicy: PreferDualStack
  externalIPs: [198.51.100.9, "2001:db8::9"]
  selector: { app: web }
  ports: [{ port: 80 }]
`,
});
