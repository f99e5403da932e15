import { type ClusterModel, eachOfModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { once } from '../../cluster/once.ts';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { type Field, fieldOf } from '../../manifest/manifest.ts';
import { dialects } from '../../network/ingress/dialects.ts';
import { dialectFor } from '../ruledTable.ts';
import { rule } from '../rule.ts';

/**
 * The same host, path and type claimed twice in one class: only one backend can win, and which one the API leaves open.
 */
export const samePathTwice = rule({
  id: 'same-path-twice',
  severity: 'warning',
  meaning: 'Only one of the two backends gets the requests; which one depends on the controller.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#multiple-matches',
  about: 'Ingress',
  *check(ingress, { model }) {
    if (countsAsCanary(model, ingress)) return;
    for (const claim of claimsOf(ingress)) {
      const first = pathClaims(model)
        .get(claim.key)
        .find((each) => !countsAsCanary(model, each.ingress));
      if (first === undefined || first === claim || first.backend === claim.backend) continue;
      const { path } = claim;
      yield {
        at: claim.at,
        message:
          `${path.host ?? 'Any host'}${path.host === null ? ', path ' : ''}${path.path} is claimed twice: here for ` +
          `Service ${path.backend?.service ?? '(none)'}, and by Ingress ${first.ingress.name}. Only one of them ` +
          'gets the requests.',
        related: [{ message: `first claimed by Ingress ${first.ingress.name}`, at: first.at }],
      };
    }
  },
  bad: {
    says: 'claimed twice',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: one, port: { number: 80 } } } }
          - { path: /, pathType: Prefix, backend: { service: { name: two, port: { number: 80 } } } }
                    ~
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec:
  rules:
    - host: shop.example
      http:
        paths:
          - { path: /, pathType: Prefix, backend: { service: { name: one, port: { number: 80 } } } }
          - { path: /two, pathType: Prefix, backend: { service: { name: two, port: { number: 80 } } } }
`,
});

/** One path of an Ingress, by what only one backend can have. */
interface PathClaim {
  readonly ingress: Ingress;
  readonly path: IngressPath;
  readonly at: Field;
  readonly key: string;
  readonly backend: string;
}

const claimsOf = once((ingress: Ingress): readonly PathClaim[] => {
  const { manifest, className, namespace, rules } = ingress;
  return rules.map((path) => ({
    ingress,
    path,
    at: fieldOf(manifest, ...path.at, 'path'),
    key: JSON.stringify([className, path.host?.toLowerCase() ?? null, path.path, path.pathType]),
    backend: `${namespace}/${path.backend?.service ?? ''}:${path.backend?.port ?? ''}`,
  }));
});

const allClaims = eachOfModel(({ ingresses }) => ingresses, claimsOf);
const pathClaims = indexOfModel(allClaims, ({ key }: PathClaim) => [key]);

/** As whoever takes the Ingress reads it; where that isn't known, as any controller does. */
function countsAsCanary(model: ClusterModel, ingress: Ingress): boolean {
  const dialect = dialectFor(model, ingress);
  return (dialect === null ? dialects : [dialect]).some((each) => each.isCanary(ingress));
}
