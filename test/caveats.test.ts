import { expect, test } from 'vitest';
import { clusterOf, traceIn } from './scene.ts';

function caveats(spec: object, pods = 2): string[] {
  const model = clusterOf([
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort: 30080 }], ...spec },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web' },
      spec: {
        replicas: pods,
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', ports: [{ containerPort: 80 }] }] },
        },
      },
    },
  ]);
  return traceIn(model, 'svc/web')
    .assumptions.filter(({ id }) => /^(refused|affinity|crowd)/.test(id))
    .map(({ text }) => text);
}

test.each([
  ['nothing to say', {}, 2, []],
  [
    'a Service that the API server refuses',
    { ports: [{ port: 80, nodePort: 80 }] },
    2,
    [
      'the API server refuses Service web (nodePort 80 is outside 30000-32767); ' +
        'this is what would happen if it took it',
    ],
  ],
  [
    'an impossible field',
    { healthCheckNodePort: 31000 },
    2,
    [
      'the API server refuses Service web (spec.healthCheckNodePort may only be set when `type` is ' +
        "'LoadBalancer' and `externalTrafficPolicy` is 'Local'); this is what would happen if it took it",
    ],
  ],
  [
    'session affinity',
    { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } },
    2,
    [
      "the shares are those of a client's first connection to Service web: for 60 seconds after its last one, a " +
        'node sends the same address to the same pod',
    ],
  ],
  ['session affinity and one pod', { sessionAffinity: 'ClientIP' }, 1, []],
  [
    'very many pods',
    {},
    100,
    ['of 100 that are alike, 63 are followed one by one and the last path stands for the rest'],
  ],
])('%s', (_, spec, pods, expected) => expect(caveats(spec, pods)).toEqual(expected));
