import { expect, test } from 'vitest';
import { oneFile } from './scene.ts';

const route = (namespace: string): string => `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop${namespace} }
spec:
  parentRefs: [{ name: edge }]
  rules: [{ backendRefs: [{ name: cart, namespace: shop, port: 80 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: cart, namespace: shop }
spec: { selector: { app: cart }, ports: [{ port: 80 }] }
`;

const grant = `---
apiVersion: gateway.networking.k8s.io/v1
kind: ReferenceGrant
metadata: { name: web, namespace: shop }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: web }]
  to: [{ group: "", kind: Service }]
`;

test.each([
  ['in another namespace', route(', namespace: web'), 'Service cart is in namespace shop, where no'],
  ['in none that is written', route(''), "If HTTPRoute shop isn't applied into namespace shop"],
  ['in none, with a grant for some', route('') + grant, ''],
])('a backend of another namespace, %s', (_, yaml, says) => {
  const found = oneFile(yaml)
    .findings('test.yaml')
    .filter(({ rule }) => rule === 'reference-grant-missing');
  expect(found.map(({ message }) => message.slice(0, says.length))).toEqual(says === '' ? [] : [says]);
});
