import type { Surroundings } from '../surroundings.ts';
import { type AnnotationReader, type Denial, valueOf } from './annotationReader.ts';
import { goBoolean } from '../../goText.ts';
import type { NginxSettings } from './settings.ts';
import {
  anyValue,
  isAuthUrl,
  isDuration,
  isHeaderList,
  isMethod,
  isNetworkList,
  isPasswordType,
  isPlain,
  isSpacedUrl,
  isUrlWithVariables,
  isVerification,
  oneOf,
} from './validators.ts';

/**
 * Whom an Ingress lets in.
 * Source: kubernetes/ingress-nginx internal/ingress/annotations/{ipallowlist,ipdenylist,auth,authreq,authtls,satisfy},
 * and what else makes it deny everything: customheaders, proxyssl, fastcgi (v1.14.5).
 */
export interface Access {
  readonly allowlist: NetworkList;
  readonly denylist: NetworkList;
  readonly satisfy: 'any' | 'all';
  readonly password: { readonly type: 'basic' | 'digest'; readonly realm: string } | null;
  readonly externalAuthUrl: string | null;
  readonly usesGlobalAuth: boolean;
  readonly clientCertificate: { readonly verify: string; readonly matchesCN: boolean } | null;
  /** Why the whole host answers 403. */
  readonly clientCertificateFault: Denial | null;
}

export interface NetworkList {
  /** Null where the controller's ConfigMap says it. */
  readonly annotation: string | null;
  readonly networks: readonly string[];
}

export function accessAsked(reader: AnnotationReader, settings: NginxSettings, surroundings: Surroundings): Access {
  const allowlist = networksAsked(reader, 'allowlist-source-range', settings.allowlist, 'whitelist-source-range');
  const denylist = networksAsked(reader, 'denylist-source-range', settings.denylist);
  const password = passwordAsked(reader, settings, surroundings);
  const externalAuthUrl = externalAuthAsked(reader, settings, surroundings);
  const { asked: clientCertificate, fault } = clientCertificateAsked(reader, settings, surroundings);
  denyForObjects(reader, settings, surroundings);
  return {
    allowlist,
    denylist,
    satisfy: reader.text('satisfy', oneOf('any', 'all')) === 'any' ? 'any' : 'all',
    password,
    externalAuthUrl,
    usesGlobalAuth: reader.is('enable-global-auth') ?? true,
    clientCertificate,
    clientCertificateFault: fault,
  };
}

function networksAsked(
  reader: AnnotationReader,
  name: string,
  byDefault: readonly string[],
  alias: string | null = null,
): NetworkList {
  const given = reader.value(name, isNetworkList, alias);
  const annotation = alias !== null && reader.raw(name) === null ? alias : name;
  const value = valueOf(given);
  if (value !== null)
    return {
      annotation,
      networks: value
        .split(',')
        .map((each) => each.trim())
        .toSorted(),
    };
  if (given.kind !== 'missing') reader.deny(annotation, `${annotation} is not a list of networks`);
  return { annotation: null, networks: byDefault };
}

/** Whether a name of the form `namespace/name` may not be used here, and why; null where it may. */
function foreign({ ingress }: AnnotationReader, name: string, { allowsCrossNamespace }: NginxSettings): string | null {
  const parts = name.split('/');
  if (parts.length > 2) return 'names no object';
  const isForeign = parts.length === 2 && parts[0] !== '' && parts[0] !== ingress.namespace;
  return isForeign && !allowsCrossNamespace ? 'is in another namespace' : null;
}

/** Namespace and name; the Ingress's own namespace where none is written. */
function named({ ingress }: AnnotationReader, text: string): { readonly namespace: string; readonly name: string } {
  const [first = '', second] = text.split('/');
  return second === undefined || first === ''
    ? { namespace: ingress.namespace, name: second ?? first }
    : { namespace: first, name: second };
}

function passwordAsked(
  reader: AnnotationReader,
  settings: NginxSettings,
  surroundings: Surroundings,
): Access['password'] {
  const type = valueOf(reader.value('auth-type', isPasswordType));
  if (type === null) return null;
  const written = valueOf(reader.value('auth-secret', isPlain));
  if (written === null) return reader.deny('auth-type', 'auth-secret names no Secret');
  const fault = foreign(reader, written, settings);
  if (fault !== null) return reader.deny('auth-secret', `Secret ${written} ${fault}`);
  const { namespace, name } = named(reader, written);
  const secret = surroundings.secret(namespace, name);
  if (secret === null) return reader.deny('auth-secret', `Secret ${name} isn't in the set`, true);
  const kind = reader.text('auth-secret-type') || 'auth-file';
  if (kind !== 'auth-file' && kind !== 'auth-map')
    return reader.deny('auth-secret-type', 'auth-secret-type is neither auth-file nor auth-map');
  if (kind === 'auth-file' && !secret.has('auth')) return reader.deny('auth-secret', `Secret ${name} has no key auth`);
  return { type: type === 'basic' ? 'basic' : 'digest', realm: reader.text('auth-realm') };
}

