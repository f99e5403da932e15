import { ingressNginx } from './ingressNginx.ts';
import type { IngressDialect } from './route.ts';
import { standard } from './standard.ts';

/** How each controller reads an Ingress; those that aren't here keep to the standard, as far as it is known. */
const dialects: ReadonlyMap<string, IngressDialect> = new Map([['ingress-nginx', ingressNginx]]);

export function dialectOf(implementation: string): IngressDialect {
  return dialects.get(implementation) ?? standard;
}
