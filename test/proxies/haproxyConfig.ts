import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ingress } from '../../shared/cluster/ingress.ts';

/**
 * The HAProxy configuration that HAProxy Technologies' controller would write for Ingresses, as far as matching goes:
 * maps of hosts and paths, looked up in its order, each path naming its rule. Written from the controller's sources and
 * not by our engine: it is what our engine is judged by.
 * Source: haproxytech/kubernetes-ingress pkg/route/route.go, pkg/controller/controller.go (3.2.11).
 */
export function haproxyConfig(ingresses: readonly Ingress[], folder: string, port: number): string {
  const maps = {
    host: new Map<string, string>(),
    exact: new Map<string, string>(),
    'prefix-exact': new Map<string, string>(),
    prefix: new Map<string, string>(),
  };
  const put = (map: keyof typeof maps, key: string, value: string): void => {
    if (!maps[map].has(key)) maps[map].set(key, value);
  };
  for (const ingress of ingresses) {
    for (const [index, { host, path, pathType }] of ingress.rules.entries()) {
      const key = host === null ? '' : host.replace(/^\*/, '');
      const rule = `${ingress.name}/${index}`;
      if (host !== null) put('host', key, key);
      const bare = path.replace(/\/$/, '');
      if (pathType === 'Exact') put('exact', `${key}${path}`, rule);
      else if (bare === '') put('prefix', `${key}/`, rule);
      else {
        put('prefix-exact', `${key}${bare}`, rule);
        put('prefix', pathType === 'Prefix' ? `${key}${bare}/` : `${key}${bare}`, rule);
      }
    }
  }
  for (const [name, entries] of Object.entries(maps))
    writeFileSync(join(folder, `${name}.map`), [...entries].map(([key, value]) => `${key} ${value}\n`).join(''));
  const map = (name: keyof typeof maps): string => join(folder, `${name}.map`);
  const [hasHost, hasRule] = ['var(txn.host_match) -m found', 'var(txn.rule) -m found'];
  const [ofHost, ofAny] = ['var(txn.host_match),concat(,txn.path,)', 'var(txn.path)'];
  const rule = 'http-request set-var(txn.rule)';
  return `
global
  maxconn 256
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend http
  bind 127.0.0.1:${port}
  http-request set-var(txn.path) path
  http-request set-var(txn.host) req.hdr(Host),field(1,:),lower
  http-request set-var(txn.host_match) var(txn.host),map(${map('host')})
  http-request set-var(txn.host_match) var(txn.host),regsub(^[^.]*,,),map(${map('host')}) if !{ ${hasHost} }
  ${rule} ${ofHost},map(${map('exact')}) if { ${hasHost} }
  ${rule} ${ofHost},map(${map('prefix-exact')}) if { ${hasHost} } !{ ${hasRule} }
  ${rule} ${ofHost},map_beg(${map('prefix')}) if { ${hasHost} } !{ ${hasRule} }
  ${rule} ${ofAny},map(${map('exact')}) if !{ ${hasHost} }
  ${rule} ${ofAny},map(${map('prefix-exact')}) if !{ ${hasHost} } !{ ${hasRule} }
  ${rule} ${ofAny},map_beg(${map('prefix')}) if !{ ${hasHost} } !{ ${hasRule} }
  http-request return status 200 content-type text/plain lf-string %[var(txn.rule)] if { ${hasRule} }
  http-request return status 404
`;
}

/** A load balancer of layer 4 in front of another port, with a PROXY protocol header or without. */
export function balancerConfig(port: number, to: number, sendsProxyProtocol: boolean): string {
  return `
global
  maxconn 256
defaults
  mode tcp
  timeout client 5s
  timeout server 5s
  timeout connect 5s
listen balancer
  bind 127.0.0.1:${port}
  server one 127.0.0.1:${to}${sendsProxyProtocol ? ' send-proxy' : ''}
`;
}
