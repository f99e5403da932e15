import type { IngressPath } from '../../cluster/ingress.ts';
import type { PathMatch } from '../match.ts';
import { dialect } from './standard.ts';

/**
 * Kong Kubernetes Ingress Controller 3: an `ImplementationSpecific` path that begins with `/~` is an expression bound
 * at the start.
 */
export const kong = dialect({
  id: 'kong',
  product: 'Kong Ingress Controller',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)kong(?:\/kong(?:-gateway)?)?[:@]/,
    className: 'kong',
    controllerName: 'ingress-controllers.konghq.com/kong',
  },
  annotations: {
    prefixes: ['konghq.com/'],
    modelled: ['konghq.com/protocols', 'konghq.com/https-redirect-status-code'],
    harmless: /timeout|retries|request-buffering|response-buffering|tags|snis/,
  },
  pathOf: kongPath,
  rank: ({ path, pathType }, { kind }) =>
    (pathType === 'Exact' ? 3_000_000 : kind === 'expression' ? 2_000_000 : 0) + path.length,
  reads: 'without-dots-and-double-slashes',
  toPlainHttp: ({ manifest: { annotations } }) =>
    annotations.get('konghq.com/protocols') === 'https'
      ? [
          {
            host: null,
            status: Number(annotations.get('konghq.com/https-redirect-status-code') ?? 426) || 426,
            location: null,
            text: 'Kong takes HTTPS alone here (konghq.com/protocols: https).',
            at: ['metadata', 'annotations', 'konghq.com/protocols'],
          },
        ]
      : [],
  remark:
    'An `ImplementationSpecific` path that begins with `/~` is an expression, bound at the start and tried ' +
    'before prefixes; `konghq.com/protocols: https` answers plain HTTP with 426.',
  sources: [
    'Kong/kubernetes-ingress-controller internal/dataplane/translator/subtranslator/ingress.go ' +
      '(`PathsFromIngressPaths`)',
    'developer.konghq.com/kubernetes-ingress-controller/reference/annotations',
  ],
});

function kongPath({ path, pathType }: IngressPath): PathMatch {
  if (pathType === 'Exact') return { kind: 'exact', path };
  if (pathType === 'Prefix') return { kind: 'elements', path };
  return path.startsWith('/~')
    ? { kind: 'expression', expression: path.slice(2), dialect: 'Rust', ignoresCase: false, anchors: 'start' }
    : { kind: 'text-prefix', path };
}
