import type { Ingress } from '../../cluster/ingress.ts';

/** What ingress-nginx's own annotations begin with. */
export const prefix = 'nginx.ingress.kubernetes.io/';

/** One of ingress-nginx's own annotations, by what follows the prefix; null where the Ingress has none. */
export function annotationOf({ manifest: { annotations } }: Ingress, name: string): string | null {
  return annotations.get(`${prefix}${name}`) ?? null;
}
