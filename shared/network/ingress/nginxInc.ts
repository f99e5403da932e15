import type { Ingress, IngressPath } from '../../cluster/ingress.ts';
import type { PathMatch } from '../match.ts';
import { sameUnderHttps } from '../routing/location.ts';
import { redirectsOfTlsHosts } from './compiled.ts';
import { dialect, exactThenLongest } from './standard.ts';

/**
 * NGINX Inc's (F5's) NGINX Ingress Controller 5. A host belongs to the oldest Ingress that names it: others lose it,
 * unless they are minions of one master. Paths are nginx locations as they stand; expressions only where
 * `nginx.org/path-regex` asks.
 */
export const nginxInc = dialect({
  id: 'nginx-ingress',
  product: 'NGINX Ingress Controller (F5)',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)nginx\/nginx-(?:plus-)?ingress[:@]/,
    className: 'nginx',
    controllerName: 'nginx.org/ingress-controller',
  },
  annotations: {
    prefixes: ['nginx.org/', 'nginx.com/'],
    modelled: ['path-regex', 'redirect-to-https', 'ssl-redirect', 'use-cluster-ip', 'mergeable-ingress-type'].map(
      (name) => `nginx.org/${name}`,
    ),
    harmless: new RegExp(
      [
        'timeout',
        'buffer',
        'max-body-size',
        'keepalive',
        'hsts',
        'proxy-hide-headers',
        'proxy-pass-headers',
        'lb-method',
        'max-fails',
        'max-conns',
        'listen-ports',
        'ssl-services',
        'websocket-services',
        'grpc-services',
      ].join('|'),
    ),
  },
  pathOf: nginxIncPath,
  rank: (rule, path) => exactThenLongest(rule) + (path.kind === 'expression' ? 500_000 : 0),
  accepted: withTheirHosts,
  reads: 'nginx',
  viaClusterAddress: ({ manifest: { annotations } }) => annotations.get('nginx.org/use-cluster-ip') === 'true',
  toPlainHttp({ manifest: { annotations } }, host, ingresses) {
    const asked = (name: string): string | undefined =>
      annotations.get(`nginx.org/${name}`) ?? annotations.get(`ingress.kubernetes.io/${name}`);
    const text = 'The controller redirects plain HTTP to {location}: TLS covers the host.';
    if (asked('redirect-to-https') === 'true')
      return [{ host: null, status: 301, location: sameUnderHttps, text, at: ['spec', 'tls'] }];
    return asked('ssl-redirect') === 'false' ? [] : redirectsOfTlsHosts(ingresses, host, { status: 301, text });
  },
  remark:
    'Ingresses of one host are not merged: the oldest has it, others are rejected, unless they are `master` and ' +
    '`minion`. Where TLS covers the host, plain HTTP is redirected (301).',
  sources: [
    'docs.nginx.com/nginx-ingress-controller/configuration/host-and-listener-collisions',
    'docs.nginx.com/nginx-ingress-controller/configuration/ingress-resources/advanced-configuration-with-annotations',
    'nginx/kubernetes-ingress internal/k8s/configuration.go, internal/configs/version1/template_helper.go (5.x)',
  ],
});

function nginxIncPath({ path, pathType }: IngressPath, { manifest: { annotations } }: Ingress): PathMatch {
  const asked = annotations.get('nginx.org/path-regex');
  if (asked === 'exact') return { kind: 'exact', path };
  if (asked !== undefined)
    return {
      kind: 'expression',
      expression: path,
      dialect: 'PCRE',
      ignoresCase: asked === 'case_insensitive',
      anchors: 'start',
    };
  if (pathType === 'Exact') return { kind: 'exact', path };
  return pathType === 'Prefix' ? { kind: 'elements', path } : { kind: 'text-prefix', path };
}

/** Each with the rules of the hosts that it has. */
function withTheirHosts(ingresses: readonly Ingress[]): Ingress[] {
  const byAge = ingresses.toSorted((a, b) => (a.createdAt ?? '').localeCompare(b.createdAt ?? ''));
  const owners = new Map<string, Ingress>();
  for (const ingress of byAge)
    for (const { host } of ingress.rules)
      if (!isMinion(ingress) && !owners.has(host ?? '')) owners.set(host ?? '', ingress);
  return byAge.map((ingress) => ({
    ...ingress,
    rules: isMinion(ingress)
      ? ingress.rules.filter(
          ({ host }) =>
            owners.get(host ?? '')?.manifest.annotations.get('nginx.org/mergeable-ingress-type') === 'master',
        )
      : ingress.rules.filter(({ host }) => owners.get(host ?? '') === ingress),
  }));
}

function isMinion({ manifest: { annotations } }: Ingress): boolean {
  return annotations.get('nginx.org/mergeable-ingress-type') === 'minion';
}
