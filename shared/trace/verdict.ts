import type { Family } from '../cluster/address.ts';
import type { Pod } from '../cluster/pod.ts';
import type { ProxyMode } from '../cluster/profile.ts';
import type { Tier } from '../cluster/clusterNetworkPolicy.ts';
import type { Protocol } from '../cluster/service.ts';
import type { Lack, WaitingPods } from '../cluster/waiting.ts';
import type { Condition } from '../network/gateway/condition.ts';
import type { ExpressionFault } from '../network/match.ts';
import type { PolicyName } from '../network/policy/gate.ts';
import type { Undecided } from '../network/policy/peer.ts';
import type { Direction } from '../network/policy/policiesOf.ts';
import type { PolicyPlugin } from '../network/policy/policyPlugin.ts';

/**
 * How a path ends: its kind, the reason as a code, and the facts that belong to it. The words are made in
 * `verdictText.ts`, nowhere else.
 */
export type Verdict = Delivered | Ended;

export interface Delivered {
  readonly kind: 'delivered';
  readonly pod: Pod | null;
  readonly service: string | null;
  readonly namespace: string | null;
  readonly address: string;
  readonly port: number;
}

/** Any end but delivery. */
export type Ended = { [K in keyof Facts]: EndedAs<K> }[keyof Facts];

/** The ends of one kind: for each of its reasons, the facts of that reason. */
export type EndedAs<K extends keyof Facts> = {
  [R in keyof Facts[K]]: { readonly kind: K; readonly reason: R } & Facts[K][R];
}[keyof Facts[K]];

export type VerdictKind = Verdict['kind'];

/** Why a path ends as it does. Stable, like a compiler's error codes. */
export type ReasonCode = Ended['reason'];

