import { expect, test } from 'vitest';
import { readOrigin, readTarget } from '../../shared/trace/readRequest.ts';
import { follow } from '../follow.ts';
import { cluster } from '../scene.ts';

/**
 * A Service without endpoints, asked by a pod whose way out is shut but for one range. With Calico's own chains in a
 * real kernel (`npm run lab`) the client waits in vain: its policy stands in front of kube-proxy's REJECT.
 */
const withRange = (range: string): string => `
kind: Service
apiVersion: v1
metadata: { name: web }
spec: { selector: { app: web }, clusterIP: 10.96.0.80, ports: [{ port: 80 }] }
---
kind: Pod
apiVersion: v1
metadata: { name: client, labels: { app: client } }
spec: { containers: [{ name: client, image: x }] }
---
kind: NetworkPolicy
apiVersion: networking.k8s.io/v1
metadata: { name: out }
spec: { podSelector: {}, policyTypes: [Egress], egress: [{ to: [{ ipBlock: { cidr: ${range} } }] }] }
`;

test.each([
  ['203.0.113.0/24', 'denied network-policy'],
  ['10.96.0.0/12', 'rejected no-endpoints'],
])("a Service without endpoints, behind a way out to %s: %s, by the Service's own address", (range, ends) => {
  const model = cluster(withRange(range));
  const from = readOrigin('pod/client', model);
  const target = readTarget('10.96.0.80:80');
  if (from.kind !== 'read' || target.kind !== 'read') throw new Error('unreadable');
  const { paths } = follow(model, {
    from: from.value,
    target: target.value,
    protocol: 'TCP',
    method: 'GET',
    headers: new Map(),
  });
  expect(
    paths.map(({ verdict }) => ('reason' in verdict ? `${verdict.kind} ${verdict.reason}` : verdict.kind)),
  ).toEqual([ends]);
});
