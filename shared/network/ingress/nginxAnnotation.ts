import type { Ingress } from '../../cluster/ingress.ts';
import type { FieldPath } from '../../manifest/value.ts';

/** What ingress-nginx's own annotations begin with. */
export const nginxPrefix = 'nginx.ingress.kubernetes.io/';

/** The whole name of one of its annotations. */
export function nginxName(name: string): string {
  return `${nginxPrefix}${name}`;
}

/** One of ingress-nginx's own annotations, by what follows the prefix; null where the Ingress has none. */
export function nginxAnnotation({ manifest: { annotations } }: Ingress, name: string): string | null {
  return annotations.get(`${nginxPrefix}${name}`) ?? null;
}

/** Where one stands in its Ingress. */
export function placeOfAnnotation(name: string): FieldPath {
  return ['metadata', 'annotations', nginxName(name)];
}
