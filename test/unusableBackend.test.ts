import { expect, test } from 'vitest';
import { cluster, foundIn } from './scene.ts';

/** What is said of a route's backend that can't be used. */
function said(kind: string, parents: string, backend: string): string[] {
  const yaml = `
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: edge, namespace: web }
spec:
  gatewayClassName: eg
  listeners:
    - { name: http, port: 80, protocol: HTTP }
    - { name: dns, port: 53, protocol: UDP }
    - { name: db, port: 5432, protocol: TCP }
---
apiVersion: gateway.networking.k8s.io/v1
kind: ${kind}
metadata: { name: route, namespace: web }
spec:
  parentRefs: [${parents}]
  rules: [{ backendRefs: [${backend}] }]
---
apiVersion: v1
kind: Service
metadata: { name: near, namespace: web }
spec: { selector: { app: near }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: far, namespace: shop }
spec: { selector: { app: far }, ports: [{ port: 80 }] }
`;
  return foundIn(cluster(yaml))
    .filter(({ rule }) => rule === 'route-backend-missing' || rule === 'reference-grant-missing')
    .map(({ severity, message }) => `${severity}: ${message.replace(/^.*: /, '')}`);
}

const wrongPort = '{ name: near, port: 81 }';
const notGranted = '{ name: far, namespace: shop, port: 80 }';
const notTaken = 'info: no gateway takes this route as it stands';

test.each([
  ['HTTPRoute', '{ name: edge }', 'warning: the gateway answers 500 itself'],
  ['TCPRoute', '{ name: edge }', 'warning: the gateway closes the connection'],
  ['UDPRoute', '{ name: edge }', 'warning: the gateway drops the packets'],
  ['HTTPRoute', '{ name: elsewhere }', 'warning: the gateway answers 500 itself'],
  ['HTTPRoute', '', notTaken],
  ['HTTPRoute', '{ name: edge, sectionName: db }', notTaken],
])("a backend that can't be used, of a %s with parents [%s]", (kind, parents, effect) => {
  expect(said(kind, parents, wrongPort)).toEqual([`${effect} (BackendNotFound).`]);
  expect(said(kind, parents, notGranted)).toEqual([`${effect} (RefNotPermitted).`]);
});
