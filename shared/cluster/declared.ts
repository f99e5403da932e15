import type { Manifest } from '../manifest/manifest.ts';
import { definedObject } from '../manifest/sameObject.ts';
import type { Family } from './address.ts';
import type { Assumption } from './because.ts';
import { type ClusterRanges, clusterRanges, neededFamilies, sameRanges, withRanges } from './clusterRanges.ts';
import { type Cell, derivationsOf, type Graph, Index, Memory } from './derived.ts';
import { sameEntries, sameItems } from './listChanges.ts';
import { once } from './once.ts';
import { type GatewayApi, GatewayApiOf } from './gatewayApi/gatewayApi.ts';
import { type Ingress, isGoneIngress, isIngress, readIngress } from './ingress.ts';
import {
  type ClusterNode,
  nodeNamedBy,
  type NodeOfPod,
  nodesByName,
  nodesOf,
  rangesOfNode,
  rangesOfRunningPod,
} from './node.ts';
import { type PodTemplate, readPodTemplate } from './pod.ts';
import { type Profile, profileAssumptions } from './profile.ts';
import { isService, readService, type Service } from './service.ts';

/**
 * What is written, and what nobody wrote of the cluster around it: the objects by kind, the nodes. From it follows what
 * has to be assumed; with that, the cluster.
 */
export class Declared {
  readonly graph: Graph;
  readonly #definitions: Cell<readonly Manifest[]>;
  readonly #manifests: Cell<readonly Manifest[]>;
  readonly #ranges: Cell<ClusterRanges>;
  readonly #profile: Cell<Profile>;
  readonly #byKind: Index<Manifest>;
  readonly #nodes: Cell<{ readonly nodes: readonly ClusterNode[]; readonly assumptions: readonly Assumption[] }>;
  readonly #templates: Cell<readonly PodTemplate[]>;
  readonly #ingresses: Cell<readonly Ingress[]>;
  readonly gatewayApi: GatewayApi;
  readonly memory: Memory<Declared>;

  /** `given`: the profile as it is written or assumed. */
  constructor(graph: Graph, definitions: Cell<readonly Manifest[]>, given: Cell<Profile>) {
    const manifests = graph.derived(() => countingOnes(this), { eager: true, same: sameItems });
    this.graph = graph;
    this.#definitions = definitions;
    this.#manifests = manifests;
    const ofNodes = graph.each(() => this.ofKind('Node'), rangesOfNode);
    const ofPods = graph.each(() => this.ofKind('Pod'), rangesOfRunningPod);
    this.#ranges = graph.derived(
      () => {
        const shown = ofNodes.get().length > 0 ? ofNodes.get() : ofPods.get();
        return clusterRanges(given.get(), this.ofKind('ServiceCIDR'), shown, (family) => firstNeeding(this, family));
      },
      { eager: true, same: sameRanges },
    );
    this.#profile = graph.derived(() => withRanges(given.get(), this.#ranges.get()), { eager: true });
    this.memory = new Memory(graph);
    this.#byKind = new Index(graph, manifests, ({ kind }) => [kind]);
    const running = graph.each(() => this.ofKind('Pod'), nodeNamedBy);
    const named = graph.derived(() => nodesByName(running.get()), {
      eager: true,
      same: (a, b) => sameEntries(a, b, isSameNode),
    });
    this.#nodes = graph.derived(() => nodesOf(this.ofKind('Node'), this.profile, named.get()), { eager: true });
    this.#templates = graph.each(() => manifests.get(), templatesOf);
    const minor = graph.derived(() => this.profile.kubernetesMinor, { eager: true });
    this.#ingresses = graph.each(
      () => this.ofKind('Ingress'),
      (each, now) => (isIngress(each) && !isGoneIngress(each, now) ? [readIngress(each)] : []),
      () => minor.get(),
    );
    this.gatewayApi = new GatewayApiOf(graph, (kind) => this.ofKind(kind));
  }

  /** All that is written, with what is defined again further on. */
  get definitions(): readonly Manifest[] {
    return this.#definitions.get();
  }

  /** The objects that are written, each by the definition that counts. */
  get manifests(): readonly Manifest[] {
    return this.#manifests.get();
  }

  get ranges(): ClusterRanges {
    return this.#ranges.get();
  }

  /** With the ranges that the set itself shows or asks for. */
  get profile(): Profile {
    return this.#profile.get();
  }

  ofKind(kind: string): readonly Manifest[] {
    return this.#byKind.get(kind);
  }

  /** Without the links of pods, by which a node may have more addresses. */
  get nodes(): readonly ClusterNode[] {
    return this.#nodes.get().nodes;
  }

  get assumptions(): readonly Assumption[] {
    const { assumption } = this.#ranges.get();
    const ofRanges = assumption === null ? [] : [assumption];
    return [...this.#nodes.get().assumptions, ...profileAssumptions(this.profile), ...ofRanges];
  }

  /** Every workload and Pod. */
  get templates(): readonly PodTemplate[] {
    return this.#templates.get();
  }

  /** Those of a version that the API server serves. */
  get ingresses(): readonly Ingress[] {
    return this.#ingresses.get();
  }
}

/** What is derived of what is written. */
export const {
  of: ofDeclared,
  byKeyOf: byKeyOfDeclared,
  eachOf: eachOfDeclared,
  indexOf: indexOfDeclared,
} = derivationsOf<Declared>();

const servicesByNeed = indexOfDeclared(
  (declared) => declared.ofKind('Service'),
  (manifest: Manifest) => (isService(manifest) ? neededFamilies(readService(manifest)) : []),
);

/** The first Service that can't do without a family; null for none. */
function firstNeeding(declared: Declared, family: Family): Service | null {
  const [first] = servicesByNeed(declared).get(family);
  return first === undefined ? null : readService(first);
}

const keysOfDefinition = once((manifest: Manifest): readonly string[] => {
  const object = definedObject(manifest);
  return object === null ? [] : [object];
});

const definitionsByObject = indexOfDeclared(({ definitions }) => definitions, keysOfDefinition);

/** All definitions of the object that a manifest defines, that one among them: the last counts. */
export function definitionsOf(declared: Declared, manifest: Manifest): readonly Manifest[] {
  const [object] = keysOfDefinition(manifest);
  return object === undefined ? [manifest] : definitionsByObject(declared).get(object);
}

/** Whether what a manifest says holds; false where its object is defined again further on. */
export function isCounting(declared: Declared, manifest: Manifest): boolean {
  return definitionsOf(declared, manifest).at(-1) === manifest;
}

function countingOnes(declared: Declared): readonly Manifest[] {
  const all = declared.definitions;
  const replaced = new Set(
    definitionsByObject(declared)
      .several()
      .flatMap((definitions) => definitions.slice(0, -1)),
  );
  return replaced.size === 0 ? all : all.filter((each) => !replaced.has(each));
}

/** A workload or a Pod as a template; none of what is neither. */
export function templatesOf(manifest: Manifest): readonly PodTemplate[] {
  const template = readPodTemplate(manifest);
  return template === null ? [] : [template];
}

function isSameNode(a: NodeOfPod, b: NodeOfPod): boolean {
  return sameItems(a.addresses, b.addresses) && sameItems(a.ranges, b.ranges);
}
