import type { Gateway } from '../cluster/gatewayApi/gateway.ts';
import type { Route } from '../cluster/gatewayApi/route.ts';
import type { Ingress } from '../cluster/ingress.ts';
import type { Service } from '../cluster/service.ts';
import { manifestAt } from '../manifest/manifest.ts';
import { type Position, type Range, shiftedBy } from '../manifest/position.ts';
import { pathAt, valueAt } from '../manifest/value.ts';
import { fields } from './fields/all.ts';
import type { JudgedSet } from './rule.ts';

/** What a traffic field means for the very object that it stands in, in Markdown. */
export interface FieldHelp {
  readonly markdown: string;
  /** The field's key and value. */
  readonly range: Range;
}

/** `Route` is any of the Gateway API's. */
export type FieldKind = 'Service' | 'Ingress' | 'Gateway' | 'Route' | 'Pod';

/** A field that steers traffic, and what there is to say of it. */
export interface Field {
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
  /** The field's own path, with indices. */
  readonly at: readonly (string | number)[];
}

/** A field of which a sentence or two say enough. */
export function said(
  kind: FieldKind,
  path: readonly string[],
  link: string,
  help: (subject: FieldSubject) => string,
): Field {
  return {
    kind,
    path,
    link,
    help: (subject) => `**${path.findLast((step) => step !== '*') ?? ''}**\n\n${help(subject)}`,
  };
}

/** The help for what stands at a position of a file; null where no traffic field does. */
export function fieldHelpAt(judged: JudgedSet, uri: string, position: Position): FieldHelp | null {
  const manifest = manifestAt(
    judged.model.manifests.filter((each) => each.uri === uri),
    position,
  );
  if (manifest === null) return null;
  const path = pathAt(manifest.value, { line: position.line - manifest.line, character: position.character });
  if (path === null) return null;
  const service = judged.model.services.find((each) => each.manifest === manifest) ?? null;
  const ingress = judged.model.ingresses.find((each) => each.manifest === manifest) ?? null;
  const gateway = judged.model.gatewayApi.gateways.find((each) => each.manifest === manifest) ?? null;
  const route = judged.model.gatewayApi.routes.find((each) => each.manifest === manifest) ?? null;
  const kind: FieldKind =
    service !== null
      ? 'Service'
      : ingress !== null
        ? 'Ingress'
        : gateway !== null
          ? 'Gateway'
          : route !== null
            ? 'Route'
            : 'Pod';
  if (kind === 'Pod' && ['Service', 'Ingress', 'Gateway'].includes(manifest.kind)) return null;
  for (let length = path.length; length > 0; length--) {
    const at = path.slice(0, length);
    const field = fields.find((each) => each.kind === kind && matches(each.path, at, kind === 'Pod'));
    if (field === undefined) continue;
    const parent = valueAt(manifest.value, ...at.slice(0, -1));
    const key = at.at(-1);
    const entry = parent?.kind === 'map' && typeof key === 'string' ? parent.entries.get(key) : undefined;
    if (entry === undefined) continue;
    const range = { start: entry.keyRange.start, end: entry.value.range.end };
    return {
      markdown: `${field.help({ ...judged, service, ingress, gateway, route, at })}\n\n[Documentation](${field.link})`,
      range: shiftedBy(manifest.line, range),
    };
  }
  return null;
}

/** A Pod's field is the same wherever its template stands, so its path is compared from the end. */
function matches(wanted: readonly string[], at: readonly (string | number)[], fromTheEnd: boolean): boolean {
  if (at.length < wanted.length || (!fromTheEnd && at.length !== wanted.length)) return false;
  const given = at.slice(at.length - wanted.length);
  return wanted.every((step, index) => (step === '*' ? typeof given[index] === 'number' : step === given[index]));
}

/** Text from a manifest, made harmless in Markdown. */
export function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+!|<>~-]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}
