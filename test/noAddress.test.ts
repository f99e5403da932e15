import { expect, test } from 'vitest';
import { iptablesRules } from '../shared/network/kubeProxy/iptablesRules.ts';
import { traceText } from '../shared/trace/traceText.ts';
import { clusterOf, foundIn, traceIn } from './scene.ts';

/** What stands where an address belongs and is none is left out, and said where it stands. */
const ready = { conditions: [{ type: 'Ready', status: 'True' }] };

function pod(name: string, spec: object, status: object): object {
  const containers = [{ name: 'web', ports: [{ containerPort: 8080 }] }];
  const metadata = { name, labels: { app: 'web' } };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers, ...spec }, status };
}

function service(spec: object, status: object = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }], ...spec },
    status,
  };
}

const there = pod('there', { nodeName: 'n9' }, { podIP: '10.244.3.3', hostIP: '10.0.0.9', phase: 'Running', ...ready });

test.each([
  [
    'a pod on a node without a name is on none',
    [there, pod('a', { nodeName: '' }, { podIP: '10.244.3.4', phase: 'Running', ...ready })],
    ['n9 10.0.0.9'],
  ],
  [
    'the address of a host that is none',
    [pod('a', { nodeName: 'n9' }, { podIP: '10.244.3.3', hostIP: 'nope', phase: 'Running', ...ready })],
    ['n9 192.168.0.11'],
  ],
  [
    'beside one that can be read',
    [
      pod(
        'a',
        { nodeName: 'n9' },
        { podIP: 'x.y', hostIP: '300.1.1.1', hostIPs: [{ ip: 'nope' }, { ip: '10.0.0.9' }], phase: 'Running' },
      ),
    ],
    ['n9 10.0.0.9'],
  ],
  [
    'nothing of it can be read: it may not be there at all',
    [pod('a', { nodeName: 'n9' }, { podIP: 'x.y', hostIP: 'fe80::1%eth0', phase: 'Running' })],
    ['node-1 192.168.0.11', 'node-2 192.168.0.12', 'node-3 192.168.0.13'],
  ],
  [
    'pods that have ended say nothing of today',
    [
      there,
      pod('a', { nodeName: 'gone' }, { podIP: '10.244.8.8', hostIP: '10.0.0.77', phase: 'Succeeded' }),
      pod('b', { nodeName: 'lost' }, { podIP: '10.244.8.9', hostIP: '10.0.0.78', phase: 'Failed' }),
    ],
    ['n9 10.0.0.9'],
  ],
])('nodes that pods name: %s', (_, objects, wanted) => {
  expect(clusterOf(objects).nodes.map(({ name, address }) => `${name} ${address}`)).toEqual(wanted);
});

const listed = (...ips: readonly unknown[]): object => ({ loadBalancer: { ingress: ips.map((ip) => ({ ip })) } });
const must = 'must be a valid IP address, such as 10.9.8.7 or 2001:db8::ffff';
const kept = 'warning: status.%: ' + `${must}. The API server takes no such status, so it is left out here.`;
const refused = `error: spec.externalIPs[0]: ${must}. The API server refuses Service web.`;

test.each([
  ["a load balancer's", [service({}, listed('not-an-ip', '203.0.113.77'))], ['loadBalancer.ingress[0].ip']],
  ["a load balancer's alone", [service({}, listed('300.1.1.1'))], ['loadBalancer.ingress[0].ip']],
  ['one with a zone', [service({}, listed('fe80::1%not-an-ip'))], ['loadBalancer.ingress[0].ip']],
  ['an external one', [service({ externalIPs: ['not-an-ip'] })], []],
  [
    "a pod's",
    [
      service({}),
      pod('a', { nodeName: 'n9' }, { podIP: 'not-an-ip', podIPs: [{ ip: 'not-an-ip' }], phase: 'Running', ...ready }),
    ],
    ['podIP', 'podIPs[0].ip'],
  ],
  [
    "a node's",
    [
      service({}),
      pod(
        'a',
        { nodeName: 'n9' },
        { podIP: '10.244.3.9', hostIP: 'not-an-ip', hostIPs: [{ ip: 'not-an-ip' }], ...ready },
      ),
    ],
    ['hostIP', 'hostIPs[0].ip'],
  ],
])('in the place of an address: %s', (_, objects, paths) => {
  const model = clusterOf([...objects, there]);
  const trace = traceIn(model, 'svc/web');
  const rules = model.nodes.map((node) => iptablesRules(model, node, 'IPv4') + iptablesRules(model, node, 'IPv6'));
  const text = traceText(trace, () => null);
  expect(`${rules.join('')}${text}`).not.toMatch(/not-an-ip|300\.1\.1\.1/);
  expect(trace.paths.map(({ verdict }) => verdict.kind)).toContain('delivered');
  const found = foundIn(model)
    .filter(({ rule }) => rule === 'refused-by-api-server')
    .map(({ severity, message }) => `${severity}: ${message}`);
  expect(found).toEqual(paths.length === 0 ? [refused] : paths.map((path) => kept.replace('%', path)));
});