/** What is known about each end: by kind, then by reason. A kind has no other reasons than those here. */
interface Facts {
  readonly dropped: {
    readonly 'cluster-address': {
      readonly address: string;
      /** A node's routing lets it go on to nobody, the sender's own node does, or nftables mode's guard takes it. */
      readonly by: { readonly kind: 'node'; readonly node: string } | { readonly kind: 'own-node' | 'nftables' };
      readonly leftTo: OtherProxy | null;
    };
    /** Of packets for which a gateway has no backend. */
    readonly 'no-backend': { readonly fault: GatewayFault };
    readonly 'no-endpoints': { readonly service: string };
    readonly 'no-healthy-node': { readonly of: HealthChecked };
    readonly 'no-local-endpoints': { readonly node: string; readonly service: string };
    readonly 'no-such-port': {
      readonly service: string;
      /** Null where nobody named one. */
      readonly asked: number | string | null;
      readonly protocol: Protocol;
      readonly offered: readonly { readonly port: number; readonly name: string; readonly protocol: Protocol }[];
    };
    readonly 'nobody-answers': {
      readonly node: string;
      readonly address: string;
      readonly leftTo: OtherProxy | null;
    };
    readonly 'node-not-ready': { readonly node: string };
    readonly 'own-source': { readonly node: string };
    /** `node` is the one that would have to undo its rewrite. */
    readonly 'reply-lost': { readonly endpoint: string; readonly node: string };
  };
  readonly rejected: {
    readonly 'no-endpoints':
      | {
          readonly by: 'kube-proxy';
          readonly service: string;
          readonly waiting: WaitingPods | null;
          /** What a label keeps from kube-proxy, in words; empty where nothing is. */
          readonly unwatched: readonly string[];
        }
      | { readonly by: 'load-balancer'; readonly service: string };
    readonly 'no-local-endpoints': { readonly node: string; readonly service: string };
    readonly 'no-such-port': {
      readonly address: string;
      readonly port: number;
      /** The one in force. */
      readonly mode: ProxyMode;
      readonly leftTo: OtherProxy | null;
    };
  };
  readonly refused: {
    readonly 'no-backend': { readonly fault: GatewayFault };
    readonly 'no-route': { readonly gateway: string; readonly listener: string };
    readonly 'nothing-listens':
      | ({ readonly at: 'node'; readonly leftTo: OtherProxy | null } & NodePortAsked)
      | { readonly at: 'load-balancer'; readonly balancer: string; readonly listen: number }
      | { readonly at: 'plain-http' }
      /** An Ingress controller has nothing for a name in the TLS handshake, or no route at all. */
      | { readonly at: 'controller'; readonly product: string; readonly lacks: 'tls-name' | 'route' }
      | { readonly at: 'gateway'; readonly gateway: string; readonly port: number };
    readonly 'other-family': ProxyOfOtherFamily;
    readonly 'proxy-protocol': { readonly product: string };
    readonly 'tls-name': {
      readonly gateway: string;
      readonly port: number;
      /** `''` where the client names nobody, null without TLS. */
      readonly serverName: string | null;
    };
  };
  readonly unroutable: {
    readonly 'cluster-address': { readonly address: string };
    readonly 'headless-from-outside': { readonly service: string };
    readonly 'no-address': { readonly service: string; readonly nodePorts: readonly number[] };
    readonly 'other-family': {
      /** The client's own. */
      readonly families: readonly Family[];
      readonly asked: { readonly kind: 'address' | 'service'; readonly name: string };
    };
    /** From outside a pod's address leads nowhere; from inside it does, unless no pod has it. */
    readonly 'pod-address': { readonly address: string; readonly from: 'outside' | 'inside' };
    /** `service` allocates no nodePort; null where the load balancer is told to send to pods. */
    readonly 'pods-not-routable': { readonly service: string | null };
  };
  readonly denied: {
    /** A name that is asked for can't be looked up: policies let the pod not ask the cluster's DNS. */
    readonly dns: {
      readonly host: string;
      /** Who asks. */
      readonly pod: string;
      /** At whose gate: on the way out of the one that asks, or into a pod of the DNS. */
      readonly direction: Direction;
      readonly server: string;
      readonly protocol: Protocol;
      readonly port: number;
      readonly policies: readonly string[];
      readonly rule: string | null;
      readonly nearest: string | null;
      readonly answers: PolicyPlugin['denies'];
    };
    readonly 'source-ranges': { readonly source: string; readonly service: string };
    /** At a pod's gate, by the policies that isolate it. */
    readonly 'network-policy': {
      readonly direction: Direction;
      readonly pod: string;
      /** The address on the other side, as the gate sees it. */
      readonly peer: string;
      readonly protocol: Protocol;
      readonly port: number;
      readonly policies: readonly string[];
      /** The rule of a tier that denies it, in words; null where NetworkPolicies isolate the pod. */
      readonly rule: string | null;
      /** What the rule that comes nearest allows instead, in words; null where there is no rule. */
      readonly nearest: string | null;
      readonly answers: PolicyPlugin['denies'];
    };
  };
  readonly answered: { readonly [R in keyof Answers]: { readonly status: number } & Answers[R] };
  readonly unresolved: {
    readonly 'alias-loop': { readonly service: string };
    readonly 'external-name': { readonly service: string };
    /** The API server doesn't serve the version any more, so the Ingress isn't there. */
    readonly 'gone-version': { readonly ingress: string; readonly apiVersion: string };
    readonly 'no-controller': { readonly className: string | null };
    readonly 'no-endpoints': { readonly service: string };
    readonly 'no-such-name': { readonly host: string };
    /** `isThere` is true of a pod that has no address yet. */
    readonly 'no-such-pod': { readonly pod: string; readonly namespace: string; readonly isThere: boolean };
    readonly 'no-such-service': { readonly service: string; readonly namespace: string };
  };
  readonly unknown: {
    readonly 'external-name': {
      readonly service: string;
      readonly externalName: string;
      readonly askedBy: 'name' | 'Ingress' | 'Gateway';
    };
    readonly 'foreign-backend': { readonly route: Named; readonly backend: Named & { readonly group: string } };
    readonly 'no-backend':
      | { readonly of: 'Ingress'; readonly ingress: string }
      | { readonly of: 'controller'; readonly host: string; readonly path: string; readonly service: string };
    readonly 'no-gateway': { readonly route: Named; readonly host: string };
    /** How many routes the proxy has beyond those that its table has room for. */
    readonly 'left-out': { readonly product: string; readonly left: number };
    /** Nothing of the set takes the port; what else runs on the node, it doesn't say. */
    readonly 'node-process': NodePortAsked;
    /** `gateway` is whose proxy it is; null for an Ingress controller. */
    readonly 'no-way-in': { readonly gateway: string | null };
    readonly 'outside-cluster':
      | { readonly address: string; readonly met: 'by-client' | 'by-proxy' | 'from-outside' | 'as-endpoint' }
      | { readonly met: 'at-start' };
    /** What it depends on, as the Gateway's judgement says it. */
    readonly 'perhaps-attached': { readonly text: string };
    readonly 'proxy-loop': { readonly pod: string; readonly proxies: number };
    /** `followed` is in how many places its packets are followed. */
    readonly 'too-many-ways': { readonly followed: number };
    /** `path` is what was asked for; null where the request isn't HTTP. */
    readonly 'regular-expression':
      | {
          readonly of: 'Ingress';
          readonly expression: string;
          readonly path: string;
          readonly fault: ExpressionFault | null;
        }
      | {
          readonly of: 'Gateway';
          readonly route: Named;
          readonly path: string | null;
          readonly fault: ExpressionFault | null;
        };
    /** A policy goes by what nothing in the set says, or is at odds with another of its tier and priority. */
    readonly 'network-policy': {
      readonly policyKind: PolicyName['kind'];
      readonly policy: string;
      readonly lacks:
        | Undecided
        | {
            readonly kind: 'order';
            readonly otherKind: PolicyName['kind'];
            readonly other: string;
            readonly tier: Tier;
            readonly priority: number;
          };
    };
    readonly 'not-modelled': { readonly product: string; readonly what: string };
    readonly 'tls-name': { readonly gateway: string; readonly port: number };
  };
}

