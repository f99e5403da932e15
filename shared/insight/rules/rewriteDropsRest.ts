import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { isRoute, readRoute, type Route } from '../../cluster/gatewayApi/route.ts';
import { isGoneIngress, isIngress, type Ingress, readIngress } from '../../cluster/ingress.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { once } from '../../cluster/once.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { matchesPath, type PathMatch } from '../../network/match.ts';
import type { RouteTable } from '../../network/routing/routeTable.ts';
import { witnessOf } from '../../network/witness.ts';
import { dialectFor, ruledTable } from '../ruledTable.ts';
import { rule, type Yielded } from '../rule.ts';

/** A path that takes whatever lies below it and is replaced as a whole: the backend hears of one path only. */
export const rewriteDropsRest = rule({
  id: 'rewrite-drops-rest',
  topic: 'ingresses',
  severity: 'hint',
  meaning: 'Whatever is asked for below the path, the backend is asked for one and the same path.',
  remedy:
    'Keep the rest: with ingress-nginx `path: /app(/|$)(.*)` and `rewrite-target: /$2`, in an HTTPRoute ' +
    '`ReplacePrefixMatch`; or take the path alone, by `Exact`.',
  details:
    "It is meant so where one page answers for all, so it is a hint. Said only where the controller's own table " +
    'takes a longer path than the one written.',
  link: 'https://kubernetes.github.io/ingress-nginx/examples/rewrite/',
  about: 'object',
  *check(manifest, { model }): Generator<Yielded> {
    const found = isIngress(manifest)
      ? isGoneIngress(manifest, model.profile.kubernetesMinor)
        ? []
        : ofIngress(model, readIngress(manifest))
      : isRoute(manifest) && isOfGatewayApi(manifest)
        ? ofRoute(readRoute(manifest))
        : [];
    for (const { below, becomes, at } of found)
      yield {
        message: `A request for ${below} arrives as ${becomes}: the rewrite drops the rest of the path.`,
        at: fieldOf(manifest, ...at),
      };
  },
  bad: {
    says: 'A request for /app/more arrives as /: the rewrite drops the rest of the path.',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, annotations: { nginx.ingress.kubernetes.io/rewrite-target: / } }
spec:
  ingressClassName: nginx
  rules:
    - http:
        paths:
          - { path: /app, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }
                    ~~~~
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec:
  rules:
    - matches: [{ path: { type: PathPrefix, value: /app } }]
      filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: /index.html } } }]
                                                                                                  ~~~~~~~~~~~
      backendRefs: [{ name: web, port: 80 }]
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, annotations: { nginx.ingress.kubernetes.io/rewrite-target: /$2 } }
spec:
  ingressClassName: nginx
  rules:
    - http:
        paths:
          - path: /app(/|$)(.*)
            pathType: ImplementationSpecific
            backend: { service: { name: web, port: { number: 80 } } }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web }
spec:
  rules:
    - matches: [{ path: { type: Exact, value: /app } }]
      filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplaceFullPath, replaceFullPath: /index.html } } }]
      backendRefs: [{ name: web, port: 80 }]
    - matches: [{ path: { type: PathPrefix, value: /app } }]
      filters: [{ type: URLRewrite, urlRewrite: { path: { type: ReplacePrefixMatch, replacePrefixMatch: / } } }]
      backendRefs: [{ name: web, port: 80 }]
`,
});

/** A path below the one that is written, what it becomes, and where that is said. */
interface Dropped {
  readonly below: string;
  readonly becomes: string;
  readonly at: FieldPath;
}

function ofIngress(model: ClusterModel, ingress: Ingress): Dropped[] {
  const dialect = dialectFor(model, ingress);
  if (dialect === null) return [];
  const found = droppedBy(ruledTable(model, dialect, ingress)).get(ingress.manifest.key) ?? [];
  return [...new Map(found.map((each) => [each.at.join(), each])).values()];
}

const droppedBy = once((table: RouteTable) => {
  const found = table.routes.flatMap(({ of, action, match: { path } }) => {
    if (of?.rule == null || action.kind !== 'forward') return [];
    const becomes = action.edits.flatMap((edit) => {
      const pieces = edit.kind === 'path' ? edit.to.map((each) => (typeof each === 'string' ? each : null)) : [null];
      return pieces.includes(null) ? [] : [pieces.join('')];
    })[0];
    const below = belowOf(path);
    if (becomes === undefined || below === null || below === becomes) return [];
    return [{ key: of.ingress.manifest.key, below, becomes, at: [...of.rule.at, 'path'] }];
  });
  return Map.groupBy(found, ({ key }) => key);
});

/** A path further down that a match takes as well; null where it takes none. */
function belowOf(match: PathMatch): string | null {
  const sample = witnessOf(match);
  const below = `${sample?.replace(/\/$/, '')}/more`;
  return sample !== null && matchesPath(match, below) === true ? below : null;
}

function ofRoute({ rules }: Route): Dropped[] {
  return rules.flatMap(({ matches, filters, backends }) => {
    const prefix = matches.find(({ path }) => path.kind === 'PathPrefix')?.path;
    const filter = filters.find((each) => each.kind === 'URLRewrite');
    if (backends.length === 0 || prefix?.kind !== 'PathPrefix' || filter?.kind !== 'URLRewrite') return [];
    if (filter.path?.kind !== 'ReplaceFullPath') return [];
    const below = `${prefix.value.replace(/\/$/, '')}/more`;
    return [{ below, becomes: filter.path.value, at: [...filter.at, 'urlRewrite', 'path', 'replaceFullPath'] }];
  });
}
