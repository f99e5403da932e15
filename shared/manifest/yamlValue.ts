import { plainScalar, type Resolved, taggedScalar } from './plainScalar.ts';
import type { Value } from './value.ts';
import {
  deepestNesting,
  tooDeepMessage,
  type YamlAlias,
  type YamlFault,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
  type YamlSource,
} from './yamlTree.ts';

/**
 * What Kubernetes makes of a YAML document's tree: plain data as JSON has it, every key a text.
 *
 * Sources: go.yaml.in/yaml/v2 (2.4.3) decode.go, sigs.k8s.io/yaml (1.6.0) yaml.go `convertToJSONableObject`. A merge
 * key takes effect where it stands, so what comes later wins over it, and it wins over what came before. Of two keys
 * alike the last wins. Left out: two keys that only come to the same text (`1` and `"1"`), of which Go keeps one by
 * chance; here that is the last too.
 */
export interface YamlValue {
  readonly value: Value;
  readonly fault: YamlFault | null;
  /** Of each map with keys that it has before already, these keys. */
  readonly repeated: readonly (readonly YamlNode[])[];
  /** The first text outside a block scalar that a condition holds for. */
  readonly marked: YamlScalar | null;
}

/** `isMarked`: which texts are looked for. */
export function valueOf({ root, fault }: YamlSource, isMarked: (text: string) => boolean): YamlValue {
  if (root === null || fault !== null) return { value: null, fault, repeated: [], marked: null };
  const decoder = new Decoder(isMarked);
  const value = decoder.value(root, 0);
  const found = decoder.fault ?? decoder.unfit(value);
  return {
    value: found === null ? value : null,
    fault: found,
    repeated: Array.from(decoder.repeated.values(), (keys) => [...keys]),
    marked: decoder.marked,
  };
}

export function isMergeKey(key: YamlNode): boolean {
  return key.kind === 'scalar' && key.value === '<<' && (key.isImplicit || key.tag === 'tag:yaml.org,2002:merge');
}

/** A key's text; null for one that can be none. */
export function keyText(key: YamlNode): string | null {
  if (key.kind === 'alias') return keyText(key.target);
  const resolved = key.kind === 'scalar' ? resolvedScalar(key) : null;
  return resolved === null ? null : textOfKey(resolved);
}

/** Once it has a fault, whatever it gives is meaningless. */
class Decoder {
  readonly #isMarked: (text: string) => boolean;
  readonly #following = new Set<YamlAlias>();
  /** The document counts too. */
  #decoded = 1;
  #decodedByAlias = 0;
  fault: YamlFault | null = null;
  /** What JSON can't say: a number, and maps with such a key. It does no harm where another value takes its place. */
  #unfitNumber: YamlFault | null = null;
  readonly #unfitMaps = new Map<Value, YamlFault>();
  readonly repeated = new Map<YamlMap, Set<YamlNode>>();
  marked: YamlScalar | null = null;

  constructor(isMarked: (text: string) => boolean) {
    this.#isMarked = isMarked;
  }

  value(node: YamlNode, depth: number): Value {
    if (!this.#counts(node, depth)) return null;
    switch (node.kind) {
      case 'alias':
        return this.#follow(node, () => this.value(node.target, depth + 1)) ?? null;
      case 'scalar':
        return this.#scalar(node);
      case 'list': {
        const items: Value[] = [];
        for (const item of node.items) {
          items.push(this.value(item, depth + 1));
          if (this.fault !== null) return null;
        }
        return items;
      }
      case 'map': {
        const entries: Record<string, Value> = {};
        this.#map(node, entries, depth);
        return entries;
      }
      default:
        return node satisfies never;
    }
  }

  /** What JSON can't say of a value that was read. */
  unfit(value: Value): YamlFault | null {
    if (this.#unfitNumber === null && this.#unfitMaps.size === 0) return null;
    if (typeof value === 'number') return Number.isFinite(value) ? null : this.#unfitNumber;
    if (typeof value !== 'object' || value === null) return null;
    let found = this.#unfitMaps.get(value) ?? null;
    for (const each of Object.values(value)) found ??= this.unfit(each);
    return found;
  }

  #refuse(message: string, at: number, kind: YamlFault['kind'] = 'syntax'): null {
    this.fault ??= { kind, message, at };
    return null;
  }

  /** Whether the document hasn't come to too much. */
  #counts(node: YamlNode, depth: number): boolean {
    this.#decoded++;
    if (this.#following.size > 0) this.#decodedByAlias++;
    if (depth > deepestNesting) this.#refuse(tooDeepMessage, node.start, 'too deep');
    if (
      this.#decodedByAlias > 100 &&
      this.#decoded > 1000 &&
      this.#decodedByAlias / this.#decoded > allowedAliasRatio(this.#decoded)
    )
      this.#refuse('document contains excessive aliasing', node.start, 'too large');
    return this.fault === null;
  }

  #follow<T>(alias: YamlAlias, read: () => T): T | null {
    if (this.#following.has(alias)) {
      return this.#refuse(`anchor '${alias.name}' value contains itself`, alias.start, 'too large');
    }
    this.#following.add(alias);
    const value = read();
    this.#following.delete(alias);
    return value;
  }

