import type { Ingress } from '../../../cluster/ingress.ts';
import { nginxAnnotation, nginxName, nginxPrefix } from '../nginxAnnotation.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Access, accessAsked } from './accessAnnotations.ts';
import { AnnotationReader, type Denial, textOr, type UnreadAnnotation, valueOf } from './annotationReader.ts';
import { byBytes, goInteger, listed } from '../../goText.ts';
import type { NginxSettings } from './settings.ts';
import {
  anyValue,
  isExpression,
  isHttpUrl,
  isOriginList,
  isPathWithCaptures,
  isPlain,
  isProtocol,
  lookedAtWith,
  refusingValidators,
  riskOf,
  snippets,
} from './validators.ts';

/**
 * What an Ingress asks for by its annotations, of what changes routes or answers.
 * Source: kubernetes/ingress-nginx internal/ingress/annotations, above all annotations.go `Extract` and
 * parser/main.go (v1.14.5).
 */
export interface Asked extends Access {
  readonly aliases: readonly string[];
  /** Why its locations answer 503, whatever is asked; null where they work. */
  readonly denied: Denial | null;
  readonly isCanary: boolean;
  readonly policy: CanaryPolicy;
  readonly rewrite: RewriteAsked;
  readonly redirect: RedirectAsked;
  readonly usePortInRedirects: boolean;
  /** Allowed origins of CORS; null where CORS is off. */
  readonly corsOrigins: readonly string[] | null;
  readonly customHttpErrors: readonly number[];
  /** A Service of its namespace; null where none is named, or it isn't there. */
  readonly defaultBackend: string | null;
  readonly serviceUpstream: boolean;
  readonly upstreamVhost: string;
  readonly sslPassthrough: boolean;
  /** Values that the controller can't read, and passes over. */
  readonly unread: readonly UnreadAnnotation[];
}

/** What a canary's upstream takes of another's requests. */
export interface CanaryPolicy {
  readonly header: string;
  readonly headerValue: string;
  readonly headerPattern: string;
  readonly cookie: string;
  readonly weight: number;
  readonly weightTotal: number;
}

/** Of an upstream that no canary made: it takes nothing. */
export const noPolicy: CanaryPolicy = {
  header: '',
  headerValue: '',
  headerPattern: '',
  cookie: '',
  weight: 0,
  weightTotal: 0,
};

export interface RewriteAsked {
  /** Empty for none. */
  readonly target: string;
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  readonly preserveTrailingSlash: boolean;
  readonly useRegex: boolean;
  /** Empty for none. */
  readonly appRoot: string;
}

export interface RedirectAsked {
  readonly kind: 'temporal-redirect' | 'permanent-redirect';
  /** Empty for none. */
  readonly url: string;
  readonly code: number;
  readonly fromToWww: boolean;
  readonly isRelative: boolean;
}

export const noRedirect: RedirectAsked = {
  kind: 'permanent-redirect',
  url: '',
  code: 0,
  fromToWww: false,
  isRelative: false,
};

/** The annotation for which the controller passes over the whole Ingress, without the prefix. */
export interface RefusedAnnotation {
  readonly annotation: string;
  readonly why: string;
}

/** Null where the controller passes over no annotation of it. */
export function refusedAnnotation(ingress: Ingress, { risk }: NginxSettings): RefusedAnnotation | null {
  for (const name of ingress.manifest.annotations.keys()) {
    const short = name.startsWith(nginxPrefix) ? name.slice(nginxPrefix.length) : name;
    if (riskOf(short) > risk)
      return { annotation: short, why: 'is of a higher risk than annotations-risk-level allows' };
  }
  for (const [name, value] of ingress.manifest.annotations) {
    const short = name.startsWith(nginxPrefix) ? name.slice(nginxPrefix.length) : '';
    const isValid = refusingValidators.get(short);
    if (isValid !== undefined && value !== '' && isLookedAt(ingress, short) && !isValid(value))
      return { annotation: short, why: `has a value that the controller refuses: ${value}` };
  }
  return null;
}

/** Whether another object decides what it asks for. */
export function namesObjects({ manifest: { annotations } }: Ingress): boolean {
  return objectNames.some((name) => annotations.has(name));
}

const objectNames = [
  'auth-secret',
  'auth-proxy-set-headers',
  'auth-tls-secret',
  'custom-headers',
  'proxy-ssl-secret',
  'fastcgi-params-configmap',
  'default-backend',
].map(nginxName);

function isLookedAt(ingress: Ingress, name: string): boolean {
  if (name.startsWith('permanent-')) return nginxAnnotation(ingress, 'temporal-redirect') === null;
  const other = lookedAtWith.get(name);
  return other === undefined || (nginxAnnotation(ingress, other) ?? '') !== '';
}

