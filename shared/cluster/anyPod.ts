import type { ClusterModel } from './clusterModel.ts';
import type { Pod } from './pod.ts';
import { askingPodAddresses } from './standIns.ts';
import { madeUp } from '../manifest/manifest.ts';

/**
 * A pod that asks and is none of the set's: on the first ready node, with an address of that node's range, without
 * labels. Null in a cluster without nodes.
 */
export function anyPod({ nodes }: ClusterModel, namespace: string): Pod | null {
  const node = nodes.find(({ ready }) => ready) ?? nodes[0];
  if (node === undefined) return null;
  const manifest = madeUp('hoplens-assumed:client', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'client' } });
  const addresses = askingPodAddresses(node);
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
    waits: null,
    containers: [],
    hostname: null,
    subdomain: null,
    owner: { kind: 'Pod', name: 'client' },
    isReal: false,
  };
}
