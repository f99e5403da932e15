import type { Expression, HostMatch } from '../../match.ts';
import type { NginxConfiguration, WwwRedirect } from './configuration.ts';
import type { NginxServer } from './servers.ts';
import { anyHost } from './takenIngress.ts';

/**
 * By which hosts nginx finds a server: the exact name, the longest `*.name`, the longest `name.*`, then expressions in
 * the order of nginx.conf, else `_`.
 * Source: nginx.org/en/docs/http/server_names.html; kubernetes/ingress-nginx
 * internal/ingress/controller/template/template.go `buildServerName` (v1.14.5).
 */
export interface NamedServer {
  readonly host: HostMatch;
  readonly server: NginxServer | WwwRedirect;
  /** The expression that catches `$subdomain` and the like; null for another kind of name. */
  readonly expression: Expression | null;
}

/** The servers in the order in which nginx looks for them, once for each of their names. */
export function namedServers({ servers, redirects }: NginxConfiguration): NamedServer[] {
  const named = [
    ...redirects.flatMap((server) => namesOf(server, server.from)),
    ...servers.flatMap((server) => [
      ...ruleNames(server),
      ...(server.aliases?.names ?? []).flatMap((alias) => namesOf(server, alias)),
    ]),
  ];
  const but = servers.map(({ hostname }) => hostname).filter((each) => each !== anyHost);
  const rest = servers
    .filter(({ hostname }) => hostname === anyHost)
    .map((server): NamedServer => ({ host: { kind: 'any', labels: 'one', but }, server, expression: null }));
  return [...named.toSorted((a, b) => rankOf(a) - rankOf(b) || lengthOf(b.host) - lengthOf(a.host)), ...rest];
}

function rankOf({ host, expression }: NamedServer): number {
  if (expression !== null) return 3;
  return host.kind === 'exact' ? 0 : host.kind === 'wildcard' ? 1 : 2;
}

/** Of names of one kind the longest; expressions stay in their order. */
function lengthOf(host: HostMatch): number {
  if (host.kind === 'starts') return host.text.length;
  return host.kind === 'wildcard' && host.labels === 'many' ? host.pattern.length : 0;
}

/** A rule's `*.example.com` is one label, of letters, digits, `_` and `-`: an expression in nginx.conf. */
function ruleNames(server: NginxServer): NamedServer[] {
  const { hostname } = server;
  if (hostname === anyHost) return [];
  if (!hostname.startsWith('*')) return namesOf(server, hostname);
  const labels = hostname.replace('*.', '').replaceAll('.', String.raw`\.`);
  const expression = hostExpression(String.raw`^(?P<subdomain>[\w-]+)\.${labels}$`);
  return [{ host: { kind: 'wildcard', pattern: hostname, labels: 'one', but: [] }, server, expression }];
}

/** An expression with a large letter minds the case. */
function hostExpression(expression: string): Expression {
  return { kind: 'expression', expression, dialect: 'PCRE', ignoresCase: !/[A-Z]/.test(expression), anchors: 'none' };
}

/** As nginx's `server_name` reads it: `~expression`, `*.name`, `.name`, `name.*`, else itself. */
function namesOf(server: NamedServer['server'], written: string): NamedServer[] {
  const named = (host: HostMatch): NamedServer => ({ host, server, expression: null });
  if (written.startsWith('~')) {
    const expression = hostExpression(written.slice(1).replaceAll(/\(\?<(?=[a-zA-Z_])/g, '(?P<'));
    return [{ host: expression, server, expression }];
  }
  const name = written.toLowerCase();
  if (name.startsWith('*.')) return [named({ kind: 'wildcard', pattern: name, labels: 'many', but: [] })];
  if (name.startsWith('.'))
    return [
      named({ kind: 'exact', host: name.slice(1) }),
      named({ kind: 'wildcard', pattern: `*${name}`, labels: 'many', but: [] }),
    ];
  return [named(name.endsWith('.*') ? { kind: 'starts', text: name.slice(0, -1) } : { kind: 'exact', host: name })];
}

/** Null for a name that nginx takes. Source: nginx src/core/ngx_hash.c `ngx_hash_add_key`. */
export function serverNameFault(written: string): string | null {
  if (written.startsWith('~')) return null;
  const bare = written.toLowerCase().replace(/^\*\.|\.\*$/, '');
  return bare.includes('*') || bare.includes('..') || bare === '' ? `invalid server name or wildcard ${written}` : null;
}
