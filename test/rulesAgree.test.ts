import { expect, test } from 'vitest';
import { kubeProxy } from '../shared/network/kubeProxy/kubeProxy.ts';
import { ruleWalks } from '../shared/network/kubeProxy/walk.ts';
import { isLocalTo } from '../shared/cluster/node.ts';
import { nodeNamed } from '../shared/cluster/lookups.ts';
import { internetClient } from '../shared/cluster/standIns.ts';
import { randomRequest } from './lab/randomRequest.ts';
import { familyOf, hostPort } from '../shared/cluster/address.ts';
import { randomCluster } from './randomCluster.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import { coldWorkspace, tracesOf } from './incremental/live.ts';
import { clusterOf } from './scene.ts';
import { seededRandom } from './seededRandom.ts';

const clusters = 600;

/** The trace decides by `kubeProxy`; kube-proxy by its rules. Both must say the same of any packet. */
test(`${clusters} random clusters: the trace says of a packet what the printed rules do to it (seeds from 1)`, () => {
  const different: string[] = [];
  for (let seed = 1; seed <= clusters; seed++) {
    const random = seededRandom(seed);
    const model = clusterOf(randomCluster(random));
    for (let attempt = 0; attempt < 8; attempt++) {
      const request = randomRequest(model, random);
      const node = random.pick(model.nodes);
      if (request === null) continue;
      const { from, protocol } = request;
      const destination = { address: request.address, port: request.port };
      const family = familyOf(destination.address);
      const own = from.kind === 'node' ? nodeNamed(model, from.node) : undefined;
      const source =
        from.kind === 'pod'
          ? from.pod.addresses.find((each) => familyOf(each) === family)
          : own?.addresses.find((each) => familyOf(each) === family);
      const path = own === node ? 'own' : 'arriving';
      const isLoopback = destination.address.startsWith('127.');
      if (isLoopback && path === 'arriving') continue;
      // Who asks for an address of its own asks from it.
      const packet = {
        protocol,
        destination,
        source:
          path === 'own' && isLocalTo(node, destination.address)
            ? destination.address
            : (source ?? internetClient[family]),
      };
      const treatment = kubeProxy(model, node, packet, path);
      const choices =
        treatment.kind === 'forwarded'
          ? treatment.choices.map(({ endpoint, masquerade }) => ({
              chosen: endpoint,
              says:
                'forwarded to ' +
                `${hostPort(endpoint.address, endpoint.port)}${masquerade === null ? '' : ', masqueraded'}`,
            }))
          : [{ chosen: null, says: treatment.kind === 'denied' ? 'dropped' : treatment.kind }];
      const walks = ruleWalks(model, { node, packet, path });
      for (const { chosen, says } of choices) {
        const walk = walks(chosen);
        const to = walk.end === 'forwarded' && chosen !== null ? ` to ${hostPort(chosen.address, chosen.port)}` : '';
        const does = `${walk.end}${to}${walk.isMasqueraded ? ', masqueraded' : ''}`;
        if (does !== says)
          different.push(
            `seed ${seed}, ${model.profile.kubeProxy.mode}, ${node.name}, ${path}, ${packet.source} → ` +
              `${hostPort(destination.address, destination.port)} ${protocol}: the trace says ${says}, the rules ` +
              `${does}\n${walk.met.map(({ text }) => text).join('\n')}`,
          );
      }
    }
  }
  expect(different.slice(0, 3)).toEqual([]);
}, 60_000);

test.each([
  ['another pod', 'replicas: 1', 'replicas: 3'],
  ['another mode', 'mode: iptables', 'mode: nftables'],
])('%s: the rules that a trace names are those of now', (_, before, now) => {
  const uri = '/w/web.yaml';
  const workspace = new Workspace();
  // As an open file's lens does, it keeps the set at hand.
  const watch = workspace.watchLenses(uri, () => undefined);
  for (const text of [web, web.replace(before, now)]) {
    workspace.put(uri, text);
    watch.get();
    const cold = coldWorkspace({ texts: { [uri]: text }, folders: [], chosenProfile: null });
    expect(workspace.ask(() => tracesOf(workspace, uri))).toBe(tracesOf(cold, uri));
  }
});

const web = `apiVersion: v1
kind: Service
metadata: { name: web }
spec: { type: NodePort, selector: { app: web }, ports: [{ port: 80, nodePort: 30080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec: { replicas: 1, template: { metadata: { labels: { app: web } } } }
---
apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: test }
spec: { kubeProxy: { mode: iptables } }
`;
