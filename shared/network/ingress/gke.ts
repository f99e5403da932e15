import type { PathMatch } from '../match.ts';
import { compiledByRank, dialect, exactThenLongest } from './standard.ts';

const allowHttp = 'kubernetes.io/ingress.allow-http';

/**
 * GKE Ingress: a Google Cloud load balancer for each Ingress.
 * `ImplementationSpecific` is exact, unless it ends in `/*`.
 */
export const gke = dialect({
  id: 'gke',
  product: 'GKE Ingress',
  presence: { kind: 'cloud', classNames: ['gce', 'gce-internal'], controllerName: null },
  annotations: {
    prefixes: ['kubernetes.io/ingress.', 'networking.gke.io/', 'ingress.gcp.kubernetes.io/'],
    modelled: ['kubernetes.io/ingress.class', allowHttp],
    harmless: /global-static-ip-name|regional-static-ip-name|managed-certificates|pre-shared-cert/,
  },
  compile: compiledByRank({
    pathOf: ({ path, pathType }): PathMatch => {
      if (pathType === 'Exact') return { kind: 'exact', path };
      if (pathType === 'Prefix') return { kind: 'elements', path };
      return path.endsWith('/*') ? { kind: 'elements', path: path.slice(0, -2) } : { kind: 'exact', path };
    },
    rank: exactThenLongest,
    closesPlainHttp: ({ manifest: { annotations } }) =>
      annotations.get(allowHttp) === 'false'
        ? { text: 'allow-http: false', at: ['metadata', 'annotations', allowHttp] }
        : null,
  }),
  // Container-native: the Service has a network endpoint group.
  sendsToPods: ({ manifest: { annotations } }) =>
    (annotations.get('cloud.google.com/neg') ?? '').replaceAll(' ', '').includes('"ingress":true'),
  groupOf: ({ namespace, name }) => `${namespace}/${name}`,
  remark:
    'Each Ingress has a load balancer and an address of its own. An `ImplementationSpecific` path is exact (`/` ' +
    'takes `/` alone) unless it ends in `/*`.',
  sources: [
    'cloud.google.com/kubernetes-engine/docs/concepts/ingress',
    'cloud.google.com/kubernetes-engine/docs/how-to/load-balance-ingress',
  ],
});
