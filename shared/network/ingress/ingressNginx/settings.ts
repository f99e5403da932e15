import { once } from '../../../cluster/once.ts';
import type { ControllerSettings } from '../controllerSettings.ts';
import { goBoolean, goInteger, listed } from '../../goText.ts';
import { isAuthUrl, type Risk, riskNamed } from './validators.ts';

/**
 * What of the controller's ConfigMap and arguments changes routes or answers, with its defaults.
 * Where they aren't known, snippets are taken to be allowed: whoever writes one has a reason to.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/config/config.go,
 * internal/ingress/controller/template/configmap.go, pkg/flags/flags.go (v1.14.5).
 */
export interface NginxSettings {
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  readonly preserveTrailingSlash: boolean;
  readonly usePortInRedirects: boolean;
  readonly relativeRedirects: boolean;
  readonly httpRedirectCode: number;
  readonly useForwardedHeaders: boolean;
  readonly noTlsRedirectLocations: readonly string[];
  readonly noAuthLocations: readonly string[];
  readonly allowlist: readonly string[];
  readonly denylist: readonly string[];
  readonly blockCidrs: readonly string[];
  readonly blockUserAgents: readonly string[];
  readonly blockReferers: readonly string[];
  readonly customHttpErrors: readonly number[];
  readonly serviceUpstream: boolean;
  readonly globalAuthUrl: string | null;
  readonly allowsSnippets: boolean;
  readonly allowsCrossNamespace: boolean;
  readonly risk: Risk;
  readonly wordBlocklist: string;
  readonly strictPathType: boolean;
  readonly allowedResponseHeaders: readonly string[];
  /** `--default-backend-service`: `namespace/name`; null for the 404 of its own. */
  readonly defaultService: string | null;
  readonly ports: { readonly http: number; readonly https: number };
  readonly disablesCatchAll: boolean;
  readonly inspectsDeeply: boolean;
  /** Whether TLS can be passed on as it is; null where the arguments aren't known. */
  readonly passesTls: boolean | null;
}

export const nginxSettings = once(readSettings);

function readSettings({ config, argument, isKnown }: ControllerSettings): NginxSettings {
  const is = (key: string, otherwise: boolean): boolean => {
    const text = config(key);
    return text === null ? otherwise : text === '' ? false : (goBoolean(text) ?? otherwise);
  };
  const list = (key: string, otherwise = ''): string[] => listed(config(key) ?? otherwise);
  const isOn = (name: string, otherwise: boolean): boolean => {
    const text = argument(name);
    return text === null ? otherwise : text === '' || goBoolean(text) === true;
  };
  const code = goInteger(config('http-redirect-code') ?? '');
  const authUrl = config('global-auth-url');
  return {
    sslRedirect: is('ssl-redirect', true),
    forceSslRedirect: is('force-ssl-redirect', false),
    preserveTrailingSlash: is('preserve-trailing-slash', false),
    usePortInRedirects: is('use-port-in-redirects', false),
    relativeRedirects: is('relative-redirects', false),
    httpRedirectCode: code !== null && [301, 302, 307, 308].includes(code) ? code : 308,
    useForwardedHeaders: is('use-forwarded-headers', false),
    noTlsRedirectLocations: list('no-tls-redirect-locations', acmeChallenge),
    noAuthLocations: list('no-auth-locations', acmeChallenge),
    allowlist: list('whitelist-source-range').toSorted(),
    denylist: list('denylist-source-range').toSorted(),
    blockCidrs: list('block-cidrs'),
    blockUserAgents: list('block-user-agents'),
    blockReferers: list('block-referers'),
    customHttpErrors: list('custom-http-errors')
      .map((each) => goInteger(each))
      .filter((each) => each !== null)
      .filter((each) => each > 299 && each < 600),
    serviceUpstream: is('service-upstream', false),
    globalAuthUrl: authUrl !== null && isAuthUrl(authUrl) ? authUrl : null,
    allowsSnippets: is('allow-snippet-annotations', !isKnown),
    allowsCrossNamespace: is('allow-cross-namespace-resources', false),
    risk: riskNamed(config('annotations-risk-level') ?? (isKnown ? 'High' : 'Critical')),
    wordBlocklist: config('annotation-value-word-blocklist') ?? '',
    strictPathType: is('strict-validate-path-type', true),
    allowedResponseHeaders: list('global-allowed-response-headers'),
    defaultService: argument('default-backend-service'),
    ports: { http: portOf(argument('http-port'), 80), https: portOf(argument('https-port'), 443) },
    disablesCatchAll: isOn('disable-catch-all', false),
    inspectsDeeply: isOn('deep-inspect', true),
    passesTls: argument('enable-ssl-passthrough') === null && !isKnown ? null : isOn('enable-ssl-passthrough', false),
  };
}

const acmeChallenge = '/.well-known/acme-challenge';

function portOf(argument: string | null, otherwise: number): number {
  return argument === null ? otherwise : (goInteger(argument) ?? otherwise);
}
