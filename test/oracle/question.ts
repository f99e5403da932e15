import { type ClusterModel, endpointsFor } from '../../shared/cluster/clusterModel.ts';
import type { ClusterNode } from '../../shared/cluster/node.ts';
import type { Service } from '../../shared/cluster/service.ts';

/** The model as the API server would hand it to kube-proxy on one node: Services with all defaults, and EndpointSlices. */
export function question(model: ClusterModel, node: ClusterNode): object {
  const services = model.services.filter(({ type }) => type !== 'ExternalName');
  return {
    node: node.name,
    nodeIP: node.address,
    zone: node.zone ?? '',
    clusterCIDR: model.profile.podNetwork.cidrs[0],
    masqueradeAll: model.profile.kubeProxy.masqueradeAll,
    services: services.map(serviceObject),
    slices: services.flatMap((service) => slicesOf(model, service)),
  };
}

function serviceObject(service: Service): object {
  const clusterIP = service.headless ? 'None' : service.clusterIP ?? '';
  return {
    apiVersion: 'v1', kind: 'Service', metadata: { name: service.name, namespace: service.namespace },
    spec: {
      type: service.type, clusterIP, clusterIPs: [clusterIP], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack',
      ports: service.ports.map(({ name, protocol, port, nodePort }) => ({ name, protocol, port, nodePort: nodePort ?? 0 })),
      internalTrafficPolicy: service.internalTrafficPolicy,
      ...(service.type === 'ClusterIP' && service.externalIPs.length === 0 ? {} : { externalTrafficPolicy: service.externalTrafficPolicy }),
      externalIPs: service.externalIPs, loadBalancerSourceRanges: service.sourceRanges, healthCheckNodePort: service.healthCheckNodePort ?? 0,
      ...(service.clientIPAffinitySeconds === null ? { sessionAffinity: 'None' } : { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: service.clientIPAffinitySeconds } } }),
    },
    status: { loadBalancer: { ingress: service.loadBalancerAddresses.map((ip) => ({ ip, ipMode: 'VIP' })) } },
  };
}

function slicesOf(model: ClusterModel, service: Service): object[] {
  return service.ports.map((port) => ({
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
    metadata: { name: `${service.name}-${port.index}`, namespace: service.namespace, labels: { 'kubernetes.io/service-name': service.name } },
    addressType: 'IPv4',
    ports: [{ name: port.name, protocol: port.protocol, port: (endpointsFor(model, service).byPort[port.index] ?? [])[0]?.port ?? port.port }],
    endpoints: (endpointsFor(model, service).byPort[port.index] ?? []).map(({ address, node, ready, serving, terminating, zoneHints, nodeHints }) => ({
      addresses: [address], nodeName: node, conditions: { ready, serving, terminating },
      hints: { forZones: zoneHints.map((name) => ({ name })), forNodes: nodeHints.map((name) => ({ name })) },
    })),
  }));
}
