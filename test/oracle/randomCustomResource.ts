import type { SchemaNode, Schemas } from '../../shared/manifest/validation/customResource.ts';
import { isMap, type Value } from '../../shared/manifest/value.ts';
import type { SeededRandom } from '../seededRandom.ts';

/** A kind, its schema's number, and the schemas. */
export interface RandomKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly root: number;
  readonly schemas: Schemas;
}

/** Those that are in no namespace. */
export const clusterKinds: ReadonlySet<string> = new Set([
  'GatewayClass',
  'XMesh',
  'ClusterNetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
]);

export interface RandomResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: object;
  readonly spec?: Value;
}

/**
 * An object of a kind, grown along its schema: what is required and some of the rest, with values that mostly fit.
 * None, one or several slips: a field that is left out, a value of another type, an enumeration's word misspelt, a text
 * that breaks the pattern, too many entries, entries that are there twice, fields that the kind lacks.
 */
export function randomCustomResource(
  random: SeededRandom,
  { apiVersion, kind, root, schemas }: RandomKind,
): RandomResource {
  const slips = random.pick([0, 1, 1, 2, 4, 8]);
  const grower: Grower = { random, schemas, slipsIn: slips === 0 ? Infinity : Math.ceil(90 / slips) };
  const { spec, rules } = schemas.node(root).properties ?? {};
  const body = spec ?? rules;
  return {
    apiVersion,
    kind,
    metadata: {
      name: kind.startsWith('Baseline') ? 'default' : 'web',
      ...(clusterKinds.has(kind) ? {} : { namespace: 'default' }),
    },
    ...(body === undefined ? {} : { spec: grown(body, 'spec', grower) }),
  };
}

interface Grower {
  readonly random: SeededRandom;
  readonly schemas: Schemas;
  /** One value in so many has a slip. */
  readonly slipsIn: number;
}

function grown(number: number, name: string, grower: Grower): Value {
  const { random, schemas, slipsIn } = grower;
  const node = schemas.node(number);
  const slips = slipsIn !== Infinity && random.below(slipsIn) === 0;
  if (slips && random.below(4) === 0) return random.pick<Value>([null, 'text', 7, 1.5, true, [], {}, ['x'], { x: 1 }]);
  switch (node.type) {
    case 'object':
      return grownMap(node, name, grower, slips);
    case 'array':
      return grownList(node, name, grower, slips);
    case 'integer':
      return grownNumber(node, random, slips);
    case 'boolean':
      return random.below(2) === 0;
    default:
      return grownText(node, name, random, slips);
  }
}

function grownMap(node: SchemaNode, name: string, grower: Grower, slips: boolean): Value {
  const { random } = grower;
  const { properties = {}, additionalProperties, required = [] } = node;
  const made: Record<string, Value> = {};
  if (additionalProperties !== undefined) {
    const { minProperties = 0, maxProperties = 4 } = node;
    const count = slips
      ? random.pick([0, maxProperties + 1])
      : minProperties + random.below(Math.min(3, maxProperties));
    for (let index = 0; index < count; index++)
      made[count > 4 ? `key-${index}` : random.pick(keys)] = grown(additionalProperties, 'value', grower);
    return made;
  }
  // Of fields that exclude each other, one mostly.
  const only = node.maxProperties === 1 && random.below(12) > 0 ? random.pick(Object.keys(properties)) : null;
  const share = random.pick([10, 25, 50]);
  for (const [field, number] of Object.entries(properties)) {
    const wanted = mostly.has(field) ? 70 : share;
    const isWanted = required.includes(field) ? random.below(60) > 0 || !slips : random.below(100) < wanted;
    if (only === null ? isWanted : field === only)
      made[field] = grown(number, field === 'value' ? name : field, grower);
  }
  alike(node, made, grower);
  if ('group' in made && 'kind' in made && random.below(4) === 0) Object.assign(made, random.pick(groupsOfKinds));
  if (slips && random.below(2) === 0) delete made[random.pick([...Object.keys(made), 'type'])];
  if (slips && random.below(3) === 0) made[random.pick(['hostnme', 'weigth', 'x'])] = 'x';
  return made;
}

