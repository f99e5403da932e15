import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

function workload(kind: string, name: string, ports: readonly number[], hostNetwork = false): string {
  const declared = ports.map((port) => `{ containerPort: ${port} }`).join(', ');
  return `
apiVersion: apps/v1
kind: ${kind}
metadata: { name: "${name}" }
spec:
  replicas: ${kind === 'Deployment' ? 2 : 1}
  selector: { matchLabels: { app: ${name.slice(0, 3)} } }
  template:
    metadata: { labels: { app: ${name.slice(0, 3)} } }
    spec: { hostNetwork: ${hostNetwork}, containers: [{ name: main, image: main, ports: [${declared}] }] }
---`;
}

const shop = `${workload('Deployment', 'web', [8080])}
${workload('Deployment', 'api', [9000])}
${workload('StatefulSet', 'db', [5432, 9187])}
${workload('Deployment', 'load\\u202Egen', [])}
${workload('DaemonSet', 'node-exporter', [9100], true)}
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: LoadBalancer, selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: default-deny }
spec: { podSelector: {}, policyTypes: [Ingress] }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: db }
spec:
  podSelector: { matchLabels: { app: db } }
  ingress: [{ from: [{ podSelector: { matchLabels: { app: api } } }], ports: [{ port: 5432 }] }]
  egress: [{ to: [{ ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] } }], ports: [{ port: 443 }] }]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: { matchLabels: { app: web } }
  ingress: [{ from: [{ ipBlock: { cidr: 198.51.100.0/24 } }], ports: [{ port: 8080 }] }]
`;

function reach(...args: readonly string[]): {
  readonly out: string;
  readonly err: string;
  readonly status: number | null;
} {
  const command = ['--disable-warning=ExperimentalWarning', 'cli/main.ts', 'reach', '-f', '-', ...args];
  const { stdout, stderr, status } = spawnSync('node', command, { cwd: root, encoding: 'utf8', input: shop });
  return { out: stdout, err: stderr, status };
}

test('equal rows as one, each with whom it reaches, and whom it does not and why', () => {
  expect(reach().out).toMatchInlineSnapshot(`
    "~ NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's
      podNetwork.policies doesn't say by whom
    ~ the cluster's DNS is taken to be pods with the label k8s-app: kube-dns in kube-system, or those of
      OpenShift: no file here shows it

    internet, by web :80
      partly    web:8080*: 1/3 reaches, 2/3 kept out by default-deny and web
      *         Cilium beside kube-proxy would let less in: the masquerade comes before the policy there
      *         Antrea would let less in: a masqueraded packet has an address of the pods' range there
      *         OVN-Kubernetes would let less in: a masqueraded packet has the gateway router's address
                there, of 100.64.0.0/16
      *         Calico eBPF would let more in: the client keeps its own address there

    web, load\\u202egen (2 workloads)
      reaches   node-exporter:9100, the internet
      not       web:8080: kept out by default-deny and web
      not       api:9000: kept out by default-deny
      not       db:5432,9187: kept out by default-deny and db

    api
      reaches   db:5432, node-exporter:9100, the internet
      not       web:8080: kept out by default-deny and web
      not       api:9000: kept out by default-deny
      not       db:9187: kept out by default-deny and db; db allows it on TCP port 5432 alone

    db
      partly    the internet: only 0.0.0.0/0 but for 10.0.0.0/8 on TCP port 443
      not       web:8080, api:9000, node-exporter:9100*: kept in by db
      names     can't be looked up: kept in by db
      *         node-exporter:9100*: AWS VPC CNI with its agent would let more out: a pod may always ask
                its own node there

    node-exporter
      reaches   node-exporter:9100, the internet
      partly    web:8080: 1/3 reaches, 2/3 kept out by default-deny and web
      partly    api:9000: 1/3 reaches, 2/3 kept out by default-deny
      partly    db:5432,9187: 1/3 reaches, 2/3 kept out by default-deny and db

    ~ no port is known of load\\u202egen
    ~ one pair: --from deploy/web --to deploy/api; its way: hoplens trace pod/api-0:9000 --from
      deploy/web
    "
  `);
});

test('as a grid', () => {
  expect(reach('--format', 'matrix').out).toMatchInlineSnapshot(`
    "~ NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's
      podNetwork.policies doesn't say by whom
    ~ the cluster's DNS is taken to be pods with the label k8s-app: kube-dns in kube-system, or those of
      OpenShift: no file here shows it

                         1  2  3  4  5  6
    internet, by web :80 ~* .  .  .  .  .
    web, load\\u202egen   -  -  -  -  +  +
    api                  -  -  +  -  +  +
    db                   -  -  .  .  -* ~
    node-exporter        ~  ~  ~  ~  +  +

     1 web:8080 - kept out by default-deny and web
     2 api:9000 - kept out by default-deny
     3 db:5432 - kept out by default-deny and db
     4 db:9187 - kept out by default-deny and db
     5 node-exporter:9100
     6 the internet

    db: kept in by db
    db: can't look up names because of db

    * Cilium beside kube-proxy would let less in: the masquerade comes before the policy there
    * Antrea would let less in: a masqueraded packet has an address of the pods' range there
    * OVN-Kubernetes would let less in: a masqueraded packet has the gateway router's address there, of
      100.64.0.0/16
    * Calico eBPF would let more in: the client keeps its own address there
    * AWS VPC CNI with its agent would let more out: a pod may always ask its own node there

    + reaches  ~ partly  ? not decided here  - stopped  . never asks  * other network plug-ins decide
    otherwise
    "
  `);
});

