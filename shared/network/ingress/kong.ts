import type { IngressPath } from '../../cluster/ingress.ts';
import type { PathMatch } from '../match.ts';
import { withMergedSlashes, withoutDots } from '../normalization.ts';
import { answerToPlainHttp, dialect } from './standard.ts';

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
  normalize: (path) => withMergedSlashes(withoutDots(path)),
  answer: ({ ingress }, request) =>
    request.scheme === 'http' && ingress.manifest.annotations.get('konghq.com/protocols') === 'https'
      ? answerToPlainHttp(
          ingress,
          Number(ingress.manifest.annotations.get('konghq.com/https-redirect-status-code') ?? 426) || 426,
          'Kong takes HTTPS alone here (konghq.com/protocols: https).',
          ['metadata', 'annotations', 'konghq.com/protocols'],
        )
      : null,
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
