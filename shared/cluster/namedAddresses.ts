import { type Manifest, namespaceOf } from '../manifest/manifest.ts';
import { type FieldPath, itemsAt, keysAt, textAt, textOf, type Value, valueAt } from '../manifest/value.ts';
import { once } from './once.ts';
import { readPodTemplate } from './pod.ts';

/**
 * An address by name that a pod is given: in an environment variable's value, an argument, or a ConfigMap's value. What
 * the pod makes of it isn't known; but a host without dots, or with `.svc` in it, can only be a Service's name.
 */
export interface NamedAddress {
  readonly service: string;
  readonly namespace: string;
  /** As written, or the scheme's own; null where neither says it. */
  readonly port: number | null;
  readonly isPortWritten: boolean;
  /** The field, its whole text, and where the Service's name and the port begin in it. */
  readonly at: FieldPath;
  readonly text: string;
  readonly nameAt: number;
  readonly portAt: number;
}

export const namedAddresses = once((manifest: Manifest): readonly NamedAddress[] => {
  const namespace = namespaceOf(manifest);
  const texts = textsOf(manifest);
  const addresses = texts.flatMap((each) => addressesIn(each, namespace));
  if (!addresses.some(({ text }) => text.includes('\n'))) return addresses;
  const defined = namesDefinedIn(texts);
  return addresses.filter(({ service, text }) => !text.includes('\n') || !defined.has(service));
});

/**
 * What configuration files name themselves, and may ask for by that name: nginx' `upstream`, HAProxy's `backend`,
 * Envoy's clusters, the services of a compose file.
 */
function namesDefinedIn(texts: readonly GivenText[]): ReadonlySet<string> {
  return new Set(
    texts.flatMap(({ text }) =>
      [...text.matchAll(definition)].map(({ 1: word, 2: name, 3: key }) => word ?? name ?? key ?? ''),
    ),
  );
}

const definition = new RegExp(
  [
    String.raw`\b(?:upstream|backend|listen|cluster)[ \t]+["']?([\w.-]+)`,
    String.raw`\bname["']?:[ \t]*["']?([\w.-]+)`,
    String.raw`^[ \t]+["']?([\w.-]+)["']?:[ \t]*\{?[ \t]*$`,
  ].join('|'),
  'gm',
);

/** A text in which an address may stand. */
interface GivenText {
  readonly at: FieldPath;
  readonly text: string;
  /** Whether it is one value: not a configuration file, nor an image. */
  readonly isValue: boolean;
  /** What it is called: a variable, a flag, a key; empty where it has no name. */
  readonly name: string;
  /** Whether it is a host by its name. */
  readonly isHost: boolean;
}

function textsOf(manifest: Manifest): GivenText[] {
  if (manifest.kind === 'ConfigMap' && manifest.apiVersion === 'v1')
    return keysAt(manifest.value, 'data').flatMap((key) => given(manifest.value, ['data', key], key));
  const template = readPodTemplate(manifest);
  if (template === null) return [];
  const aliases = itemsAt(template.spec, 'hostAliases').flatMap((each) => itemsAt(each, 'hostnames'));
  if (aliases.length > 0) return [];
  return ['containers', 'initContainers'].flatMap((list) =>
    itemsAt(template.spec, list).flatMap((container, index) => {
      const at = [...template.specPath, list, index];
      const env = itemsAt(container, 'env').flatMap((each, number) =>
        given(manifest.value, [...at, 'env', number, 'value'], textAt(each, 'name') ?? ''),
      );
      const words = ['command', 'args'].flatMap((field) =>
        itemsAt(container, field).flatMap((each, number) =>
          given(manifest.value, [...at, field, number], /^--?([\w.-]+)=/.exec(textOf(each) ?? '')?.[1] ?? ''),
        ),
      );
      return [...env, ...words];
    }),
  );
}

function given(value: Value, at: FieldPath, name: string): GivenText[] {
  const text = valueAt(value, ...at);
  if (typeof text !== 'string' || text.length > longest) return [];
  const isValue = !/\s/.test(text.trim()) && !/image|tag|version/i.test(name);
  return [{ at, text, isValue, name, isHost: isValue && /(?:^|_)HOST(?:NAME)?$/i.test(name) }];
}

