import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, type Node, Scalar } from 'yaml';
import { type JsonSource, readJson } from './jsonSource.ts';
import { jsonLineDeeperThan, yamlLineDeeperThan } from './nesting.ts';
import { plainScalar } from './plainScalar.ts';
import { type Position, type Range, range } from './position.ts';
import { readUsualYaml } from './usualYaml.ts';
import type { Value } from './value.ts';
import { readYaml, type YamlSource } from './yamlSource.ts';

/**
 * One document's text → its value, and what kept it from being understood.
 *
 * The `yaml` library parses (YAML 1.2 core schema, merge keys), unless the text is JSON or plainer than that: see
 * `jsonSource.ts`, `usualYaml.ts`. This module turns what they give into plain values, and refuses what would cost
 * unbounded time or memory: alias bombs and nesting beyond any real manifest. A plain `yes` or `on` is the boolean that
 * Kubernetes reads: see `plainScalar.ts`. Left out: a key is a text always.
 */
export interface DocumentContent {
  /** Absent when the document is empty, broken, a template, or refused. */
  readonly value: Value | null;
  /** Where the value begins. */
  readonly start: Position;
  readonly problems: readonly DocumentProblem[];
}

export type DocumentProblemCode = 'yaml-syntax' | 'yaml-template' | 'yaml-too-deep' | 'yaml-too-large';

export interface DocumentProblem {
  readonly code: DocumentProblemCode;
  readonly message: string;
  /** Relative to the document's first line. */
  readonly range: Range;
}

/** A document's text with its syntax tree: what places are read off. */
export type DocumentSource = YamlSource | JsonSource;

/** Deeper than any manifest (a CustomResourceDefinition's schema reaches about 60), shallower than any stack's end. */
const deepestNesting = 200;
/** Values that the aliases of one document may come to in sum. */
const mostAliased = 200_000;

/** Reads a document; `source`, where one was made, can be read again by `sourceOf`. */
export function parseDocument(text: string): {
  readonly content: DocumentContent;
  readonly source: DocumentSource | null;
} {
  const json = readJson(text);
  const usual = json === null ? readUsualYaml(text) : null;
  if (usual !== null) return { source: null, content: { ...usual, problems: [] } };
  const tooDeep = json === null ? yamlLineDeeperThan(deepestNesting, text) : jsonLineDeeperThan(deepestNesting, text);
  if (tooDeep !== null) {
    return { source: null, content: failed('yaml-too-deep', tooDeepMessage, range(tooDeep, 0, tooDeep + 1, 0)) };
  }
  if (json !== null) return { source: json, content: { value: json.value, start: json.start, problems: [] } };
  const source = readYaml(text);
  return { source, content: contentOf(source) };
}

/** The syntax tree of a text that was read before. */
export function sourceOf(text: string): DocumentSource {
  return readJson(text) ?? readYaml(text);
}

const templateMarkup = /\{\{-?[^{}\n]*-?\}?\}?/;

/** What the `yaml` library makes of a text. */
export function contentOf({ text, document, rangeOf }: YamlSource): DocumentContent {
  const markup = templateMarkup.exec(text);
  if (document.errors.length > 0) {
    if (markup !== null) return template(rangeOf(markup.index, markup.index + markup[0].length));
    const problems = document.errors.slice(0, 5).map((each) => ({
      code: 'yaml-syntax' as const,
      message: `Not valid YAML: ${sentence(each.message)}`,
      range: rangeOf(each.pos[0], Math.max(each.pos[1], each.pos[0] + 1)),
    }));
    return { value: null, start: { line: 0, character: 0 }, problems };
  }
  if (document.contents === null) return { value: null, start: { line: 0, character: 0 }, problems: [] };
  const conversion = new Conversion(text, (node) => node.resolve(document));
  const { value } = conversion.convert(document.contents, 0);
  const { refused, templatedMap, templatedText } = conversion;
  if (refused !== null) return failed(refused.code, refused.message, rangeOf(...offsetsOf(refused.node)));
  if (templatedMap !== null) return template(rangeOf(...offsetsOf(templatedMap)));
  if (templatedText !== null && isTemplateOf(value)) return template(rangeOf(...offsetsOf(templatedText)));
  return { value, start: rangeOf(...offsetsOf(document.contents)).start, problems: [] };
}

function offsetsOf(node: Node): [number, number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}

/** A value, and how many values it comes to once every alias in it is followed. */
interface Converted {
  readonly value: Value;
  readonly size: number;
}

/** Turns a syntax tree into plain values, each anchor once: what aliases share is shared. */
class Conversion {
  readonly #text: string;
  readonly #resolve: (alias: Alias) => Node | undefined;
  readonly #anchored = new Map<Node, Converted | null>();
  #aliased = 0;
  refused: { readonly code: DocumentProblemCode; readonly message: string; readonly node: Node } | null = null;
  /** A map that is template markup: `{{ value }}` without quotes. */
  templatedMap: Node | null = null;
  /** A text with template markup in it. */
  templatedText: Node | null = null;

