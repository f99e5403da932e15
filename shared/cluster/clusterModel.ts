import type { Manifest } from '../manifest/manifest.ts';
import type { Assumption } from './because.ts';
import type { Declared } from './declared.ts';
import { type Cell, derivationsOf, type Graph, Memory } from './derived.ts';
import type { ServiceEndpoints } from './endpoints.ts';
import type { GatewayApi } from './gatewayApi/gatewayApi.ts';
import type { Ingress } from './ingress.ts';
import type { ClusterNode } from './node.ts';
import type { Pod } from './pod.ts';
import type { Profile } from './profile.ts';
import type { Service } from './service.ts';

/** An object that nobody wrote, and what it is assumed by. */
export interface AssumedObject {
  readonly manifest: Manifest;
  readonly assumption: Assumption;
}

/** What has to be assumed of what is written, decided by who knows the products: see `network/assumed.ts`. */
export type Assume = (declared: Declared) => readonly AssumedObject[];

/** The values that a cluster rests on; everything else is looked up in them. */
export interface ClusterParts {
  readonly declared: Declared;
  readonly profile: Cell<Profile>;
  readonly nodes: Cell<readonly ClusterNode[]>;
  readonly pods: Cell<readonly Pod[]>;
  readonly services: Cell<readonly Service[]>;
  readonly assumed: Cell<readonly AssumedObject[]>;
  readonly assumptions: Cell<readonly Assumption[]>;
  readonly endpointsOf: (service: Service) => ServiceEndpoints;
}

/**
 * What the API server, the controllers and the cloud would make of one manifest set under one profile, by name.
 * Real objects of the set (Node, Pod, EndpointSlice, Endpoints, status) win over derived ones; what had to be assumed
 * is among the others, marked as such (`assumptionOf`). Whoever reads a list depends on all of it; whoever looks
 * something up by its key, on that alone.
 */
export class ClusterModel {
  readonly declared: Declared;
  readonly graph: Graph;
  readonly memory: Memory<ClusterModel>;
  readonly #parts: ClusterParts;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    this.declared = parts.declared;
    this.graph = parts.declared.graph;
    this.memory = new Memory(this.graph);
  }

  /** As written, without what is defined again further on. */
  get manifests(): readonly Manifest[] {
    return this.declared.manifests;
  }

  get ingresses(): readonly Ingress[] {
    return this.declared.ingresses;
  }

  get gatewayApi(): GatewayApi {
    return this.declared.gatewayApi;
  }

  get profile(): Profile {
    return this.#parts.profile.get();
  }

  get nodes(): readonly ClusterNode[] {
    return this.#parts.nodes.get();
  }

  /** Those of assumed proxies among them, the last ones. */
  get pods(): readonly Pod[] {
    return this.#parts.pods.get();
  }

  /** Those of assumed proxies among them, the last ones. */
  get services(): readonly Service[] {
    return this.#parts.services.get();
  }

  get assumed(): readonly AssumedObject[] {
    return this.#parts.assumed.get();
  }

  /** What holds of the whole cluster and nobody wrote. */
  get assumptions(): readonly Assumption[] {
    return this.#parts.assumptions.get();
  }

  endpointsOf(service: Service): ServiceEndpoints {
    return this.#parts.endpointsOf(service);
  }

  /** The same cluster but for some of its parts: what would happen if. */
  but(change: Partial<ClusterParts>): ClusterModel {
    return new ClusterModel({ ...this.#parts, ...change });
  }
}

/** What is derived of a cluster. */
export const {
  of: ofModel,
  byKeyOf: byKeyOfModel,
  eachOf: eachOfModel,
  indexOf: indexOfModel,
} = derivationsOf<ClusterModel>();
