import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Ingress } from '../cluster/ingress.ts';
import { once } from '../cluster/once.ts';
import { dialects } from '../network/ingress/dialects.ts';
import { withItsHosts } from '../network/ingress/ingressesByHost.ts';
import { ingressNginx } from '../network/ingress/ingressNginx/ingressNginx.ts';
import { controllerOf } from '../network/ingressController.ts';

/**
 * Whether it is ingress-nginx that serves an Ingress. Where no controller is shown, class `nginx` stands for it, unless
 * an Ingress of its hosts is written for another.
 */
export function isServedByNginx(model: ClusterModel, ingress: Ingress): boolean {
  const controller = controllerOf(model, ingress);
  if (controller?.implementation !== ingressNginx.id) return false;
  return controller.field !== null || !isAnyForAnother(withItsHosts(model, ingress));
}

/** Looked at once for all Ingresses of the same hosts: they have one and the same list. */
const isAnyForAnother = once((ingresses: readonly Ingress[]) => ingresses.some(isWrittenForAnother));

function isWrittenForAnother({ manifest: { annotations } }: Ingress): boolean {
  return others.some((prefix) => [...annotations.keys()].some((name) => name.startsWith(prefix)));
}

const others = dialects.filter((each) => each !== ingressNginx).flatMap(({ annotations }) => annotations.prefixes);
