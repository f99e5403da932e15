import { type ClusterModel, indexOfModel } from '../../cluster/clusterModel.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import type { Service } from '../../cluster/service.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { kindOf } from '../../network/loadBalancers/catalogue.ts';
import { theObject } from '../related.ts';
import { dialectFor } from '../ruledTable.ts';
import { rule } from '../rule.ts';

/**
 * `sessionAffinity: ClientIP` where kube-proxy never sees the clients: behind a load balancer that opens connections of
 * its own, or an Ingress controller, which sends to the pods themselves.
 */
export const affinityWithoutClient = rule({
  id: 'affinity-without-client',
  topic: 'services',
  severity: 'info',
  meaning: 'Clients of the proxy in front look like one, or never meet kube-proxy: none is kept with its pod.',
  remedy: 'Ask the proxy in front for affinity, by a cookie or by its own view of the client.',
  details:
    'An Ingress controller balances over the pods by itself, whatever the Service says; a load balancer that is a ' +
    'proxy has few addresses, so that all its clients stick to the same few pods. Clients in the cluster are kept ' +
    'with their pods all the same.',
  link: 'https://kubernetes.io/docs/reference/networking/virtual-ips/#session-affinity',
  about: 'Service',
  *check(service, { model }) {
    const { clientIPAffinitySeconds, headless, manifest, name, type, isPending } = service;
    if (clientIPAffinitySeconds === null || headless) return;
    const at = fieldOf(manifest, 'spec', 'sessionAffinity');
    const ingress = ingressesOf(model, service).find((each) => picksPods(model, each, service));
    if (ingress !== undefined)
      yield {
        message:
          `Ingress ${ingress.name} leads to Service ${name}, and its controller picks the pods itself: ` +
          'sessionAffinity keeps none of its clients with a pod.',
        at,
        related: [theObject(ingress.manifest)],
      };
    if (type !== 'LoadBalancer' || isPending) return;
    const { kind, by, behaviour } = kindOf(model, service);
    if (by !== 'nothing' && behaviour.source === 'balancer' && behaviour.target !== 'pod')
      yield {
        message:
          `${kind.title} asks in its own name, so all clients from outside look to Service ${name} like a few: ` +
          'sessionAffinity sends them to a few pods.',
        at,
      };
  },
  bad: {
    says: 'DigitalOcean Load Balancer asks in its own name',
    yaml: `
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations: { service.beta.kubernetes.io/do-loadbalancer-protocol: tcp }
spec:
  type: LoadBalancer
  sessionAffinity: ClientIP
                   ~~~~~~~~
  selector: { app: web }
  ports: [{ port: 80 }]
`,
  },
  also: [
    {
      says: 'Ingress web leads to Service web, and its controller picks the pods itself',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { sessionAffinity: ClientIP, selector: { app: web }, ports: [{ port: 80 }] }
                         ~~~~~~~~
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { ingressClassName: nginx, defaultBackend: { service: { name: web, port: { number: 80 } } } }
`,
    },
  ],
  good: `
apiVersion: v1
kind: Service
metadata: { name: web, annotations: { metallb.io/loadBalancerIPs: 203.0.113.9 } }
spec: { type: LoadBalancer, sessionAffinity: ClientIP, selector: { app: web }, ports: [{ port: 80 }] }
`,
});

const ingressesByService = indexOfModel(
  ({ ingresses }) => ingresses,
  ({ namespace, rules, defaultBackend }: Ingress) => {
    const backends = [...rules.map(({ backend }) => backend), defaultBackend];
    return [...new Set(backends.flatMap((each) => (each === null ? [] : [`${namespace}/${each.service}`])))];
  },
);

/** Whether the controller of an Ingress runs in pods and sends to those of the Service itself. */
function picksPods(model: ClusterModel, ingress: Ingress, service: Service): boolean {
  const dialect = dialectFor(model, ingress);
  return dialect?.presence.kind === 'pods' && !dialect.viaClusterAddress(ingress, service);
}

function ingressesOf(model: ClusterModel, { namespace, name }: Service): readonly Ingress[] {
  return ingressesByService(model).get(`${namespace}/${name}`);
}
