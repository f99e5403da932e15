import { endsOfRange, familyOf, isIn } from '../../cluster/address.ts';
import { writtenClusterIPs, writtenServiceRanges } from '../../cluster/clusterIPs.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';

/**
 * A clusterIP that the allocator doesn't have: outside the Service ranges, the address of a range itself, or IPv4's
 * broadcast address. Where nobody wrote the range, nothing is said.
 * Source: kubernetes/kubernetes pkg/registry/core/service/ipallocator `NewIPAllocator`, `getAllocator` (1.36).
 */
export const clusterIPOutOfRange = rule({
  id: 'cluster-ip-out-of-range',
  topic: 'services',
  severity: 'error',
  meaning: 'The API server refuses the Service, so nothing of it comes to be.',
  remedy: 'Choose an address of the range, or leave `clusterIP` out and have one given.',
  details: 'Speaks only where the set (a ServiceCIDR) or the profile (`serviceCIDR`) says the range.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#choosing-your-own-ip-address',
  refuses: 'API server',
  about: 'Service',
  *check({ manifest, name }, { model }) {
    const ranges = writtenServiceRanges(model);
    if (ranges === null) return;
    for (const { address, path } of writtenClusterIPs(manifest)) {
      // Of a family that the cluster doesn't have, another rule speaks.
      const family = ranges.all.filter((each) => familyOf(each) === familyOf(address));
      if (family.length === 0 || family.some((each) => has(each, address))) continue;
      yield {
        message: `clusterIP ${address} is ${place(family, address)}: the API server refuses Service ${name}.`,
        at: fieldOf(manifest, ...path),
      };
    }
  },
  bad: {
    says: "outside the cluster's range 10.96.0.0/16",
    yaml: `
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec: { serviceCIDR: 10.96.0.0/16 }
---
apiVersion: v1
kind: Service
metadata: { name: out }
spec:
  clusterIP: 10.97.0.10
             ~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: first }
spec:
  clusterIP: 10.96.0.0
             ~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: last }
spec:
  clusterIP: 10.96.255.255
             ~~~~~~~~~~~~~
  ports: [{ port: 80 }]
`,
  },
  good: `
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec: { serviceCIDR: 10.96.0.0/16 }
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: { name: more }
spec: { cidrs: [10.97.0.0/24] }
---
apiVersion: v1
kind: Service
metadata: { name: in }
spec: { clusterIP: 10.96.0.10, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: added }
spec: { clusterIP: 10.97.0.10, ports: [{ port: 80 }] }
`,
});

function has(range: string, address: string): boolean {
  const { first, last } = endsOfRange(range);
  return isIn(address, range) && address !== first && (familyOf(range) === 'IPv6' || address !== last);
}

function place(ranges: readonly string[], address: string): string {
  const own = ranges.find((each) => isIn(address, each));
  if (own === undefined) return `outside the cluster's range ${ranges.join(', ')}`;
  return `the ${endsOfRange(own).first === address ? 'first' : 'last'} address of ${own}, which no Service gets`;
}
