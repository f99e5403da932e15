import type { Family } from '../../cluster/address.ts';
import type { Backend, Ingress, IngressPath } from '../../cluster/ingress.ts';
import type { Container } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import type { FieldPath } from '../../manifest/value.ts';
import type { ForwardedFor } from '../forwarded.ts';
import type { Expression } from '../match.ts';
import type { RouteTable } from '../routing/routeTable.ts';
import type { ControllerSettings } from './controllerSettings.ts';
import type { Surroundings } from './surroundings.ts';
import type { UnreadValue } from './unreadValue.ts';

/** Something that an Ingress says: in what words, and at which path. */
export interface Stated {
  readonly text: string;
  readonly at: FieldPath;
}

/** How it shows that a controller is there. */
export type Presence =
  /** It runs in pods. */
  | {
      readonly kind: 'pods';
      /** Its image, with a tag or a digest; null for one that no image gives away. */
      readonly image: RegExp | null;
      /** Whether a container surely watches Ingresses, where its image doesn't tell. */
      readonly watches?: (container: Container) => boolean;
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

/** A rule of an Ingress, and the expression that its path is. */
export interface UnreadRule {
  readonly rule: IngressPath;
  readonly path: Expression;
  /** What goes with it. */
  readonly effect: string;
}

/** A controller's way to read Ingresses, and what else of it changes where a request goes. */
export interface IngressDialect {
  readonly id: string;
  readonly product: string;
  /** Source: each project's own release manifests (image names, IngressClass controller names). */
  readonly presence: Presence;
  /** What it makes of the Ingresses that it serves. */
  readonly compile: (ingresses: readonly Ingress[], surroundings: Surroundings) => RouteTable;
  /** What it does with `X-Forwarded-For`. */
  readonly forwardedFor: (settings: ControllerSettings) => ForwardedFor;
  /** Whether it expects a PROXY protocol header before each connection; null where that isn't known. */
  readonly readsProxyProtocol: (settings: ControllerSettings) => boolean | null;
  /** Whether it sends to the Service's cluster address rather than straight to its pods. */
  readonly viaClusterAddress: (ingress: Ingress, service: Service) => boolean;
  /** Whether a backend's port may also be a target port of the Service. */
  readonly takesTargetPorts: boolean;
  /** Whether a backend names what an annotation says to do, and no Service. */
  readonly namesAction: (ingress: Ingress, backend: Backend) => boolean;
  /** Whether an Ingress only takes a share of what another's routes take. */
  readonly isCanary: (ingress: Ingress) => boolean;
  /** For a cloud's balancer: whether it sends straight to pods also where the Service has a nodePort. */
  readonly sendsToPods: (service: Service, ingress: Ingress | null) => boolean;
  /**
   * Its own annotations; the first prefix is its alone. It says which are modelled and which can't change where
   * requests go. All others are reported as unknown.
   */
  readonly annotations: {
    readonly prefixes: readonly string[];
    readonly modelled: readonly string[];
    readonly harmless: RegExp;
  };
  /** Of the annotations that it reads, those of which it can't read the value. */
  readonly unread: (ingress: Ingress, surroundings: Surroundings) => readonly UnreadValue[];
  /** Rules whose expression it can't read, so that they aren't in its table at all. */
  readonly unreadRules: (ingress: Ingress) => readonly UnreadRule[];
  /** For a cloud's balancer: the family of the pods and nodes that it sends to; else the Service's first. */
  readonly podFamily?: (service: Service) => Family;
  /** For a cloud's balancer: the Ingresses of one group share one. */
  readonly groupOf: (ingress: Ingress) => string;
  /** Hosts for which an Ingress counts besides those that it names. */
  readonly furtherHosts?: (ingress: Ingress) => readonly string[];
  /** Hosts whose Ingresses count wherever it does: what they say decides about it. */
  readonly besideHosts?: (ingress: Ingress) => readonly string[];
  /** Whether it counts for every host, and with it the Ingresses that share its hosts or its Services. */
  readonly countsForAllHosts?: (ingress: Ingress) => boolean;
  /** What a reader should know of it. */
  readonly remark: string;
  readonly sources: readonly string[];
}

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