/** What goes with a `type` is there mostly, and what goes with another seldom. */
function alike({ properties = {} }: SchemaNode, made: Record<string, Value>, grower: Grower): void {
  const { type } = properties;
  if (type === undefined) return;
  const words = grower.schemas.node(type).enum ?? [];
  for (const word of words) {
    if (typeof word !== 'string') continue;
    const field = Object.keys(properties).find((each) => each.toLowerCase() === word.toLowerCase());
    const number = field === undefined ? undefined : properties[field];
    if (field === undefined || number === undefined) continue;
    if (grower.random.below(12) === 0) continue;
    if (made.type === word) made[field] ??= grown(number, field, grower);
    else delete made[field];
  }
}

function grownList(node: SchemaNode, name: string, grower: Grower, slips: boolean): Value {
  const { random } = grower;
  const { minItems = 0, maxItems = 3, items } = node;
  if (items === undefined) return [];
  const most = Math.min(maxItems, Math.max(minItems, 1) + random.below(3));
  const many = name === 'matches' && random.below(8) === 0 ? maxItems : Math.max(minItems, most);
  const count = slips && random.below(3) === 0 ? random.pick([0, maxItems + 1]) : many;
  const made: Value[] = [];
  for (let index = 0; index < Math.min(count, 140); index++)
    made.push(
      index > 4 || (index > 0 && random.below(5) === 0)
        ? varied(made, index, random)
        : grown(items, singular(name), grower),
    );
  return made;
}

/** `addresses`, `matches`, `hostnames`, in the singular. */
function singular(name: string): string {
  return name.replace(/(?<=ss|ch)es$/, '').replace(/(?<!s)s$/, '');
}

/** One of the items again, or that but for its name, a field less, or a field of another. */
function varied(made: readonly Value[], index: number, random: SeededRandom): Value {
  const [value = null, other = null] = [random.pick(made), random.pick(made)];
  if (!isMap(value) || !isMap(other)) return value;
  const keys = Object.keys(value);
  const [key = 'name'] = keys.length === 0 ? [] : [random.pick(keys)];
  switch (random.below(4)) {
    case 0:
      return value;
    case 1:
      return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key));
    case 2:
      return { ...other, ...(value.name === undefined ? {} : { name: value.name }) };
    default:
      return value.name === undefined ? value : { ...value, name: `n${index}` };
  }
}

function grownNumber({ minimum = 0, maximum = 100 }: SchemaNode, random: SeededRandom, slips: boolean): Value {
  if (slips) return random.pick([minimum - 1, maximum + 1, -1, 2 ** 31, 2 ** 33]);
  return random.pick([minimum, maximum, 80, 443, 8080, minimum + 1]);
}

function grownText(node: SchemaNode, name: string, random: SeededRandom, slips: boolean): Value {
  if (node.enum !== undefined) {
    const word = String(random.pick(node.enum));
    return slips ? random.pick([word.toLowerCase(), `${word}s`, '']) : word;
  }
  const pool = [...(texts[name.toLowerCase()] ?? []), ...(texts[name] ?? general)];
  const fits = (text: string): boolean =>
    text.length >= (node.minLength ?? 0) &&
    text.length <= (node.maxLength ?? Infinity) &&
    (node.pattern === undefined || new RegExp(node.pattern, 'u').test(text));
  if (slips) return random.below(6) === 0 ? 'x'.repeat((node.maxLength ?? 60) + 1) : random.pick([...pool, ...general]);
  const fitting = [...pool, ...general, ...Object.values(texts).flat()].filter(fits);
  return random.below(40) === 0 || fitting.length === 0 ? random.pick(general) : random.pick(fitting.slice(0, 16));
}

/** What holds the most. */
const mostly = new Set([
  'rules',
  'matches',
  'filters',
  'backendRefs',
  'listeners',
  'path',
  'tls',
  'addresses',
  'ingress',
  'egress',
]);