  constructor(text: string, resolve: (alias: Alias) => Node | undefined) {
    this.#text = text;
    this.#resolve = resolve;
  }

  convert(node: Node | null | undefined, depth: number): Converted {
    if (node == null || this.refused !== null) return nothing;
    if (depth > deepestNesting) return this.#refuse('yaml-too-deep', tooDeepMessage, node);
    if (isAlias(node)) return this.#follow(node, depth);
    if (isMap(node)) {
      if (node.flow === true && this.#text.startsWith('{{', node.range?.[0] ?? 0)) this.templatedMap ??= node;
      return this.#map(node.items, depth);
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convert(item as Node, depth + 1));
      return { value: items.map(({ value }) => value), size: items.reduce((sum, { size }) => sum + size, 1) };
    }
    return isScalar(node) ? { value: this.#scalar(node), size: 1 } : nothing;
  }

  #follow(alias: Alias, depth: number): Converted {
    const target = this.#resolve(alias);
    if (target === undefined) return nothing;
    const known = this.#anchored.get(target);
    // An anchor that holds itself has no end.
    if (known === null) return this.#refuse('yaml-too-large', tooLargeMessage, alias);
    if (known === undefined) this.#anchored.set(target, null);
    const converted = known ?? this.convert(target, depth + 1);
    this.#anchored.set(target, converted);
    this.#aliased += converted.size;
    return this.#aliased > mostAliased ? this.#refuse('yaml-too-large', tooLargeMessage, alias) : converted;
  }

  #map(items: readonly unknown[], depth: number): Converted {
    const entries: Record<string, Value> = {};
    const merged: Record<string, Value> = {};
    let size = 1;
    for (const pair of items) {
      if (!isPair(pair) || !isScalar(pair.key)) continue;
      const converted = this.convert(pair.value as Node | null, depth + 1);
      size += converted.size;
      if (isMergeKey(pair.key)) mergeInto(merged, converted.value);
      else setOwn(entries, String(pair.key.value), converted.value);
    }
    for (const key of Object.keys(merged)) if (!Object.hasOwn(entries, key)) setOwn(entries, key, merged[key] ?? null);
    return { value: entries, size };
  }

  #scalar(node: Scalar): Value {
    const { value } = node;
    if (typeof value === 'string') {
      const isBlock = node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
      if (!isBlock && value.includes('{{') && templateMarkup.test(value)) this.templatedText ??= node;
      return node.type === Scalar.PLAIN && node.tag === undefined ? plainScalar(value) : value;
    }
    return typeof value === 'number' || typeof value === 'boolean' || value === null ? value : String(value);
  }

  #refuse(code: DocumentProblemCode, message: string, node: Node): Converted {
    this.refused ??= { code, message, node };
    return nothing;
  }
}

const nothing: Converted = { value: null, size: 1 };
const tooDeepMessage = `Nested more than ${deepestNesting} levels deep; Hoplens leaves this document alone.`;
const tooLargeMessage = `Its aliases expand to more than ${mostAliased} values; Hoplens leaves this document alone.`;

export function isMergeKey({ value }: Scalar): boolean {
  return value === '<<' || typeof value === 'symbol';
}

/** Of several sources, the first that has a key gives it. */
function mergeInto(merged: Record<string, Value>, value: Value): void {
  for (const source of Array.isArray(value) ? (value as readonly Value[]) : [value]) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) continue;
    for (const [key, each] of Object.entries(source)) if (!Object.hasOwn(merged, key)) setOwn(merged, key, each);
  }
}

/** `__proto__` is a key like any other. */
function setOwn(target: Record<string, Value>, key: string, value: Value): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** Markup inside a name makes the object unknown. Markup elsewhere in a text is the application's own business. */
function isTemplateOf(value: Value): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true;
  const map = value as Readonly<Record<string, Value>>;
  return holdsMarkup(map['metadata']) || holdsMarkup(map['kind']);
}

function holdsMarkup(value: Value | undefined): boolean {
  if (typeof value === 'string') return templateMarkup.test(value);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, each]) => templateMarkup.test(key) || holdsMarkup(each));
}

function template(at: Range): DocumentContent {
  const message = 'This document is a template (it holds {{ }}); Hoplens reads rendered manifests and leaves it alone.';
  return failed('yaml-template', message, at);
}

function failed(code: DocumentProblemCode, message: string, at: Range): DocumentContent {
  return { value: null, start: { line: 0, character: 0 }, problems: [{ code, message, range: at }] };
}

function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
