import { once } from '../../../cluster/once.ts';
import type { Ingress } from '../../../cluster/ingress.ts';
import type { FieldPath } from '../../../manifest/value.ts';
import { expressionFault } from '../../match.ts';
import { placeOfAnnotation } from '../nginxAnnotation.ts';
import type { NginxConfiguration } from './configuration.ts';
import { needsExpression, type NginxLocation, type NginxServer } from './servers.ts';
import { serverNameFault } from './serverNames.ts';
import { anyHost } from './takenIngress.ts';
import { namedGroups, unknownVariable } from './variables.ts';

/**
 * What the webhook lets through and nginx then refuses. The controller goes on with its last configuration: from then
 * on no change of any Ingress, Service or certificate counts.
 * Source: kubernetes/ingress-nginx internal/ingress/controller/nginx.go `OnUpdate` (it returns before the dynamic
 * part), controller.go `mergeAlternativeBackends` (v1.14.5); nginx src/http/ngx_http_core_module.c ("duplicate
 * location"), ngx_http_variables.c ("unknown variable"), src/core/ngx_hash.c ("invalid server name or wildcard").
 */
export interface ReloadFault {
  readonly ingress: Ingress;
  readonly at: FieldPath;
  /** What nginx has against it, as the first half of a sentence. */
  readonly why: string;
  readonly other: { readonly ingress: Ingress; readonly at: FieldPath } | null;
}

export const reloadFaults = once((configuration: NginxConfiguration): readonly ReloadFault[] => {
  const age = new Map(configuration.ingresses.map(({ ingress }, index) => [ingress, index]));
  return [
    ...configuration.servers.flatMap((server) => duplicates(server, age)),
    ...namesRefused(configuration),
    ...variablesRefused(configuration),
    ...configuration.panics.map(({ ingress, rules }): ReloadFault => ({
      ingress,
      at: rules.find(({ paths }) => paths === null)?.at ?? ['spec', 'rules'],
      why: 'a canary with a rule without http makes the controller panic',
      other: null,
    })),
  ];
});

function duplicates({ hostname, locations }: NginxServer, age: ReadonlyMap<Ingress, number>): ReloadFault[] {
  if (locations.some(needsExpression)) return [];
  const firsts = new Map<string, NginxLocation>();
  const faults = new Map<string, ReloadFault>();
  for (const location of locations) {
    const key = `${location.pathType} ${location.path}`;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, location);
    else {
      const [older, younger] = isOlder(first, location, age) ? [first, location] : [location, first];
      const fault = duplicate(hostname, younger, older);
      if (fault !== null) faults.set(JSON.stringify([fault.ingress.manifest.key, fault.at]), fault);
    }
  }
  return [...faults.values()];
}

function isOlder(a: NginxLocation, b: NginxLocation, age: ReadonlyMap<Ingress, number>): boolean {
  const of = ({ owner }: NginxLocation): number => (owner === null ? -1 : (age.get(owner) ?? 0));
  const place = ({ rule }: NginxLocation): number => (rule === null ? -1 : Number(rule.at.at(-1)));
  return of(a) < of(b) || (of(a) === of(b) && place(a) <= place(b));
}

function duplicate(hostname: string, { owner, rule }: NginxLocation, other: NginxLocation): ReloadFault | null {
  if (owner === null || rule === null) return null;
  const host = hostname === anyHost ? 'the host of all others' : hostname;
  const both =
    other.rule === null || other.rule.path === rule.path
      ? `${rule.path} is there twice`
      : `${other.rule.path} and ${rule.path} become the same location, ${longer(other.rule.path, rule.path)}`;
  return {
    ingress: owner,
    at: [...rule.at, 'path'],
    why: `on ${host}, ${both}`,
    other:
      other.owner === null || other.rule === null ? null : { ingress: other.owner, at: [...other.rule.at, 'path'] },
  };
}

function longer(a: string, b: string): string {
  return a.length > b.length ? a : b;
}

function namesRefused({ redirects, servers }: NginxConfiguration): ReloadFault[] {
  const www = redirects
    .filter(({ from }) => serverNameFault(from) !== null)
    .map(({ from, ingress }): ReloadFault => ({
      ingress,
      at: placeOfAnnotation('from-to-www-redirect'),
      why: `from-to-www-redirect makes ${from} of a wildcard, which is no name of a server`,
      other: null,
    }));
  const aliases = servers.flatMap(({ aliases: own }): ReloadFault[] =>
    own === null
      ? []
      : own.names.filter(isNoName).map((name) => ({
          ingress: own.of,
          at: placeOfAnnotation('server-alias'),
          why: `the alias ${name} is no name of a server`,
          other: null,
        })),
  );
  return [...www, ...aliases];
}

function isNoName(alias: string): boolean {
  const fault = alias.startsWith('~') ? expressionFault(alias.slice(1), 'PCRE') : null;
  return serverNameFault(alias) !== null || fault?.kind === 'syntax' || fault?.kind === 'refused';
}

/** `$name` must be a variable of nginx, or caught by name in some path or host. */
function variablesRefused({ servers }: NginxConfiguration): ReloadFault[] {
  const captured = new Set(
    servers.flatMap(({ hostname, locations }) => [
      ...(hostname.startsWith('*') ? ['subdomain'] : []),
      ...(locations.some(needsExpression) ? locations.flatMap(({ path }) => namedGroups(path)) : []),
    ]),
  );
  const found = new Map<string, ReloadFault>();
  for (const { path, owner, asked } of servers.flatMap(({ locations }) => locations)) {
    if (owner === null || asked === null || asked.denied !== null) continue;
    const { target, appRoot } = asked.rewrite;
    const texts = { 'rewrite-target': target === path ? '' : target, 'app-root': appRoot };
    for (const [name, text] of Object.entries({ ...texts, 'upstream-vhost': asked.upstreamVhost })) {
      const variable = unknownVariable(text, captured);
      const why = `${name} has ${variable}, which is no variable of nginx`;
      if (variable !== null)
        found.set(`${JSON.stringify(owner.manifest.key)} ${name}`, {
          ingress: owner,
          at: placeOfAnnotation(name),
          why,
          other: null,
        });
    }
  }
  return [...found.values()];
}
