import { addressIn } from '../cluster/address.ts';
import { assignAddresses } from '../cluster/addressAssignment.ts';
import { assumedFile, type Assumption } from '../cluster/because.ts';
import type { ClusterModel } from '../cluster/clusterModel.ts';
import { endpointsOf } from '../cluster/endpoints.ts';
import { podsOf } from '../cluster/podPlacement.ts';
import { readService } from '../cluster/service.ts';
import type { Protocol, TrafficPolicy } from '../cluster/service.ts';
import { manifestsOf } from '../manifest/manifest.ts';
import { parseFile } from '../manifest/parseFile.ts';

/**
 * A proxy that nothing in the set shows: its pods, behind a Service of type LoadBalancer, as every project's default
 * installation has it. From there on it is traced like any other; what rests on it is the assumption.
 */
export interface AssumedProxy {
  readonly model: ClusterModel;
  readonly assumption: Assumption;
}

export interface ProxyToAssume {
  readonly assumption: Assumption;
  readonly namespace: string;
  readonly name: string;
  /** By which its pods are known. */
  readonly annotation: readonly [name: string, value: string];
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: Protocol }[];
  readonly address: string;
  /** Of the Service: what the load balancer in front is told. */
  readonly serviceAnnotations: ReadonlyMap<string, string>;
  readonly externalTrafficPolicy: TrafficPolicy;
  readonly runs: 'on the first node' | 'on every node';
}

/** The model as it is where there is no node to run on. */
export function withAssumedProxy(
  model: ClusterModel,
  {
    assumption,
    namespace,
    name,
    annotation,
    ports,
    address,
    serviceAnnotations,
    externalTrafficPolicy,
    runs,
  }: ProxyToAssume,
): AssumedProxy {
  const ready = model.nodes.filter((node) => node.ready);
  const nodes =
    runs === 'on every node' && ready.length > 0 ? ready : (ready.length > 0 ? ready : model.nodes).slice(0, 1);
  if (nodes.length === 0) return { model, assumption };
  const taken = new Set(model.services.flatMap((service) => service.ports.map(({ nodePort }) => nodePort)));
  let nodePort = model.profile.nodePortRange.to;
  const free = (): number => {
    while (taken.has(nodePort) && nodePort > 1) nodePort--;
    return nodePort--;
  };
  const named = ports.map((port) => ({ ...port, nodePort: free() }));
  const local = externalTrafficPolicy === 'Local' ? { externalTrafficPolicy, healthCheckNodePort: free() } : {};
  const text = JSON.stringify([
    ...nodes.map((node, index) => {
      const podIPs = node.podCIDRs.map((cidr) => addressIn(cidr, 250));
      return {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: {
          name: `${name}-${index}`,
          namespace,
          labels: { 'hoplens.dev/assumed': name },
          annotations: { [annotation[0]]: annotation[1] },
        },
        spec: {
          nodeName: node.name,
          containers: [
            {
              name: 'proxy',
              ports: named.map((port) => ({ name: port.name, containerPort: port.port, protocol: port.protocol })),
            },
          ],
        },
        status: { podIP: podIPs[0], podIPs: podIPs.map((ip) => ({ ip })) },
      };
    }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, annotations: Object.fromEntries(serviceAnnotations) },
      spec: {
        type: 'LoadBalancer',
        clusterIP: addressIn(model.profile.serviceCidrs[0] ?? '', 250),
        selector: { 'hoplens.dev/assumed': name },
        ...local,
        ports: named.map((port) => ({ ...port, targetPort: port.name })),
      },
      status: { loadBalancer: { ingress: [{ ip: address }] } },
    },
  ]);
  const manifests = manifestsOf(
    parseFile(assumedFile(assumption), `{"apiVersion":"v1","kind":"List","items":${text}}`),
  );
  const pods = podsOf(
    manifests.filter(({ kind }) => kind === 'Pod'),
    model.nodes,
  );
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
