import { type Family, familyOf, isIn, ofFamily } from '../../cluster/address.ts';
import type { LoadBalancerTarget } from '../../cluster/profile.ts';
import type { Service } from '../../cluster/service.ts';

/** What stands behind `type: LoadBalancer` somewhere: how it forwards, and what of it the manifests change. */
export interface LoadBalancerKind {
  /** As the profile's `loadBalancer.provider` names it. */
  readonly id: string;
  readonly title: string;
  /** What in a set gives it away. */
  readonly signs: Signs;
  readonly behaviour: (service: Service) => Behaviour;
  readonly annotations: readonly KnownAnnotation[];
  /** Where the facts come from. */
  readonly sources: readonly string[];
}

export interface Signs {
  /** Annotations of the Service that only its controller reads. */
  readonly annotation?: (name: string, value: string) => boolean;
  readonly loadBalancerClass?: RegExp;
  /** Of a node's `spec.providerID`. */
  readonly providerID?: RegExp;
  /** Of the Service's `status.loadBalancer.ingress[].hostname`. */
  readonly hostname?: RegExp;
}

export interface Behaviour {
  /** Where it sends: a node's nodePort, a node still addressed to itself, or the pods. */
  readonly target: LoadBalancerTarget;
  /** The family of the pods that it sends to; else that of its own address, by which it was asked. */
  readonly podFamily?: Family;
  /** Whose address the target sees: the client's, or the balancer's, which opens a connection of its own. */
  readonly source: 'client' | 'balancer';
  /** Whether it says the client's address in a PROXY protocol header. */
  readonly proxyProtocol: boolean;
  /** Which nodes take its packets: every healthy one, or one that stands for the address. */
  readonly nodes: 'all' | 'one';
  /** Whether replies pass it, or go straight to the client. */
  readonly reply: 'through' | 'direct';
  /**
   * What keeps its packets from nodes without a ready pod under policy Local: its health check; or those nodes not
   * announcing the address; or nothing.
   */
  readonly leavesOut: 'health-check' | 'announcement' | 'nothing';
  /**
   * Who keeps out what `loadBalancerSourceRanges` doesn't name: the balancer, which then lets in nobody else;
   * kube-proxy alone, by its rules for the balancer's address, which lets in every client of a family without a range;
   * or nobody. `assumed`: nothing says which balancer it is, and it is taken to do what kube-proxy would.
   */
  readonly sourceRanges: 'balancer' | 'kube-proxy' | 'nobody' | 'assumed';
  readonly health: { readonly cluster: Probe | null; readonly local: Probe | null };
}

/** How it finds out whether a node is well. Null where nothing is known, or nothing asks. */
export interface Probe {
  /** What is asked: `TCP nodePort`, `HTTP :10256/healthz`, `HTTP healthCheckNodePort/healthz`. */
  readonly asks: string;
  readonly everySeconds: number;
  /** As many failures as it takes. */
  readonly failures: number;
}

export interface KnownAnnotation {
  readonly name: string;
  readonly meaning: string;
}

/** What keeps a balancer's packets from nodes without a pod of the Service under policy Local; null if nothing does. */
export type KeptAway =
  | { readonly by: 'target' }
  | { readonly by: 'announcement' }
  /** `seconds`: for how long such a node may still get packets after a change; null where it isn't known. */
  | { readonly by: 'health-check'; readonly seconds: number | null };

export function keptAway({ target, leavesOut, health }: Behaviour): KeptAway | null {
  if (target === 'pod') return { by: 'target' };
  switch (leavesOut) {
    case 'announcement':
      return { by: leavesOut };
    case 'health-check':
      return { by: leavesOut, seconds: lossWindowSeconds(health.local) };
    case 'nothing':
      return null;
    default:
      return leavesOut satisfies never;
  }
}

/** For how long a node that has just lost its last pod still gets packets, at most; null where it isn't known. */
export function lossWindowSeconds(probe: Probe | null): number | null {
  return probe === null ? null : probe.everySeconds * probe.failures;
}

export const healthNodePort = 'HTTP healthCheckNodePort/healthz';

export function annotationOf({ manifest }: Service, name: string): string | undefined {
  return manifest.annotations.get(name);
}

/**
 * Whether the balancer itself keeps a client out. A cloud's filter lets in the ranges and nobody else. If nothing is
 * known of the balancer, a family without a range is let in, as kube-proxy does: better no "denied" than a wrong one.
 */
export function isRefusedByBalancer(
  { sourceRanges: by }: Behaviour,
  { sourceRanges }: Service,
  source: string,
): boolean {
  switch (by) {
    case 'kube-proxy':
    case 'nobody':
      return false;
    case 'balancer':
      return sourceRanges.length > 0 && !sourceRanges.some((range) => isIn(source, range));
    case 'assumed': {
      const own = ofFamily(sourceRanges, familyOf(source));
      return own.length > 0 && !own.some((range) => isIn(source, range));
    }
    default:
      return by satisfies never;
  }
}
