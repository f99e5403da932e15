import type { ClusterNetworkPolicy } from '../../cluster/clusterNetworkPolicy.ts';
import type { Gateway } from '../../cluster/gatewayApi/gateway.ts';
import type { Route } from '../../cluster/gatewayApi/route.ts';
import type { Ingress } from '../../cluster/ingress.ts';
import type { NetworkPolicy } from '../../cluster/networkPolicy.ts';
import type { Service } from '../../cluster/service.ts';
import { printable } from '../../manifest/printable.ts';
import type { JudgedSet } from '../rule.ts';

/** `Route` is any of the Gateway API's, `ClusterPolicy` any of the policies for a whole cluster. */
export type FieldKind = 'Service' | 'Ingress' | 'Gateway' | 'Route' | 'NetworkPolicy' | 'ClusterPolicy' | 'Pod';

/** A field that steers traffic, and what there is to say of it. */
export interface TrafficField {
  /** The kind of object, and the field's path; `*` stands for any index. */
  readonly kind: FieldKind;
  readonly path: readonly string[];
  readonly link: string;
  readonly help: (subject: FieldSubject) => string;
}

export interface FieldSubject extends JudgedSet {
  readonly service: Service | null;
  readonly ingress: Ingress | null;
  readonly gateway: Gateway | null;
  readonly route: Route | null;
  readonly policy: NetworkPolicy | null;
  readonly clusterPolicy: ClusterNetworkPolicy | null;
  /** The field's own path, with indices. */
  readonly at: readonly (string | number)[];
}

/** A field of which a sentence or two say enough. */
export function said(
  kind: FieldKind,
  path: readonly string[],
  link: string,
  help: (subject: FieldSubject) => string,
): TrafficField {
  return {
    kind,
    path,
    link,
    help: (subject) => `**${path.findLast((step) => step !== '*') ?? ''}**\n\n${help(subject)}`,
  };
}

/** Text from a manifest, made harmless in Markdown: it is shown as it is, in one line. */
export function plain(text: string): string {
  return inLine(text).replace(/[\\`*_{}[\]()#+!|<>&~-]/g, (character) => `\\${character}`);
}

/** The same as code, between more backticks than it has: there nothing is escaped. */
export function code(text: string): string {
  const line = inLine(text);
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `${fence}${line}${fence}` : `${fence} ${line} ${fence}`;
}

function inLine(text: string): string {
  return printable(text.replace(/\s+/g, ' '));
}
