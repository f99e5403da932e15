import { assumedFile, type Assumption } from '../cluster/because.ts';
import type { AssumedObject } from '../cluster/clusterModel.ts';
import { type Declared, indexOfDeclared } from '../cluster/declared.ts';
import type { Protocol, TrafficPolicy } from '../cluster/service.ts';
import { madeUp, type Manifest, namespaceOf } from '../manifest/manifest.ts';
import type { Value } from '../manifest/value.ts';

/**
 * A proxy that nothing in the set shows: its pods, behind a Service of type LoadBalancer, as every project's default
 * installation has it. From there on it is traced like any other; what rests on it is the assumption.
 */
export interface ProxyToAssume {
  readonly assumption: Assumption;
  readonly namespace: string;
  readonly name: string;
  /** By which its pods are known. */
  readonly annotation: readonly [name: string, value: string];
  readonly ports: readonly { readonly name: string; readonly port: number; readonly protocol: Protocol }[];
  /** Of the load balancer; null where any will do. */
  readonly address: string | null;
  /** Of the Service: what the load balancer in front is told. */
  readonly serviceAnnotations: ReadonlyMap<string, string>;
  readonly externalTrafficPolicy: TrafficPolicy;
  readonly runs: 'on the first node' | 'on every node';
}

/** The objects of a proxy; none where there is no node to run on. */
export function assumedProxy(declared: Declared, proxy: ProxyToAssume): AssumedObject[] {
  const ready = declared.nodes.filter((node) => node.ready);
  const able = ready.length > 0 ? ready : declared.nodes;
  const nodes = proxy.runs === 'on every node' ? able : able.slice(0, 1);
  if (nodes.length === 0) return [];
  const name = freeName(declared, proxy);
  const pods = nodes.map((node, index) => podOf(proxy, `${name}-${index}`, name, node.name));
  return [...pods, serviceOf(proxy, name)].map((object) => ({
    assumption: proxy.assumption,
    manifest: madeUp(assumedFile(proxy.assumption), object),
  }));
}

/** A written Service may have the name already, and then hasn't what the proxy's would have. */
function freeName(declared: Declared, { namespace, name }: ProxyToAssume): string {
  return serviceManifests(declared).get(`${namespace}/${name}`).length > 0 ? `${name}-assumed` : name;
}

const serviceManifests = indexOfDeclared(
  (declared) => declared.ofKind('Service'),
  (manifest: Manifest) => [`${namespaceOf(manifest)}/${manifest.name}`],
);

function podOf({ namespace, annotation, ports }: ProxyToAssume, name: string, service: string, node: string): Value {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels: { 'hoplens.dev/assumed': service },
      annotations: { [annotation[0]]: annotation[1] },
    },
    spec: {
      nodeName: node,
      containers: [
        {
          name: 'proxy',
          ports: ports.map((port) => ({ name: port.name, containerPort: port.port, protocol: port.protocol })),
        },
      ],
    },
  };
}

function serviceOf(
  { namespace, serviceAnnotations, externalTrafficPolicy, ports, address }: ProxyToAssume,
  name: string,
): Value {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, annotations: Object.fromEntries(serviceAnnotations) },
    spec: {
      type: 'LoadBalancer',
      selector: { 'hoplens.dev/assumed': name },
      externalTrafficPolicy,
      ports: ports.map((port) => ({ ...port, targetPort: port.name })),
    },
    ...(address === null ? {} : { status: { loadBalancer: { ingress: [{ ip: address }] } } }),
  };
}
