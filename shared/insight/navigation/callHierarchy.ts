import { isBuilt, rootOfBuilt } from '../../built/builtSet.ts';
import { isService } from '../../cluster/service.ts';
import { type Field, fieldOf, type Manifest, uriOf } from '../../manifest/manifest.ts';
import type { Position, Range, Site } from '../../manifest/position.ts';
import { integerAt } from '../../manifest/value.ts';
import type { Scene } from '../scene.ts';
import type { Workspace } from '../workspace.ts';
import { hostsIn } from './hostLinks.ts';
import {
  isStop,
  nameOfStop,
  reachedFrom,
  reaching,
  type Step,
  type Stop,
  type StopName,
  stopNamed,
  verdictOf,
} from './reach.ts';
import { referentAt } from './referencePlaces.ts';
import { linksAt, manifestIn, thingsAt } from './things.ts';

/** A stop of requests where it stands: what a call hierarchy shows. */
export interface PlacedStop {
  readonly kind: 'host' | 'port' | 'Service' | 'Ingress' | 'Gateway' | 'route' | 'workload';
  readonly name: string;
  /** What comes through. */
  readonly detail: string;
  readonly site: Site;
  readonly data: StopName;
}

/** One that reaches, or is reached; and where it, or who asks, names the other. */
export interface PlacedStep {
  readonly stop: PlacedStop;
  readonly ranges: readonly Range[];
}

/** What requests come to at a position: a host, a Service's port, an object that is named or that stands there. */
export function stopsAt(workspace: Workspace, uri: string, position: Position): PlacedStop[] {
  for (const { scene, fields } of workspace.fieldsAt(uri, position)) {
    const stops = fields.flatMap((field): Stop[] => {
      const asked = { workspace, scene, position };
      const [host] = hostsAt(
        field.manifest,
        linksAt(asked, field).map(({ from }) => from.field),
        field.path,
      );
      if (host !== undefined) return [host];
      const things = thingsAt(asked, field).flatMap((each) => stopOfThing(scene, each) ?? []);
      return things.length > 0 ? things : isStop(field.manifest) ? [{ kind: 'object', manifest: field.manifest }] : [];
    });
    const placed = stops.flatMap((each) => placedStop(scene, each, verdictOf(scene, each)) ?? []);
    if (placed.length > 0) return [...new Map(placed.map((each) => [JSON.stringify(each.data), each])).values()];
  }
  return [];
}

function hostsAt(manifest: Manifest, marked: readonly Field[], path: Field['path']): Stop[] {
  if (referentAt(manifest, path)?.is !== 'host') return [];
  const paths = new Set([path, ...marked.map((each) => each.path)].map((each) => JSON.stringify(each)));
  return hostsIn(manifest).flatMap(({ host, mark: { field } }): Stop[] =>
    paths.has(JSON.stringify(field.path)) ? [{ kind: 'host', host, field }] : [],
  );
}

function stopOfThing({ model }: Scene, { object, path }: Field): Stop | null {
  const manifest = manifestIn(model, object);
  if (manifest === null || !isStop(manifest)) return null;
  const [, list, index] = path;
  return isService(manifest) && list === 'ports' && typeof index === 'number'
    ? { kind: 'port', manifest, index }
    : { kind: 'object', manifest };
}

/** Who reaches a stop; empty for one that is gone. */
export function stopsBefore(workspace: Workspace, name: StopName): PlacedStep[] {
  const found = foundStop(workspace, name);
  if (found === null) return [];
  const { scene, stop } = found;
  return reaching(scene, stop).flatMap((step) => {
    const placed = placedStop(scene, step.stop, step.verdict);
    return placed === null ? [] : [{ stop: placed, ranges: rangesIn(scene, step, placed.site) }];
  });
}

/** What a stop reaches; empty for one that is gone. */
export function stopsBehind(workspace: Workspace, name: StopName): PlacedStep[] {
  const found = foundStop(workspace, name);
  const own = found === null ? null : placedStop(found.scene, found.stop, '');
  if (found === null || own === null) return [];
  const { scene, stop } = found;
  return reachedFrom(scene, stop).flatMap((step) => {
    const placed = placedStop(scene, step.stop, step.verdict);
    return placed === null ? [] : [{ stop: placed, ranges: rangesIn(scene, step, own.site) }];
  });
}

function foundStop(workspace: Workspace, name: StopName): { readonly scene: Scene; readonly stop: Stop } | null {
  const uri = uriOf(name.object);
  const scene = isBuilt(uri) ? workspace.sceneOfBuild(rootOfBuilt(uri)) : workspace.sceneOf(uri);
  const stop = scene === null ? null : stopNamed(scene.model, name);
  return scene === null || stop === null ? null : { scene, stop };
}

/** The places of a step that stand in the same file as who names the other. */
function rangesIn(scene: Scene, { at }: Step, own: Site): Range[] {
  const sites = at.flatMap((field) => scene.siteOf(field) ?? []).filter(({ uri }) => uri === own.uri);
  return sites.length > 0 ? sites.map(({ range }) => range) : [own.range];
}

function placedStop(scene: Scene, stop: Stop, detail: string): PlacedStop | null {
  const site = scene.siteOf(fieldOfStop(stop));
  return site === null ? null : { kind: kindOf(stop), name: nameOf(stop), detail, site, data: nameOfStop(stop) };
}

function fieldOfStop(stop: Stop): Field {
  switch (stop.kind) {
    case 'host':
      return stop.field;
    case 'object':
      return fieldOf(stop.manifest, 'metadata', 'name');
    case 'port':
      return fieldOf(stop.manifest, 'spec', 'ports', stop.index, 'port');
    default:
      return stop satisfies never;
  }
}

function nameOf(stop: Stop): string {
  switch (stop.kind) {
    case 'host':
      return stop.host === '*' ? 'any host' : stop.host;
    case 'object':
      return `${stop.manifest.kind} ${stop.manifest.name}`;
    case 'port':
      return `Service ${stop.manifest.name} :${portOf(stop.manifest, stop.index)}`;
    default:
      return stop satisfies never;
  }
}

function portOf({ value }: Manifest, index: number): number | string {
  return integerAt(value, 'spec', 'ports', index, 'port') ?? '';
}

function kindOf(stop: Stop): PlacedStop['kind'] {
  if (stop.kind !== 'object') return stop.kind;
  switch (stop.manifest.kind) {
    case 'Service':
    case 'Ingress':
    case 'Gateway':
      return stop.manifest.kind;
    default:
      return stop.manifest.kind.endsWith('Route') ? 'route' : 'workload';
  }
}
