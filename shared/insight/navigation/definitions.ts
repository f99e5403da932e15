import type { BuiltField } from '../../built/builtSet.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { isRoute, readRoute } from '../../cluster/gatewayApi/route.ts';
import { isIngress } from '../../cluster/ingress.ts';
import { isService, readService } from '../../cluster/service.ts';
import { type Field, fieldOf, type Manifest } from '../../manifest/manifest.ts';
import type { Position, Site } from '../../manifest/position.ts';
import { textAt } from '../../manifest/value.ts';
import { parentsOf } from '../../network/gateway/attachment.ts';
import type { Workspace } from '../workspace.ts';
import { controllersOf } from './controllerLinks.ts';
import { fileNamedAt } from './fileLinks.ts';
import { objectsNamed } from './nameLinks.ts';
import { containerPortsOf, fieldsNamed } from './parts.ts';
import { type Asked, linksOf, manifestIn, sitesOfThings, thingsAt } from './things.ts';

/** The places of what is named at a position; the position's own where it is a name that others use. */
export function definitionsAt(workspace: Workspace, uri: string, position: Position): Site[] {
  const file = fileNamedAt(workspace, uri, position);
  return file !== null ? [file] : firstSites(workspace, { uri, position }, thingsAt);
}

/**
 * The places of who answers in the place of what is named at a position: of a Service or its port the pods behind it,
 * of a class the controller, of a route the Gateway.
 */
export function typeDefinitionsAt(workspace: Workspace, uri: string, position: Position): Site[] {
  return firstSites(workspace, { uri, position }, (asked, field) =>
    thingsAt(asked, field).flatMap((each) => answering(asked.scene.model, each)),
  );
}

function firstSites(
  workspace: Workspace,
  { uri, position }: { readonly uri: string; readonly position: Position },
  things: (asked: Asked, field: BuiltField) => readonly Field[],
): Site[] {
  for (const { scene, fields } of workspace.fieldsAt(uri, position)) {
    const found = fields.flatMap((each) => things({ workspace, scene, position }, each));
    const sites = sitesOfThings(scene, found);
    if (sites.length > 0) return sites;
  }
  return [];
}

function answering(model: ClusterModel, { object, path }: Field): Field[] {
  const manifest = manifestIn(model, object);
  if (manifest === null) return [];
  if (isService(manifest)) return podsBehind(model, manifest, path[1] === 'ports' ? Number(path[2]) : null);
  if (isIngress(manifest)) return controllersOf(model, manifest);
  if (manifest.kind === 'IngressClass' || manifest.kind === 'GatewayClass') return controllersOf(model, manifest);
  if (!isOfGatewayApi(manifest)) return [];
  if (isRoute(manifest))
    return parentsOf(model.declared, readRoute(manifest)).flatMap(({ outcome }) =>
      outcome.kind === 'attached' ? [fieldOf(outcome.gateway.manifest, 'metadata', 'name')] : [],
    );
  if (manifest.kind !== 'Gateway') return [];
  const running = controllersOf(model, manifest);
  const className = textAt(manifest.value, 'spec', 'gatewayClassName') ?? '';
  const classes = objectsNamed(model, 'GatewayClass', className);
  return running.length > 0 ? running : classes.map((each) => fieldOf(each, 'metadata', 'name'));
}

/** The container ports that a Service's port leads to; of the Service itself, the workloads. */
function podsBehind(model: ClusterModel, manifest: Manifest, index: number | null): Field[] {
  const links = linksOf(manifest).filter(({ by }) => by === 'label');
  const picked = links.flatMap(({ to }) => to(model).map(({ object }) => object));
  const workloads = [...new Set(picked)].flatMap((key) => manifestIn(model, key) ?? []);
  const target =
    index === null ? undefined : readService(manifest).ports.find((each) => each.index === index)?.targetPort;
  const ports =
    target === undefined ? [] : workloads.flatMap((each) => fieldsNamed(containerPortsOf(each), String(target)));
  return ports.length > 0 ? ports : workloads.map((each) => fieldOf(each, 'metadata', 'name'));
}
