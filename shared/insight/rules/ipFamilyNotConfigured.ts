import { type Family, familyOf } from '../../cluster/address.ts';
import { writtenClusterIPs } from '../../cluster/clusterIPs.ts';
import { readService, type Service } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { itemsAt, type FieldPath, textOf } from '../../manifest/value.ts';
import { rule } from '../rule.ts';

/**
 * A Service that asks for a family which the cluster doesn't have. Where nobody wrote the cluster's ranges, it is taken
 * to have what the Service asks for.
 * Source: kubernetes/kubernetes pkg/registry/core/service/storage/alloc.go `initIPFamilyFields` (1.36).
 */
export const ipFamilyNotConfigured = rule({
  id: 'ip-family-not-configured',
  topic: 'services',
  severity: 'error',
  meaning: 'The API server refuses the Service, so nothing of it comes to be.',
  remedy: 'Ask for a family that the cluster has, or give it the other one.',
  details:
    "Speaks only where the set or the profile says the cluster's ranges; else it is taken to have what the " +
    'Service asks for.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/dual-stack/',
  refuses: 'API server',
  about: 'Service',
  *check({ manifest, name }, { model }) {
    const configured = model.declared.ranges.families;
    if (configured === null) return;
    for (const { message, path } of faultsOf(readService(manifest), configured))
      yield { message: `${message}: the API server refuses Service ${name}.`, at: fieldOf(manifest, ...path) };
  },
  bad: {
    says: "IPv6 is not among the cluster's families (IPv4)",
    yaml: `
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: single }
spec: { serviceCIDR: 10.96.0.0/16 }
---
apiVersion: v1
kind: Service
metadata: { name: both }
spec:
  ipFamilyPolicy: RequireDualStack
                  ~~~~~~~~~~~~~~~~
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: other }
spec:
  ipFamilies: [IPv6]
               ~~~~
  ports: [{ port: 80 }]
---
apiVersion: v1
kind: Service
metadata: { name: address }
spec:
  clusterIP: fd00:10:96::9
             ~~~~~~~~~~~~~
  ports: [{ port: 80 }]
`,
  },
  good: `
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: single }
spec: { serviceCIDR: 10.96.0.0/16 }
---
apiVersion: v1
kind: Service
metadata: { name: both }
spec: { ipFamilyPolicy: PreferDualStack, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: other }
spec: { ipFamilies: [IPv4], ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: free }
spec: { clusterIP: None, ipFamilyPolicy: RequireDualStack, ipFamilies: [IPv6, IPv4] }
`,
});

interface Fault {
  readonly message: string;
  readonly path: FieldPath;
}

function faultsOf(service: Service, configured: readonly Family[]): readonly Fault[] {
  const { manifest, type, headless, selector, ipFamilyPolicy } = service;
  if (type === 'ExternalName') return [];
  const unconfigured = (family: string, path: FieldPath): Fault[] =>
    (family === 'IPv4' || family === 'IPv6') && !configured.includes(family)
      ? [{ message: `${family} is not among the cluster's families (${configured.join(', ')})`, path }]
      : [];
  const families = itemsAt(manifest.value, 'spec', 'ipFamilies').map((each) => textOf(each) ?? '');
  // The families of addresses count where none are written in their places.
  const ofAddresses = writtenClusterIPs(manifest)
    .slice(families.length)
    .flatMap(({ address, path }) => unconfigured(familyOf(address), path));
  // Without a selector, nothing needs to come of a headless Service's families.
  if (ofAddresses.length > 0 || (headless && selector === null)) return ofAddresses;
  const needsBoth: Fault[] =
    ipFamilyPolicy === 'RequireDualStack' && configured.length < 2
      ? [
          {
            message: `RequireDualStack asks for two families, and the cluster has ${configured.join(', ')}`,
            path: ['spec', 'ipFamilyPolicy'],
          },
        ]
      : [];
  return [...needsBoth, ...families.flatMap((family, index) => unconfigured(family, ['spec', 'ipFamilies', index]))];
}
