import { type Family, familyOf } from '../../shared/cluster/address.ts';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import { endpointsOfPort } from '../../shared/cluster/lookups.ts';
import { addressOfFamily, type ClusterNode } from '../../shared/cluster/node.ts';
import type { Service } from '../../shared/cluster/service.ts';
import { localRanges, nodePortRanges } from '../../shared/network/kubeProxy/proxiedPort.ts';

export interface Asked {
  readonly model: ClusterModel;
  readonly node: ClusterNode;
  readonly mode: 'iptables' | 'nftables';
  readonly family: Family;
}

/**
 * The model as the API server would hand it to kube-proxy on one node:
 * Services with all defaults, EndpointSlices, a configuration.
 */
export function question({ model, node, mode, family }: Asked): object {
  const services = model.services.filter(({ type }) => type !== 'ExternalName');
  const { kubeProxy, serviceCidrs } = model.profile;
  return {
    mode,
    family,
    node: node.name,
    nodeIP: addressOfFamily(node, family) ?? '',
    addresses: [...node.addresses, ...node.gateways],
    zone: node.zone ?? '',
    localRange: localRanges(model, node, family) ?? '',
    serviceCIDRs: serviceCidrs,
    nodePortAddresses: nodePortRanges(kubeProxy, node, family) ?? [],
    localhostNodePorts: kubeProxy.localhostNodePorts,
    masqueradeAll: kubeProxy.masqueradeAll,
    services: services.map(serviceObject),
    slices: services.flatMap((service) => service.ipFamilies.flatMap((each) => slicesOf(model, service, each))),
  };
}

function serviceObject(service: Service): object {
  const clusterIPs = service.headless ? ['None'] : service.clusterIPs;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: service.name, namespace: service.namespace },
    spec: {
      type: service.type,
      clusterIP: clusterIPs[0] ?? '',
      clusterIPs,
      ipFamilies: clusterIPs.map((each) => (each === 'None' ? 'IPv4' : familyOf(each))),
      ipFamilyPolicy: service.ipFamilyPolicy,
      ports: service.ports.map(({ name, protocol, port, nodePort }) => ({
        name,
        protocol,
        port,
        nodePort: nodePort ?? 0,
      })),
      internalTrafficPolicy: service.internalTrafficPolicy,
      ...(service.type === 'ClusterIP' && service.externalIPs.length === 0
        ? {}
        : { externalTrafficPolicy: service.externalTrafficPolicy }),
      externalIPs: service.externalIPs,
      loadBalancerSourceRanges: service.sourceRanges,
      healthCheckNodePort: service.healthCheckNodePort ?? 0,
      ...(service.clientIPAffinitySeconds === null
        ? { sessionAffinity: 'None' }
        : {
            sessionAffinity: 'ClientIP',
            sessionAffinityConfig: { clientIP: { timeoutSeconds: service.clientIPAffinitySeconds } },
          }),
    },
    status: {
      loadBalancer: {
        ingress: service.loadBalancerAddresses.map((ip) => ({
          ip,
          ipMode: service.proxiedAddresses.includes(ip) ? 'Proxy' : 'VIP',
        })),
      },
    },
  };
}

function slicesOf(model: ClusterModel, service: Service, family: Family): object[] {
  return service.ports.map((port) => {
    const endpoints = endpointsOfPort(model, service, port, family);
    return {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: {
        name: `${service.name}-${port.index}-${family.toLowerCase()}`,
        namespace: service.namespace,
        labels: { 'kubernetes.io/service-name': service.name },
      },
      addressType: family,
      ports: [{ name: port.name, protocol: port.protocol, port: endpoints[0]?.port ?? port.port }],
      endpoints: endpoints.map(({ address, node, ready, serving, terminating, zoneHints, nodeHints }) => ({
        addresses: [address],
        nodeName: node,
        conditions: { ready, serving, terminating },
        hints: { forZones: zoneHints.map((name) => ({ name })), forNodes: nodeHints.map((name) => ({ name })) },
      })),
    };
  });
}
