import { expect, test } from 'vitest';
import { clusterOf } from './scene.ts';

test('no two of 10,000 objects share a stand-in address or port', { timeout: 60_000 }, () => {
  const objects = Array.from({ length: 5000 }, (_, index) => {
    const name = `web-${index}`;
    const type = ['ClusterIP', 'NodePort', 'LoadBalancer', 'ClusterIP'][index < 1200 ? index % 3 : 3];
    return [
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name },
        spec: { type, selector: { app: name }, ports: [{ port: 80 }] },
      },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec: { containers: [] } },
    ];
  }).flat();
  const classes = ['nginx', 'traefik', 'haproxy'].map((ingressClassName) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: ingressClassName },
    spec: { ingressClassName, defaultBackend: { service: { name: 'web-1', port: { number: 80 } } } },
  }));
  const gateways = Array.from({ length: 20 }, (_, index) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: `edge-${index}` },
    spec: { gatewayClassName: 'eg', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
  }));
  const { services, pods, nodes } = clusterOf([...objects, ...classes, ...gateways]);
  const addresses = [
    ...services.flatMap(({ clusterIPs, loadBalancerAddresses }) => [...clusterIPs, ...loadBalancerAddresses]),
    ...pods.flatMap(({ hostNetwork, addresses: own }) => (hostNetwork ? [] : own)),
    ...nodes.flatMap((node) => node.addresses),
  ];
  const ports = services.flatMap((service) => service.ports.flatMap(({ nodePort }) => nodePort ?? []));
  expect(addresses.length).toBeGreaterThan(10_000);
  expect(new Set(addresses).size).toBe(addresses.length);
  expect(new Set(ports).size).toBe(ports.length);
});
