import { expect, test } from 'vitest';
import { reachLines } from '../../shared/insight/reachability/reachText.ts';
import { reachability, readSomeone } from '../../shared/insight/reachability/reachability.ts';
import { clusterOf } from '../scene.ts';

const metadata = (name: string): object => ({ name, namespace: 'shop' });

function workload(name: string, replicas = 2): object {
  const labels = { app: name };
  const spec = { containers: [{ name: 'main', image: 'main', ports: [{ containerPort: 8080 }] }] };
  const template = { metadata: { labels }, spec };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name),
    spec: { replicas, selector: { matchLabels: labels }, template },
  };
}

function policy(name: string, spec: object): object {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: metadata(name), spec };
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata('db'),
  spec: { selector: { app: 'db' }, ports: [{ port: 5432, targetPort: 8080 }] },
};
const of = (app: string): object => ({ podSelector: { matchLabels: { app } } });
/** To the pods at the Service's port, which is theirs nowhere. */
const toServicePort = policy('web', {
  ...of('web'),
  policyTypes: ['Egress'],
  egress: [{ to: [of('db')], ports: [{ port: 8080 }] }, { ports: [{ port: 53, protocol: 'UDP' }] }],
});
const toAll = policy('api', {
  ...of('api'),
  policyTypes: ['Egress'],
  egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
});

function told(podNetwork: object | null, ...more: readonly object[]): string {
  const profile = {
    apiVersion: 'hoplens.dev/v1alpha1',
    kind: 'ClusterProfile',
    metadata: { name: 'own' },
    spec: { podNetwork },
  };
  const objects = [workload('web'), workload('api'), workload('db'), service, ...more];
  const model = clusterOf(podNetwork === null ? objects : [...objects, profile]);
  const found = reachability({ model, isComplete: true }, { from: null, to: null, port: null });
  return reachLines(found, 300)
    .flatMap(({ text }) => (/^~ (?!one pair)|^ {2}\*|^ {2}names/.test(text) ? [text.trim()] : []))
    .join('\n');
}

test.each([
  ['no policies: nothing is assumed', told(null), '~ all of them are in namespace shop'],
  [
    'a plug-in that enforces nothing says so',
    told({ cni: 'flannel' }, toAll),
    `~ all of them are in namespace shop
~ Flannel enforces no NetworkPolicy (podNetwork.cni): api does nothing here`,
  ],
  [
    'one that is said',
    told({ policies: 'calico' }, toServicePort),
    `~ all of them are in namespace shop
~ policies are enforced by Calico, as the profile's podNetwork.policies says`,
  ],
  [
    'a range that means no pods elsewhere; who asks no DNS',
    told(null, toAll),
    `~ all of them are in namespace shop
~ NetworkPolicies are taken to be enforced as most network plug-ins do: \
the profile's podNetwork.policies doesn't say by whom
* web:8080*, api:8080*, db:8080*: Cilium beside kube-proxy would let less out: \
an ipBlock means neither pods nor nodes there`,
  ],
  [
    'by a Service',
    told(
      { policies: 'aws-vpc' },
      policy('db', { ...of('web'), policyTypes: ['Egress'], egress: [{ ports: [{ port: 8080 }] }] }),
    ),
    `~ all of them are in namespace shop
~ policies are enforced by AWS VPC CNI with its agent, as the profile's podNetwork.policies says
~ the cluster's DNS is taken to be pods with the label k8s-app: kube-dns in kube-system, \
or those of OpenShift: no file here shows it
names     can't be looked up: kept in by db, which allows it on TCP port 8080 alone
* db:8080*: asked by Service db.shop, the gate lets less out: a packet still has the Service's address and port there`,
  ],
])('%s', (_, found, expected) => {
  expect(found.replaceAll(/\* {9}/g, '* ')).toBe(expected);
});

test.each([
  ['deploy/wep.shop', 'There is no deploy/wep.shop; there are web.shop, api.shop, db.shop.'],
  ['db', 'There is no db: deploy/db.shop is meant, perhaps.'],
  ['deploy/db', 'There is no deploy/db in namespace default: deploy/db.shop is meant, perhaps.'],
  ['svc/db.shop', 'svc/db.shop is a Service, which neither asks nor is asked here: its pods are deploy/db.shop.'],
  ['300.0.0.1', '300.0.0.1 is no address: each number is at most 255.'],
])('who is meant by %s', (typed, message) => {
  const model = clusterOf([workload('api'), workload('db'), workload('web'), service]);
  expect(readSomeone(model, typed)).toEqual({ kind: 'unreadable', message });
});
