import { proxyNameLabel } from '../../cluster/service.ts';
import { fieldOf, keyFieldOf } from '../../manifest/manifest.ts';
import { isWatched } from '../../network/kubeProxy/proxiedPort.ts';
import { unwatchedListings } from '../../network/kubeProxy/unwatchedListings.ts';
import { rule } from '../rule.ts';

/**
 * A label gives the Service to another proxy, or keeps all its endpoints from kube-proxy: the trace says the same. A
 * proxy that the label names may run outside the set; one without a name is nobody.
 */
export const hiddenByLabel = rule({
  id: 'hidden-by-label',
  topic: 'services',
  severity: 'warning',
  meaning: 'A label keeps the Service, or all its endpoints, from kube-proxy: no connection to it succeeds.',
  remedy: 'Take the label away, or run the proxy that it names.',
  details: 'A proxy of that name may run outside of the set: then this is worth knowing and no fault.',
  link: 'https://kubernetes.io/docs/reference/labels-annotations-taints/#servicekubernetesioservice-proxy-name',
  about: 'Service',
  *check(service, { model, isComplete }) {
    const { manifest, name, proxyName, type } = service;
    if (!isComplete || type === 'ExternalName' || service.headless) return;
    if (!isWatched(service)) {
      const whom =
        proxyName === null || proxyName === ''
          ? 'leaves it to a proxy without a name, which is nobody: no connection to it succeeds'
          : `leaves it to ${proxyName}: unless that runs on the nodes, no connection to it succeeds`;
      yield {
        message: `kube-proxy leaves Service ${name} alone: its label ${proxyNameLabel} ${whom}.`,
        severity: proxyName === '' ? 'warning' : 'info',
        at: keyFieldOf(manifest, 'metadata', 'labels', proxyNameLabel),
      };
      return;
    }
    const hidden = unwatchedListings(model, service);
    if (hidden.length === 0) return;
    yield {
      message:
        `Service ${name} has no ready endpoint, so every connection to it is rejected: ` +
        `${hidden.map(({ text }) => text).join('; ')}.`,
      at: fieldOf(manifest, 'metadata', 'name'),
      related: hidden.map((each) => ({
        message: `${each.manifest.kind} ${each.manifest.name}`,
        at: keyFieldOf(each.manifest, 'metadata', each.sign.in, each.sign.name),
      })),
    };
  },
  bad: {
    says: "kube-proxy doesn't watch EndpointSlice db-1, by its label service.kubernetes.io/headless",
    yaml: `
apiVersion: v1
kind: Service
metadata:
  name: web
  labels: { service.kubernetes.io/service-proxy-name: '' }
            ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
spec: { selector: { app: web }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata: { name: db }
                  ~~
spec: { ports: [{ port: 5432 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: db-1
  labels: { kubernetes.io/service-name: db, service.kubernetes.io/headless: '' }
addressType: IPv4
ports: [{ name: '', port: 5432, protocol: TCP }]
endpoints: [{ addresses: [192.0.2.7] }]
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata: { name: db }
spec: { ports: [{ port: 5432 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: db-1
  labels: { kubernetes.io/service-name: db }
addressType: IPv4
ports: [{ name: '', port: 5432, protocol: TCP }]
endpoints: [{ addresses: [192.0.2.7] }]
`,
});