function externalAuthAsked(
  reader: AnnotationReader,
  settings: NginxSettings,
  surroundings: Surroundings,
): string | null {
  const url = valueOf(reader.value('auth-url', isUrlWithVariables));
  if (url === null) return null;
  if (!isAuthUrl(url)) return reader.deny('auth-url', 'auth-url is no URL');
  if (reader.value('auth-method', isMethod).kind === 'invalid')
    return reader.deny('auth-method', 'auth-method is no method');
  if (reader.value('auth-response-headers', isHeaderList).kind === 'invalid')
    return reader.deny('auth-response-headers', 'auth-response-headers is no list of headers');
  const headers = reader.text('auth-proxy-set-headers', isPlain);
  if (headers !== '') {
    const fault = foreign(reader, headers, settings);
    if (fault !== null) return reader.deny('auth-proxy-set-headers', `ConfigMap ${headers} ${fault}`);
    const { namespace, name } = named(reader, headers);
    if (surroundings.configMap(namespace, name) === null)
      return reader.deny('auth-proxy-set-headers', `ConfigMap ${headers} isn't in the set`, true);
  }
  return dropsExternalAuth(reader) ? null : url;
}

/** These three drop the whole of `auth-url` rather than deny: what they return is an error of neither kind. */
function dropsExternalAuth(reader: AnnotationReader): boolean {
  const cookie = reader.raw('auth-always-set-cookie') ?? '';
  return (
    reader.value('auth-cache-duration', isDuration).kind === 'invalid' ||
    reader.value('auth-request-redirect', isSpacedUrl).kind === 'invalid' ||
    (cookie !== '' && goBoolean(cookie) === null)
  );
}

function clientCertificateAsked(
  reader: AnnotationReader,
  settings: NginxSettings,
  surroundings: Surroundings,
): { readonly asked: Access['clientCertificate']; readonly fault: Denial | null } {
  const written = valueOf(reader.value('auth-tls-secret', isPlain));
  if (written === null) return { asked: null, fault: null };
  const [namespace = '', name, ...more] = written.split('/');
  const faulty = (why: string, isForWantOfObject = false): ReturnType<typeof clientCertificateAsked> => {
    const fault = { annotation: 'auth-tls-secret', why, isForWantOfObject };
    reader.denials.push(fault);
    return { asked: null, fault };
  };
  if (name === undefined || more.length > 0)
    return faulty(`auth-tls-secret ${written} is not of the form namespace/name`);
  if (namespace !== '' && namespace !== reader.ingress.namespace && !settings.allowsCrossNamespace)
    return faulty(`Secret ${written} is in another namespace`);
  const secret = surroundings.secret(namespace, name);
  if (secret === null) return faulty(`Secret ${written} isn't in the set`, true);
  if (!secret.has('ca.crt')) return faulty(`Secret ${written} has no key ca.crt`);
  const verify = reader.text('auth-tls-verify-client', isVerification) || 'on';
  return { asked: { verify, matchesCN: reader.text('auth-tls-match-cn') !== '' }, fault: null };
}

/** Other objects that annotations name: without them nothing is let through. */
function denyForObjects(reader: AnnotationReader, settings: NginxSettings, surroundings: Surroundings): void {
  const { namespace } = reader.ingress;
  const custom = reader.text('custom-headers', isPlain);
  if (custom !== '') {
    const [of = '', name = ''] = custom.split('/');
    const headers = surroundings.configMap(of, name);
    const foreignHeader = [...(headers?.keys() ?? [])].find((each) => !settings.allowedResponseHeaders.includes(each));
    if (headers === null) reader.deny('custom-headers', `ConfigMap ${custom} isn't in the set`, true);
    else if (foreignHeader !== undefined)
      reader.deny('custom-headers', `global-allowed-response-headers lacks ${foreignHeader} of ConfigMap ${custom}`);
  }
  const proxySecret = reader.text('proxy-ssl-secret', anyValue);
  if (proxySecret !== '') {
    const [of = '', name, ...more] = proxySecret.split('/');
    if (name === undefined || more.length > 0)
      reader.deny('proxy-ssl-secret', `proxy-ssl-secret ${proxySecret} is not of the form namespace/name`);
    else if (of !== namespace && !settings.allowsCrossNamespace)
      reader.deny('proxy-ssl-secret', `Secret ${proxySecret} is in another namespace`);
    else if (surroundings.secret(of, name) === null)
      reader.deny('proxy-ssl-secret', `Secret ${proxySecret} isn't in the set`, true);
  }
  const fastcgi = reader.text('fastcgi-params-configmap', anyValue);
  if (fastcgi !== '' && surroundings.configMap(namespace, fastcgi.split('/').at(-1) ?? '') === null)
    reader.deny('fastcgi-params-configmap', `ConfigMap ${fastcgi} isn't in the set`, true);
}
