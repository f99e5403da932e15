import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { isRoute, readRoute, type Route } from '../../cluster/gatewayApi/route.ts';
import { type Ingress, isIngress, readIngress } from '../../cluster/ingress.ts';
import { withItsHosts } from '../../network/ingress/ingressesByHost.ts';
import { controllerOf } from '../../network/ingressController.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import type { Path } from '../../manifest/value.ts';
import { ingressNginx } from '../../network/ingress/ingressNginx.ts';
import { expressionFault } from '../../network/match.ts';
import { type Yielded, rule } from '../rule.ts';

/** A regular expression that doesn't compile. */
export const expressionUnreadable = rule({
  id: 'expression-unreadable',
  severity: 'warning',
  meaning:
    "A route whose regular expression doesn't compile takes nothing, and can keep the proxy from taking its whole new configuration.",
  link: 'https://github.com/google/re2/wiki/Syntax',
  about: 'object',
  *check(manifest, { model }): Generator<Yielded> {
    for (const { at, text } of expressionsIn(model, manifest)) {
      const fault = expressionFault(text);
      if (fault === null) continue;
      yield fault.kind === 'syntax'
        ? { message: `${text} is no regular expression: ${fault.text}.`, at: fieldOf(manifest, ...at) }
        : {
            severity: 'info',
            message: `${text} can't be read as RE2 (${fault.text}): Hoplens can't say what it takes, and proxies that use RE2 refuse it.`,
            at: fieldOf(manifest, ...at),
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
  readonly at: Path;
  readonly text: string;
}

function expressionsIn(model: ClusterModel, manifest: Manifest): readonly WrittenExpression[] {
  if (isRoute(manifest) && isOfGatewayApi(manifest)) return inRoute(readRoute(manifest));
  return isIngress(manifest) ? inIngress(model, readIngress(manifest)) : [];
}

function inRoute({ rules }: Route): WrittenExpression[] {
  return rules.flatMap(({ matches }) =>
    matches.flatMap(({ path, headers, query, at }): WrittenExpression[] => [
      ...(path.kind === 'RegularExpression' ? [{ at: [...at, 'path', 'value'], text: path.value }] : []),
      ...(path.kind === 'GRPC' && path.type === 'RegularExpression'
        ? [path.service, path.method].flatMap((text, index) =>
            text === null ? [] : [{ at: [...at, 'method', index === 0 ? 'service' : 'method'], text }],
          )
        : []),
      ...headers.flatMap(({ type, value }, index) =>
        type === 'RegularExpression' ? [{ at: [...at, 'headers', index, 'value'], text: value }] : [],
      ),
      ...query.flatMap(({ type, value }, index) =>
        type === 'RegularExpression' ? [{ at: [...at, 'queryParams', index, 'value'], text: value }] : [],
      ),
    ]),
  );
}

function inIngress(model: ClusterModel, ingress: Ingress): WrittenExpression[] {
  if (controllerOf(model, ingress)?.implementation !== ingressNginx.id) return [];
  return ingressNginx
    .routesOf(withItsHosts(model, ingress))
    .flatMap(({ ingress: { manifest }, rule: own, match }) =>
      manifest === ingress.manifest && own !== null && match.path.kind === 'expression'
        ? [{ at: [...own.at, 'path'], text: match.path.expression }]
        : [],
    );
}
