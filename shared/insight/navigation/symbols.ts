import { type ClusterNetworkPolicy, readClusterNetworkPolicy } from '../../cluster/clusterNetworkPolicy.ts';
import { type Gateway, readGateway, readListenerSet } from '../../cluster/gatewayApi/gateway.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { isRoute, readRoute, type RouteBackend, type RouteMatch } from '../../cluster/gatewayApi/route.ts';
import { type Backend, isIngress, readIngress } from '../../cluster/ingress.ts';
import { once } from '../../cluster/once.ts';
import { readPodTemplate } from '../../cluster/pod.ts';
import { isNetworkPolicy, readNetworkPolicy } from '../../cluster/networkPolicy.ts';
import { isService, readService } from '../../cluster/service.ts';
import { type Field, fieldOf, type Manifest } from '../../manifest/manifest.ts';
import { type ParsedFile, siteOfField } from '../../manifest/parseFile.ts';
import type { Range, Site } from '../../manifest/position.ts';
import { integerAt, itemsAt, textAt } from '../../manifest/value.ts';
import { ruleAsWritten, tierRuleAsWritten } from '../policies/policyWords.ts';
import type { Workspace } from '../workspace.ts';

/** What an outline and a search of the workspace list: objects, with what traffic goes by in them. */
export interface ObjectSymbol {
  /** `Service shop` */
  readonly name: string;
  /** Its namespace, where it says one. */
  readonly detail: string;
  readonly at: Field;
  /** Ports, hosts with paths, listeners, in their order. */
  readonly parts: readonly PartSymbol[];
}

/** `:80 → http`, `shop.example.com/cart → cart:80`, `web :443`. */
export interface PartSymbol {
  readonly name: string;
  readonly detail: string;
  readonly at: Field;
}

export const symbolOf = once((manifest: Manifest): ObjectSymbol => ({
  name: `${manifest.kind} ${manifest.name}`,
  detail: manifest.namespace ?? '',
  at: fieldOf(manifest, 'metadata', 'name'),
  parts: partsOf(manifest),
}));

function partsOf(manifest: Manifest): PartSymbol[] {
  if (isService(manifest))
    return readService(manifest).ports.map(({ index, name, port, targetPort, protocol }) => ({
      name: `:${port}${targetPort === port ? '' : ` → ${targetPort}`}`,
      detail: [name, protocol === 'TCP' ? '' : protocol].filter((each) => each !== '').join(' '),
      at: fieldOf(manifest, 'spec', 'ports', index),
    }));
  if (isIngress(manifest)) return partsOfIngress(manifest);
  if (isNetworkPolicy(manifest)) return partsOfPolicy(manifest);
  const clusterPolicy = readClusterNetworkPolicy(manifest);
  if (clusterPolicy !== null) return partsOfClusterPolicy(clusterPolicy);
  if (!isOfGatewayApi(manifest)) return partsOfPods(manifest);
  if (isRoute(manifest)) return partsOfRoute(manifest);
  if (manifest.kind === 'Gateway') return partsOfListeners(manifest, readGateway(manifest).listeners);
  return manifest.kind === 'ListenerSet' ? partsOfListeners(manifest, readListenerSet(manifest).listeners) : [];
}

function partsOfPolicy(manifest: Manifest): PartSymbol[] {
  const { ingress, egress } = readNetworkPolicy(manifest);
  const rules = [
    ...ingress.map((rule) => ({ rule, side: 'from' }) as const),
    ...egress.map((rule) => ({ rule, side: 'to' }) as const),
  ];
  return rules.map(({ rule, side }) => ({
    name: ruleAsWritten(rule, side),
    detail: '',
    at: fieldOf(manifest, ...rule.at),
  }));
}

function partsOfClusterPolicy({ manifest, ingress, egress }: ClusterNetworkPolicy): PartSymbol[] {
  const rules = [
    ...ingress.map((rule) => ({ rule, side: 'from' }) as const),
    ...egress.map((rule) => ({ rule, side: 'to' }) as const),
  ];
  return rules.map(({ rule, side }) => ({
    name: tierRuleAsWritten(rule, side),
    detail: rule.name ?? '',
    at: fieldOf(manifest, ...rule.at),
  }));
}

function partsOfIngress(manifest: Manifest): PartSymbol[] {
  const { defaultBackend, rules } = readIngress(manifest);
  const leads = (asked: string, backend: Backend | null, at: Field): PartSymbol => ({
    name: `${asked} → ${backend === null ? 'no Service' : backendText(backend.service, backend.port)}`,
    detail: '',
    at,
  });
  return [
    ...rules.map(({ host, path, backend, at }) => leads(`${host ?? '*'}${path}`, backend, fieldOf(manifest, ...at))),
    ...(defaultBackend === null ? [] : [leads('*', defaultBackend, fieldOf(manifest, ...defaultBackend.at))]),
  ];
}

function partsOfRoute(manifest: Manifest): PartSymbol[] {
  const { kind, hostnames, rules } = readRoute(manifest);
  const hosts = hostnames.length === 0 ? ['*'] : hostnames;
  const hasPaths = kind === 'HTTPRoute' || kind === 'GRPCRoute';
  return rules.flatMap(({ matches, backends, at }) => {
    const to = backends.length === 0 ? 'no Service' : backends.map(textOfBackend).join(', ');
    return hosts.flatMap((host) =>
      (hasPaths ? matches.map(textOfMatch) : ['']).map((asked) => ({
        name: `${host}${asked} → ${to}`,
        detail: '',
        at: fieldOf(manifest, ...at),
      })),
    );
  });
}

