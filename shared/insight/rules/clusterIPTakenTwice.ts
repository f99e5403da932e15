import { addressIn } from '../../cluster/address.ts';
import { servicesAsking, writtenClusterIPs, writtenServiceRanges } from '../../cluster/clusterIPs.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { nameKey } from '../../cluster/lookups.ts';
import { readService } from '../../cluster/service.ts';
import { type Field, fieldOf, type Manifest, uriOf } from '../../manifest/manifest.ts';
import { rule } from '../rule.ts';

/** Source: kubernetes/kubernetes pkg/registry/core/service/ipallocator: "provided IP is already allocated". */
export const clusterIPTakenTwice = rule({
  id: 'cluster-ip-taken-twice',
  topic: 'services',
  severity: 'error',
  meaning: 'The API server refuses whichever Service comes second.',
  remedy: 'Leave `clusterIP` out of one of them, or choose another address.',
  details: "The first address of the primary range is the Service `kubernetes`'s, and counts as taken.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/service/#choosing-your-own-ip-address',
  refuses: 'API server',
  about: 'Service',
  *check(service, { model }) {
    const { manifest } = service;
    for (const { address, path } of writtenClusterIPs(manifest)) {
      const asked = servicesAsking(model, address);
      const [first] = asked;
      if (first === undefined) continue;
      const taker = isApiServers(address, model) ? apiServer : takerOf(first, address);
      if (taker.identity === nameKey(service)) continue;
      // An address that stands in many files is a stand-in, and they aren't meant for one cluster.
      const isStandIn = taker.at !== null && uriOf(taker.at.object) !== manifest.uri && areInManyFiles(asked);
      yield {
        at: fieldOf(manifest, ...path),
        severity: isStandIn ? 'info' : 'error',
        message: `clusterIP ${address} is taken by Service ${taker.identity} already: ${refusesSecond}.`,
        related: taker.at === null ? [] : [{ message: `Service ${taker.identity}`, at: taker.at }],
      };
    }
  },
  bad: {
    says: 'clusterIP 10.96.0.10 is taken by Service default/one already',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: one }
spec: { clusterIP: 10.96.0.10, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: two, namespace: shop }
spec:
  clusterIP: 10.96.0.10
             ~~~~~~~~~~
  ports: [{ port: 80 }]
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: one }
spec: { clusterIP: 10.96.0.10, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: two, namespace: shop }
spec: { clusterIP: 10.96.0.11, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: three }
spec: { clusterIP: None, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: four }
spec: { clusterIP: None, ports: [{ port: 80 }] }
`,
});

/** Who has an address. */
interface Taker {
  readonly identity: string;
  /** Where it asks for it; null for the API server's own Service. */
  readonly at: Field | null;
}

const refusesSecond = 'the API server refuses the second';
const apiServer: Taker = { identity: 'default/kubernetes', at: null };

/** Source: kubernetes/kubernetes pkg/controlplane `ServiceIPRange` (1.36): the first of the primary range. */
function isApiServers(address: string, model: ClusterModel): boolean {
  const primary = writtenServiceRanges(model)?.own[0];
  return primary !== undefined && address === addressIn(primary, 1);
}

function takerOf(manifest: Manifest, address: string): Taker {
  const asked = writtenClusterIPs(manifest).find((each) => each.address === address);
  return { identity: nameKey(readService(manifest)), at: fieldOf(manifest, ...(asked?.path ?? [])) };
}

function areInManyFiles(manifests: readonly Manifest[]): boolean {
  const files = new Set<string>();
  return manifests.some(({ uri }) => files.add(uri).size > 2);
}
