import { type Because, written } from '../../../cluster/because.ts';
import { type HostMatch, isWildcardFor } from '../../match.ts';
import { annotated } from '../compiled.ts';
import { nginxAnnotation, nginxName } from '../nginxAnnotation.ts';
import type { LocationContext } from './locationContext.ts';

/** A redirect of plain HTTP: for which of a server's hosts, and why. */
interface HttpsRedirect {
  readonly host: HostMatch;
  readonly text: string;
  readonly because: readonly Because[];
}

/** For all hosts of the server, or for those that have TLS. */
export function httpsRedirects(context: LocationContext, isForced: boolean): HttpsRedirect[] {
  const { host, location, server, configuration } = context;
  const { owner } = location;
  if (isForced) {
    const name = 'force-ssl-redirect';
    const isOwn = owner !== null && nginxAnnotation(owner, name) !== null;
    const text = `ingress-nginx redirects plain HTTP to {location}${isOwn ? '' : `: ${name} in its ConfigMap`}.`;
    return [
      { host, text, because: owner !== null && isOwn ? [annotated(owner, nginxName(name), `${name}: true`)] : [] },
    ];
  }
  const text =
    'ingress-nginx redirects plain HTTP to {location}: TLS covers the host, and ssl-redirect is on by default.';
  const of = server.certificate?.of ?? owner;
  const because = of === null ? [] : [written(of.manifest, text, 'spec', 'tls')];
  return securedWithin(host, configuration.secured).map((each) => ({ host: each, text, because }));
}

/**
 * The hosts of a server for which a certificate is set: by their name, or with a star in the place of their first
 * label.
 * Of an alias that is an expression, none are looked for.
 * Source: rootfs/etc/nginx/lua/certificate.lua `configured_for_current_request` of kubernetes/ingress-nginx v1.14.5.
 */
function securedWithin(host: HostMatch, secured: ReadonlySet<string>): HostMatch[] {
  switch (host.kind) {
    case 'exact':
    case 'exact-or-dotted':
      return isSecured(host.host, secured) ? [host] : [];
    case 'wildcard':
      if (host.labels === 'one') return secured.has(host.pattern) ? [host] : [];
      return [...secured]
        .filter((each) => each === host.pattern || (each.startsWith('*.') && isBelow(host.pattern, each)))
        .map((pattern) => ({ kind: 'wildcard', pattern, labels: 'one', but: [] }));
    case 'starts': {
      const [label = ''] = host.text.split('.');
      return [...secured]
        .filter((each) => each.startsWith('*.'))
        .map((each) => `${label}${each.slice(1)}`)
        .filter((each) => each.startsWith(host.text) && each.length > host.text.length)
        .map((each) => ({ kind: 'exact', host: each }));
    }
    case 'any':
    case 'expression':
      return [];
    default:
      return host satisfies never;
  }
}

function isSecured(host: string, secured: ReadonlySet<string>): boolean {
  return secured.has(host) || secured.has(host.replace(/^[^.]+\./, '*.'));
}

function isBelow(pattern: string, other: string): boolean {
  return isWildcardFor(pattern, other, 'many');
}
