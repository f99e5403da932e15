import { expect, test } from 'vitest';
import { traceOf } from '../scene.ts';

const jobs = `
apiVersion: v1
kind: Service
metadata: { name: backend-service, namespace: jobs }
spec:
  selector: { app: backend }
  ports: [{ name: backend, protocol: TCP, port: 3000, targetPort: 3000 }]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: backend, namespace: jobs }
spec:
  replicas: 3
  template: { metadata: { labels: { app: backend } }, spec: { containers: [{ name: backend, image: jobs-api, ports: [{ containerPort: 3000 }] }] } }
---
apiVersion: v1
kind: Pod
metadata: { name: curl, namespace: jobs }
spec: { containers: [{ name: curl, image: curl }] }
`;

test('A2: pod to ClusterIP goes through the chains by name, without SNAT', () => {
  const { paths } = traceOf(jobs, 'svc/backend-service.jobs', 'pod/curl.jobs');
  const chains = paths[0]?.hops[0]?.rewrites[0]?.chains;
  expect(chains).toEqual(['KUBE-SERVICES', 'KUBE-SVC-6R7RAWWNQI6ZLKMO', 'KUBE-SEP-O3HWD4DESFNXEYL6']);
  expect(paths.map(({ probability }) => probability.toFraction())).toEqual(['1/3', '1/3', '1/3']);
  expect(paths.flatMap(({ hops }) => hops.flatMap(({ rewrites }) => rewrites.map(({ kind }) => kind)))).toEqual(['DNAT', 'DNAT', 'DNAT']);
});

test('A4: names resolve along the search list, and only there', () => {
  for (const name of ['backend-service', 'backend-service.jobs', 'backend-service.jobs.svc.cluster.local']) {
    expect(traceOf(jobs, `http://${name}:3000/`, 'pod/curl.jobs').paths[0]?.verdict.kind).toBe('delivered');
  }
  expect(traceOf(jobs, 'http://backend-service.other:3000/', 'pod/curl.jobs').paths[0]?.verdict.kind).toBe('unresolved');
});
