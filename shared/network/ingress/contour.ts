import type { PathMatch } from '../match.ts';
import { sameUnderHttps } from '../routing/location.ts';
import { compiledByRank, dialect } from './standard.ts';
import { dotsAndSlashesResolved } from '../normalization.ts';

/**
 * Contour 1.33: `ImplementationSpecific` is an expression as soon as it has one of `^+*[]%`,
 * else a prefix letter by letter.
 */
export const contour = dialect({
  id: 'contour',
  product: 'Contour',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)(?:projectcontour\/contour|envoyproxy\/envoy)[:@]/,
    className: 'contour',
    controllerName: 'projectcontour.io/ingress-controller',
  },
  annotations: {
    prefixes: ['projectcontour.io/', 'ingress.kubernetes.io/'],
    modelled: ['ingress.kubernetes.io/force-ssl-redirect'],
    harmless: /timeout|retry|num-retries|per-try|tls-minimum|websocket-routes|max-/,
  },
  compile: compiledByRank({
    pathOf: ({ path, pathType }): PathMatch => {
      if (pathType === 'Exact') return { kind: 'exact', path };
      if (pathType === 'Prefix') return { kind: 'elements', path };
      return /[\^+*[\]%]/.test(path)
        ? { kind: 'expression', expression: path, dialect: 'RE2', ignoresCase: false, anchors: 'both' }
        : { kind: 'text-prefix', path };
    },
    rank: ({ path }, { kind }) => (kind === 'exact' ? 2_000_000 : kind === 'expression' ? 1_000_000 : 0) + path.length,
    reads: dotsAndSlashesResolved,
    toPlainHttp: ({ manifest: { annotations } }) =>
      annotations.get('ingress.kubernetes.io/force-ssl-redirect') === 'true'
        ? [
            {
              host: null,
              status: 301,
              location: sameUnderHttps,
              text: 'Contour redirects plain HTTP to {location}.',
              at: ['metadata', 'annotations', 'ingress.kubernetes.io/force-ssl-redirect'],
            },
          ]
        : [],
  }),
  remark:
    'An `ImplementationSpecific` path with one of `^+*[]%` is an expression for the whole path, tried before ' +
    'every prefix. Plain HTTP is not redirected by itself.',
  sources: [
    'projectcontour/contour internal/dag/ingress_processor.go, internal/sorter/sorter.go',
    'projectcontour.io/docs/main/config/ingress',
  ],
});
