import type { Ingress, IngressPath } from '../../shared/cluster/ingress.ts';

/**
 * The nginx configuration that ingress-nginx would write for Ingresses, as far as matching goes: a server for each
 * host, its locations as `updateServerLocations` and `buildLocation` make them, each naming its rule to a backend that
 * says it back. Written from ingress-nginx's sources and not by our engine: it is what our engine is judged by.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/controller.go, template/template.go (1.14).
 */
export function nginxConfig(ingresses: readonly Ingress[], folder: string, port: number, backend: number): string {
  const rules = ingresses.flatMap((ingress) => ingress.rules.map((rule) => ({ ingress, rule })));
  const byHost = Map.groupBy(rules, ({ rule }) => rule.host ?? '_');
  const servers = [...byHost].map(([host, own]) => {
    const isRegex = own.some(
      ({
        ingress: {
          manifest: { annotations },
        },
      }) =>
        annotations.get('nginx.ingress.kubernetes.io/use-regex') === 'true' ||
        annotations.has('nginx.ingress.kubernetes.io/rewrite-target'),
    );
    const first = own.filter(
      ({ rule }, index) =>
        own.findIndex((each) => each.rule.path === rule.path && (isRegex || each.rule.pathType === rule.pathType)) ===
        index,
    );
    const locations = isRegex
      ? first
          .toSorted((a, b) => b.rule.path.length - a.rule.path.length)
          .map(({ ingress, rule }) => location(`~* "^${rule.path}"`, name(ingress, rule), backend))
      : first.flatMap(({ ingress, rule }) =>
          plainLocations(
            rule,
            first.map((each) => each.rule),
          ).map((at) => location(at, name(ingress, rule), backend)),
        );
    const hasRoot = first.some(({ rule }) => rule.path === '/' && (isRegex || rule.pathType !== 'Exact'));
    return (
      `server { listen 127.0.0.1:${port}${host === '_' ? ' default_server' : ''}; server_name ${host};\n` +
      `${locations.join('\n')}\n${hasRoot && !isRegex ? '' : 'location / { return 404; }'} }`
    );
  });
  const fallback = byHost.has('_')
    ? ''
    : `server { listen 127.0.0.1:${port} default_server; server_name _; location / { return 404; } }`;
  return `
worker_processes 1; daemon off; error_log ${folder}/error.log; pid ${folder}/nginx.pid;
events { worker_connections 256; }
http {
access_log off; server_names_hash_bucket_size 128; absolute_redirect off;
client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
server { listen 127.0.0.1:${backend}; location / { default_type text/plain; return 200 $http_x_rule; } }
${servers.join('\n')}
${fallback}
}
`;
}

/** Whether a server of {@link nginxConfig} would have the same location twice. */
export function repeatsLocation(ingresses: readonly Ingress[]): boolean {
  return nginxConfig(ingresses, '', 1, 2)
    .split('server_name')
    .some((server) => {
      const locations = [...server.matchAll(/^location (.*?) \{/gm)].map(([, at]) => at);
      return new Set(locations).size < locations.length;
    });
}

/**
 * A rule's name, without characters that mean something in nginx's configuration:
 * the Ingress and the rule's place in it.
 */
export function name(ingress: Ingress, rule: IngressPath): string {
  return `${ingress.name}/${ingress.rules.indexOf(rule)}`;
}

function location(at: string, rule: string, backend: number): string {
  return `location ${at} { proxy_set_header X-Rule '${rule}'; proxy_pass http://127.0.0.1:${backend}; }`;
}

function plainLocations({ path, pathType }: IngressPath, all: readonly IngressPath[]): string[] {
  if (pathType === 'Exact') return [`= ${path}`];
  if (pathType === 'ImplementationSpecific' || path === '/') return [path];
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return all.some((each) => each.pathType === 'Exact' && each.path === path) ? [prefix] : [prefix, `= ${path}`];
}
