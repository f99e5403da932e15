import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import type { ForwardedFor } from '../forwarded.ts';
import type { ExpressionReading } from './expressionReading.ts';
import type { PathReading } from '../normalization.ts';
import type { Routers } from './routers.ts';
import type { Ways } from './ways.ts';

/**
 * Who makes a Gateway real, and what it does where the standard leaves it free. A file each beside this one, every fact
 * with its source; `docs/gateways.md` is their table.
 */
export interface GatewayImplementation {
  readonly id: string;
  readonly product: string;
  /** What its GatewayClasses name as `spec.controllerName`. */
  readonly controllerNames: readonly string[];
  /** How its classes are called, where a set names a class and doesn't hold it. */
  readonly classNames: readonly RegExp[];
  /** How it reads regular expressions in paths, headers and queries; null where that isn't known. */
  readonly expressions: ExpressionReading | null;
  /** The features that its own conformance report doesn't claim, by the standard's names. */
  readonly unclaimed: readonly string[];
  readonly reads: PathReading;
  /** How it ranks and reads what is written, where it makes routers of it; null where it keeps to the standard. */
  readonly routers: Routers | null;
  /** Where it does otherwise than the standard; `standardWays` where that isn't known. */
  readonly ways: Ways;
  readonly dataPlane: DataPlane;
  /**
   * The labels by which what was made for a Gateway names it, and its namespace; null for none but the standard's
   * (GEP-1762).
   */
  readonly ownerLabels: { readonly name: string; readonly namespace: string | null } | null;
  /** API groups whose objects it also takes as backends; null where that isn't known. */
  readonly ownBackends: readonly string[] | null;
  readonly forwardedFor: ForwardedFor;
  /**
   * Its conformance report in kubernetes-sigs/gateway-api `conformance/reports`, then where the other facts come from.
   */
  readonly sources: readonly string[];
  /** What a reader should know of it, in a sentence. */
  readonly remark: string;
}

/** What stands between the client and the pods. */
export type DataPlane =
  /** Pods of its own behind a Service of type LoadBalancer, made for each Gateway. */
  | {
      readonly kind: 'own';
      readonly service: (gateway: Pick<Gateway, 'name' | 'namespace' | 'className'>) => {
        readonly namespace: string;
        readonly name: string;
      };
      readonly externalTrafficPolicy: 'Cluster' | 'Local';
      readonly runs: 'pods' | 'on every node';
    }
  /** The pods of its Ingress controller, which serve every Gateway. */
  | { readonly kind: 'shared'; readonly implementation: string; readonly externalTrafficPolicy: 'Cluster' | 'Local' }
  /** A load balancer outside the cluster is the proxy. */
  | { readonly kind: 'cloud'; readonly target: 'pods' | 'nodePorts' };

/** Whether it does what is optional in the standard. */
export function claims({ unclaimed }: GatewayImplementation, feature: string): boolean {
  return !unclaimed.includes(feature);
}
