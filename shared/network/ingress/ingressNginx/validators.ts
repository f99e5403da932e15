import { goBoolean, goInteger } from '../../goText.ts';

/**
 * What ingress-nginx takes as an annotation's value, and how risky it holds an annotation.
 * Source: kubernetes/ingress-nginx internal/ingress/annotations/parser/validators.go and the `AnnotationFields` of each
 * package below internal/ingress/annotations (v1.14.5). Its expressions are RE2; these here take the same in linear
 * time.
 */
export type Validator = (value: string) => boolean;

export const anyValue: Validator = () => true;

/** Blanks don't count, and nothing but one line is taken. */
function spaced(characters: RegExp): Validator {
  return (value) => characters.test(value.replaceAll(' ', '')) && !/[\r\n]/.test(value);
}

const expressionCharacters = /^[/\-._~a-zA-Z0-9/:^$[\](){}*+?|&=\\]*$/;
const urlCharacters = /^[-._~a-zA-Z0-9/:,?&=]*$/;
const captureCharacters = /^\/?[-._~a-zA-Z0-9/:$]*$/;

export const isPlain = spaced(/^[/\-._~a-zA-Z0-9/:]*$/);
const isUrl: Validator = (value) => urlCharacters.test(value);
export const isSpacedUrl = spaced(urlCharacters);
export const isUrlWithVariables = spaced(/^[-._~a-zA-Z0-9/:, ?&=$]*$/);
export const isHeaderList = spaced(/^[A-Za-z0-9\-_, ]*$/);
export const isExpression: Validator = (value) => expressionCharacters.test(value);
const isServerName: Validator = (value) => expressionCharacters.test(value.trim());
export const isPathWithCaptures: Validator = (value) => captureCharacters.test(value) && !/[\r\n]/.test(value);
export const isMethod: Validator = (value) =>
  /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|CONNECT|OPTIONS|TRACE)$/.test(value.replaceAll(' ', ''));
export const isOriginList = spaced(/^(?:(?:[A-Za-z0-9\-.,]|:\d|\*\.|(?<=[a-z]):\/\/)*|\*)$/);
export const isPasswordType: Validator = (value) => /basic|digest/.test(value);
export const isVerification = spaced(/^(?:on|off|optional|optional_no_ca)$/);
export const isDuration: Validator = (value) => /^[/\-._~a-zA-Z0-9/:, ]*$/.test(value);
export const isProtocol: Validator = (value) =>
  ['auto_http', 'http', 'https', 'grpc', 'grpcs', 'fcgi'].includes(value.trim().toLowerCase());

export function oneOf(...values: readonly string[]): Validator {
  return (value) => values.includes(value.trim());
}

export function isNetworkList(value: string): boolean {
  return value === '' || value.split(',').every((each) => isAddressOrNetwork(each.trim()));
}

function isAddressOrNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const parts = address.split('.');
  const isV4 = parts.length === 4 && parts.every((each) => /^(?:0|[1-9]\d{0,2})$/.test(each) && Number(each) < 256);
  const isV6 = address.includes(':') && /^[0-9a-fA-F:.]+$/.test(address);
  if (more.length > 0 || !(isV4 || isV6)) return false;
  return bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= (isV4 ? 32 : 128));
}

export function isAuthUrl(text: string): boolean {
  const [, host] = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\/([^/?]+)/.exec(text) ?? [];
  return host !== undefined && !host.includes('..');
}

/** Asked of `temporal-redirect` alone: `isValidURL`. */
export function isHttpUrl(text: string): boolean {
  const [, authority = ''] = /^[^:]*:\/\/([^/?]*)/.exec(text) ?? [];
  return /^http[a-z0-9+.-]*:/i.test(text) && /^(?:[^:]*|.*:\d*)$/.test(authority);
}

const isBoolean: Validator = (value) => goBoolean(value) !== null;
const isInteger: Validator = (value) => goInteger(value) !== null;

/**
 * Annotations whose validator, when it says no, makes the controller pass over the whole Ingress.
 * Source: internal/ingress/annotations/annotations.go `Extract` (`IsValidationError`).
 */
