import ipaddr from 'ipaddr.js';
import { RE2JS } from 're2js';
import { isList, type ListValue, type MapValue, type Value } from '../value.ts';
import { dnsLabel, dnsSubdomain, type Format, qualifiedName } from './formats.ts';

/**
 * The Common Expression Language, as far as rules of CRDs go (`x-kubernetes-validations`): `self` alone is known. A
 * rule is read once and becomes a function. Its values are a manifest's own; whole numbers are numbers.
 * Left out: maps, structs and bytes as literals, unsigned numbers, dates, `map`, and what rules may cost.
 * Sources: github.com/google/cel-spec doc/langdef.md; k8s.io/apiserver pkg/cel/library (0.36): `isIP`, `isCIDR`,
 * `format`, `split`, `substring`.
 */
export interface CelRule {
  /** Whether a value keeps to the rule. Where that can't be told, the API server refuses it too: it doesn't. */
  readonly holds: (self: Value) => boolean;
  /**
   * Where the rule is `self.all(x, …)`: the items that don't keep to it. Null for any other rule.
   */
  readonly failingItems: (self: Value) => readonly number[] | null;
  /** The fields that it reads of `self`, or of an item where it is `self.all(x, …)`, in their order. */
  readonly reads: readonly (readonly string[])[];
}

/**
 * A value of a rule: one of a manifest, a duration in nanoseconds, or a format that texts are held against. What can't
 * be told is undefined: a field that isn't there, a type that doesn't fit.
 */
type CelValue = Value | bigint | Format<string> | undefined;

/** The variables that an expression knows, the innermost first. */
interface Scope {
  readonly name: string;
  readonly value: CelValue;
  readonly outer: Scope | null;
}

type Evaluate = (scope: Scope) => CelValue;

export function celRule(text: string): CelRule {
  const syntax = new Reader(text).whole();
  const holds = compiled(syntax);
  const all = syntax.kind === 'call' && syntax.name === 'all' && isSelf(syntax.target) ? syntax : null;
  const [variable, body] = all === null ? [] : all.args;
  const ofItem = body === undefined ? null : compiled(body);
  const name = variable?.kind === 'name' ? variable.name : 'self';
  return {
    holds: (value) => holds({ name: 'self', value, outer: null }) === true,
    failingItems: (value) => {
      if (ofItem === null || !isList(value)) return null;
      const self: Scope = { name: 'self', value, outer: null };
      return [...value.entries()].flatMap(([index, each]) =>
        ofItem({ name, value: each, outer: self }) === true ? [] : [index],
      );
    },
    reads: pathsRead(body ?? syntax, name),
  };
}

// Syntax

type Syntax =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'field'; readonly of: Syntax; readonly name: string }
  | { readonly kind: 'item'; readonly of: Syntax; readonly at: Syntax }
  | { readonly kind: 'list'; readonly items: readonly Syntax[] }
  | { readonly kind: 'call'; readonly name: string; readonly target: Syntax | null; readonly args: readonly Syntax[] }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Syntax }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Syntax; readonly right: Syntax }
  | { readonly kind: 'choice'; readonly condition: Syntax; readonly chosen: Syntax; readonly otherwise: Syntax };

interface Token {
  readonly kind: 'name' | 'number' | 'text' | 'sign' | 'end';
  readonly text: string;
}

/** Raw texts, and those in three quotes. */
const quotedPattern = /[rR]?(?:"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')/;
const tokenPattern = new RegExp(
  `\\s*(?:([A-Za-z_]\\w*(?!['"]))|(\\d+)|(${quotedPattern.source})|(&&|\\|\\||[=!<>]=|[-+*/%<>!?:.,()[\\]]))`,
  'y',
);

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  while (text.slice(tokenPattern.lastIndex).trim() !== '') {
    const from = tokenPattern.lastIndex;
    const found = tokenPattern.exec(text);
    if (found === null) throw new Error(`a rule can't be read from ${JSON.stringify(text.slice(from, from + 20))}`);
    const [, name, number, quoted, sign] = found;
    if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (quoted !== undefined) tokens.push({ kind: 'text', text: textIn(quoted) });
    else tokens.push({ kind: 'sign', text: sign ?? '' });
  }
  return tokens;
}

