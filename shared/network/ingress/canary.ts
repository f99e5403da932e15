import Fraction from 'fraction.js';
import type { Ingress } from '../../cluster/ingress.ts';
import { nginxAnnotation } from './nginxAnnotation.ts';
import type { CanaryShare, IngressRoute, RequestAtController } from './route.ts';

/** A canary only shares the routes of others. */
export function isCanary(ingress: Ingress): boolean {
  return nginxAnnotation(ingress, 'canary') === 'true';
}

/**
 * What a canary Ingress for the same host and path takes off a route: all or nothing where a header or a cookie
 * decides, in this order, else its weight. Only one canary counts. Null where there is none, or it takes nothing.
 * Source: kubernetes/ingress-nginx docs/user-guide/nginx-configuration/annotations.md, "Canary" (1.14).
 */
export function canaryOf(
  ingresses: readonly Ingress[],
  { rule }: IngressRoute,
  request: RequestAtController,
): CanaryShare | null {
  if (rule === null) return null;
  for (const ingress of ingresses.filter(isCanary)) {
    const twin = ingress.rules.find(
      ({ host, path }) => (host?.toLowerCase() ?? null) === (rule.host?.toLowerCase() ?? null) && path === rule.path,
    );
    if (twin?.backend == null) continue;
    const { share, because } = shareOf(ingress, request);
    return share.equals(0) ? null : { ingress, backend: twin.backend, share, because };
  }
  return null;
}

function shareOf(ingress: Ingress, request: RequestAtController): { share: Fraction; because: string } {
  const header = nginxAnnotation(ingress, 'canary-by-header');
  const sent = header === null ? undefined : request.headers.get(header.toLowerCase());
  const wanted = nginxAnnotation(ingress, 'canary-by-header-value');
  if (header !== null && sent !== undefined) {
    if (sent === (wanted ?? 'always')) return { share: new Fraction(1), because: `header ${header}: ${sent}` };
    if (wanted === null && sent === 'never') return { share: new Fraction(0), because: `header ${header}: never` };
  }
  const cookie = nginxAnnotation(ingress, 'canary-by-cookie');
  const baked = cookie === null ? undefined : cookieOf(request.headers.get('cookie') ?? '', cookie);
  if (baked === 'always' || baked === 'never')
    return { share: new Fraction(baked === 'always' ? 1 : 0), because: `cookie ${cookie}: ${baked}` };
  const weight = Math.max(0, Number(nginxAnnotation(ingress, 'canary-weight') ?? 0) || 0);
  const total = Math.max(1, Number(nginxAnnotation(ingress, 'canary-weight-total') ?? 100) || 100);
  return {
    share: new Fraction(Math.min(Math.trunc(weight), Math.trunc(total)), Math.trunc(total)),
    because: `canary-weight ${weight} of ${total}`,
  };
}

/** The first cookie of that name in a `Cookie` header. */
function cookieOf(header: string, name: string): string | undefined {
  const found = header
    .split(';')
    .map((each) => each.trim())
    .find((each) => each.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}
