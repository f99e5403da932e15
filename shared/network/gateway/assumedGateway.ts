import { type Declared, ofDeclared } from '../../cluster/declared.ts';
import { writtenAddresses } from '../../cluster/writtenAddresses.ts';
import { sameEntries } from '../../cluster/listChanges.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import { balancerClaim, familyClaimName, handOut } from '../../cluster/standIns.ts';
import type { ProxyToAssume } from '../assumedProxy.ts';
import { judgedGatewayOf } from './attachment.ts';
import { implementationOf } from './chosenImplementation.ts';
import { assumedGatewayAnnotation, isShown } from './gatewayProxy.ts';
import { claims } from './implementation.ts';

function writtenAddress({ addresses }: Gateway): string | null {
  return addresses.find((each) => /^[\d.]+$|:/.test(each)) ?? null;
}

/** The address of a Gateway: from its status or spec, else a stand-in. */
export function addressOfGateway(declared: Declared, gateway: Gateway): string {
  return writtenAddress(gateway) ?? gatewayAddresses(declared).get(familyClaimName('IPv4', proxyNameOf(gateway))) ?? '';
}

const gatewayAddresses = ofDeclared(
  (declared) => {
    const lacking = declared.gatewayApi.gateways.filter((each) => writtenAddress(each) === null);
    const names = [...new Set(lacking.map(proxyNameOf))];
    return handOut(
      names.map((name) => balancerClaim('gateway', name, 'IPv4')),
      writtenAddresses(declared),
    );
  },
  { eager: true, same: sameEntries },
);

/** By name: what else changes of a Gateway changes nothing here. */
const gatewaysByStandIn = ofDeclared(
  (declared) => {
    const addresses = gatewayAddresses(declared);
    return new Map(
      declared.gatewayApi.gateways.flatMap((each) => {
        const name = proxyNameOf(each);
        const address = addresses.get(familyClaimName('IPv4', name));
        return writtenAddress(each) !== null || address === undefined ? [] : [[address, name] as const];
      }),
    );
  },
  { eager: true, same: sameEntries },
);

/** `namespace/name` of the Gateway for whose address this stands; null for none. */
export function gatewayWithStandIn(declared: Declared, address: string): string | null {
  return gatewaysByStandIn(declared).get(address) ?? null;
}

function proxyNameOf({ namespace, name }: Gateway): string {
  return `${namespace}/${name}`;
}

/**
 * What an implementation makes for a Gateway: a Service with the listeners' ports, and the proxies behind it. Null
 * where the set shows them, and where a cloud's load balancer is the proxy.
 */
export function assumedGateway(declared: Declared, gateway: Gateway): ProxyToAssume | null {
  const { implementation } = implementationOf(declared, gateway);
  const { dataPlane, product } = implementation;
  if (dataPlane.kind === 'cloud' || isShown(declared, gateway, implementation)) return null;
  const listeners = judgedGatewayOf(declared, gateway)?.listeners ?? [];
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
      : { namespace: dataPlane.implementation, name: `${gateway.namespace}-${gateway.name}` };
  const whose = product === 'the standard' ? `Gateway ${gateway.name}` : `${product} for Gateway ${gateway.name}`;
  return {
    assumption: {
      id: 'gateway-proxy',
      text: `the proxy of ${whose} behind a load balancer assumed: neither the set nor a ClusterProfile shows it`,
    },
    namespace,
    name,
    annotation: [assumedGatewayAnnotation, proxyNameOf(gateway)],
    ports: [...sockets].map(([id, socket]) => ({ name: `p-${id}`, ...socket })),
    address: addressOfGateway(declared, gateway),
    serviceAnnotations: claims(implementation, 'GatewayInfrastructurePropagation')
      ? gateway.infrastructureAnnotations
      : new Map(),
    externalTrafficPolicy: dataPlane.externalTrafficPolicy,
    runs: dataPlane.kind === 'own' && dataPlane.runs === 'on every node' ? 'on every node' : 'on the first node',
  };
}