/** Of an Ingress that isn't refused. */
export function askedBy(ingress: Ingress, settings: NginxSettings, surroundings: Surroundings): Asked {
  const reader = new AnnotationReader(ingress);
  const access = accessAsked(reader, settings, surroundings);
  const asked = {
    ...access,
    aliases: [...new Set(listed(reader.text('server-alias')))].toSorted(byBytes),
    isCanary: reader.is('canary') === true,
    policy: policyAsked(reader),
    rewrite: rewriteAsked(reader, settings),
    redirect: redirectAsked(reader),
    usePortInRedirects: reader.is('use-port-in-redirects') ?? settings.usePortInRedirects,
    corsOrigins: reader.is('enable-cors') === true ? originsAsked(reader) : null,
    customHttpErrors: listed(reader.text('custom-http-errors'))
      .map((each) => goInteger(each))
      .filter((each) => each !== null),
    defaultBackend: defaultBackendAsked(reader, surroundings),
    serviceUpstream:
      reader.raw('service-upstream') === null ? settings.serviceUpstream : (reader.is('service-upstream') ?? false),
    upstreamVhost: reader.text('upstream-vhost'),
    sslPassthrough: reader.is('ssl-passthrough') ?? false,
  };
  reader.text('backend-protocol', isProtocol);
  if (!settings.allowsSnippets)
    for (const name of snippets) if (reader.raw(name) !== null) reader.passOver(name, 'snippets are not allowed');
  return { ...asked, denied: reader.denials[0] ?? null, unread: reader.unread };
}

function policyAsked(reader: AnnotationReader): CanaryPolicy {
  return {
    header: reader.text('canary-by-header', isPlain),
    headerValue: reader.text('canary-by-header-value', isPlain),
    headerPattern: reader.text('canary-by-header-pattern', isExpression),
    cookie: reader.text('canary-by-cookie', isPlain),
    weight: reader.integer('canary-weight') ?? 0,
    weightTotal: reader.integer('canary-weight-total') ?? 100,
  };
}

function rewriteAsked(reader: AnnotationReader, settings: NginxSettings): RewriteAsked {
  const appRoot = reader.text('app-root', isPathWithCaptures);
  if (appRoot !== '' && !appRoot.startsWith('/')) reader.passOver('app-root', 'is no path that starts with a slash');
  return {
    target: reader.text('rewrite-target', isPathWithCaptures),
    sslRedirect: reader.is('ssl-redirect') ?? settings.sslRedirect,
    forceSslRedirect: reader.is('force-ssl-redirect') ?? settings.forceSslRedirect,
    preserveTrailingSlash: reader.is('preserve-trailing-slash') ?? settings.preserveTrailingSlash,
    useRegex: reader.is('use-regex') ?? false,
    appRoot: appRoot.startsWith('/') ? appRoot : '',
  };
}

/**
 * The temporal redirect before the permanent one. One wrong part and the Ingress has no redirect at all, not even of
 * www. Source: internal/ingress/annotations/redirect/redirect.go `Parse`.
 */
function redirectAsked(reader: AnnotationReader): RedirectAsked {
  const isEmpty = (name: string): boolean => reader.raw(name) === '';
  if (isEmpty('from-to-www-redirect') || isEmpty('relative-redirects')) return noRedirect;
  const shared = {
    fromToWww: reader.is('from-to-www-redirect') === true,
    isRelative: reader.is('relative-redirects') === true,
  };
  const temporal = reader.value('temporal-redirect', anyValue);
  const kind = temporal.kind === 'missing' ? 'permanent-redirect' : 'temporal-redirect';
  const given = temporal.kind === 'missing' ? reader.value('permanent-redirect', anyValue) : temporal;
  if (given.kind === 'empty' || given.kind === 'invalid' || isEmpty(`${kind}-code`)) return noRedirect;
  const url = textOr(given, '');
  if (kind === 'temporal-redirect' && !isHttpUrl(url)) {
    reader.passOver(kind, 'is no URL of http or https');
    return noRedirect;
  }
  if (url === '' && !shared.fromToWww) return { ...noRedirect, isRelative: shared.isRelative };
  const code = reader.integer(`${kind}-code`) ?? 0;
  const [most, usual] = kind === 'temporal-redirect' ? [307, 302] : [308, 301];
  return { kind, url, code: code < 300 || code > most ? usual : code, ...shared };
}

function originsAsked(reader: AnnotationReader): string[] {
  const given = valueOf(reader.value('cors-allow-origin', isOriginList));
  const origins = given === null ? ['*'] : listed(given);
  return origins.includes('*') ? ['*'] : origins.filter(isOrigin);
}

function isOrigin(text: string): boolean {
  return /^(?:[a-z]+:\/\/(?:\*\.)?[A-Za-z0-9\-.]*(?::\d+)?|null)$/.test(text);
}

function defaultBackendAsked(reader: AnnotationReader, surroundings: Surroundings): string | null {
  const name = reader.text('default-backend');
  if (name === '') return null;
  if (surroundings.service(reader.ingress.namespace, name) !== null) return name;
  reader.passOver('default-backend', `names Service ${name}, which isn't in the set`);
  return null;
}
