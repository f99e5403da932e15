import { expect, test } from 'vitest';
import { lensOf } from '../shared/insight/lenses.ts';
import { clusterOf } from './scene.ts';

// 64 nodes, 4 controllers and 48 pods: 12,288 ways for each of 12 paths. V8 takes some 125,000 arguments in one call.
test('the lens of an Ingress with more ways than one call has room for', () => {
  const pods = (name: string, count: number, image: string): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: count,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name, image, ports: [{ containerPort: 80 }] }] },
      },
    },
  });
  const service = (name: string, type: string): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { type, selector: { app: name }, ports: [{ port: 80 }] },
  });
  const model = clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'large' },
      spec: { nodes: { count: 64 } },
    },
    pods('controller', 4, 'registry.k8s.io/ingress-nginx/controller:v1.14.0'),
    service('controller', 'LoadBalancer'),
    pods('shop', 48, 'shop'),
    service('shop', 'ClusterIP'),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'shop' },
      spec: {
        ingressClassName: 'nginx',
        rules: [
          {
            http: {
              paths: Array.from({ length: 12 }, (_, index) => ({
                path: `/${index}`,
                pathType: 'Prefix',
                backend: { service: { name: 'shop', port: { number: 80 } } },
              })),
            },
          },
        ],
      },
    },
  ]);
  const lenses = model.ingresses.map(({ manifest }) => lensOf({ model, isComplete: true }, manifest)?.way);
  expect(lenses).toStrictEqual(['3 hops from LB, SNAT applied']);
}, 60_000);
