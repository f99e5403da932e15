import { groupOf, type Manifest } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import { type BackendTlsPolicy, readBackendTlsPolicy } from './backendTlsPolicy.ts';
import { type Gateway, type ListenerSet, readGateway, readListenerSet } from './gateway.ts';
import { gatewayGroup, readReferenceGrant, type ReferenceGrant } from './reference.ts';
import { isRoute, readRoute, type Route } from './route.ts';

/** The Gateway API's objects of a set. Empty where there are none. */
export interface GatewayApi {
  readonly classes: readonly GatewayClass[];
  readonly gateways: readonly Gateway[];
  readonly listenerSets: readonly ListenerSet[];
  readonly routes: readonly Route[];
  readonly grants: readonly ReferenceGrant[];
  readonly tlsPolicies: readonly BackendTlsPolicy[];
  /** The labels of the set's Namespaces. */
  readonly namespaceLabels: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export interface GatewayClass {
  readonly manifest: Manifest;
  readonly name: string;
  /** `spec.controllerName`: who takes Gateways of the class. */
  readonly controllerName: string;
}

/** Any version of the group: the ones before v1 have the same fields, where they have them. */
export function isOfGatewayApi(manifest: Manifest): boolean {
  const group = groupOf(manifest);
  return group === gatewayGroup || group === 'gateway.networking.x-k8s.io';
}

export function gatewayApiOf(manifests: readonly Manifest[]): GatewayApi {
  const own = manifests.filter(isOfGatewayApi);
  const ofKind = (...kinds: readonly string[]): Manifest[] => own.filter(({ kind }) => kinds.includes(kind));
  return {
    classes: ofKind('GatewayClass').map((manifest) => ({
      manifest,
      name: manifest.name,
      controllerName: textAt(manifest.value, 'spec', 'controllerName') ?? '',
    })),
    gateways: ofKind('Gateway').map(readGateway),
    listenerSets: ofKind('ListenerSet', 'XListenerSet').map(readListenerSet),
    routes: own.filter(isRoute).map(readRoute),
    grants: ofKind('ReferenceGrant').map(readReferenceGrant),
    tlsPolicies: ofKind('BackendTLSPolicy').map(readBackendTlsPolicy),
    namespaceLabels:
      own.length === 0
        ? new Map()
        : new Map(
            manifests
              .filter(({ kind, apiVersion }) => kind === 'Namespace' && apiVersion === 'v1')
              .map(({ name, labels }) => [name, withName(name, labels)]),
          ),
  };
}

/** The label that the API server gives every namespace. */
function withName(name: string, labels: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...labels, ['kubernetes.io/metadata.name', name]]);
}
