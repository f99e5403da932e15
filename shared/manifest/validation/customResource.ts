import ipaddr from 'ipaddr.js';
import { RE2JS } from 're2js';
import { type FieldPath, isList, isMap, type Value } from '../value.ts';
import { type CelRule, celRule } from './cel.ts';
import { Faults } from './fieldError.ts';
import { described } from './shape.ts';

/**
 * What the API server has against an object of a kind that a CRD defines, when it is created: by its structural schema,
 * after the defaults, then by the rules in CEL. Where something is missing, too long or of another type, the server
 * doesn't come to the rules; here those are asked that have nothing to do with it. Left out: transitions (`oldSelf`),
 * and what the rules may cost.
 * Source: k8s.io/apiextensions-apiserver pkg/registry/customresource/strategy.go `Validate`, pkg/apiserver/schema
 * (`defaulting`, `pruning`, `listtype`, `cel`), k8s.io/kube-openapi pkg/validation/validate (0.36).
 */
export interface SchemaData {
  /** The Go module that they are from. */
  readonly module: string;
  /** The newest first. */
  readonly releases: readonly {
    readonly version: string;
    readonly channel: string;
    /** `GROUP/VERSION KIND NUMBER`, with the number of its schema. */
    readonly kinds: readonly string[];
  }[];
  /** A rule and its message, as JSON. */
  readonly rules: readonly string[];
  /** Schemas, as JSON: what is read of them is read when it is first asked for. */
  readonly nodes: readonly string[];
}

/** A schema, with others by their number. */
export interface SchemaNode extends Constraints {
  readonly properties?: Readonly<Record<string, number>>;
  readonly items?: number;
  readonly additionalProperties?: number;
  readonly default?: Value;
  readonly required?: readonly string[];
  readonly listType?: 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  readonly validations?: readonly number[];
  /** Anything goes. */
  readonly isOpen?: true;
}

