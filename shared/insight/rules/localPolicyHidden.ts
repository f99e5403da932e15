import { fieldOf } from '../../manifest/manifest.ts';
import { kindOf } from '../../network/loadBalancers/catalogue.ts';
import { rule } from '../rule.ts';

/** `externalTrafficPolicy: Local` behind a load balancer that asks in its own name all the same. */
export const localPolicyHidden = rule({
  id: 'local-policy-hidden',
  topic: 'services',
  severity: 'info',
  meaning:
    "The nodes keep the address that they see, but that is the load balancer's: pods don't learn their clients'.",
  remedy:
    'Let the load balancer say the address by the PROXY protocol, if the pods read that; or take a load balancer ' +
    'that keeps it; or use `Cluster`, which spreads better.',
  details:
    'Said where the set shows which load balancer it is. `Local` still saves a hop, and its health check still ' +
    'leaves out nodes without a pod.',
  link: 'https://kubernetes.io/docs/tutorials/services/source-ip/#source-ip-for-services-with-type-loadbalancer',
  about: 'Service',
  *check(service, { model }) {
    const { type, externalTrafficPolicy, isPending, manifest, name } = service;
    if (type !== 'LoadBalancer' || externalTrafficPolicy !== 'Local' || isPending) return;
    const { kind, by, behaviour } = kindOf(model, service);
    if (by === 'nothing' || behaviour.source === 'client' || behaviour.proxyProtocol || behaviour.target === 'pod')
      return;
    yield {
      message:
        `${kind.title} asks in its own name and says no client's address: Service ${name}'s pods see the load ` +
        'balancer, in spite of Local.',
      at: fieldOf(manifest, 'spec', 'externalTrafficPolicy'),
    };
  },
  bad: {
    says: 'Hetzner Cloud Load Balancer asks in its own name',
    yaml: `
apiVersion: v1
kind: Service
metadata: { name: web, annotations: { load-balancer.hetzner.cloud/location: fsn1 } }
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
                         ~~~~~
  selector: { app: web }
  ports: [{ port: 80 }]
`,
  },
  good: `
apiVersion: v1
kind: Service
metadata:
  name: web
  annotations:
    load-balancer.hetzner.cloud/location: fsn1
    load-balancer.hetzner.cloud/uses-proxyprotocol: "true"
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector: { app: web }
  ports: [{ port: 80 }]
`,
});
