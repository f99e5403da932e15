import type { Cell, Graph } from '../derived.ts';
import { once } from '../once.ts';
import { groupOf, type Manifest } from '../../manifest/manifest.ts';
import { textAt } from '../../manifest/value.ts';
import { type BackendTlsPolicy, readBackendTlsPolicy } from './backendTlsPolicy.ts';
import { type Gateway, type ListenerSet, readGateway, readListenerSet } from './gateway.ts';
import { gatewayGroup, readReferenceGrant, type ReferenceGrant } from './reference.ts';
import { readRoute, type Route, routeKinds } from './route.ts';

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

const readClass = once((manifest: Manifest): GatewayClass => ({
  manifest,
  name: manifest.name,
  controllerName: textAt(manifest.value, 'spec', 'controllerName') ?? '',
}));

const namespaceLabels = once(({ name, labels }: Manifest): readonly [string, ReadonlyMap<string, string>] => [
  name,
  new Map([...labels, [namespaceNameLabel, name]]),
]);

/** The label that the API server gives every namespace. */
export const namespaceNameLabel = 'kubernetes.io/metadata.name';

/** The objects of a set by their kind. Whoever reads one kind depends on that alone. */
export class GatewayApiOf implements GatewayApi {
  readonly #cells: { readonly [kind in keyof GatewayApi]: Cell<GatewayApi[kind]> };

  constructor(graph: Graph, manifestsOf: (kind: string) => readonly Manifest[]) {
    const ofKinds = <T>(read: (manifest: Manifest) => T, ...kinds: readonly string[]): Cell<readonly T[]> =>
      graph.each<Manifest, T>(
        () => kinds.flatMap(manifestsOf),
        (each) => (isOfGatewayApi(each) ? [read(each)] : []),
      );
    const labels = graph.each(
      () => manifestsOf('Namespace'),
      (each) => (isNamespace(each) ? [namespaceLabels(each)] : []),
    );
    this.#cells = {
      classes: ofKinds(readClass, 'GatewayClass'),
      gateways: ofKinds(readGateway, 'Gateway'),
      listenerSets: ofKinds(readListenerSet, 'ListenerSet', 'XListenerSet'),
      routes: ofKinds(readRoute, ...routeKinds),
      grants: ofKinds(readReferenceGrant, 'ReferenceGrant'),
      tlsPolicies: ofKinds(readBackendTlsPolicy, 'BackendTLSPolicy'),
      namespaceLabels: graph.derived(() => new Map(labels.get()), { eager: true }),
    };
  }

  get classes(): GatewayApi['classes'] {
    return this.#cells.classes.get();
  }

  get gateways(): GatewayApi['gateways'] {
    return this.#cells.gateways.get();
  }

  get listenerSets(): GatewayApi['listenerSets'] {
    return this.#cells.listenerSets.get();
  }

  get routes(): GatewayApi['routes'] {
    return this.#cells.routes.get();
  }

  get grants(): GatewayApi['grants'] {
    return this.#cells.grants.get();
  }

  get tlsPolicies(): GatewayApi['tlsPolicies'] {
    return this.#cells.tlsPolicies.get();
  }

  get namespaceLabels(): GatewayApi['namespaceLabels'] {
    return this.#cells.namespaceLabels.get();
  }
}

function isNamespace({ apiVersion }: Manifest): boolean {
  return apiVersion === 'v1';
}
