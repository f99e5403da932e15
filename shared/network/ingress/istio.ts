import type { IngressPath } from '../../cluster/ingress.ts';
import type { PathMatch } from '../match.ts';
import { compiledByRank, dialect, exactThenLongest } from './standard.ts';
import { dotsResolved } from '../normalization.ts';

/** Istio 1.28 as an Ingress controller: an `ImplementationSpecific` path is exact, unless it ends in `.*` or `/*`. */
export const istio = dialect({
  id: 'istio',
  product: 'Istio',
  presence: {
    kind: 'pods',
    image: null,
    className: 'istio',
    controllerName: 'istio.io/ingress-controller',
  },
  compile: compiledByRank({
    pathOf: istioPath,
    rank: (rule, { kind }) => exactThenLongest(rule) + (kind === 'exact' ? 1_000_000 : 0),
    reads: dotsResolved,
  }),
  remark:
    'An `ImplementationSpecific` path is exact (`/` takes `/` alone), unless it ends in `.*` or `/*`. The ' +
    "certificates must be in the gateway's own namespace.",
  sources: [
    'istio/istio pilot/pkg/config/kube/ingress/conversion.go (`createFallbackStringMatch`)',
    'istio.io/latest/docs/tasks/traffic-management/ingress/kubernetes-ingress',
  ],
});

function istioPath({ path, pathType }: IngressPath): PathMatch {
  if (pathType === 'Exact') return { kind: 'exact', path };
  if (pathType === 'Prefix') return { kind: 'elements', path };
  if (['', '*', '/*', '.*'].includes(path)) return { kind: 'text-prefix', path: '/' };
  if (path.endsWith('.*')) return { kind: 'text-prefix', path: path.slice(0, -2) };
  return path.endsWith('/*') ? { kind: 'text-prefix', path: path.slice(0, -2) } : { kind: 'exact', path };
}
