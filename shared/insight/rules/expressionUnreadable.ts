import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { isRoute, readRoute, type Route } from '../../cluster/gatewayApi/route.ts';
import { type Ingress, type IngressPath, isGoneIngress, isIngress, readIngress } from '../../cluster/ingress.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import type { FieldPath } from '../../manifest/value.ts';
import type { ExpressionDialect } from '../../network/expressionBounds.ts';
import { type Expression, type ExpressionFault, expressionFault } from '../../network/match.ts';
import { dialectFor, pathsOf, ruledTable } from '../ruledTable.ts';
import { rule, type Yielded } from '../rule.ts';

/** A regular expression that doesn't compile. */
export const expressionUnreadable = rule({
  id: 'expression-unreadable',
  topic: 'ingresses',
  severity: 'warning',
  meaning:
    "A route whose regular expression doesn't compile takes nothing, and can keep the proxy from taking its " +
    'whole new configuration.',
  remedy: 'Correct the expression; the message says where it ends to be one.',
  details:
    'Expressions are read as the product at hand reads them: RE2 for most, PCRE for nginx, what Envoy and HAProxy ' +
    'take.',
  link: 'https://github.com/google/re2/wiki/Syntax',
  about: 'object',
  *check(manifest, { model }): Generator<Yielded> {
    for (const { at, text, expression = text, dialect, effect } of expressionsIn(model, manifest)) {
      const fault = expressionFault(expression, dialect);
      if (fault === null) continue;
      const found = messageOf(shortened(text), fault);
      const message = effect === undefined ? found.message : `${found.message} ${effect}.`;
      yield { ...found, message, at: fieldOf(manifest, ...at) };
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

function messageOf(text: string, fault: ExpressionFault): Pick<Yielded, 'message' | 'severity'> {
  switch (fault.kind) {
    case 'syntax':
      return { message: `${text} is no regular expression: ${fault.text}.` };
    case 'refused':
      return { message: `${text} is refused by the proxy that reads it: ${fault.text}.` };
    case 'beyond-RE2':
      return {
        severity: 'info',
        message:
          `${text} can't be read as RE2 (${fault.text}): Hoplens can't say what it ` +
          'takes, and proxies that use RE2 refuse it.',
      };
    case 'not-looked-into':
      return {
        severity: 'info',
        message: `${text} is not looked into: ${fault.text}. Hoplens can't say what it takes.`,
      };
    default:
      return fault.kind satisfies never;
  }
}

/** As much of a text as a message has room for. */
function shortened(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

interface WrittenExpression {
  readonly at: FieldPath;
  readonly text: string;
  /** Where it isn't the text as it is written. */
  readonly expression?: string;
  /** Null where it isn't known which engine reads it. */
  readonly dialect: ExpressionDialect | null;
  /** What its controller does then, where that is its own way. */
  readonly effect?: string;
}

function expressionsIn(model: ClusterModel, manifest: Manifest): readonly WrittenExpression[] {
  if (isRoute(manifest) && isOfGatewayApi(manifest)) return inRoute(readRoute(manifest));
  return isIngress(manifest) && !isGoneIngress(manifest, model.profile.kubernetesMinor)
    ? inIngress(model, readIngress(manifest))
    : [];
}

function inRoute({ rules }: Route): WrittenExpression[] {
  return rules.flatMap(({ matches }) =>
    matches.flatMap(({ path, headers, query, at }): WrittenExpression[] => [
      ...(path.kind === 'RegularExpression' ? [{ at: [...at, 'path', 'value'], text: path.value, dialect: null }] : []),
      ...(path.kind === 'GRPC' && path.type === 'RegularExpression'
        ? [path.service, path.method].flatMap((text, index) =>
            text === null ? [] : [{ at: [...at, 'method', index === 0 ? 'service' : 'method'], text, dialect: null }],
          )
        : []),
      ...headers.flatMap(({ type, value }, index) =>
        type === 'RegularExpression' ? [{ at: [...at, 'headers', index, 'value'], text: value, dialect: null }] : [],
      ),
      ...query.flatMap(({ type, value }, index) =>
        type === 'RegularExpression'
          ? [{ at: [...at, 'queryParams', index, 'value'], text: value, dialect: null }]
          : [],
      ),
    ]),
  );
}

function inIngress(model: ClusterModel, ingress: Ingress): WrittenExpression[] {
  const dialect = dialectFor(model, ingress);
  if (dialect === null) return [];
  const asWritten = (own: IngressPath, { expression, dialect: engine }: Expression): WrittenExpression => ({
    at: [...own.at, 'path'],
    text: own.path,
    expression,
    dialect: engine,
  });
  return [
    ...pathsOf(ruledTable(model, dialect, ingress), ingress).flatMap(({ rule: own, path }) =>
      path.kind === 'expression' ? [asWritten(own, path)] : [],
    ),
    ...dialect.unreadRules(ingress).map(({ rule: own, path, effect }) => ({ ...asWritten(own, path), effect })),
  ];
}
