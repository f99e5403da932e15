import { expect, test } from 'vitest';
import { nftablesRules } from '../shared/network/kubeProxy/nftablesRules.ts';
import { clusterOf, foundIn, traceIn } from './scene.ts';

/** Families that a Service asks of the cluster, and the Services' ranges that a set shows. */
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', ports: [{ containerPort: 8080 }] }] },
    },
  },
};
const client = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'client' } };

function service(spec: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
  };
}

function profile(spec: object): object {
  return { apiVersion: 'hoplens.dev/v1alpha1', kind: 'ClusterProfile', metadata: { name: 'case' }, spec };
}

function serviceCidr(name: string, ...cidrs: readonly string[]): object {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name }, spec: { cidrs } };
}

const required = { ipFamilyPolicy: 'RequireDualStack' };
const two = { ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv4', 'IPv6'] };
const onlyV4 = 'the API server refuses Service web (';

test.each([
  ['RequireDualStack', [service(required)], ['dual-stack'], 2],
  ['two families', [service(two)], ['dual-stack'], 2],
  ['the other family alone', [service({ ipFamilies: ['IPv6'] })], ['dual-stack'], 1],
  ['PreferDualStack asks for nothing', [service({ ipFamilyPolicy: 'PreferDualStack' })], [], 1],
  ['headless without a selector, which has no address', [service({ clusterIP: 'None', selector: {} })], [], 0],
  [
    'a profile that has both',
    [
      service(required),
      profile({ serviceCIDR: '10.96.0.0/16,fd00:1::/112', podNetwork: { cidr: '10.8.0.0/16,fd00:2::/56' } }),
    ],
    [],
    2,
  ],
  ['a profile that says nothing of it', [service(required), profile({ clusterDomain: 'k.test' })], ['dual-stack'], 2],
  ['a profile that has one', [service(required), profile({ serviceCIDR: '10.96.0.0/16' })], ['refused:default/web'], 1],
  [
    'a profile whose pods have one',
    [service(two), profile({ podNetwork: { cidr: '10.8.0.0/16' } })],
    ['refused:default/web'],
    2,
  ],
  [
    'a cluster that has one',
    [service(required), serviceCidr('kubernetes', '10.96.0.0/16')],
    ['refused:default/web'],
    1,
  ],
  [
    'a cluster whose Services have both, so its pods too',
    [service(required), serviceCidr('kubernetes', '10.9.0.0/16', 'fd00:9::/112')],
    ['dual-stack'],
    2,
  ],
])('%s', (_, objects, expected, addresses) => {
  const model = clusterOf([...objects, deployment, client]);
  const { assumptions } = traceIn(model, 'svc/web', 'pod/client');
  expect(assumptions.map(({ id }) => id).filter((id) => /^(dual-stack|refused)/.test(id))).toEqual(expected);
  expect(model.services[0]?.clusterIPs).toHaveLength(addresses);
  if (expected.includes('refused:default/web')) expect(assumptions.map(({ text }) => text).join()).toContain(onlyV4);
});

test('the assumed family is delivered, by its own addresses', () => {
  const model = clusterOf([
    service({ ...required, clusterIP: '10.96.0.50', clusterIPs: ['10.96.0.50', 'fd00:10:96::50'], type: 'NodePort' }),
    deployment,
    client,
  ]);
  const [path] = traceIn(model, '[fd00:10:96::50]:80', 'pod/client').paths;
  expect(path?.verdict).toMatchObject({ kind: 'delivered' });
  expect(path?.hops.at(-1)?.packet.destination.address).toMatch(/^fd00:10:244:1::/);
  const [node] = model.nodes;
  expect(node === undefined ? '' : nftablesRules(model, node, 'IPv6')).toContain('fd00:10:96::50 . tcp . 80');
  expect(foundIn(model)).toEqual([]);
});

test.each([
  ['the API server’s own', [serviceCidr('kubernetes', '10.43.0.0/16')], '10.43.0.0/16', /^10\.43\./],
  ['one more', [serviceCidr('more', '10.60.0.0/16')], '10.96.0.0/12,10.60.0.0/16', /^10\.(9[6-9]|10\d|11[01])\./],
  [
    'both, and they win over the profile',
    [
      profile({ serviceCIDR: '10.1.0.0/16' }),
      serviceCidr('more', '10.60.0.0/16'),
      serviceCidr('kubernetes', '10.43.0.0/16'),
    ],
    '10.43.0.0/16,10.60.0.0/16',
    /^10\.43\./,
  ],
])('ServiceCIDR objects: %s', (_, objects, ranges, address) => {
  const model = clusterOf([...objects, service({}), deployment, client]);
  const [node] = model.nodes;
  expect(model.services[0]?.clusterIP).toMatch(address);
  expect(node === undefined ? '' : nftablesRules(model, node, 'IPv4')).toContain(`ip daddr { ${ranges} } drop`);
  for (const range of ranges.split(',')) {
    const [path] = traceIn(model, `${range.replace(/0\.0\/.*/, '250.250')}:80`, 'internet').paths;
    expect(path?.verdict).toMatchObject({ kind: 'unroutable', reason: 'cluster-address' });
  }
});
