import { seededRandom } from '../seededRandom.ts';
import { gatewayAnswers } from './gatewayAnswers.ts';
import { edges } from './gatewayEdges.ts';
import type { IstioKind } from './istioKind.ts';
import { baseOf, type GatewayObject, randomGateways, serviceAt } from './randomGateways.ts';

export const controllerName = 'istio.io/gateway-controller';

/** Random Gateways of Istio's class. */
export const istioGateways: IstioKind = {
  setOf: (seed) => {
    const { objects, requests } = randomGateways(seededRandom(seed));
    return { objects: inClass(objects), requests };
  },
  seen: ({ objects }) => [
    ...around.filter(({ kind }) => kind !== 'Pod'),
    ...objects,
    ...gatewaysOf(objects).flatMap(deployed),
  ],
  proxies: ({ objects }) =>
    Object.fromEntries(
      gatewaysOf(objects).map((gateway, index) => [
        `default/${gateway.metadata.name}`,
        {
          namespace: 'default',
          labels: labelsOf(gateway),
          address: addressAt(index),
          ports: Object.fromEntries(portsOf(gateway).map((port) => [port, port])),
        },
      ]),
    ),
  ours: (set) => gatewayAnswers(set, around),
  serviceAt,
  edges: edges.map(({ name, set: { objects, requests } }) => ({ name, set: { objects: inClass(objects), requests } })),
};

/** The same, of Istio's class. */
export function inClass(objects: readonly GatewayObject[]): GatewayObject[] {
  return objects.map((each): GatewayObject => {
    if (each.kind === 'GatewayClass') return { ...each, metadata: { name: 'istio' }, spec: { controllerName } };
    return each.kind === 'Gateway' && typeof each.spec === 'object'
      ? { ...each, spec: { ...each.spec, gatewayClassName: 'istio' } }
      : each;
  });
}

const around = inClass(baseOf(controllerName));

interface WrittenGateway extends GatewayObject {
  readonly spec: { readonly listeners?: readonly { readonly port?: number }[] };
}

export function gatewaysOf(objects: readonly GatewayObject[]): WrittenGateway[] {
  return objects.filter((each): each is WrittenGateway => each.kind === 'Gateway');
}

export function portsOf({ spec }: WrittenGateway): number[] {
  return [...new Set((spec.listeners ?? []).flatMap(({ port }) => port ?? []))];
}

function labelsOf({ metadata: { name } }: WrittenGateway): Record<string, string> {
  return { 'gateway.networking.k8s.io/gateway-name': name };
}

function addressAt(index: number): string {
  return `10.244.9.${10 + index}`;
}

/**
 * What Istio makes for a Gateway. Source: istio/istio pilot/pkg/config/kube/gatewaycommon (the deployment controller),
 * manifests/charts/istio-control/istio-discovery/files/kube-gateway.yaml.
 */
export function deployed(gateway: WrittenGateway, index: number): GatewayObject[] {
  const labels = labelsOf(gateway);
  const name = `${gateway.metadata.name}-istio`;
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'default', labels },
      spec: {
        type: 'LoadBalancer',
        clusterIP: `10.96.9.${10 + index}`,
        selector: labels,
        ports: portsOf(gateway).map((port) => ({ name: `p-${port}`, port, targetPort: port, protocol: 'TCP' })),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels },
      spec: { containers: [{ name: 'istio-proxy' }] },
      status: { phase: 'Running', podIP: addressAt(index), podIPs: [{ ip: addressAt(index) }] },
    },
  ];
}
