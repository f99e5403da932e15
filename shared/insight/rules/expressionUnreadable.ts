import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { siteOf } from '../../manifest/manifest.ts';
import type { Path } from '../../manifest/value.ts';
import { ingressNginx } from '../../network/ingress/ingressNginx.ts';
import { expressionFault } from '../../network/match.ts';
import { type Found, rule } from '../rule.ts';
import { isServedByIngressNginx } from './ingressNginxSurprise.ts';

/** A regular expression that doesn't compile. */
export const expressionUnreadable = rule({
  id: 'expression-unreadable',
  severity: 'warning',
  meaning:
    "A route whose regular expression doesn't compile takes nothing, and can keep the proxy from taking its whole new configuration.",
  link: 'https://github.com/google/re2/wiki/Syntax',
  *check({ model }): Generator<Found> {
    for (const { manifest, at, text } of [...inRoutes(model), ...inIngresses(model)]) {
      const fault = expressionFault(text);
      if (fault === null) continue;
      yield fault.kind === 'syntax'
        ? { message: `${text} is no regular expression: ${fault.text}.`, site: siteOf(manifest, ...at) }
        : {
            severity: 'info',
            message: `${text} can't be read as RE2 (${fault.text}): Hoplens can't say what it takes, and proxies that use RE2 refuse it.`,
            site: siteOf(manifest, ...at),
          };
    }
  },
  bad: {
    says: 'is no regular expression',
    yaml: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - matches:
        - path: { type: RegularExpression, value: "/item/([0-9+" }
                                                  ~~~~~~~~~~~~~~
        - path: { type: RegularExpression, value: "/(?!admin).*" }
                                                  ~~~~~~~~~~~~~~
`,
  },
  good: `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec:
  parentRefs: [{ name: edge }]
  rules:
    - matches:
        - path: { type: RegularExpression, value: "/item/[0-9]+" }
        - path: { type: Exact, value: "/item/([0-9+" }
`,
});

interface WrittenExpression {
  readonly manifest: Manifest;
  readonly at: Path;
  readonly text: string;
}

function inRoutes({ gatewayApi: { routes } }: ClusterModel): WrittenExpression[] {
  return routes.flatMap(({ manifest, rules }) =>
    rules.flatMap(({ matches }) =>
      matches.flatMap(({ path, headers, query, at }): WrittenExpression[] => [
        ...(path.kind === 'RegularExpression' ? [{ manifest, at: [...at, 'path', 'value'], text: path.value }] : []),
        ...(path.kind === 'GRPC' && path.type === 'RegularExpression'
          ? [path.service, path.method].flatMap((text, index) =>
              text === null ? [] : [{ manifest, at: [...at, 'method', index === 0 ? 'service' : 'method'], text }],
            )
          : []),
        ...headers.flatMap(({ type, value }, index) =>
          type === 'RegularExpression' ? [{ manifest, at: [...at, 'headers', index, 'value'], text: value }] : [],
        ),
        ...query.flatMap(({ type, value }, index) =>
          type === 'RegularExpression' ? [{ manifest, at: [...at, 'queryParams', index, 'value'], text: value }] : [],
        ),
      ]),
    ),
  );
}

function inIngresses(model: ClusterModel): WrittenExpression[] {
  const routes = ingressNginx.routesOf(model.ingresses.filter((ingress) => isServedByIngressNginx(model, ingress)));
  return routes.flatMap(({ ingress, rule: own, match }) =>
    own !== null && match.path.kind === 'expression'
      ? [{ manifest: ingress.manifest, at: [...own.at, 'path'], text: match.path.expression }]
      : [],
  );
}
