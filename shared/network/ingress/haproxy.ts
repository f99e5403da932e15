import type { PathMatch } from '../match.ts';
import { sameUnderHttps } from '../routing/location.ts';
import { redirectsOfTlsHosts } from './compiled.ts';
import { dialect } from './standard.ts';

/**
 * HAProxy Technologies' Ingress controller 3: exact, then by element, then by letter; TLS hosts are redirected (302).
 */
export const haproxy = dialect({
  id: 'haproxy',
  product: 'HAProxy Kubernetes Ingress Controller',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)(?:haproxytech\/kubernetes-ingress|haproxy-ingress)[:@]/,
    className: 'haproxy',
    controllerName: 'haproxy.org/ingress-controller',
  },
  passesTlsThrough: ({ manifest: { annotations } }) => annotations.get('haproxy.org/ssl-passthrough') === 'true',
  annotations: {
    prefixes: ['haproxy.org/', 'haproxy-ingress.github.io/'],
    modelled: ['haproxy.org/ssl-redirect', 'haproxy.org/ssl-redirect-code', 'haproxy.org/ssl-passthrough'],
    harmless: /timeout|check|load-balance|maxconn|forwarded-for|cookie-persistence|ssl-certificate/,
  },
  pathOf: ({ path, pathType }): PathMatch =>
    pathType === 'Exact'
      ? { kind: 'exact', path }
      : pathType === 'Prefix'
        ? { kind: 'elements', path }
        : { kind: 'text-prefix', path },
  // A Prefix stands in the map with a slash at its end.
  rank: ({ path, pathType }) =>
    pathType === 'Exact' ? 1_000_000 : pathType === 'Prefix' ? path.replace(/\/$/, '').length + 1 : path.length,
  toPlainHttp({ manifest: { annotations } }, host, ingresses) {
    const asked = annotations.get('haproxy.org/ssl-redirect');
    const status = Number(annotations.get('haproxy.org/ssl-redirect-code') ?? 302) || 302;
    const text = 'HAProxy redirects plain HTTP to {location}: TLS covers the host.';
    if (asked === 'false') return [];
    return asked === 'true'
      ? [{ host: null, status, location: sameUnderHttps, text, at: ['spec', 'tls'] }]
      : redirectsOfTlsHosts(ingresses, host, { status, text });
  },
  defaultService: (settings) => settings.argument('default-backend-service'),
  remark:
    'Where TLS covers the host, plain HTTP is redirected (302). `option ' +
    'forwardfor` adds the client to X-Forwarded-For.',
  sources: [
    'haproxytech/kubernetes-ingress documentation/annotations.md, pkg/annotations/global (3.1)',
    'haproxytech/kubernetes-ingress documentation/README.md (path types)',
  ],
});