/** What a proxy or a health server answers itself. */
interface Answers {
  /** A browser's preflight request: whether its page's origin may ask. */
  readonly cors:
    | { readonly by: 'gateway'; readonly origin: string; readonly isAllowed: boolean }
    | ({ readonly by: 'controller' } & OwnWords);
  readonly 'health-check':
    | { readonly of: 'kube-proxy'; readonly node: string }
    | {
        readonly of: 'service';
        readonly node: string;
        readonly service: string;
        readonly localEndpoints: number;
      };
  readonly misdirected: { readonly gateway: string; readonly host: string; readonly listener: string };
  readonly 'no-backend':
    | { readonly by: 'controller'; readonly fault: ControllerFault }
    | {
        readonly by: 'gateway';
        readonly fault: GatewayFault;
        /** A GRPCRoute's is a status of gRPC: the standard says which. */
        readonly speaks: 'HTTP' | 'gRPC';
      };
  readonly 'no-matching-rule':
    | { readonly by: 'controller'; readonly host: string; readonly path: string }
    | {
        readonly by: 'gateway';
        readonly gateway: string;
        readonly method: string;
        readonly host: string;
        readonly path: string;
      };
  readonly 'not-allowed': OwnWords;
  readonly 'other-family': ProxyOfOtherFamily;
  readonly 'plain-http': { readonly gateway: string; readonly port: number };
  readonly 'proxy-protocol': { readonly product: string };
  readonly redirect:
    | { readonly by: 'gateway'; readonly location: string }
    | ({ readonly by: 'controller'; readonly location: string | null } & OwnWords);
  readonly 'refused-request': OwnWords;
  readonly 'refused-routes': OwnWords;
  readonly 'refused-rule': OwnWords;
  readonly 'tls-redirect': { readonly location: string | null } & OwnWords;
  readonly unauthorized: OwnWords;
}

/** What the product's own file in `network/` says of the field that made it answer. */
interface OwnWords {
  readonly text: string;
}

interface Named {
  readonly kind: string;
  readonly name: string;
}

/** A port of a node that nobody of the set takes. */
export interface NodePortAsked {
  readonly node: string;
  readonly port: number;
  /** A Service that has the port at its cluster address. */
  readonly service: string | null;
}

/** A Service that kube-proxy leaves alone, and the label's value, which gives it to another proxy. */
export interface OtherProxy {
  readonly service: string;
  readonly proxyName: string;
}

/** `proxy` has no address of the family of the Service's endpoints. */
interface ProxyOfOtherFamily {
  readonly proxy: string;
  readonly service: string;
}

/** Whose health check no node passes: for want of pods, since kube-proxy isn't asked, or since no node is ready. */
type HealthChecked =
  | { readonly kind: 'no-local-pods' | 'unwatched'; readonly service: string }
  | { readonly kind: 'picked-nodes'; readonly balancer: string }
  | { readonly kind: 'all-nodes' };

/** Why an Ingress controller has no backend for a rule. */
export type ControllerFault =
  | { readonly kind: 'not-in-set'; readonly ingress: string; readonly service: string }
  | { readonly kind: 'no-such-port'; readonly service: string; readonly port: number | string | null }
  | { readonly kind: 'no-endpoints'; readonly service: string; readonly lacks: Lack };

/** Why a Gateway has no backend for a rule. */
export type GatewayFault =
  | { readonly kind: 'none-named' | 'no-weight'; readonly route: Named }
  | { readonly kind: 'invalid'; readonly condition: Pick<Condition, 'reason' | 'text'> }
  | { readonly kind: 'no-endpoints'; readonly service: string; readonly lacks: Lack }
  | { readonly kind: 'tls-policy'; readonly policy: string; readonly reason: string };

/** What a proxy answers because it was told to: nothing is lost by it. */
const meant: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['redirect', 'tls-redirect', 'cors']);

/** Whether a request that ends so has missed what it was for. */
export function isLost(verdict: { readonly kind: VerdictKind; readonly reason?: ReasonCode | null }): boolean {
  return verdict.kind !== 'delivered' && (verdict.reason == null || !meant.has(verdict.reason));
}
