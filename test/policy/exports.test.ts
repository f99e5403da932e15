import { expect, test } from 'vitest';
import { traceMermaid } from '../../shared/trace/traceMermaid.ts';
import { traceText } from '../../shared/trace/traceText.ts';
import { cluster, traceIn } from '../scene.ts';

const nodes = ['node-1', 'node-2']
  .map(
    (name, index) => `
---
apiVersion: v1
kind: Node
metadata: { name: ${name} }
status: { addresses: [{ type: InternalIP, address: 192.168.0.${index + 1} }] }`,
  )
  .join('');

const shop = `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, nodePort: 30080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, labels: { app: web } }
spec: { nodeName: node-1, containers: [{ name: web, ports: [{ containerPort: 80 }] }] }
---
apiVersion: v1
kind: Pod
metadata: { name: client, labels: { app: client } }
spec: { nodeName: node-2, containers: [{ name: client }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: office }
spec: { podSelector: { matchLabels: { app: web } }, ingress: [{ from: [{ ipBlock: { cidr: 198.51.100.0/24 } }] }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: out }
spec: { podSelector: { matchLabels: { app: client } }, policyTypes: [Egress], egress: [{ to: [{ podSelector: {} }] }] }
${nodes}
`;

const placeOf = (): { file: string; line: number } => ({ file: 'shop.yaml', line: 1 });

function mermaid(target: string, from: string): string {
  return traceMermaid(traceIn(cluster(shop), target, from), placeOf);
}

test('Mermaid draws the gate of a pod, with whom it stops and by which rule', () => {
  expect(mermaid('svc/web', '198.51.100.7')).toMatchInlineSnapshot(`
    "flowchart LR
      p0["client 198.51.100.7"]
      p1["node/node-1 192.168.0.1"]
      p2{{"gate into pod/web"}}
      p3["pod/web 10.244.1.13"]
      p4["node/node-2 192.168.0.2"]
      p5["denied by default-deny and office<br/>office allows that port for 198.51.100.0/24 (shop.yaml:1)"]
      p0 -->|"198.51.100.7 to 192.168.0.1:30080, 1/2"| p1
      p1 -->|"10.244.1.1 to 10.244.1.13:80, 1/2"| p2
      p2 -->|"let in by office, 1/2"| p3
      p0 -->|"198.51.100.7 to 192.168.0.2:30080, 1/2"| p4
      p4 -->|"192.168.0.2 to 10.244.1.13:80, 1/2"| p2
      p2 --x|"stops 192.168.0.2 (node/node-2), 1/2"| p5
    "
  `);
});

test('Mermaid draws the gates on the way out and in', () => {
  expect(mermaid('svc/web', 'pod/client')).toMatchInlineSnapshot(`
    "flowchart LR
      p0["pod/client 10.244.2.105"]
      p1{{"gate out of pod/client"}}
      p2{{"gate into pod/web"}}
      p3["denied by default-deny and office<br/>office allows that port for 198.51.100.0/24 (shop.yaml:1)"]
      p0 -->|"let out by out"| p1
      p1 -->|"10.244.2.105 to 10.244.1.13:80"| p2
      p2 --x|"stops 10.244.2.105 (pod/client)"| p3
    "
  `);
});

test('the text of a denial has the line of each policy that isolates the pod', () => {
  expect(traceText(traceIn(cluster(shop), 'pod/web:80', 'pod/client'), placeOf).split('\n\n')[1])
    .toMatchInlineSnapshot(`
      "1
        pod/client 10.244.2.105
          → pod/web                10.244.1.13:80, crossing nodes   (shop.yaml:1)
        denied (network-policy): NetworkPolicies default-deny and office let nothing from 10.244.2.105 on TCP 80 into web: office allows that port for 198.51.100.0/24. The network plug-in drops it.   (shop.yaml:1)
          NetworkPolicy default-deny isolates web for ingress   (shop.yaml:1)
          NetworkPolicy office isolates web for ingress   (shop.yaml:1)"
    `);
});
