import { addressIn } from '../cluster/address.ts';
import { assignAddresses } from '../cluster/addressAssignment.ts';
import { assumedFile, type Assumption } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { endpointsOf } from '../cluster/endpoints.ts';
import { podsOf } from '../cluster/podPlacement.ts';
import { readService } from '../cluster/service.ts';
import { manifestsOf } from '../manifest/manifest.ts';
import { parseFile } from '../manifest/parseFile.ts';

/**
 * The cluster with an Ingress controller that nothing in the set shows: one pod on the first node, behind a Service of
 * type LoadBalancer, as every project's default installation has it. From there on it is traced like any other.
 */
export interface AssumedController {
  readonly model: ClusterModel;
  readonly assumption: Assumption;
}

/** The annotation by which the assumed pod is known as the controller of a class. */
export const assumedClassAnnotation = 'hoplens.dev/assumed-ingress-class';

export function withAssumedController(model: ClusterModel, className: string | null): AssumedController {
  const assumption: Assumption = {
    id: 'ingress-controller',
    text: `an Ingress controller${className === null ? '' : ` for class ${className}`} behind a load balancer assumed: neither the set nor a ClusterProfile holds one`,
  };
  const node = model.nodes.find(({ ready }) => ready) ?? model.nodes[0];
  if (node === undefined) return { model, assumption };
  const name = className === null || !/^[a-z0-9-]+$/.test(className) ? 'ingress-controller' : `${className}-controller`;
  const taken = new Set(model.services.flatMap(({ ports }) => ports.map(({ nodePort }) => nodePort)));
  let nodePort = model.profile.nodePortRange.to;
  const free = (): number => {
    while (taken.has(nodePort) && nodePort > 1) nodePort--;
    return nodePort--;
  };
  const podIPs = node.podCIDRs.map((cidr) => addressIn(cidr, 250));
  const text = JSON.stringify([
    {
      apiVersion: 'v1', kind: 'Pod',
      metadata: { name: `${name}-0`, namespace: 'ingress', labels: { app: name }, annotations: { [assumedClassAnnotation]: className ?? '' } },
      spec: { nodeName: node.name, containers: [{ name: 'controller', ports: [{ name: 'http', containerPort: 80 }, { name: 'https', containerPort: 443 }] }] },
      status: { podIP: podIPs[0], podIPs: podIPs.map((ip) => ({ ip })) },
    },
    {
      apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'ingress' },
      spec: {
        type: 'LoadBalancer', clusterIP: addressIn(model.profile.serviceCidrs[0] ?? '', 250), selector: { app: name },
        ports: [{ name: 'http', port: 80, targetPort: 'http', nodePort: free() }, { name: 'https', port: 443, targetPort: 'https', nodePort: free() }],
      },
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.2' }] } },
    },
  ]);
  const manifests = manifestsOf(parseFile(assumedFile(assumption), `{"apiVersion":"v1","kind":"List","items":${text}}`));
  const pods = podsOf(manifests.filter(({ kind }) => kind === 'Pod'), model.nodes);
  const services = assignAddresses(manifests.filter(({ kind }) => kind === 'Service').map(readService), model.profile);
  return {
    assumption,
    model: {
      ...model,
      manifests: [...model.manifests, ...manifests],
      pods: [...model.pods, ...pods],
      services: [...model.services, ...services],
      endpoints: new Map([...model.endpoints, ...endpointsOf(services, pods, manifests, model.nodes)]),
    },
  };
}
