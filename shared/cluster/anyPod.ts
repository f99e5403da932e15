import type { ClusterModel } from './clusterModel.ts';
import { addressIn } from './address.ts';
import type { Pod } from './pod.ts';
import { parseFile } from '../manifest/parseFile.ts';
import { manifestsOf } from '../manifest/manifest.ts';

/**
 * A pod that asks and is none of the set's: on the first ready node, with an address of that node's range, without labels.
 * Null in a cluster without nodes.
 */
export function anyPod({ nodes }: ClusterModel, namespace: string): Pod | null {
  const node = nodes.find(({ ready }) => ready) ?? nodes[0];
  const [manifest] = manifestsOf(
    parseFile('hoplens-assumed:client', '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"client"}}'),
  );
  if (node === undefined || manifest === undefined) return null;
  const addresses = node.podCIDRs.map((cidr) => addressIn(cidr, 254));
  return {
    namespace,
    manifest,
    name: 'client',
    labels: new Map(),
    address: addresses[0] ?? '',
    addresses,
    node: node.name,
    hostNetwork: false,
    ready: true,
    terminating: false,
    containers: [],
    hostname: null,
    subdomain: null,
    owner: { kind: 'Pod', name: 'client' },
    isReal: false,
  };
}
