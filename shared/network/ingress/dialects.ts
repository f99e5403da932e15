import { alb } from './alb.ts';
import { applicationGateway } from './applicationGateway.ts';
import { cilium } from './cilium.ts';
import { contour } from './contour.ts';
import { gke } from './gke.ts';
import { haproxy } from './haproxy.ts';
import { ingressNginx } from './ingressNginx/ingressNginx.ts';
import { istio } from './istio.ts';
import { kong } from './kong.ts';
import { nginxInc } from './nginxInc.ts';
import type { IngressDialect } from './ingressDialect.ts';
import { standard } from './standard.ts';
import { traefik } from './traefik.ts';

/** How each controller reads Ingresses, in the order of the table in `docs/controllers.md`. */
export const dialects: readonly IngressDialect[] = [
  standard,
  ingressNginx,
  nginxInc,
  traefik,
  haproxy,
  contour,
  kong,
  istio,
  cilium,
  gke,
  alb,
  applicationGateway,
];

/** Those that aren't here keep to the standard, as far as it is known. */
export function dialectOf(implementation: string): IngressDialect {
  return dialects.find(({ id, product }) => id === implementation || product === implementation) ?? standard;
}

/**
 * Of those outside the cluster, the one that serves a class: by what its IngressClass names, else by the class's
 * name.
 */
export function cloudDialectOf(className: string, controllerName: string | null): IngressDialect | undefined {
  return dialects.find(
    ({ presence }) =>
      presence.kind === 'cloud' &&
      (controllerName === null
        ? presence.classNames.includes(className)
        : presence.controllerName === controllerName ||
          (presence.controllerName === null && presence.classNames.includes(className))),
  );
}
