import { readClusterNetworkPolicy } from '../cluster/clusterNetworkPolicy.ts';
import { serviceNamed } from '../cluster/lookups.ts';
import { readGateway } from '../cluster/gatewayApi/gateway.ts';
import { isOfGatewayApi } from '../cluster/gatewayApi/gatewayApi.ts';
import { isRoute, readRoute } from '../cluster/gatewayApi/route.ts';
import { isIngress, readIngress } from '../cluster/ingress.ts';
import { isNetworkPolicy, readNetworkPolicy } from '../cluster/networkPolicy.ts';
import { isService } from '../cluster/service.ts';
import { type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { fieldAt, type ParsedFile, rangeOfEntry } from '../manifest/parseFile.ts';
import type { Position, Range } from '../manifest/position.ts';
import type { FieldPath } from '../manifest/value.ts';
import { fields } from './fields/all.ts';
import type { FieldKind, FieldSubject } from './fields/trafficField.ts';
import type { JudgedSet } from './rule.ts';

/** What a traffic field means for the very object that it stands in, in Markdown. */
export interface FieldHelp {
  readonly markdown: string;
  /** The field's key and value. */
  readonly range: Range;
}

/** The help for what stands at a position of a file; null where no traffic field does. */
export function fieldHelpAt(judged: JudgedSet, file: ParsedFile, position: Position): FieldHelp | null {
  const found = fieldAt(file, position);
  const help = found === null ? null : helpFor(judged, found.manifest, found.path);
  const range = found === null || help === null ? null : rangeOfEntry(file, { ...found, path: help.path });
  return help === null || range === null ? null : { markdown: help.markdown, range };
}

/** The help for a field of an object, or for the nearest around it; null where no traffic field is. */
export function helpFor(
  judged: JudgedSet,
  manifest: Manifest,
  path: FieldPath,
): { readonly markdown: string; readonly path: FieldPath } | null {
  const subject = subjectOf(judged, manifest);
  if (subject === null) return null;
  for (let length = path.length; length > 0; length--) {
    const at = path.slice(0, length);
    const { kind } = subject;
    const field = fields.find((each) => each.kind === kind && isAt(each.path, at, kind === 'Pod'));
    if (field === undefined || typeof at.at(-1) !== 'string') continue;
    return { markdown: `${field.help({ ...subject, at })}\n\n[Documentation](${field.link})`, path: at };
  }
  return null;
}

/** What a manifest is, for its fields; null for an object of those kinds that can't be read as one. */
function subjectOf(judged: JudgedSet, manifest: Manifest): (Omit<FieldSubject, 'at'> & { kind: FieldKind }) | null {
  const { model, isComplete } = judged;
  const nothing = {
    model,
    isComplete,
    service: null,
    ingress: null,
    gateway: null,
    route: null,
    policy: null,
    clusterPolicy: null,
  };
  if (isService(manifest)) {
    const service = serviceNamed(model, namespaceOf(manifest), manifest.name);
    return service === undefined ? null : { ...nothing, kind: 'Service', service };
  }
  if (isIngress(manifest)) return { ...nothing, kind: 'Ingress', ingress: readIngress(manifest) };
  if (isOfGatewayApi(manifest) && manifest.kind === 'Gateway')
    return { ...nothing, kind: 'Gateway', gateway: readGateway(manifest) };
  if (isOfGatewayApi(manifest) && isRoute(manifest)) return { ...nothing, kind: 'Route', route: readRoute(manifest) };
  if (isNetworkPolicy(manifest)) return { ...nothing, kind: 'NetworkPolicy', policy: readNetworkPolicy(manifest) };
  const clusterPolicy = readClusterNetworkPolicy(manifest);
  if (clusterPolicy !== null) return { ...nothing, kind: 'ClusterPolicy', clusterPolicy };
  return ['Service', 'Ingress', 'Gateway'].includes(manifest.kind) ? null : { ...nothing, kind: 'Pod' };
}

/** A Pod's field is the same wherever its template stands, so its path is compared from the end. */
function isAt(wanted: readonly string[], at: readonly (string | number)[], fromTheEnd: boolean): boolean {
  if (at.length < wanted.length || (!fromTheEnd && at.length !== wanted.length)) return false;
  const given = at.slice(at.length - wanted.length);
  return wanted.every((step, index) => (step === '*' ? typeof given[index] === 'number' : step === given[index]));
}
