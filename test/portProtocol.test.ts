import { expect, test } from 'vitest';
import type { Protocol } from '../shared/cluster/service.ts';
import { readOrigin, readTarget } from '../shared/trace/readRequest.ts';
import { verdictSentence } from '../shared/trace/verdictText.ts';
import { follow } from './follow.ts';
import { cluster } from './scene.ts';

const model = cluster(`
kind: Service
apiVersion: v1
metadata: { name: dns }
spec:
  clusterIP: 10.96.0.53
  selector: { app: dns }
  ports: [{ name: udp, port: 53, protocol: UDP }, { name: tcp, port: 53 }, { name: metrics, port: 9153 }]
---
kind: Service
apiVersion: v1
metadata: { name: ntp }
spec: { clusterIP: 10.96.0.123, selector: { app: dns }, ports: [{ port: 123, protocol: UDP }] }
---
kind: Pod
apiVersion: v1
metadata: { name: dns, labels: { app: dns } }
spec: { containers: [{ name: dns, image: dns }] }
---
kind: Pod
apiVersion: v1
metadata: { name: client }
spec: { containers: [{ name: client, image: client }] }
`);

/** What a pod's request comes to: the port and protocol that it is delivered at, or what is said. */
function answer(target: string, protocol: Protocol): string {
  const [asked, from] = [readTarget(target), readOrigin('pod/client', model)];
  if (asked.kind === 'unreadable' || from.kind === 'unreadable') throw new Error(target);
  const request = {
    target: asked.value,
    from: from.value,
    protocol,
    method: 'GET',
    headers: new Map<string, string>(),
  };
  const [path] = follow(model, request).paths;
  if (path?.verdict.kind !== 'delivered') return path === undefined ? '' : verdictSentence(path.verdict);
  return `${path.verdict.port} ${path.hops.at(-1)?.packet.protocol}`;
}

const others = 'it has 53 (udp, UDP), 53 (tcp, TCP), 9153 (metrics, TCP)';

test.each<[string, Protocol, string]>([
  ['svc/dns:53', 'UDP', '53 UDP'],
  ['svc/dns:53', 'TCP', '53 TCP'],
  ['dns.default.svc:53', 'TCP', '53 TCP'],
  ['dns.default.svc:53', 'UDP', '53 UDP'],
  ['dns.default.svc:9153', 'UDP', `Service dns has no UDP port 9153; ${others}.`],
  ['svc/dns:9153', 'UDP', `Service dns has no UDP port 9153; ${others}.`],
  ['svc/dns', 'UDP', '53 UDP'],
  // Who says nothing asks by TCP.
  ['svc/ntp', 'TCP', '123 UDP'],
  ['svc/ntp:123', 'TCP', '123 UDP'],
  ['ntp.default.svc:123', 'TCP', 'Service ntp has no TCP port 123; it has 123 (UDP).'],
])('%s over %s: %s', (target, protocol, wanted) => {
  expect(answer(target, protocol)).toBe(wanted);
});
