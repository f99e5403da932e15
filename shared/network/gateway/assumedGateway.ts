import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import { type AssumedProxy, withAssumedProxy } from '../assumedProxy.ts';
import { attachmentOf } from './attachment.ts';
import { claims } from './implementation.ts';
import { assumedGatewayAnnotation, type ChosenImplementation } from './gatewayProxy.ts';

/** The address of a Gateway: from its status or spec, else one of six that stand for it (TEST-NET-3, RFC 5737). */
export function addressOfGateway({ gatewayApi: { gateways } }: ClusterModel, gateway: Gateway): string {
  return (
    gateway.addresses.find((each) => /^[\d.]+$|:/.test(each)) ??
    `203.0.113.${4 + Math.min(Math.max(0, gateways.indexOf(gateway)), 5)}`
  );
}

/** The cluster with what an implementation makes for a Gateway: a Service with the listeners' ports, and the proxies behind it. */
export function withAssumedGateway(
  model: ClusterModel,
  gateway: Gateway,
  { implementation }: ChosenImplementation,
): AssumedProxy {
  const { dataPlane, product } = implementation;
  const listeners = attachmentOf(model).gateways.find((each) => each.gateway === gateway)?.listeners ?? [];
  const sockets = new Map(
    listeners
      .filter(({ isAccepted }) => isAccepted)
      .map(({ listener: { port, protocol } }) => [
        `${protocol === 'UDP' ? 'u' : 't'}${port}`,
        { port, protocol: protocol === 'UDP' ? ('UDP' as const) : ('TCP' as const) },
      ]),
  );
  const { namespace, name } =
    dataPlane.kind === 'own'
      ? dataPlane.service(gateway)
      : {
          namespace: dataPlane.kind === 'shared' ? dataPlane.implementation : gateway.namespace,
          name: dataPlane.kind === 'shared' ? dataPlane.implementation : gateway.name,
        };
  return withAssumedProxy(model, {
    assumption: {
      id: 'gateway-proxy',
      text: `the proxy of ${product === 'the standard' ? `Gateway ${gateway.name}` : `${product} for Gateway ${gateway.name}`} behind a load balancer assumed: neither the set nor a ClusterProfile shows it`,
    },
    namespace,
    name,
    annotation: [assumedGatewayAnnotation, `${gateway.namespace}/${gateway.name}`],
    ports: [...sockets].map(([id, socket]) => ({ name: `p-${id}`, ...socket })),
    address: addressOfGateway(model, gateway),
    serviceAnnotations: claims(implementation, 'GatewayInfrastructurePropagation')
      ? gateway.infrastructureAnnotations
      : new Map(),
    externalTrafficPolicy: dataPlane.kind === 'cloud' ? 'Cluster' : dataPlane.externalTrafficPolicy,
    runs: dataPlane.kind === 'own' && dataPlane.runs === 'on every node' ? 'on every node' : 'on the first node',
  });
}
