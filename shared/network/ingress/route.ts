import type Fraction from 'fraction.js';
import type { Backend, Ingress, IngressPath } from '../../cluster/ingress.ts';
import type { Family } from '../../cluster/address.ts';
import type { Service } from '../../cluster/service.ts';
import type { FieldPath } from '../../manifest/value.ts';
import type { ForwardedFor } from '../forwarded.ts';
import type { ControllerSettings } from './controllerSettings.ts';
import { matches, type RequestMatch, type RequestSeen } from '../match.ts';

/** One of a controller's routes: what it takes, and whose rule it comes from. */
export interface IngressRoute {
  readonly ingress: Ingress;
  /** Null for a default backend. */
  readonly rule: IngressPath | null;
  readonly match: RequestMatch;
  /** The path that the backend gets, and what says so; null where it is the request's own. */
  readonly rewrite: Stated<{ readonly target: string }> | null;
}

/** Something that an Ingress says: in what words, and at which path. */
export type Stated<T = unknown> = T & { readonly text: string; readonly at: FieldPath };

/** A share of a route's requests, and the backend that gets it. */
export interface CanaryShare {
  readonly ingress: Ingress;
  readonly backend: Backend;
  readonly share: Fraction;
  readonly because: string;
}

/** How it shows that a controller is there. */
export type Presence =
  /** It runs in pods. */
  | {
      readonly kind: 'pods';
      /** Its image, with a tag or a digest; null for one that no image gives away. */
      readonly image: RegExp | null;
      /** The class that it takes where nothing names another. */
      readonly className: string;
      /** The IngressClass's `spec.controller`. */
      readonly controllerName: string;
    }
  /**
   * A cloud's own load balancer of layer 7, outside the cluster, for these classes:
   * no pod of the set is the controller.
   */
  | {
      readonly kind: 'cloud';
      readonly classNames: readonly string[];
      /** The IngressClass's `spec.controller`; null where there is none such. */
      readonly controllerName: string | null;
    }
  | { readonly kind: 'none' };

/** What a controller does with a request. */
export type Routed =
  | { readonly kind: 'route'; readonly route: IngressRoute }
  /** The controller answers itself: a redirect, a refusal. `at` is the path in the Ingress that says so. */
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly reason: AnswerReason;
      readonly text: string;
      readonly ingress: Ingress;
      readonly at: readonly (string | number)[];
    }
  /** Which route takes it isn't known: that one's expression can't be read. */
  | { readonly kind: 'unreadable'; readonly route: IngressRoute }
  | { readonly kind: 'none' };

export type AnswerReason = 'redirect' | 'tls-redirect' | 'not-allowed' | 'unauthorized';

/** A request at a controller: also how it came there. */
export interface RequestAtController extends RequestSeen {
  readonly scheme: 'http' | 'https';
  /** The source that the controller sees. */
  readonly source: string;
}

/**
 * A controller's way to read Ingresses: the routes in the order in which it tries them,
 * and what it answers before or after.
 */
export interface IngressDialect {
  readonly id: string;
  readonly product: string;
  /** Source: each project's own release manifests (image names, IngressClass controller names). */
  readonly presence: Presence;
  readonly routesOf: (ingresses: readonly Ingress[], settings?: ControllerSettings) => readonly IngressRoute[];
  readonly route: (
    ingresses: readonly Ingress[],
    request: RequestAtController,
    settings?: ControllerSettings,
  ) => Routed;
  /** What it does with `X-Forwarded-For`. */
  readonly forwardedFor: (settings: ControllerSettings) => ForwardedFor;
  /** Whether it expects a PROXY protocol header before each connection; null where that isn't known. */
  readonly readsProxyProtocol: (settings: ControllerSettings) => boolean | null;
  /** Whether it sends to the Service's cluster address rather than straight to its pods. */
  readonly viaClusterAddress: (ingress: Ingress, service: Service) => boolean;
  /**
   * Whether an Ingress's TLS is passed on as it is, to be ended by the pods;
   * null where that hangs on an argument that isn't known.
   */
  readonly passesTlsThrough: (ingress: Ingress, settings: ControllerSettings) => boolean | null;
  /** Whether an Ingress only takes a share of what another's routes take. */
  readonly isCanary: (ingress: Ingress) => boolean;
  /** The share that a canary takes off a route; null where there is none, or it takes nothing. */
  readonly canaryOf: (
    ingresses: readonly Ingress[],
    route: IngressRoute,
    request: RequestAtController,
  ) => CanaryShare | null;
  /** Where an Ingress closes the port for plain HTTP; null where it doesn't. */
  readonly refusesPlainHttp: (ingress: Ingress) => Stated | null;
  /** For a cloud's balancer: whether it sends straight to pods also where the Service has a nodePort. */
  readonly sendsToPods: (service: Service, ingress: Ingress | null) => boolean;
  /** The Service (`namespace/name`) that gets what no rule takes; null where its arguments name none. */
  readonly defaultService: (settings: ControllerSettings) => string | null;
  /**
   * Its own annotations; the first prefix is its alone. It says which are modelled and which can't change where
   * requests go. All others are reported as unknown.
   */
  readonly annotations: {
    readonly prefixes: readonly string[];
    readonly modelled: readonly string[];
    readonly harmless: RegExp;
  };
  /** For a cloud's balancer: the family of the pods and nodes that it sends to; else the Service's first. */
  readonly podFamily?: (service: Service) => Family;
  /** For a cloud's balancer: the Ingresses of one group share one. */
  readonly groupOf: (ingress: Ingress) => string;
  /** Hosts for which an Ingress counts besides those that it names. */
  readonly furtherHosts?: (ingress: Ingress) => readonly string[];
  /** What a reader should know of it. */
  readonly remark: string;
  readonly sources: readonly string[];
}

/** The first route that takes the request. */
export function firstRoute(routes: readonly IngressRoute[], request: RequestSeen): Routed {
  for (const route of routes) {
    const taken = matches(route.match, request);
    if (taken === null) return { kind: 'unreadable', route };
    if (taken) return { kind: 'route', route };
  }
  return { kind: 'none' };
}

/** Any method, any header, any query: what an Ingress can ask for. */
export const anyRequest = { method: null, headers: [], query: [] } as const;

/**
 * The Ingress's annotations that this controller reads and that we don't model,
 * where they could change where requests go.
 */
export function unmodelledAnnotations(
  { annotations: { prefixes, modelled, harmless } }: IngressDialect,
  { manifest: { annotations } }: Ingress,
): string[] {
  return [...annotations.keys()].filter(
    (name) => prefixes.some((prefix) => name.startsWith(prefix)) && !modelled.includes(name) && !harmless.test(name),
  );
}