function textOfMatch({ path, method }: RouteMatch): string {
  const text = path.kind === 'GRPC' ? `/${path.service ?? '*'}/${path.method ?? '*'}` : path.value;
  return `${text}${method === null ? '' : ` ${method}`}`;
}

function textOfBackend({ name, port }: RouteBackend): string {
  return backendText(name, port);
}

function backendText(service: string, port: number | string | null): string {
  return port === null ? service : `${service}:${port}`;
}

function partsOfListeners(manifest: Manifest, listeners: Gateway['listeners']): PartSymbol[] {
  return listeners.map(({ name, port, protocol, hostname, at }) => ({
    name: `${name} :${port}`,
    detail: hostname === null ? protocol : `${protocol} ${hostname}`,
    at: fieldOf(manifest, ...at),
  }));
}

function partsOfPods(manifest: Manifest): PartSymbol[] {
  const template = readPodTemplate(manifest);
  if (template === null) return [];
  return itemsAt(template.spec, 'containers').flatMap((container, index) =>
    itemsAt(container, 'ports').map((port, number) => ({
      name: `${textAt(container, 'name') ?? ''} :${integerAt(port, 'containerPort') ?? ''}`,
      detail: textAt(port, 'name') ?? '',
      at: fieldOf(manifest, ...template.specPath, 'containers', index, 'ports', number),
    })),
  );
}

/** Something listed, with its places: all of it, and its name. */
export interface PlacedSymbol {
  readonly name: string;
  readonly detail: string;
  readonly range: Range;
  readonly nameRange: Range;
  readonly parts: readonly PlacedSymbol[];
}

/** The outline of a file: its objects; of a template, those that it makes. Empty for a file without any. */
export function symbolsIn(workspace: Workspace, uri: string): PlacedSymbol[] {
  const file = workspace.file(uri);
  if (file === null) return [];
  if (file.manifests.length > 0) return file.manifests.map((each) => placedInFile(file, each));
  const [built] = workspace.builtOf(uri);
  if (built === undefined) return [];
  const scene = workspace.sceneOfBuild(built.plan.root);
  return built.file.manifests.flatMap((manifest): PlacedSymbol[] => {
    const start = scene.startOf(manifest.key);
    if (start?.uri !== uri) return [];
    const { name, detail, parts } = symbolOf(manifest);
    const placed = parts.flatMap((part): PlacedSymbol[] => {
      const site = scene.siteOf(part.at);
      return site?.uri === uri ? [{ ...part, range: site.range, nameRange: site.range, parts: [] }] : [];
    });
    return [{ name, detail, range: start.range, nameRange: start.range, parts: placed }];
  });
}

function placedInFile(file: ParsedFile, manifest: Manifest): PlacedSymbol {
  const { name, detail, at, parts } = symbolOf(manifest);
  const rangeOf = (field: Field): Range => siteOfField(file, field)?.range ?? nowhere;
  const range = rangeOf(fieldOf(manifest));
  const nameRange = rangeOf(at);
  return {
    name,
    detail,
    range,
    // An alias may stand for it that leads elsewhere.
    nameRange: isWithin(nameRange, range) ? nameRange : range,
    parts: parts.map((part) => ({ ...part, range: rangeOf(part.at), nameRange: rangeOf(part.at), parts: [] })),
  };
}

const nowhere: Range = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

function isWithin(inner: Range, outer: Range): boolean {
  const isOrdered = (a: Range['start'], b: Range['start']): boolean =>
    a.line < b.line || (a.line === b.line && a.character <= b.character);
  return isOrdered(outer.start, inner.start) && isOrdered(inner.end, outer.end);
}

/** Something of the workspace that was looked for. */
export interface FoundSymbol {
  readonly name: string;
  /** What it is part of; for an object, its namespace. */
  readonly within: string;
  readonly isPart: boolean;
  readonly site: Site;
}

/** So many are listed: whoever looks for something types more of it. */
const mostFound = 200;

/** What has a text in its name, host or path, of all files and of what is built of charts; a URL is looked for too. */
export function symbolsLike(workspace: Workspace, query: string): FoundSymbol[] {
  const sought = query
    .trim()
    .toLowerCase()
    .replace(/^https?:\/\//, '');
  const built = workspace
    .plans()
    .flatMap(({ kind, root }) => (kind === 'chart' ? (workspace.builtAt(root) ?? []) : []));
  const all = [
    ...workspace
      .uris()
      .toSorted()
      .flatMap((uri) => workspace.file(uri)?.manifests ?? []),
    ...built.flatMap(({ file }) => file.manifests),
  ];
  const found = new Map<string, FoundSymbol>();
  for (const manifest of all) {
    const { name, detail, at, parts } = symbolOf(manifest);
    const listed = [
      { name, within: detail, isPart: false, at },
      ...parts.map((part) => ({ name: part.name, within: name, isPart: true, at: part.at })),
    ];
    for (const { at: field, ...each } of listed) {
      const site = each.name.toLowerCase().includes(sought) ? workspace.siteOf(field) : null;
      if (site === null) continue;
      const { uri, range } = site;
      found.set([each.name, uri, range.start.line, range.start.character].join(' '), { ...each, site });
      if (found.size === mostFound) return [...found.values()];
    }
  }
  return [...found.values()];
}
