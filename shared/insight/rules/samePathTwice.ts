import { type ClusterModel, eachOfModel, indexOfModel } from '../../cluster/clusterModel.ts';
import { once } from '../../cluster/once.ts';
import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import { type Field, fieldOf } from '../../manifest/manifest.ts';
import { dialects } from '../../network/ingress/dialects.ts';
import { witnessOf } from '../../network/witness.ts';
import { dialectFor, forwardersOf, pathsOf, ruledTable } from '../ruledTable.ts';
import { rule, type Yielded } from '../rule.ts';

/**
 * The same host, path and type claimed twice in one class: only one backend can win. The API leaves open which; the
 * controller's table says it.
 */
export const samePathTwice = rule({
  id: 'same-path-twice',
  topic: 'ingresses',
  severity: 'warning',
  meaning: 'Only one of the two backends gets the requests; which one depends on the controller.',
  remedy: 'Take one of the two away, or have it claim another host or path.',
  details: "Which of them gets the requests, the controller's own order says; of canaries both do.",
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#multiple-matches',
  about: 'Ingress',
  *check(ingress, { model }): Generator<Yielded> {
    if (countsAsCanary(model, ingress)) return;
    for (const claim of claimsOf(ingress)) {
      const claims = pathClaims(model)
        .get(claim.key)
        .filter((each) => !countsAsCanary(model, each.ingress));
      const [first] = claims;
      const others = claims.filter(({ backend }) => backend !== claim.backend);
      if (first === undefined || others.length === 0) continue;
      const winners = winnersAmong(model, claims);
      const [winner] = winners;
      // Where it isn't known who wins, the later one is told.
      const isTold = winner === undefined || winners.length > 1 ? claim !== first : claim.backend !== winner.backend;
      const other = winners.length === 1 && winner !== undefined ? winner : first;
      if (!isTold || other.backend === claim.backend) continue;
      const { path } = claim;
      const place = `${path.host ?? 'Any host'}${path.host === null ? ', path ' : ''}${path.path}`;
      yield {
        at: claim.at,
        message:
          `${place} is claimed twice: here for Service ${path.backend?.service ?? '(none)'}, and by Ingress ` +
          `${other.ingress.name}${outcomeOf(winners, other)}`,
        related: [{ message: `claimed by Ingress ${other.ingress.name}`, at: other.at }],
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

/** Those of some claims for the same that get requests: several by chance; empty where that isn't known. */
function winnersAmong(model: ClusterModel, claims: readonly PathClaim[]): readonly PathClaim[] {
  const [first] = claims;
  const dialect = first === undefined ? null : dialectFor(model, first.ingress);
  // The standard leaves it open.
  if (first === undefined || dialect === null || dialect.id === 'standard') return [];
  const table = ruledTable(model, dialect, first.ingress);
  const compiled = claims.flatMap(({ ingress, path: own }) =>
    pathsOf(table, ingress).filter(({ rule: each }) => each === own),
  );
  const path = compiled[0] === undefined ? null : witnessOf(compiled[0].path);
  const forwarders = path === null ? [] : forwardersOf(table, first.path.host, path);
  return claims.filter((claim) => forwarders.some(({ rule: each }) => each === claim.path));
}

function outcomeOf(winners: readonly PathClaim[], other: PathClaim): string {
  if (winners.length === 0) return '. Only one of them gets the requests.';
  return winners.length === 1
    ? ` for Service ${other.path.backend?.service ?? '(none)'}, which gets the requests.`
    : '. Which of them gets the requests is by chance.';
}

/** As whoever takes the Ingress reads it; where that isn't known, as any controller does. */
function countsAsCanary(model: ClusterModel, ingress: Ingress): boolean {
  const dialect = dialectFor(model, ingress);
  return (dialect === null ? dialects : [dialect]).some((each) => each.isCanary(ingress));
}