/** What holds of a value, whatever is in it. */
interface Constraints {
  readonly type?: string;
  readonly enum?: readonly Value[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly oneOf?: readonly Alternative[];
}

/** One of several ways for a value to be; `not` and `anyOf` say it of others. */
interface Alternative extends Constraints {
  readonly properties?: Readonly<Record<string, Alternative>>;
  readonly not?: Alternative;
  readonly anyOf?: readonly Alternative[];
}

/** A rule with its words. */
export interface CrdRule extends CelRule {
  readonly message: string;
}

export interface Schemas {
  readonly releases: readonly {
    readonly version: string;
    readonly channel: string;
    /** By `GROUP/VERSION KIND`. */
    readonly roots: ReadonlyMap<string, number>;
  }[];
  readonly node: (number: number) => SchemaNode;
  readonly rule: (number: number) => CrdRule;
}

/** A rule that a value at a path breaks. */
export interface BrokenRule {
  readonly path: FieldPath;
  readonly rule: CrdRule;
  /** The value, with its defaults. */
  readonly value: Value;
}

export interface Judgement {
  readonly faults: Faults;
  readonly broken: readonly BrokenRule[];
  /** Whether something is missing, too long or of another type: then the server doesn't come to the rules yet. */
  readonly isBlocked: boolean;
}

export function schemasOf(data: SchemaData): Schemas {
  const nodes: (SchemaNode | undefined)[] = [];
  const rules: (CrdRule | undefined)[] = [];
  return {
    releases: data.releases.map(({ kinds, ...release }) => ({ ...release, roots: new Map(kinds.map(rootNamed)) })),
    node: (number) => (nodes[number] ??= JSON.parse(data.nodes[number] ?? '{}')),
    rule: (number) => (rules[number] ??= readRule(data.rules[number] ?? '["true", ""]')),
  };
}

function readRule(json: string): CrdRule {
  const [text, message]: [string, string] = JSON.parse(json);
  return { ...celRule(text), message };
}

function rootNamed(line: string): readonly [string, number] {
  const end = line.lastIndexOf(' ');
  return [line.slice(0, end), Number(line.slice(end + 1))];
}

/** What a schema, by its number, has against an object. */
export function judgeCustomResource(value: Value, root: number, schemas: Schemas): Judgement {
  const faults = new Faults();
  const given = prepared(value, root, [], { schemas, faults });
  judgeValue(given, root, [], { schemas, faults });
  const blocking = faults.errors.filter(({ kind }) => blockingKinds.has(kind)).map(({ path }) => path);
  // What a rule says of a value that can't be taken anyway means nothing.
  const broken = brokenRules(given, root, [], schemas).filter(
    ({ path }) => !blocking.some((each) => path.every((step, index) => each[index] === step)),
  );
  return { faults, broken, isBlocked: blocking.length > 0 };
}

/** Source: strategy.go `hasBlockingErr`. */
const blockingKinds: ReadonlySet<string> = new Set(['NotSupported', 'Required', 'TooLong', 'TooMany', 'WrongType']);

interface Judge {
  readonly schemas: Schemas;
  readonly faults: Faults;
}

/** A value with its defaults, and without what the API lacks, which is said, and nulls. */
function prepared(value: Value, number: number, path: FieldPath, judge: Judge): Value {
  const node = judge.schemas.node(number);
  if (node.isOpen === true) return value;
  if (isList(value)) {
    const { items } = node;
    return items === undefined ? value : value.map((each, index) => prepared(each, items, [...path, index], judge));
  }
  if (!isMap(value)) return value;
  const taken: Record<string, Value> = {};
  for (const [name, each] of Object.entries(value)) {
    const field = fieldOf(node, name);
    if (field === undefined) {
      if (node.type === 'object') judge.faults.unknown([...path, name], Object.keys(node.properties ?? {}));
    } else if (each !== null) taken[name] = prepared(each, field, [...path, name], judge);
  }
  for (const [name, field] of Object.entries(node.properties ?? {})) {
    const { default: usual } = judge.schemas.node(field);
    if (usual !== undefined && taken[name] === undefined) taken[name] = prepared(usual, field, [...path, name], judge);
  }
  return taken;
}

function fieldOf({ properties = {}, additionalProperties }: SchemaNode, name: string): number | undefined {
  return Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
}

function judgeValue(value: Value, number: number, path: FieldPath, judge: Judge): void {
  const node = judge.schemas.node(number);
  const { faults } = judge;
  if (node.isOpen === true) return;
  const { type } = node;
  if (type !== undefined && !isOfType(value, type)) {
    if (type === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
      return faults.unquoted(path, described(value));
    return faults.add('WrongType', path, `is ${described(value)}; it must be ${typeNames[type] ?? type}`);
  }
  for (const complaint of against(value, node)) faults.errors.push({ path, ...complaint });
  // The one schema with alternatives is that of an address: of the type IPAddress it is one, else it isn't.
  if (node.oneOf !== undefined && node.oneOf.filter((each) => isSo(value, each)).length !== 1)
    faults.add('WrongType', [...path, 'value'], 'is no IP address; an address of another kind has type: Hostname');
  if (isList(value)) {
    const { items } = node;
    if (items !== undefined)
      for (const [index, each] of value.entries()) judgeValue(each, items, [...path, index], judge);
    judgeUniqueness(value, node, path, faults);
  }
  if (!isMap(value)) return;
  for (const [name, each] of Object.entries(value)) {
    const field = fieldOf(node, name);
    if (field !== undefined) judgeValue(each, field, [...path, name], judge);
  }
  for (const name of node.required ?? [])
    if (!Object.hasOwn(value, name)) faults.add('Required', [...path, name], 'must be written', path);
}

const typeNames: Readonly<Record<string, string>> = {
  object: 'a map of fields',
  array: 'a list',
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

function isOfType(value: Value, type: string): boolean {
  switch (type) {
    case 'object':
      return isMap(value);
    case 'array':
      return isList(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

interface Complaint {
  readonly kind: 'Invalid' | 'NotSupported' | 'TooLong' | 'TooMany';
  readonly detail: string;
  readonly known?: readonly string[];
}

/** What a schema has against a value of its type, but for what is in it; of a text, the first alone. */
function against(value: Value, node: Constraints): Complaint[] {
  const found: Complaint[] = [];
  const add = (kind: Complaint['kind'], detail: string): void => void found.push({ kind, detail });
  if (typeof value === 'string') found.push(...againstText(value, node).slice(0, 1));
  if (node.enum !== undefined && value !== null && !node.enum.includes(value))
    found.push({
      kind: 'NotSupported',
      detail: `is ${JSON.stringify(value)}; it can be ${node.enum.join(', ')}`,
      known: node.enum.map(String),
    });
  if (typeof value === 'number') {
    const { minimum = -Infinity, maximum = Infinity } = node;
    const isWide = node.format === 'int32' && (value < -(2 ** 31) || value >= 2 ** 31);
    if (value < minimum || value > maximum || isWide) add('Invalid', `is ${value}; it must be ${rangeText(node)}`);
  }
  if (isList(value)) {
    const { minItems = 0, maxItems = Infinity } = node;
    if (value.length < minItems) add('Invalid', `has ${counted(value.length, 'entry')}; it takes at least ${minItems}`);
    if (value.length > maxItems) add('TooMany', `has ${counted(value.length, 'entry')}; it takes at most ${maxItems}`);
  }
  if (isMap(value)) {
    const count = Object.keys(value).length;
    const { minProperties = 0, maxProperties = Infinity } = node;
    if (count < minProperties) add('Invalid', `has ${counted(count, 'entry')}; it takes at least ${minProperties}`);
    if (count > maxProperties) add('TooMany', `has ${counted(count, 'entry')}; it takes at most ${maxProperties}`);
  }
  return found;
}

function againstText(value: string, { minLength = 0, maxLength = Infinity, pattern }: Constraints): Complaint[] {
  const length = value.length <= minLength || value.length > maxLength ? [...value].length : value.length;
  if (length > maxLength)
    return [{ kind: 'TooLong', detail: `has ${length} characters; it takes at most ${maxLength}` }];
  if (length < minLength) {
    const detail = length === 0 ? 'must not be empty' : `has ${length} characters; it takes at least ${minLength}`;
    return [{ kind: 'Invalid', detail }];
  }
  if (pattern === undefined || fits(value, pattern)) return [];
  return [{ kind: 'Invalid', detail: `is ${JSON.stringify(value)}; it must be ${patternText(pattern)}` }];
}

const fitting = new Map<string, Map<string, boolean>>();
/** Of a pattern: the same few names and groups come again and again. */
const mostFitting = 2000;

function fits(value: string, pattern: string): boolean {
  const known = fitting.get(pattern) ?? new Map<string, boolean>();
  fitting.set(pattern, known);
  const before = known.get(value);
  if (before !== undefined) return before;
  const found = expressionOf(pattern).test(value);
  if (known.size >= mostFitting) known.clear();
  known.set(value, found);
  return found;
}

const expressions = new Map<string, RE2JS>();

/** In linear time: some of the schemas' expressions would keep JavaScript's own busy for years. */
function expressionOf(pattern: string): RE2JS {
  const known = expressions.get(pattern) ?? RE2JS.compile(pattern);
  expressions.set(pattern, known);
  return known;
}

/** What a pattern asks for, where people write it. */
function patternText(pattern: string): string {
  return patternTexts.find(([, each]) => each === pattern)?.[0] ?? `as ${pattern}`;
}

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const name = `${label}(\\.${label})*`;
const patternTexts: readonly (readonly [string, string])[] = [
  ["a DNS name: lower case letters, digits, '-' and '.'; or '*.' and one", `^(\\*\\.)?${name}$`],
  ["a DNS name: lower case letters, digits, '-' and '.'", `^${name}$`],
  ["empty or a DNS name: lower case letters, digits, '-' and '.'", `^$|^${name}$`],
  ["a DNS label: lower case letters, digits and '-'", `^${label}$`],
  ["a kind: letters, digits and '-', a letter first", '^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$'],
  ["a header's or a parameter's name, without spaces, colons and slashes", "^[A-Za-z0-9!#$%&'*+\\-.^_\\x60|~]+$"],
  ['a duration such as 500ms, 10s or 1m30s', '^([0-9]{1,5}(h|m|s|ms)){1,4}$'],
  ['a domain and a path, as in example.com/gateway', `^${name}\\/[A-Za-z0-9\\/\\-._~%!$&'()*+,;=:]+$`],
  ['printable, with single spaces between', '^[!-~]+([\\t ]?[!-~]+)*$'],
];

function rangeText({ minimum, maximum }: Constraints): string {
  if (minimum !== undefined && maximum !== undefined) return `between ${minimum} and ${maximum}`;
  return minimum === undefined ? `at most ${maximum ?? 2 ** 31 - 1}` : `at least ${minimum}`;
}

function counted(count: number, what: 'entry'): string {
  return count === 1 ? `1 ${what}` : `${count} entries`;
}

function isSo(value: Value, { properties = {}, not, anyOf, ...rest }: Alternative): boolean {
  return (
    against(value, rest).length === 0 &&
    (rest.format === undefined || typeof value !== 'string' || isOfFormat(value, rest.format)) &&
    (not === undefined || !isSo(value, not)) &&
    (anyOf === undefined || anyOf.some((each) => isSo(value, each))) &&
    (!isMap(value) ||
      Object.entries(properties).every(([name, each]) => value[name] === undefined || isSo(value[name], each)))
  );
}

/** Source: k8s.io/kube-openapi pkg/validation/strfmt (0.36): `ipv4` with leading zeros too. */
function isOfFormat(value: string, format: string): boolean {
  switch (format) {
    case 'ipv4':
      return ipaddr.IPv4.isValidFourPartDecimal(value.replaceAll(/\b0+(?=\d)/g, ''));
    case 'ipv6':
      return value.includes(':') && ipaddr.IPv6.isValid(value) && !value.includes('%');
    default:
      return true;
  }
}

/** Source: pkg/apiserver/schema/listtype: of several alike, the second alone is named. */
function judgeUniqueness(
  items: readonly Value[],
  { listType, listMapKeys = [] }: SchemaNode,
  path: FieldPath,
  faults: Faults,
): void {
  if (listType === undefined || (listType === 'map' && !items.every((each) => each === null || isMap(each)))) return;
  const times = new Map<string, { readonly first: number; count: number }>();
  for (const [index, item] of items.entries()) {
    const key = JSON.stringify(
      listType === 'set' ? item : listMapKeys.map((name) => (isMap(item) ? item[name] : null)),
    );
    const before = times.get(key);
    if (before === undefined) times.set(key, { first: index, count: 1 });
    else if (++before.count === 2) {
      const said = listType === 'set' ? JSON.stringify(item) : keyText(item, listMapKeys);
      const [key, ...more] = listMapKeys;
      const shownAt = key === undefined || more.length > 0 ? [] : [key];
      faults.add('Duplicate', [...path, index], `${said} is there twice, first in entry ${before.first}`, [
        ...path,
        index,
        ...shownAt,
      ]);
    }
  }
}

function keyText(item: Value, names: readonly string[]): string {
  return names.map((name) => `${name} ${isMap(item) ? JSON.stringify(item[name] ?? null) : 'null'}`).join(', ');
}

function brokenRules(value: Value, number: number, path: FieldPath, schemas: Schemas): BrokenRule[] {
  const node = schemas.node(number);
  if (node.isOpen === true || value === null) return [];
  const broken: BrokenRule[] = [];
  for (const each of node.validations ?? []) {
    const rule = schemas.rule(each);
    if (!rule.holds(value)) broken.push({ path, rule, value });
  }
  const { items } = node;
  if (isList(value) && items !== undefined)
    for (const [index, each] of value.entries()) broken.push(...brokenRules(each, items, [...path, index], schemas));
  if (isMap(value))
    for (const [name, each] of Object.entries(value)) {
      const field = fieldOf(node, name);
      if (field !== undefined) broken.push(...brokenRules(each, field, [...path, name], schemas));
    }
  return broken;
}
