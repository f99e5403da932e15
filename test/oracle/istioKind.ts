import type { Edge } from './gatewayEdges.ts';
import type { GatewayObject, GatewaySet } from './randomGateways.ts';

/** An Envoy that pilot configures. */
export interface IstioProxy {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly address: string;
  /** The port on which it listens for each of its Service's. */
  readonly ports: Readonly<Record<number, number>>;
}

/** A kind of sets: where they come from, what stands around them, and what we say of them. */
export interface IstioKind {
  readonly setOf: (seed: number) => GatewaySet;
  /** All that pilot sees. */
  readonly seen: (set: GatewaySet) => readonly GatewayObject[];
  /** By the name that requests have for them. */
  readonly proxies: (set: GatewaySet) => Readonly<Record<string, IstioProxy>>;
  readonly ours: (set: GatewaySet) => readonly string[];
  /** Whose endpoint an address is. */
  readonly serviceAt: (endpoint: string) => string;
  /** What is asked beside the random sets. */
  readonly edges: readonly Edge[];
}
