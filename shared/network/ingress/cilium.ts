import type { PathMatch } from '../match.ts';
import { redirectsOfTlsHosts } from './compiled.ts';
import { compiledByRank, dialect, exactThenLongest } from './standard.ts';
import { dotsResolved } from '../normalization.ts';

/** Cilium 1.18 as an Ingress controller: an `ImplementationSpecific` path is an expression for the whole path. */
export const cilium = dialect({
  id: 'cilium',
  product: 'Cilium',
  presence: {
    kind: 'pods',
    image: null,
    className: 'cilium',
    controllerName: 'cilium.io/ingress-controller',
  },
  annotations: {
    prefixes: ['ingress.cilium.io/'],
    modelled: ['ingress.cilium.io/force-https'],
    harmless: /loadbalancer-mode|service-type|websocket|request-timeout/,
  },
  compile: compiledByRank({
    pathOf: ({ path, pathType }): PathMatch =>
      pathType === 'Exact'
        ? { kind: 'exact', path }
        : pathType === 'Prefix'
          ? { kind: 'elements', path }
          : { kind: 'expression', expression: path, dialect: 'RE2', ignoresCase: false, anchors: 'both' },
    rank: exactThenLongest,
    reads: dotsResolved,
    toPlainHttp({ manifest: { annotations } }, host, ingresses) {
      const asked = annotations.get('ingress.cilium.io/force-https');
      const text = 'Cilium redirects plain HTTP to {location}: TLS covers the host, and HTTPS is enforced by default.';
      return asked === 'disabled' || asked === 'false'
        ? []
        : redirectsOfTlsHosts(ingresses, host, { status: 301, text });
    },
  }),
  remark:
    'An `ImplementationSpecific` path is an expression for the whole path (`/` takes `/` alone). Where TLS ' +
    'covers the host, plain HTTP is redirected (301).',
  sources: [
    'cilium/cilium operator/pkg/model/ingestion/ingress.go',
    'docs.cilium.io/en/stable/network/servicemesh/ingress (force-https, enforceHttps)',
  ],
});