export const refusingValidators: ReadonlyMap<string, Validator> = new Map(
  Object.entries<Validator>({
    'server-alias': (value) => value.split(',').every(isServerName),
    'from-to-www-redirect': isBoolean,
    'relative-redirects': isBoolean,
    'temporal-redirect': isUrl,
    'temporal-redirect-code': isInteger,
    'permanent-redirect': isUrl,
    'permanent-redirect-code': isInteger,
    'auth-type': isPasswordType,
    'auth-secret-type': (value) => /auth-file|auth-map/.test(value),
    'auth-realm': (value) => /^[/\-._~a-zA-Z0-9/: ]*$/.test(value),
    'auth-url': isUrlWithVariables,
    'auth-tls-secret': isPlain,
    'auth-tls-error-page': spaced(
      /^(?:@[A-Za-z0-9_-]+|(?:(?:https?:\/\/)?[A-Za-z0-9\-.]+(?::\d+)?)?(?:\/[A-Za-z0-9\-_.]+)*\/?)$/,
    ),
    'auth-tls-pass-certificate-to-upstream': isBoolean,
    'auth-tls-match-cn': (value) => value.startsWith('CN='),
    'ssl-passthrough': isBoolean,
    'custom-http-errors': spaced(/^(?:[4,5]\d{2},?)*$/),
    'default-backend': (value) => /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/.test(value),
    'upstream-vhost': isServerName,
    'x-forwarded-prefix': spaced(captureCharacters),
    'connection-proxy-header': spaced(/^(?:close|keep-alive)$/),
    'http2-push-preload': isBoolean,
    'client-body-buffer-size': spaced(/^\d+[bkmg]?$/i),
    'load-balance': oneOf('round_robin', 'chash', 'chashsubset', 'sticky_balanced', 'sticky_persistent', 'ewma'),
    'upstream-hash-by': spaced(/^[A-Za-z0-9\-_${}]*$/),
    'upstream-hash-by-subset': isBoolean,
    'upstream-hash-by-subset-size': isInteger,
    'limit-rpm': isInteger,
    'limit-rps': isInteger,
    'limit-connections': isInteger,
    'limit-allowlist': isNetworkList,
    'limit-whitelist': isNetworkList,
    'fastcgi-index': spaced(/^[A-Za-z0-9.\-_]+$/),
    'fastcgi-params-configmap': isPlain,
    'proxy-ssl-secret': isPlain,
    'ssl-ciphers': spaced(/^[A-Za-z0-9!:+\-_@=]*$/),
  }),
);

/** The annotation without which another is not looked at. */
export const lookedAtWith: ReadonlyMap<string, string> = new Map(
  Object.entries({
    'temporal-redirect-code': 'temporal-redirect',
    'auth-secret-type': 'auth-type',
    'auth-realm': 'auth-type',
    'auth-tls-error-page': 'auth-tls-secret',
    'auth-tls-pass-certificate-to-upstream': 'auth-tls-secret',
    'auth-tls-match-cn': 'auth-tls-secret',
  }),
);

/** How much harm an annotation can do, from low to critical. */
export type Risk = 0 | 1 | 2 | 3;

export function riskNamed(level: string): Risk {
  switch (level.toLowerCase()) {
    case 'critical':
      return 3;
    case 'high':
      return 2;
    case 'medium':
      return 1;
    default:
      return 0;
  }
}

export const snippets = [
  'configuration-snippet',
  'server-snippet',
  'auth-snippet',
  'modsecurity-snippet',
  'stream-snippet',
];

/** Of an annotation's name without the prefix. */
export function riskOf(name: string): Risk {
  if (snippets.includes(name)) return 3;
  if (ofHighRisk.includes(name)) return 2;
  return ofMediumRisk.includes(name) ? 1 : 0;
}

const ofHighRisk = [
  'proxy-ssl-name',
  'upstream-hash-by',
  'server-alias',
  'auth-url',
  'auth-signin',
  'auth-tls-error-page',
  'auth-tls-match-cn',
  'modsecurity-transaction-id',
  'mirror-target',
  'mirror-host',
];

const ofMediumRisk = [
  'auth-secret',
  'auth-realm',
  'auth-signin-redirect-param',
  'auth-cache-key',
  'auth-cache-duration',
  'auth-response-headers',
  'auth-proxy-set-headers',
  'auth-request-redirect',
  'auth-tls-secret',
  'auth-tls-verify-client',
  'canary-by-header',
  'canary-by-header-value',
  'canary-by-header-pattern',
  'canary-by-cookie',
  'cors-allow-origin',
  'cors-allow-headers',
  'cors-allow-methods',
  'cors-expose-headers',
  'custom-headers',
  'fastcgi-index',
  'fastcgi-params-configmap',
  'allowlist-source-range',
  'whitelist-source-range',
  'denylist-source-range',
  'opentelemetry-operation-name',
  'proxy-cookie-path',
  'proxy-cookie-domain',
  'proxy-body-size',
  'proxy-next-upstream',
  'proxy-redirect-from',
  'proxy-redirect-to',
  'proxy-ssl-secret',
  'proxy-ssl-ciphers',
  'temporal-redirect',
  'permanent-redirect',
  'rewrite-target',
  'preserve-trailing-slash',
  'force-ssl-redirect',
  'app-root',
  'affinity-mode',
  'session-cookie-name',
  'session-cookie-expires',
  'session-cookie-max-age',
  'session-cookie-path',
  'session-cookie-domain',
  'x-forwarded-prefix',
];