function textIn(quoted: string): string {
  const isRaw = /^[rR]/.test(quoted);
  const bare = isRaw ? quoted.slice(1) : quoted;
  const width = bare.startsWith('"""') || bare.startsWith("'''") ? 3 : 1;
  const inner = bare.slice(width, -width);
  return isRaw ? inner : inner.replaceAll(/\\(.)/g, (_, each: string) => escapes[each] ?? each);
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };

/** The operators of two operands, from the weakest. */
const precedence: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%'],
];

class Reader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  whole(): Syntax {
    const syntax = this.#expression();
    if (this.#peek().kind !== 'end') throw new Error(`a rule goes on with ${this.#peek().text}`);
    return syntax;
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', text: '' };
  }

  #take(): Token {
    const token = this.#peek();
    this.#next++;
    return token;
  }

  #takes(sign: string): boolean {
    const { kind, text } = this.#peek();
    if ((kind !== 'sign' && kind !== 'name') || text !== sign) return false;
    this.#next++;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#takes(sign)) throw new Error(`a rule has ${this.#peek().text} in place of ${sign}`);
  }

  #expression(): Syntax {
    const condition = this.#binary(0);
    if (!this.#takes('?')) return condition;
    const chosen = this.#binary(0);
    this.#expect(':');
    return { kind: 'choice', condition, chosen, otherwise: this.#expression() };
  }

  #binary(level: number): Syntax {
    const operators = precedence[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => this.#takes(each));
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: this.#binary(level + 1) };
    }
  }

  #unary(): Syntax {
    const operator = ['!', '-'].find((each) => this.#takes(each));
    return operator === undefined ? this.#member() : { kind: 'unary', operator, of: this.#unary() };
  }

  #member(): Syntax {
    let syntax = this.#primary();
    for (;;) {
      if (this.#takes('.')) {
        const name = this.#take().text;
        syntax = this.#takes('(')
          ? { kind: 'call', name, target: syntax, args: this.#upTo(')') }
          : { kind: 'field', of: syntax, name };
      } else if (this.#takes('[')) {
        syntax = { kind: 'item', of: syntax, at: this.#expression() };
        this.#expect(']');
      } else return syntax;
    }
  }

  #primary(): Syntax {
    if (this.#takes('(')) {
      const inner = this.#expression();
      this.#expect(')');
      return inner;
    }
    if (this.#takes('[')) return { kind: 'list', items: this.#upTo(']') };
    const { kind, text } = this.#take();
    if (kind === 'number') return { kind: 'literal', value: Number(text) };
    if (kind === 'text') return { kind: 'literal', value: text };
    if (kind !== 'name') throw new Error(`a rule has ${text} in place of a value`);
    if (Object.hasOwn(constants, text)) return { kind: 'literal', value: constants[text] ?? null };
    if (this.#takes('(')) return { kind: 'call', name: text, target: null, args: this.#upTo(')') };
    return { kind: 'name', name: text };
  }

  #upTo(end: string): Syntax[] {
    const items: Syntax[] = [];
    while (!this.#takes(end)) {
      items.push(this.#expression());
      if (!this.#takes(',')) {
        this.#expect(end);
        break;
      }
    }
    return items;
  }
}

const constants: Readonly<Record<string, Value>> = { true: true, false: false, null: null };

function isSelf(syntax: Syntax | null): boolean {
  return syntax?.kind === 'name' && syntax.name === 'self';
}

/** `['tls', 'mode']` for `x.tls.mode`; an index in between is left out, and what is asked of a text or a list. */
function pathsRead(syntax: Syntax, variable: string): readonly (readonly string[])[] {
  const found = new Map<string, readonly string[]>();
  const pathOf = (each: Syntax): readonly string[] | null => {
    if (each.kind === 'name') return each.name === variable ? [] : null;
    if (each.kind !== 'field') return null;
    const above = pathOf(each.of);
    return above === null ? null : [...above, each.name];
  };
  const visit = (each: Syntax): void => {
    const path = pathOf(each);
    if (path !== null && path.length > 0) found.set(path.join('.'), path);
    switch (each.kind) {
      case 'literal':
      case 'name':
        return;
      case 'field':
      case 'unary':
        return visit(each.of);
      case 'item':
        visit(each.of);
        return visit(each.at);
      case 'list':
        return each.items.forEach(visit);
      case 'call':
        if (each.target !== null) visit(each.target);
        return each.args.forEach(visit);
      case 'binary':
        visit(each.left);
        return visit(each.right);
      case 'choice':
        visit(each.condition);
        visit(each.chosen);
        return visit(each.otherwise);
      default:
        return each satisfies never;
    }
  };
  visit(syntax);
  return [...found.values()];
}

// Meaning

function compiled(syntax: Syntax): Evaluate {
  switch (syntax.kind) {
    case 'literal':
      return () => syntax.value;
    case 'name':
      return named(syntax.name);
    case 'field': {
      const of = compiled(syntax.of);
      return (scope) => fieldOf(of(scope), syntax.name);
    }
    case 'item': {
      const [of, at] = [compiled(syntax.of), compiled(syntax.at)];
      return (scope) => {
        const [list, index] = [of(scope), at(scope)];
        if (isMapOf(list) && typeof index === 'string') return fieldOf(list, index);
        return isListOf(list) && typeof index === 'number' ? list[index] : undefined;
      };
    }
    case 'list': {
      const items = syntax.items.map(compiled);
      return (scope) => {
        const values = items.map((each) => each(scope));
        return values.every(isOfManifest) ? values : undefined;
      };
    }
    case 'call':
      return called(syntax);
    case 'unary': {
      const of = compiled(syntax.of);
      return (scope) => {
        const value = of(scope);
        if (syntax.operator === '!') return typeof value === 'boolean' ? !value : undefined;
        return typeof value === 'number' ? -value : undefined;
      };
    }
    case 'binary':
      return binary(syntax.operator, compiled(syntax.left), compiled(syntax.right));
    case 'choice': {
      const [condition, chosen, otherwise] = [syntax.condition, syntax.chosen, syntax.otherwise].map(compiled);
      if (condition === undefined || chosen === undefined || otherwise === undefined) return () => undefined;
      return (scope) => {
        const value = condition(scope);
        return typeof value === 'boolean' ? (value ? chosen : otherwise)(scope) : undefined;
      };
    }
    default:
      return syntax satisfies never;
  }
}

function named(name: string): Evaluate {
  return (scope) => {
    for (let each: Scope | null = scope; each !== null; each = each.outer) if (each.name === name) return each.value;
    return undefined;
  };
}

function fieldOf(value: CelValue, name: string): CelValue {
  return isMapOf(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** `&&` and `||` are decided by one side, though the other can't be told; `==` compares what is in lists and maps. */
function binary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === '&&' || operator === '||') {
    const decides = operator === '||';
    return (scope) => {
      const one = left(scope);
      if (one === decides) return decides;
      const other = right(scope);
      if (other === decides) return decides;
      return typeof one === 'boolean' && typeof other === 'boolean' ? !decides : undefined;
    };
  }
  const apply = operations[operator];
  if (apply === undefined) throw new Error(`a rule has the operator ${operator}`);
  return (scope) => {
    const [one, other] = [left(scope), right(scope)];
    return one === undefined || other === undefined ? undefined : apply(one, other);
  };
}

const operations: Readonly<Record<string, (left: CelValue, right: CelValue) => CelValue>> = {
  '==': (left, right) => isSame(left, right),
  '!=': (left, right) => !isSame(left, right),
  '<': (left, right) => compare(left, right, (order) => order < 0),
  '<=': (left, right) => compare(left, right, (order) => order <= 0),
  '>': (left, right) => compare(left, right, (order) => order > 0),
  '>=': (left, right) => compare(left, right, (order) => order >= 0),
  in: (left, right) => {
    if (isListOf(right)) return right.some((each) => isSame(each, left));
    return isMapOf(right) && typeof left === 'string' ? Object.hasOwn(right, left) : undefined;
  },
  '+': (left, right) => {
    if (typeof left === 'string' && typeof right === 'string') return left + right;
    return numbers(left, right, (one, other) => one + other);
  },
  '-': (left, right) => numbers(left, right, (one, other) => one - other),
  '*': (left, right) => numbers(left, right, (one, other) => one * other),
  '/': (left, right) => numbers(left, right, (one, other) => (other === 0 ? undefined : Math.trunc(one / other))),
  '%': (left, right) => numbers(left, right, (one, other) => (other === 0 ? undefined : one % other)),
};

function numbers(left: CelValue, right: CelValue, apply: (one: number, other: number) => CelValue): CelValue {
  return typeof left === 'number' && typeof right === 'number' ? apply(left, right) : undefined;
}

function compare(left: CelValue, right: CelValue, isSo: (order: number) => boolean): CelValue {
  if (typeof left === 'number' && typeof right === 'number') return isSo(left - right);
  if (typeof left === 'string' && typeof right === 'string') return isSo(left < right ? -1 : left > right ? 1 : 0);
  return typeof left === 'bigint' && typeof right === 'bigint' ? isSo(Number(left - right)) : undefined;
}

/** As CEL compares: the order of a map's keys doesn't count. */
function isSame(left: CelValue, right: CelValue): boolean {
  if (left === right) return true;
  if (isListOf(left))
    return (
      isListOf(right) && left.length === right.length && left.every((each, index) => isSame(each, right[index] ?? null))
    );
  if (!isMapOf(left) || !isMapOf(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && isSame(left[key] ?? null, right[key] ?? null))
  );
}

type Call = Extract<Syntax, { kind: 'call' }>;

function called({ name, target, args }: Call): Evaluate {
  if (name === 'has') return hasField(args);
  const format = formats[name];
  if (format !== undefined && target?.kind === 'name' && target.name === 'format') return () => format;
  const [variable, body] = args;
  if (target !== null && isMacro(name) && variable?.kind === 'name' && body !== undefined)
    return macros[name](compiled(target), variable.name, compiled(body));
  const operands = (target === null ? args : [target, ...args]).map(compiled);
  const apply = functions[name];
  if (apply === undefined) throw new Error(`a rule calls ${name}`);
  return (scope) => {
    const values = operands.map((each) => each(scope));
    return values.includes(undefined) ? undefined : apply(...values);
  };
}

function hasField([field]: readonly Syntax[]): Evaluate {
  if (field?.kind !== 'field') throw new Error('a rule asks has() of something else than a field');
  const of = compiled(field.of);
  return (scope) => {
    const value = of(scope);
    return isMapOf(value) ? Object.hasOwn(value, field.name) : undefined;
  };
}

type Macro = (list: Evaluate, name: string, body: Evaluate) => Evaluate;

const macros = {
  all: (list, name, body) => (scope) => {
    const each = eachOf(list, name, body, scope);
    if (each === null) return undefined;
    return !each.includes(false) && (each.includes(null) ? undefined : true);
  },
  exists: (list, name, body) => (scope) => {
    const each = eachOf(list, name, body, scope);
    if (each === null) return undefined;
    return each.includes(true) || (each.includes(null) ? undefined : false);
  },
  exists_one: (list, name, body) => (scope) => {
    const each = eachOf(list, name, body, scope);
    return each === null || each.includes(null) ? undefined : each.filter(Boolean).length === 1;
  },
  filter: (list, name, body) => (scope) => {
    const items = list(scope);
    const each = eachOf(() => items, name, body, scope);
    if (each === null || each.includes(null) || !isListOf(items)) return undefined;
    return items.filter((_, index) => each[index]);
  },
} as const satisfies Record<string, Macro>;

function isMacro(name: string): name is keyof typeof macros {
  return Object.hasOwn(macros, name);
}

/** What the body says of each item of a list, or of each key of a map; null for what can't be told. */
function eachOf(list: Evaluate, name: string, body: Evaluate, scope: Scope): readonly (boolean | null)[] | null {
  const items = list(scope);
  const each: readonly CelValue[] | null = isListOf(items) ? items : isMapOf(items) ? Object.keys(items) : null;
  if (each === null) return null;
  return each.map((value) => {
    const said = body({ name, value, outer: scope });
    return typeof said === 'boolean' ? said : null;
  });
}

type Apply = (...values: readonly CelValue[]) => CelValue;

/** A function of texts; undefined where anything else is given. */
function ofTexts(apply: (text: string, other: string) => CelValue): Apply {
  return (text, other = '') => (typeof text === 'string' && typeof other === 'string' ? apply(text, other) : undefined);
}

/** Source: k8s.io/apiserver pkg/cel/library/format.go (0.36). */
const formats: Readonly<Record<string, Format<string>>> = {
  dns1123Label: dnsLabel,
  dns1123Subdomain: dnsSubdomain,
  qualifiedName,
};

const functions: Readonly<Record<string, Apply>> = {
  size: (value) => {
    if (typeof value === 'string') return [...value].length;
    if (isListOf(value)) return value.length;
    return isMapOf(value) ? Object.keys(value).length : undefined;
  },
  contains: ofTexts((text, part) => text.includes(part)),
  startsWith: ofTexts((text, part) => text.startsWith(part)),
  endsWith: ofTexts((text, part) => text.endsWith(part)),
  split: ofTexts((text, separator) => text.split(separator)),
  matches: ofTexts((text, pattern) => expressionOf(pattern).test(text)),
  isIP: ofTexts((text) => isAddress(text)),
  isCIDR: ofTexts((text) => rangeOf(text) !== undefined),
  cidr: ofTexts((text) => rangeOf(text)),
  masked: ofTexts((text) => maskedRange(text)),
  duration: ofTexts(nanosecondsOf),
  substring: (text, from, to) => {
    if (typeof text !== 'string' || typeof from !== 'number') return undefined;
    const letters = [...text];
    const end = typeof to === 'number' ? to : letters.length;
    return from < 0 || end > letters.length || from > end ? undefined : letters.slice(from, end).join('');
  },
  // What a format has against a text; `hasValue` whether it has anything.
  validate: (format, text) => (typeof format === 'function' && typeof text === 'string' ? format(text) : undefined),
  hasValue: (value) => (isListOf(value) ? value.length > 0 : undefined),
};

const expressions = new Map<string, RE2JS>();

/** The expressions stand in the rules, so there are few; what they are asked about can be of any length. */
function expressionOf(pattern: string): RE2JS {
  const known = expressions.get(pattern) ?? RE2JS.compile(pattern);
  expressions.set(pattern, known);
  return known;
}

/** Source: k8s.io/apiserver pkg/cel/library/ip.go `isIP` (0.36): no zone, and no IPv4 in IPv6's clothes. */
function isAddress(text: string): boolean {
  if (!text.includes(':')) return ipaddr.IPv4.isValidFourPartDecimal(text) && !/(?:^|\.)0\d/.test(text);
  return ipaddr.IPv6.isValid(text) && !text.includes('%') && !ipaddr.IPv6.parse(text).isIPv4MappedAddress();
}

/** A range, as Go writes it; undefined for what is none. Source: k8s.io/apiserver pkg/cel/library/cidr.go (0.36). */
function rangeOf(text: string): string | undefined {
  const [address = '', bits = '', ...rest] = text.split('/');
  const most = address.includes(':') ? 128 : 32;
  if (rest.length > 0 || !/^(?:0|[1-9]\d*)$/.test(bits) || Number(bits) > most || !isAddress(address)) return undefined;
  return `${ipaddr.parse(address).toString()}/${bits}`;
}

function maskedRange(range: string): string {
  const family = range.includes(':') ? ipaddr.IPv6 : ipaddr.IPv4;
  return `${family.networkAddressFromCIDR(range).toString()}/${range.split('/')[1]}`;
}

const units: ReadonlyMap<string, bigint> = new Map([
  ['h', 3_600_000_000_000n],
  ['m', 60_000_000_000n],
  ['s', 1_000_000_000n],
  ['ms', 1_000_000n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ns', 1n],
]);

/** Nanoseconds of `1h30m`, `1.5s`. Source: Go's time.ParseDuration (1.26). */
function nanosecondsOf(text: string): bigint | undefined {
  const [, sign = '', amount = ''] = /^([-+]?)([^]*)$/.exec(text) ?? [];
  if (amount === '0') return 0n;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:h|ms|m|s|us|µs|μs|ns))+$/.test(amount)) return undefined;
  let sum = 0n;
  for (const [, whole = '', part = '', name = ''] of amount.matchAll(/(\d*)\.?(\d*)(h|ms|m|s|us|µs|μs|ns)/g)) {
    const unit = units.get(name) ?? 0n;
    sum +=
      BigInt(whole === '' ? 0 : whole) * unit + (BigInt(part === '' ? 0 : part) * unit) / 10n ** BigInt(part.length);
  }
  return sign === '-' ? -sum : sum;
}

function isListOf(value: CelValue): value is ListValue {
  return Array.isArray(value);
}

function isMapOf(value: CelValue): value is MapValue {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isOfManifest(value: CelValue): value is Value {
  return value !== undefined && typeof value !== 'bigint' && typeof value !== 'function';
}
