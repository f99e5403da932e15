import { families, familyOf, ofFamily } from '../../shared/cluster/address.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import type { Origin } from '../../shared/trace/trace.ts';
import type { SeededRandom } from '../seededRandom.ts';
import type { LabRequest } from './verify.ts';

/**
 * Somebody who asks for one of the addresses that a Service has, for a nodePort on some address,
 * or for a port that nobody has.
 */
export function randomRequest(model: ClusterModel, random: SeededRandom): LabRequest | null {
  const service = random.pick(model.services);
  const port = service.ports.length === 0 ? null : random.pick(service.ports);
  const node = random.pick(model.nodes);
  if (port === null || port.protocol === 'SCTP') return null;
  const family = random.pick(service.ipFamilies);
  const origins: Origin[] = [
    { kind: 'internet' },
    { kind: 'node', node: node.name },
    { kind: 'node', node: random.pick(model.nodes).name },
  ];
  for (const pod of model.pods.length === 0 ? [] : [random.pick(model.pods), random.pick(model.pods)])
    origins.push({ kind: 'pod', pod });
  const from = random.pick(origins);
  const targets = [
    ...service.clusterIPs.map((address) => ({ address, port: port.port })),
    ...[...service.externalIPs, ...service.loadBalancerAddresses].map((address) => ({ address, port: port.port })),
    ...(port.nodePort === null
      ? []
      : [...node.addresses, ...node.gateways, ...(from.kind === 'node' ? ['127.0.0.1'] : [])].map((address) => ({
          address,
          port: port.nodePort ?? 0,
        }))),
    ...(random.below(10) === 0
      ? [
          { address: service.clusterIPs[0] ?? '', port: 9 },
          { address: node.address, port: port.port },
        ]
      : []),
  ].filter(({ address }) => familyOf(address) === family);
  if (targets.length === 0) return null;
  const has = (addresses: readonly string[]): boolean => ofFamily(addresses, family).length > 0;
  if ((from.kind === 'pod' && !has(from.pod.addresses)) || !families.includes(family)) return null;
  return { from, protocol: port.protocol, ...random.pick(targets) };
}

/** Somebody who asks for a pod by its own address, past every Service. */
export function randomPodRequest(model: ClusterModel, random: SeededRandom): LabRequest | null {
  const pods = model.pods.filter(({ hostNetwork }) => !hostNetwork);
  if (pods.length === 0) return null;
  const pod = random.pick(pods);
  const address = random.pick(pod.addresses);
  const [sender, node] = [random.pick(model.pods), random.pick(model.nodes)];
  const { port, protocol } = random.pick(pod.containers.flatMap(({ ports }) => ports));
  const has = (addresses: readonly string[]): boolean => ofFamily(addresses, familyOf(address)).length > 0;
  // What a pod asks itself doesn't leave it.
  const origins: Origin[] = [
    ...(sender !== pod && has(sender.addresses) ? [{ kind: 'pod', pod: sender } as const] : []),
    ...(has(node.addresses) ? [{ kind: 'node', node: node.name } as const] : []),
    ...(model.profile.podNetwork.routable ? [{ kind: 'internet' } as const] : []),
  ];
  return protocol === 'SCTP' || origins.length === 0 ? null : { from: random.pick(origins), address, port, protocol };
}
