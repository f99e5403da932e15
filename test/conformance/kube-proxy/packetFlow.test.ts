import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hostPort } from '../../../shared/cluster/address.ts';
import { kubeProxy } from '../../../shared/network/kubeProxy/kubeProxy.ts';
import type { ArrivingPacket } from '../../../shared/network/kubeProxy/treatment.ts';
import type { Protocol } from '../../../shared/cluster/service.ts';
import { hasHealthServer } from '../../../shared/network/kubeProxy/healthServer.ts';
import { clusterOf } from '../../scene.ts';

type Packet = readonly [
  name: string,
  source: string,
  protocol: Protocol,
  destination: string,
  port: number,
  expected: string,
  masqueraded: boolean,
];

/** One state of kube-proxy in its own tests, and what it does there to each packet. */
interface Case {
  readonly mode: 'iptables' | 'nftables';
  readonly test: string;
  readonly proxy: Readonly<Record<string, unknown>>;
  readonly objects: readonly object[];
  readonly packets: readonly Packet[];
}

const table: {
  version: string;
  node: { name: string; addresses: readonly string[] };
  podNetwork: string;
  serviceCIDR: string;
  leftOut: readonly { test: string; packets: number; reason: string }[];
  cases: readonly Case[];
} = JSON.parse(readFileSync(join(import.meta.dirname, 'packetFlow.json'), 'utf8'));

const { node, podNetwork, serviceCIDR, cases } = table;

test(`every packet of kube-proxy ${table.version}'s own tests is here, but for its tracer's own`, () => {
  expect(cases.flatMap(({ packets }) => packets)).toHaveLength(460);
  expect(table.leftOut.map(({ packets }) => packets)).toEqual([7, 8, 3]);
});

test.each(cases.map((each, index) => ({ ...each, title: `${each.mode} ${each.test} (${index + 1})` })))(
  '$title',
  ({ mode, proxy, objects, packets }) => {
    const model = clusterOf([
      {
        apiVersion: 'hoplens.dev/v1alpha1',
        kind: 'ClusterProfile',
        metadata: { name: 'case' },
        spec: {
          kubernetesVersion: '1.36',
          kubeProxy: { mode, ...proxy },
          podNetwork: { cidr: podNetwork },
          serviceCIDR,
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: node.name },
        status: { addresses: node.addresses.map((address) => ({ type: 'InternalIP', address })) },
      },
      ...objects,
    ]);
    const [here] = model.nodes;
    if (here === undefined) throw new Error('no Node');
    const got = packets.map(([name, source, protocol, address, port]): Packet => {
      const packet: ArrivingPacket = { protocol, source, destination: { address, port } };
      const treatment = kubeProxy(model, here, packet);
      const verdict = (text: string, masqueraded = false): Packet => [
        name,
        source,
        protocol,
        address,
        port,
        text,
        masqueraded,
      ];
      switch (treatment.kind) {
        case 'untouched':
          return verdict(isHealthCheck(packet) ? 'ACCEPT' : '');
        case 'dropped':
        case 'denied':
          return verdict('DROP');
        case 'rejected':
          return verdict('REJECT');
        case 'forwarded':
          return verdict(
            treatment.choices
              .map(({ endpoint }) => hostPort(endpoint.address, endpoint.port))
              .toSorted()
              .join(', '),
            treatment.choices.some(({ masquerade }) => masquerade !== null),
          );
        default:
          return treatment satisfies never;
      }
    });
    expect(got).toEqual(packets);

    /** The packet filter lets the health server's port in; whether that listens at the address is another question. */
    function isHealthCheck({ protocol, destination }: ArrivingPacket): boolean {
      return (
        protocol === 'TCP' &&
        model.services.some((service) => hasHealthServer(service) && service.healthCheckNodePort === destination.port)
      );
    }
  },
);
