import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readIngress } from '../../../shared/cluster/ingress.ts';
import { clusterOf, controllerBehindBalancer } from '../../scene.ts';
import { follow } from '../../follow.ts';

/** What the suite asks, and what must come out; a null status where no controller takes the Ingress. */
type Asked = readonly [
  scenario: string,
  method: string,
  scheme: 'http' | 'https',
  host: string,
  path: string,
  status: number | null,
  service: string | null,
];

interface Feature {
  readonly feature: string;
  readonly pods?: number;
  readonly ingress: object;
  readonly requests: readonly Asked[];
}

const suite: { repository: string; commit: string; features: readonly Feature[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'ingress.json'), 'utf8'),
);

const all = suite.features.flatMap(({ requests }) => requests);
const agreeing = new Set<string>();

test.each(suite.features)('$feature', ({ ingress, pods = 1, requests }) => {
  const [read] = clusterOf([ingress]).ingresses;
  if (read === undefined) throw new Error('no Ingress');
  const backends = [...readIngress(read.manifest).rules.map(({ backend }) => backend), read.defaultBackend].flatMap(
    (backend) => backend?.service ?? [],
  );
  const model = clusterOf([ingress, ...controller, ...[...new Set(backends)].flatMap((name) => echo(name, pods))]);
  const got = requests.map((asked): Asked => {
    const [scenario, method, scheme, host, path] = asked;
    const isNamed = asked[5] === null;
    const trace = follow(model, {
      from: { kind: 'internet' },
      target: {
        kind: 'url',
        scheme,
        host: isNamed ? host : '203.0.113.1',
        port: scheme === 'https' ? 443 : 80,
        path,
        query: new Map(),
        search: '',
      },
      protocol: 'TCP',
      method,
      headers: new Map([['host', host]]),
    });
    const ends = new Set(
      trace.paths.map(({ verdict }) =>
        verdict.kind === 'delivered'
          ? `200 ${verdict.service}`
          : verdict.kind === 'answered'
            ? `${verdict.status}`
            : verdict.reason,
      ),
    );
    const [only, other] = ends;
    if (only === undefined || other !== undefined) throw new Error([...ends].join());
    if (pods > 1)
      expect(
        new Set(trace.paths.flatMap(({ verdict }) => (verdict.kind === 'delivered' ? verdict.address : []))).size,
      ).toBe(pods);
    const [status, service] = only.split(' ');
    return [scenario, method, scheme, host, path, only === 'no-controller' ? null : Number(status), service ?? null];
  });
  expect(got).toEqual(requests);
  for (const each of requests) agreeing.add(JSON.stringify(each));
});

test(`all ${all.length} requests of ${suite.repository} (${suite.commit}) agree`, () => {
  expect(all).toHaveLength(30);
  expect(agreeing).toEqual(new Set(all.map((each) => JSON.stringify(each))));
});

/** A controller that keeps to the standard, behind a load balancer. */
const controller = [
  {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name: 'conformance' },
    spec: { ingressControllers: [{ class: 'conformant', implementation: 'standard', service: 'ingress/controller' }] },
  },
  ...controllerBehindBalancer('ingress', 'controller'),
];

function echo(name: string, replicas: number): object[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name },
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 8080 }] },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas,
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'echo', ports: [{ containerPort: 8080 }] }] },
        },
      },
    },
  ];
}
