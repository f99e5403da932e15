import type { Ingress } from '../../../cluster/ingress.ts';
import { tableOf } from '../../routing/routeTable.ts';
import { nginxAnnotation, nginxName, nginxPrefix } from '../nginxAnnotation.ts';
import { readByNginx } from '../nginxPath.ts';
import { dialect } from '../standard.ts';
import { askedBy } from './annotations.ts';
import { configurationOf } from './configuration.ts';
import { goBoolean, listed } from '../../goText.ts';
import { nginxRoutes } from './nginxRoutes.ts';
import { twinOf } from './servers.ts';
import { nginxSettings } from './settings.ts';
import { refused } from './takenIngress.ts';

/**
 * ingress-nginx 1.14, retired since March 2026. All Ingresses of a host are merged into one nginx server, the oldest
 * first, which also gives it its root. As soon as one of them asks for regular expressions (`use-regex`, or a
 * `rewrite-target` that isn't the path itself), every path of the host in every Ingress is one: without regard to case,
 * and bound at the start alone. Else a path that ends in a slash also redirects the request that lacks it (301).
 * Requests are normalised first. Where TLS covers the host, plain HTTP is redirected (308).
 * Source: kubernetes/ingress-nginx internal/ingress/controller, internal/ingress/annotations, rootfs/etc/nginx
 * (v1.14.5), beside each part; measured on the controller's own code and a real nginx: docs/controllers.md.
 */
export const ingressNginx = dialect({
  id: 'ingress-nginx',
  product: 'ingress-nginx',
  presence: {
    kind: 'pods',
    image: /(?:^|\/)(?:ingress-nginx\/controller|nginx-ingress-controller)(?:-chroot)?[:@]/,
    className: 'nginx',
    controllerName: 'k8s.io/ingress-nginx',
  },
  compile: (ingresses, surroundings) => tableOf(nginxRoutes(configurationOf(ingresses, surroundings)), readByNginx),
  forwardedFor: (settings) =>
    goBoolean(settings.config('use-forwarded-headers') ?? '') === true
      ? goBoolean(settings.config('compute-full-forwarded-for') ?? '') === true
        ? 'appends'
        : 'trusts'
      : 'replaces',
  readsProxyProtocol: (settings) =>
    goBoolean(settings.config('use-proxy-protocol') ?? '') === true ? true : settings.isKnown ? false : null,
  takesTargetPorts: true,
  isCanary,
  annotations: {
    prefixes: [nginxPrefix],
    modelled: [
      'use-regex',
      'rewrite-target',
      'ssl-redirect',
      'force-ssl-redirect',
      'preserve-trailing-slash',
      'use-port-in-redirects',
      'permanent-redirect',
      'permanent-redirect-code',
      'temporal-redirect',
      'temporal-redirect-code',
      'relative-redirects',
      'from-to-www-redirect',
      'app-root',
      'denylist-source-range',
      'whitelist-source-range',
      'allowlist-source-range',
      'satisfy',
      'auth-type',
      'auth-secret',
      'auth-secret-type',
      'auth-realm',
      'auth-url',
      'auth-method',
      'auth-signin',
      'auth-signin-redirect-param',
      'auth-response-headers',
      'auth-proxy-set-headers',
      'auth-cache-key',
      'auth-cache-duration',
      'auth-request-redirect',
      'auth-always-set-cookie',
      'enable-global-auth',
      'auth-tls-secret',
      'auth-tls-verify-client',
      'auth-tls-verify-depth',
      'auth-tls-match-cn',
      'auth-tls-error-page',
      'auth-tls-pass-certificate-to-upstream',
      'custom-http-errors',
      'default-backend',
      'enable-cors',
      'upstream-vhost',
      'service-upstream',
      'canary',
      'canary-by-header',
      'canary-by-header-value',
      'canary-by-header-pattern',
      'canary-by-cookie',
      'canary-weight',
      'canary-weight-total',
      'server-alias',
      'ssl-passthrough',
      'backend-protocol',
    ].map((name) => `${nginxPrefix}${name}`),
    harmless: new RegExp(
      [
        'proxy-body-size',
        'proxy-buffer',
        'proxy-read-timeout',
        'proxy-send-timeout',
        'proxy-connect-timeout',
        'proxy-buffering',
        'proxy-buffers-number',
        'proxy-buffer-size',
        'proxy-http-version',
        'proxy-request-buffering',
        'proxy-max-temp-file-size',
        'client-body-buffer-size',
        'enable-access-log',
        'enable-rewrite-log',
        'ssl-ciphers',
        'ssl-prefer',
        'cors-',
        'x-forwarded-prefix',
        'load-balance$',
        'proxy-next-upstream',
        'proxy-cookie',
        'proxy-ssl',
        'upstream-keepalive',
        'custom-headers',
        'enable-opentelemetry',
        'opentelemetry',
      ].join('|'),
    ),
  },
  unread(ingress, surroundings) {
    const settings = nginxSettings(surroundings.settings);
    if (refused(ingress, settings) !== null) return [];
    const { unread, denied, clientCertificateFault: fault } = askedBy(ingress, settings, surroundings);
    return [
      ...unread.map(({ annotation, why }) => ({
        name: nginxName(annotation),
        what: `${annotation} ${why}`,
        effect: 'annotation-ignored' as const,
      })),
      ...(denied === null
        ? []
        : [
            {
              name: nginxName(denied.annotation),
              what: denied.why,
              effect: fault === denied ? ('host-answers-403' as const) : ('answers-503' as const),
            },
          ]),
    ];
  },
  furtherHosts: (ingress) => [...aliasesOf(ingress), ...twinsOf(ingress)],
  countsForAllHosts: (ingress) => isCanary(ingress) || aliasesOf(ingress).some((each) => /[*~]|^\./.test(each)),
  remark:
    'The oldest Ingress of a host answers what no path takes. Expressions ignore case and are prefixes; one Ingress ' +
    'can turn every path of a host into one; a missing slash is redirected; a canary takes its share wherever its ' +
    "primary's Service is used; whatever X-Forwarded-For came is replaced unless `use-forwarded-headers` is set.",
  sources: [
    'kubernetes/ingress-nginx internal/ingress, rootfs/etc/nginx, docs/user-guide (v1.14.5)',
    'nginx src/http (1.22)',
    'the Kubernetes blog of 27 February 2026',
  ],
});

/** A canary only shares what others take. */
function isCanary(ingress: Ingress): boolean {
  return goBoolean(nginxAnnotation(ingress, 'canary') ?? '') === true;
}

function aliasesOf(ingress: Ingress): string[] {
  return listed(nginxAnnotation(ingress, 'server-alias') ?? '').map((each) => each.toLowerCase());
}

/** The hosts that `from-to-www-redirect` redirects from. */
function twinsOf(ingress: Ingress): string[] {
  if (goBoolean(nginxAnnotation(ingress, 'from-to-www-redirect') ?? '') !== true) return [];
  return ingress.rules.flatMap(({ host }) => (host === null ? [] : [twinOf(host.toLowerCase())]));
}