const general = [
  'web',
  'web-1',
  'Web',
  'example.com/x',
  'a.example.com',
  '/x',
  '',
  'a b',
  '10s',
  '1.2.3.4',
  'core',
  'ä😀',
  '1',
  '#',
];

const keys = [
  'app',
  'example.com/app',
  'Example.com/app',
  'a b',
  '',
  `${'a.'.repeat(130)}b/x`,
  'x'.repeat(64),
  'a/b/c',
];

const groupsOfKinds = [
  { group: '', kind: 'Service' },
  { group: 'certificates.k8s.io', kind: 'ClusterTrustBundle' },
  { group: 'gateway.networking.x-k8s.io', kind: 'XBackend' },
  { group: 'gateway.networking.k8s.io', kind: 'Gateway' },
];

const hosts = [
  'a.example.com',
  '*.example.com',
  'b.example.com',
  'localhost',
  '10.0.0.1',
  '1.2.3',
  '*',
  'A.example.com',
  '*.*.com',
  'a.*.com',
  'fd00::1',
  'web.default.svc.cluster.local',
  '-a.com',
];
const durations = ['10s', '0s', '1h', '2h', '1ms', '500ms', '1h1m', '1.5s', '10', '100000s', '1h1m1s1ms1s', '99999h'];

const texts: Readonly<Record<string, readonly string[]>> = {
  hostname: hosts,
  hostnames: hosts,
  uri: ['spiffe://a/b', 'https://example.com/x', 'a', '/x', 'http://[::1]/'],
  group: ['', 'gateway.networking.k8s.io', 'certificates.k8s.io', 'gateway.networking.x-k8s.io', 'Bad_Group', 'core'],
  kind: ['Service', 'Gateway', 'Secret', 'ConfigMap', 'XBackend', 'ClusterTrustBundle', 'HTTPRoute', '*', 'a b'],
  namespace: ['default', 'other', '', 'Other', 'a.b'],
  sectionname: ['http', 'https', '', 'Http'],
  protocol: ['HTTP', 'HTTPS', 'TLS', 'TCP', 'UDP', 'HTTP', 'HTTPS', 'TCP', 'example.com/x', 'http', 'GRPC', ''],
  mode: ['Terminate', 'Passthrough'],
  address: ['10.0.0.1', 'fd00::1', '010.0.0.1', '1.2.3', 'a.example.com', '', '::ffff:1.2.3.4', 'fe80::1%eth0'],
  path: ['/', '/foo', '/foo/bar', 'foo', '//foo', '/foo/../x', '/%2f', '/a#b', '/a/.', '/foo?x', '/a%', '/a/./b', '/ä'],
  service: ['a.B', 'foo.Bar', 'foo', '/foo', 'foo/bar', '1a', ''],
  method: ['Get', 'get', '/get', '1', 'a/b', ''],
  header: ['x-a', 'Host', ':path', 'a b', '', 'X-A'],
  routability: ['Cluster', '', 'example.com/x', 'k8s.io/x', 'a.k8s.io/x', 'Bad_/x', '/x'],
  request: durations,
  backendrequest: durations,
  interval: durations,
  backoff: durations,
  absolutetimeout: durations,
  idletimeout: durations,
  alloworigin: ['*', 'https://a.example.com', 'https://*.b.com'],
  allowheader: ['*', 'x-a', 'x-b'],
  allowmethod: ['*', 'GET', 'POST'],
  controllername: ['example.com/gateway', 'example.com', 'Example.com/x', 'a/b'],
  from: ['Same', 'All', 'Selector'],
  network: [
    '10.0.0.0/8',
    '10.1.2.3/8',
    'fd00::/8',
    'fd00::1/8',
    '::ffff:1.2.3.0/120',
    '10.0.0.0/08',
    '1.2.3/8',
    '0.0.0.0/0',
  ],
  domainname: ['a.example.com', '*.example.com', 'example', 'a_b.example.com.', '*', 'a..b'],
};
