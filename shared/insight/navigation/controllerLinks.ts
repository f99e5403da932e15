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
export function controllerLinks(manifest: Manifest): Link[] {
  const { kind } = manifest;
  if (kind === 'IngressClass') return linkTo(manifest, ['spec', 'controller'], controllersOf);
  if (kind === 'GatewayClass') return linkTo(manifest, ['spec', 'controllerName'], controllersOf);
  if (isIngress(manifest)) {
    const { className, classPath } = readIngress(manifest);
    return className === null ? [] : linkTo(manifest, classPath, unlessThere('IngressClass', className));
  }
  if (kind !== 'Gateway' || !isOfGatewayApi(manifest)) return [];
  return linkTo(manifest, ['spec', 'gatewayClassName'], unlessThere('GatewayClass', readGateway(manifest).className));
}

type Controllers = (model: ClusterModel, manifest: Manifest) => readonly Field[];

/** Where the class is there, it is what is named. */
function unlessThere(kind: string, name: string): Controllers {
  return (model, manifest) => (objectsNamed(model, kind, name).length > 0 ? [] : controllersOf(model, manifest));
}

function linkTo(manifest: Manifest, at: FieldPath, controllers: Controllers): Link[] {
  const from = markAt(manifest, at);
  return from === null ? [] : [{ by: 'what follows', from, to: (model) => controllers(model, manifest), asks: null }];
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