test('one asker, one who is asked, one port', () => {
  expect(reach('--to', 'sts/db', '--port', '5432').out).toMatchInlineSnapshot(`
    "~ NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's
      podNetwork.policies doesn't say by whom
    ~ the cluster's DNS is taken to be pods with the label k8s-app: kube-dns in kube-system, or those of
      OpenShift: no file here shows it

    web, load\\u202egen (2 workloads)
      not       db:5432: kept out by default-deny and db

    api
      reaches   db:5432

    db
      reaches   db:5432
      names     can't be looked up: kept in by db

    node-exporter
      partly    db:5432: 1/3 reaches, 2/3 kept out by default-deny and db

    ~ one pair: --from deploy/web --to sts/db; its way: hoplens trace pod/db-0:5432 --from deploy/web
    "
  `);
  expect(reach('--from', 'sts/db', '--to', 'internet', '--port', '443').out).toMatchInlineSnapshot(`
    "~ NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's
      podNetwork.policies doesn't say by whom
    ~ the cluster's DNS is taken to be pods with the label k8s-app: kube-dns in kube-system, or those of
      OpenShift: no file here shows it

    db
      reaches   the internet
      names     can't be looked up: kept in by db
    "
  `);
  expect(reach('--from', 'node/node-1', '--to', 'deploy/api').out).toMatchInlineSnapshot(`
    "~ NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's
      podNetwork.policies doesn't say by whom

    node/node-1
      partly    api:9000: 1/2 reaches, 1/2 kept out by default-deny
    "
  `);
});

test('as JSON: each pair in one answer, each reason with its line', () => {
  expect(JSON.parse(reach('--format', 'json', '--from', 'deploy/api', '--to', 'sts/db').out)).toMatchInlineSnapshot(`
    {
      "sets": [
        {
          "answers": [
            {
              "answer": "yes",
              "from": [
                "deploy/api",
              ],
              "outcomes": [
                {
                  "direction": null,
                  "file": null,
                  "kind": "reaches",
                  "line": null,
                  "policies": [],
                  "share": "1",
                  "text": "reaches",
                },
              ],
              "to": [
                "sts/db:5432",
              ],
            },
            {
              "answer": "no",
              "from": [
                "deploy/api",
              ],
              "outcomes": [
                {
                  "direction": "ingress",
                  "file": "-",
                  "kind": "denied",
                  "line": 71,
                  "policies": [
                    "default-deny",
                    "db",
                  ],
                  "share": "1",
                  "text": "kept out by default-deny and db; db allows it on TCP port 5432 alone",
                },
              ],
              "to": [
                "sts/db:9187",
              ],
            },
          ],
          "lookups": [],
          "notes": [
            {
              "id": "network-policy",
              "text": "NetworkPolicies are taken to be enforced as most network plug-ins do: the profile's podNetwork.policies doesn't say by whom",
            },
          ],
          "otherwise": [],
          "receivers": [
            {
              "id": "sts/db:5432",
              "kind": "workload",
              "name": "db:5432",
              "port": 5432,
              "protocol": "TCP",
            },
            {
              "id": "sts/db:9187",
              "kind": "workload",
              "name": "db:9187",
              "port": 9187,
              "protocol": "TCP",
            },
          ],
          "senders": [
            {
              "file": "-",
              "id": "deploy/api",
              "kind": "workload",
              "line": 15,
              "name": "api",
              "pods": 2,
            },
          ],
          "set": "-",
          "withoutPorts": [],
        },
      ],
      "version": 1,
    }
  `);
});

test('what can not be read is told', () => {
  const told = (...args: readonly string[]) => {
    const { err, status, out } = reach(...args);
    return `${status} ${out}${err}`;
  };
  expect([told('--from', 'deploy/nobody'), told('--to', 'node/node-1'), told('--port', '53/icmp')])
    .toMatchInlineSnapshot(`
      [
        "2 hoplens: There is no deploy/nobody in namespace default; there are web, api, db, load\\u202egen, node-exporter.
      ",
        "2 hoplens: --to node/node-1 takes --port P as well: no manifest says what listens there.
      ",
        "2 hoplens: --port takes a number from 1 to 65535, such as 8080 or 53/udp, not 53/icmp.
      ",
      ]
    `);
});
