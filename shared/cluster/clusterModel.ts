import type { Manifest } from '../manifest/manifest.ts';
import type { Assumption } from './because.ts';
import { assignAddresses } from './addressAssignment.ts';
import type { Family } from './address.ts';
import { type Endpoint, endpointsOf, type ServiceEndpoints } from './endpoints.ts';
import { type GatewayApi, gatewayApiOf } from './gatewayApi/gatewayApi.ts';
import { type Ingress, isIngress, readIngress } from './ingress.ts';
import { type ClusterNode, nodesOf, withLinks } from './node.ts';
import type { Pod } from './pod.ts';
import { podsOf } from './podPlacement.ts';
import { assumedProfile, isProfile, type Profile, profileAssumptions } from './profile.ts';
import { isService, readService, type Service, type ServicePort } from './service.ts';

/**
 * What the API server, the controllers and the cloud would make of one manifest set under one profile.
 * Real objects of the set (Node, Pod, EndpointSlice, Endpoints, status) win over derived ones.
 */
export interface ClusterModel {
  readonly manifests: readonly Manifest[];
  readonly profile: Profile;
  readonly nodes: readonly ClusterNode[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly ingresses: readonly Ingress[];
  readonly gatewayApi: GatewayApi;
  readonly assumptions: readonly Assumption[];
  readonly endpoints: ReadonlyMap<Service, ServiceEndpoints>;
}

export function clusterModelOf(manifests: readonly Manifest[], profile: Profile = assumedProfile): ClusterModel {
  const { nodes: bare, assumptions: nodeAssumptions } = nodesOf(manifests, profile);
  const pods = podsOf(manifests, bare);
  const nodes = withLinks(bare, profile, pods);
  const services = assignAddresses(manifests.filter(isService).map(readService), profile);
  const endpoints = endpointsOf(services, pods, manifests, nodes);
  return {
    manifests: manifests.filter((each) => !isProfile(each)),
    profile,
    nodes,
    pods,
    services,
    ingresses: manifests.filter(isIngress).map(readIngress),
    gatewayApi: gatewayApiOf(manifests),
    endpoints,
    assumptions: [...nodeAssumptions, ...profileAssumptions(profile)],
  };
}

/** Each model's Services by namespace and name, indexed once: a model never changes. */
const servicesByName = new WeakMap<readonly Service[], ReadonlyMap<string, Service>>();

/** The first of that name, where a set has several. */
export function serviceNamed({ services }: ClusterModel, namespace: string, name: string): Service | undefined {
  const known =
    servicesByName.get(services) ??
    new Map(services.toReversed().map((each) => [`${each.namespace}/${each.name}`, each]));
  servicesByName.set(services, known);
  return known.get(`${namespace}/${name}`);
}

export function nodeNamed(model: ClusterModel, name: string): ClusterNode | undefined {
  return model.nodes.find((each) => each.name === name);
}

export function endpointsFor(model: ClusterModel, service: Service): ServiceEndpoints {
  return model.endpoints.get(service) ?? { byPort: [], byFamily: new Map(), source: 'none' };
}

/** The endpoints of one port in one family; empty where the Service doesn't have the family. */
export function endpointsOfPort(
  model: ClusterModel,
  service: Service,
  port: Pick<ServicePort, 'index'>,
  family: Family,
): readonly Endpoint[] {
  return model.endpoints.get(service)?.byFamily.get(family)?.[port.index] ?? [];
}