/**
 * Whether a variable, a flag or a key by this name holds `host:port`: its name says an address, or is the host's. Else
 * a name and a number may be a user and a group, a limit, an image and its tag.
 */
function saysAddress(name: string, host: string): boolean {
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/);
  if (words.some((word) => /^(?:users?|group|owner|run|limits?|quotas?|weights?|names?)$/.test(word))) return false;
  return words.some((word) => addressWord.test(word)) || words.join('-').includes(host.replace(/\..*/, ''));
}

const addressWord = new RegExp(
  '(?:host(?:name|port)?|addr|address(?:es)?|ur[li]|endpoint|server|broker|service|dsn|backend|upstream|peer|target)' +
    's?$',
);

/** Longer texts are dashboards and the like. */
const longest = 100_000;

const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
const hostAndPort = `(${label}(?:\\.${label})*)(?::(\\d{2,5}))?(?![\\w.:$({-])`;
const inUrl = new RegExp(`\\b([a-z][a-z0-9+]*):\\/\\/(?:[^\\s/@"',]+@)?${hostAndPort}`, 'g');
const inCluster = new RegExp(`(?<![\\w.@/-])(${label}(?:\\.${label})+\\.svc(?:\\.${label})*)(?::(\\d{2,5}))?`, 'g');
const alone = new RegExp(`^(?:--?[\\w.-]+=)?(${label}(?:\\.${label})*)(?::(\\d{2,5}))?$`);

/** The port of a URL that writes none. */
const schemePorts: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
  redis: 6379,
  amqp: 5672,
  postgres: 5432,
  postgresql: 5432,
  mysql: 3306,
  mongodb: 27017,
  nats: 4222,
};

function addressesIn({ text, at, isValue, isHost, name }: GivenText, own: string): NamedAddress[] {
  const found = new Map<number, NamedAddress>();
  const add = (start: number, host: string, port: string | undefined, byDefault: number | null): void => {
    const meant = serviceMeant(host, own);
    if (meant === null) return;
    const number = port === undefined ? byDefault : Number(port);
    found.set(start, {
      service: meant.name,
      namespace: meant.namespace,
      port: number,
      isPortWritten: port !== undefined,
      at,
      text,
      nameAt: start + meant.offset,
      portAt: start + host.length + 1,
    });
  };
  if (text.includes('://'))
    for (const { 0: all, 1: scheme = '', 2: host = '', 3: port, index } of text.matchAll(inUrl))
      add(
        index + all.lastIndexOf(host + (port === undefined ? '' : `:${port}`)),
        host,
        port,
        schemePorts[scheme] ?? null,
      );
  if (text.includes('.svc'))
    for (const { 1: host = '', 2: port, index } of text.matchAll(inCluster))
      if (!found.has(index)) add(index, host, port, null);
  if (!isValue || found.size > 0) return [...found.values()];
  let start = 0;
  for (const part of text.split(',')) {
    const [, host, port] = alone.exec(part) ?? [];
    // A small number may be anything: a tag, a share.
    if (host !== undefined && (port === undefined ? isHost : Number(port) >= 80 && saysAddress(name, host)))
      add(start + part.length - host.length - (port === undefined ? 0 : port.length + 1), host, port, null);
    start += part.length + 1;
  }
  return [...found.values()];
}

/**
 * The Service that a host can only mean, and where its name begins in the host; null for one that may be a name of the
 * internet, and for this very pod.
 */
function serviceMeant(host: string, own: string): { name: string; namespace: string; offset: number } | null {
  const labels = host.split('.');
  const svc = labels.indexOf('svc');
  if (svc === -1) {
    const isOwn = labels.length === 1 && host !== 'localhost' && /[a-z]/.test(host);
    return isOwn ? { name: host, namespace: own, offset: 0 } : null;
  }
  const [name, namespace] = labels.slice(Math.max(0, svc - 2), svc);
  if (svc < 2 || name === undefined || namespace === undefined) return null;
  return { name, namespace, offset: labels.slice(0, svc - 2).join('.').length + (svc > 2 ? 1 : 0) };
}
