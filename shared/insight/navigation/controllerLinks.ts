import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { type Gateway, readGateway } from '../../cluster/gatewayApi/gateway.ts';
import { isIngress, readIngress } from '../../cluster/ingress.ts';
import type { Pod } from '../../cluster/pod.ts';
import type { Service } from '../../cluster/service.ts';
import { isAssumed } from '../../cluster/because.ts';
import { type Field, fieldOf, type Manifest } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { proxyOf } from '../../network/gateway/gatewayProxy.ts';
import { controllerOf, ingressControllersOf } from '../../network/ingressController.ts';
import { type Link, markAt } from './links.ts';
import { objectsNamed } from './nameLinks.ts';

/** From a class, and from who names one that the set lacks, to the controller that takes it. */
export function* controllerLinks(model: ClusterModel, manifest: Manifest): Generator<Link> {
  const { kind } = manifest;
  if (kind === 'IngressClass') yield* linkTo(manifest, ['spec', 'controller'], controllersOfClass(model, manifest));
  if (kind === 'GatewayClass') yield* linkTo(manifest, ['spec', 'controllerName'], controllersOfClass(model, manifest));
  if (isIngress(manifest)) {
    const { className, classPath } = readIngress(manifest);
    if (className !== null && objectsNamed(model, 'IngressClass', className).length === 0)
      yield* linkTo(manifest, classPath, controllersOf(model, manifest));
  }
  if (kind === 'Gateway' && isOfGatewayApi(manifest)) {
    if (objectsNamed(model, 'GatewayClass', readGateway(manifest).className).length === 0)
      yield* linkTo(manifest, ['spec', 'gatewayClassName'], controllersOf(model, manifest));
  }
}

function* linkTo(manifest: Manifest, at: FieldPath, to: readonly Field[]): Generator<Link> {
  const from = markAt(manifest, at);
  if (from !== null) yield { by: 'what follows', from, to };
}

/** What runs for an Ingress, a Gateway or a class: the controller's workloads, and the Service before them. */
export function controllersOf(model: ClusterModel, manifest: Manifest): Field[] {
  if (isIngress(manifest)) return fieldsOf([controllerOf(model, readIngress(manifest)) ?? []].flat());
  if (manifest.kind === 'Gateway' && isOfGatewayApi(manifest)) return ofGateways(model, [readGateway(manifest)]);
  return controllersOfClass(model, manifest);
}

function controllersOfClass(model: ClusterModel, { kind, name }: Manifest): Field[] {
  if (kind === 'IngressClass')
    return fieldsOf(ingressControllersOf(model).filter(({ classes }) => classes.includes(name)));
  if (kind !== 'GatewayClass') return [];
  const { gateways } = model.declared.gatewayApi;
  return ofGateways(
    model,
    gateways.filter(({ className }) => className === name),
  );
}

function ofGateways(model: ClusterModel, gateways: readonly Gateway[]): Field[] {
  return fieldsOf(gateways.flatMap((each) => proxyOf(model, each) ?? []));
}

interface Running {
  readonly service: Service | null;
  readonly pods: readonly Pod[];
}

function fieldsOf(running: readonly Running[]): Field[] {
  const objects = [
    ...running.flatMap(({ pods }) => pods.map(({ manifest }) => manifest)),
    ...running.flatMap(({ service }) => (service === null ? [] : [service.manifest])),
  ];
  const written = objects.filter(({ uri }) => !isAssumed(uri));
  return [...new Map(written.map((each) => [each.key, fieldOf(each, 'metadata', 'name')])).values()];
}