  #map(map: YamlMap, entries: Record<string, Value>, depth: number): void {
    const own = new Set<string>();
    for (const { key, value } of map.pairs) {
      if (isMergeKey(key)) this.#merge(value, entries, depth + 1);
      else {
        const name = this.#key(key, depth + 1);
        if (this.fault !== null) return;
        const decoded = this.value(value, depth + 1);
        if (name === null) {
          const message = 'this can be no key of JSON';
          if (!this.#unfitMaps.has(entries)) this.#unfitMaps.set(entries, { kind: 'syntax', message, at: key.start });
        } else {
          if (own.has(name)) this.repeated.set(map, (this.repeated.get(map) ?? new Set()).add(key));
          own.add(name);
          setOwn(entries, name, decoded);
        }
      }
      if (this.fault !== null) return;
    }
  }

  /** What a merge key brings goes into the map that it stands in; of several sources the first wins. */
  #merge(node: YamlNode, entries: Record<string, Value>, depth: number): void {
    if (node.kind === 'list') {
      for (const source of node.items.toReversed()) {
        if (source.kind === 'list') this.#refuse(wantsMap, source.start);
        else this.#merge(source, entries, depth + 1);
        if (this.fault !== null) return;
      }
      return;
    }
    const target = node.kind === 'alias' ? node.target : node;
    if (target.kind !== 'map') {
      this.#refuse(wantsMap, node.start);
      return;
    }
    if (!this.#counts(node, depth)) return;
    if (node.kind !== 'alias') return this.#map(target, entries, depth);
    this.#follow(node, () => {
      if (this.#counts(target, depth + 1)) this.#map(target, entries, depth + 1);
    });
  }

  /** Null for one that JSON can't have. */
  #key(key: YamlNode, depth: number): string | null {
    const target = key.kind === 'alias' ? key.target : key;
    if (target.kind !== 'scalar') {
      this.value(key, depth);
      return this.#refuse(`a ${target.kind} can't be a key`, key.start);
    }
    if (!this.#counts(key, depth)) return null;
    if (key.kind === 'alias') this.#follow(key, () => this.#counts(target, depth + 1));
    const resolved = this.#resolved(target);
    return resolved === null ? null : textOfKey(resolved);
  }

  #scalar(node: YamlScalar): Value {
    const resolved = this.#resolved(node);
    if (resolved === null) return null;
    const { kind, value } = resolved;
    if (kind === 'float' && !Number.isFinite(value)) {
      this.#unfitNumber ??= { kind: 'syntax', message: 'JSON has no such number', at: node.start };
    }
    if (kind === 'text' && node.style !== 'block' && this.#isMarked(value)) this.marked ??= node;
    return value;
  }

  #resolved(node: YamlScalar): Resolved | null {
    const resolved = resolvedScalar(node);
    return resolved ?? this.#refuse(`cannot decode ${node.value} as ${node.tag}`, node.start);
  }
}

const wantsMap = 'map merge requires map or sequence of maps as the value';

function resolvedScalar({ tag, value, isImplicit }: YamlScalar): Resolved | null {
  if (tag === '') return isImplicit ? plainScalar(value) : { kind: 'text', value };
  return tag === 'tag:yaml.org,2002:binary' ? binary(value) : taggedScalar(tag, value);
}

function binary(text: string): Resolved | null {
  const digits = text.replace(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(digits)) return null;
  // Each byte that is no part of a character becomes one of its own.
  const bytes = atob(digits).replace(byteOrCharacter, (each, character: string | undefined) =>
    character === undefined ? '\xef\xbf\xbd' : each,
  );
  const value = new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(bytes, (each) => each.charCodeAt(0)),
  );
  return { kind: 'text', value };
}

/** The sequences of UTF-8 (RFC 3629, 4), and any byte. */
const byteOrCharacter = new RegExp(
  `(${[
    '[^\\x80-\\xff]',
    '[\\xc2-\\xdf][\\x80-\\xbf]',
    '\\xe0[\\xa0-\\xbf][\\x80-\\xbf]',
    '[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}',
    '\\xed[\\x80-\\x9f][\\x80-\\xbf]',
    '\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}',
    '[\\xf1-\\xf3][\\x80-\\xbf]{3}',
    '\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2}',
  ].join('|')})|[^]`,
  'g',
);

function textOfKey(resolved: Resolved): string | null {
  switch (resolved.kind) {
    case 'text':
      return resolved.value;
    case 'word':
      return resolved.value === null ? null : String(resolved.value);
    case 'integer':
      // Of Go's types, the one for larger numbers is none that a key may have.
      if (resolved.exact !== undefined && resolved.exact >= 2n ** 63n) return null;
      return String(resolved.exact ?? resolved.value);
    case 'float':
      return floatKey(Math.fround(resolved.value));
    default:
      return resolved satisfies never;
  }
}

/** As Go's `strconv.FormatFloat(value, 'g', -1, 32)` writes it, but for what is no number. */
function floatKey(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  let digits = 1;
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== value) digits++;
  const [mantissa = '', exponent = '0'] = value.toExponential(digits - 1).split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(value.toPrecision(digits)));
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** How much of what is decoded may come from aliases: of a small document nearly all, of a large one little. */
function allowedAliasRatio(decoded: number): number {
  const [low, high] = [400_000, 4_000_000];
  if (decoded <= low) return 0.99;
  return decoded >= high ? 0.1 : 0.99 - 0.89 * ((decoded - low) / (high - low));
}

/** `__proto__` is a key like any other. */
function setOwn(target: Record<string, Value>, key: string, value: Value): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}
