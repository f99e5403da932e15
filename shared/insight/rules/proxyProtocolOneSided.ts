import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { selectedPods, writtenOnes } from '../../cluster/lookups.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import { type Field, fieldOf } from '../../manifest/manifest.ts';
import { settingsOf } from '../../network/ingress/controllerSettings.ts';
import { dialectOf } from '../../network/ingress/dialects.ts';
import { controllerAt } from '../../network/ingressController.ts';
import { kindOf } from '../../network/loadBalancers/catalogue.ts';
import { theObject } from '../related.ts';
import { rule } from '../rule.ts';

/** The load balancer of an Ingress controller's Service and the controller, at odds about the PROXY protocol. */
export const proxyProtocolOneSided = rule({
  id: 'proxy-protocol-one-sided',
  topic: 'services',
  severity: 'warning',
  meaning: 'A header that nobody expects makes every request unreadable; one that is missing closes every connection.',
  remedy: 'Set it on both sides, or on neither.',
  details:
    'Both sides have to be known from the set: the kind of load balancer by an annotation, a class, a node or the ' +
    "profile; the controller's settings by its arguments and its ConfigMap.",
  link: 'https://kubernetes.github.io/ingress-nginx/user-guide/miscellaneous/#proxy-protocol',
  about: 'Service',
  *check(service, { model, isComplete }) {
    if (!isComplete || service.type !== 'LoadBalancer' || service.isPending) return;
    const [pod] = writtenOnes(selectedPods(model, service));
    if (pod === undefined) return;
    const reading = readingOf(model, pod);
    if (reading === null) return;
    const { kind, by, behaviour } = kindOf(model, service);
    if (by === 'nothing' || behaviour.proxyProtocol === reading.isRead) return;
    // A header that is asked for in words that aren't known here, or for single ports.
    if (reading.isRead && asksForHeader(service)) return;
    yield {
      message: reading.isRead
        ? `${reading.product} expects a PROXY protocol header, and ${kind.title} sends none for Service ` +
          `${service.name}: every connection is closed.`
        : `${kind.title} sends a PROXY protocol header for Service ${service.name}, and ${reading.product} isn't ` +
          'told to expect one: every request is answered 400.',
      at: placeOf(service, behaviour.proxyProtocol),
      related: [theObject(pod.manifest, pod.owner)],
    };
  },
  bad: {
    says: "DigitalOcean Load Balancer sends a PROXY protocol header for Service ingress, and ingress-nginx isn't told",
    yaml: `
apiVersion: v1
kind: Service
metadata:
  name: ingress
  annotations:
    service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol: "true"
                                                                      ~~~~~~
spec: { type: LoadBalancer, selector: { app: ingress }, ports: [{ port: 80 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress }
spec:
  selector: { matchLabels: { app: ingress } }
  template:
    metadata: { labels: { app: ingress } }
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.14.5
          args: [/nginx-ingress-controller]
`,
  },
  also: [
    {
      says: 'ingress-nginx expects a PROXY protocol header, and MetalLB, layer 2 sends none',
      yaml: `
apiVersion: v1
kind: Service
metadata: { name: ingress }
spec: { type: LoadBalancer, loadBalancerClass: metallb, selector: { app: ingress }, ports: [{ port: 80 }] }
              ~~~~~~~~~~~~
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { use-proxy-protocol: "true" }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress }
spec:
  selector: { matchLabels: { app: ingress } }
  template:
    metadata: { labels: { app: ingress } }
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.14.5
          args: [/nginx-ingress-controller, --configmap=default/settings]
`,
    },
  ],
  good: `
apiVersion: v1
kind: Service
metadata:
  name: nodebalancer
  annotations: { service.beta.kubernetes.io/linode-loadbalancer-proxy-protocol: v2 }
spec: { type: LoadBalancer, selector: { app: ingress }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata:
  name: nlb
  annotations:
    oci.oraclecloud.com/load-balancer-type: nlb
    oci-network-load-balancer.oraclecloud.com/is-ppv2-enabled: "true"
spec: { type: LoadBalancer, selector: { app: ingress }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: Service
metadata:
  name: ingress
  annotations: { service.beta.kubernetes.io/do-loadbalancer-enable-proxy-protocol: "true" }
spec: { type: LoadBalancer, selector: { app: ingress }, ports: [{ port: 80 }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { use-proxy-protocol: "true" }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress }
spec:
  selector: { matchLabels: { app: ingress } }
  template:
    metadata: { labels: { app: ingress } }
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.14.5
          args: [/nginx-ingress-controller, --configmap=default/settings]
`,
});

/** Whether the controller that runs in a pod expects the header; null for no controller, and where it isn't known. */
function readingOf(model: ClusterModel, pod: Pod): { readonly product: string; readonly isRead: boolean } | null {
  const controller = controllerAt(model, pod);
  if (controller === null) return null;
  const { product, readsProxyProtocol } = dialectOf(controller.implementation);
  const isRead = readsProxyProtocol(settingsOf(model, pod));
  return isRead === null ? null : { product, isRead };
}

const aboutHeader = /proxy-?protocol|ppv2|target-group-attributes/;

/** Whether some annotation names the PROXY protocol and doesn't say no. */
function asksForHeader({ manifest }: Service): boolean {
  return [...manifest.annotations].some(
    ([name, value]) => /proxy-?protocol|ppv2/i.test(`${name} ${value}`) && !/^(false|none|0|)$/i.test(value.trim()),
  );
}

/** The annotation that asks for the header, where it is sent by one; else the type. */
function placeOf({ manifest }: Service, isSent: boolean): Field {
  const annotation = [...manifest.annotations.keys()].find((name) => aboutHeader.test(name));
  return isSent && annotation !== undefined
    ? fieldOf(manifest, 'metadata', 'annotations', annotation)
    : fieldOf(manifest, 'spec', 'type');
}
