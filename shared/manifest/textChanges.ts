import type { Node as JsonNode } from 'jsonc-parser';
import type { JsonSource } from './jsonSource.ts';
import { contentOf, type DocumentSource, type DocumentText } from './parseDocument.ts';
import { recentSource } from './places.ts';
import type { FieldPath } from './value.ts';
import { readYaml, type YamlNode, type YamlSource } from './yamlTree.ts';
import { isMergeKey, keyText } from './yamlValue.ts';

/**
 * What has to be changed in a document's text so that a map has one key more, a list one item more, or either one less:
 * in the style in which its siblings are written, and nothing else. Null where that isn't plain: behind an alias, in a
 * map with a merge key, where a key comes twice, where an anchor would go.
 */
export interface TextChange {
  /** Offsets in the document's text. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `path` leads to the map, which is made where it isn't there; `value` is the value as YAML. */
export interface NewKey {
  readonly path: FieldPath;
  readonly key: string;
  readonly value: string;
}

export function addingKey(document: DocumentText, { path, key, value }: NewKey): readonly TextChange[] | null {
  return adding(document, path, key, value);
}

/** A new last item of a list, which is made where it isn't there. */
export function addingItem(document: DocumentText, path: FieldPath, value: string): readonly TextChange[] | null {
  return adding(document, path, '-', value);
}

/** Takes away a key with its value, or an item. What is empty then is `{}` or `[]`. */
export function removing(document: DocumentText, path: FieldPath): readonly TextChange[] | null {
  const written = writtenIn(document);
  const name = path.at(-1);
  const parent = nodeAt(written, path.slice(0, -1));
  if (name === undefined || parent === null || isMerged(parent)) return null;
  const index = parent.entries.findIndex((each) => each.name === name);
  const entry = parent.entries[index];
  if (entry === undefined || parent.entries.filter((each) => each.name === name).length > 1) return null;
  const { text } = written;
  const [before, after] = [parent.entries[index - 1], parent.entries[index + 1]];
  const change = ((): TextChange | null => {
    if (before === undefined && after === undefined) return emptied(text, parent);
    if (parent.style === 'flow') return flowRemoval(text, entry, before, after);
    const lineStart = text.lastIndexOf('\n', entry.start - 1) + 1;
    const ahead = text.slice(lineStart, entry.start).trim();
    const next = lineEnd(text, contentEnd(text, entry));
    const end = text.indexOf('\n', next) === -1 ? text.length : text.indexOf('\n', next) + 1;
    if (ahead === '') return { start: lineStart, end, text: '' };
    // It shares its line with the dash of the item that it begins.
    return after === undefined || !/^-[\s-]*$/.test(ahead) ? null : { start: entry.start, end: after.start, text: '' };
  })();
  if (change === null || /(?:^|[\s[{,])&\S/.test(text.slice(change.start, change.end))) return null;
  return [change];
}

function emptied(text: string, { kind, style, start, ...node }: Written): TextChange {
  const end = contentEnd(text, { start, ...node });
  const brackets = kind === 'map' ? '{}' : '[]';
  const ahead = text.slice(0, start).trimEnd();
  return style === 'block' && ahead.endsWith(':')
    ? { start: ahead.length, end, text: ` ${brackets}` }
    : { start, end, text: brackets };
}

/** Whether a document is JSON, where a text stands in quotes always. */
export function isJsonText(document: DocumentText): boolean {
  return recentSource(document).kind === 'json';
}

/** A map, a list, or anything else, and how it is written. */
interface Written {
  readonly kind: 'map' | 'list' | 'scalar' | 'alias';
  readonly style: 'block' | 'flow';
  readonly start: number;
  readonly end: number;
  readonly entries: readonly Entry[];
}

interface Entry {
  /** Null for a key that is none of Kubernetes'. */
  readonly name: string | number | null;
  /** Where its key begins, or its dash. */
  readonly start: number;
  readonly end: number;
  readonly isMerge: boolean;
  readonly value: () => Written;
}

interface WrittenDocument {
  readonly text: string;
  readonly isJson: boolean;
  readonly root: Written | null;
}

function writtenIn(document: DocumentText): WrittenDocument {
  const source: DocumentSource = recentSource(document);
  const { text } = source;
  if (source.kind === 'json') return { text, isJson: true, root: ofJsonSource(source) };
  return { text, isJson: false, root: ofYamlSource(source) };
}

function ofYamlSource({ root, text }: YamlSource): Written | null {
  return root === null ? null : ofYaml(root, text);
}

function ofYaml(node: YamlNode, text: string): Written {
  const { start, end } = node;
  switch (node.kind) {
    case 'scalar':
    case 'alias':
      return { kind: node.kind, style: 'flow', start, end, entries: [] };
    case 'map': {
      const style = text[start] === '{' ? 'flow' : 'block';
      const entries = node.pairs.map(({ key, value }): Entry => ({
        name: keyText(key),
        start: key.start,
        end: Math.max(key.end, value.end),
        isMerge: isMergeKey(key),
        value: () => ofYaml(value, text),
      }));
      return { kind: 'map', style, start, end, entries };
    }
    case 'list': {
      const style = text[start] === '[' ? 'flow' : 'block';
      let from = start;
      const entries = node.items.map((item, name): Entry => {
        const dash = style === 'flow' ? item.start : behindBlanks(text, from);
        from = Math.max(item.end, dash + 1);
        return { name, start: dash, end: from, isMerge: false, value: () => ofYaml(item, text) };
      });
      return { kind: 'list', style, start, end, entries };
    }
    default:
      return node satisfies never;
  }
}

/** Of a List, each item has a tree of its own, whose offsets count from where it begins. */
function ofJsonSource({ tree, items }: JsonSource): Written | null {
  const root = tree();
  if (root === null) return null;
  const whole = ofJson(root, 0);
  const own = items();
  if (own.length === 0) return whole;
  return {
    ...whole,
    entries: whole.entries.map((entry) =>
      entry.name !== 'items'
        ? entry
        : {
            ...entry,
            value: () => {
              const list = entry.value();
              const entries = list.entries.map((each, index) => {
                const item = own[index];
                const node = item?.tree() ?? null;
                return item === undefined || node === null ? each : { ...each, value: () => ofJson(node, item.offset) };
              });
              return { ...list, entries };
            },
          },
    ),
  };
}

function ofJson({ type, offset, length, children = [] }: JsonNode, from: number): Written {
  const place = { style: 'flow', start: from + offset, end: from + offset + length } as const;
  const entryOf = (name: string | number, whole: JsonNode, value: JsonNode): Entry => ({
    name,
    start: from + whole.offset,
    end: from + whole.offset + whole.length,
    isMerge: false,
    value: () => ofJson(value, from),
  });
  if (type === 'array')
    return { ...place, kind: 'list', entries: children.map((child, index) => entryOf(index, child, child)) };
  if (type !== 'object') return { ...place, kind: 'scalar', entries: [] };
  const entries = children.flatMap((property) => {
    const [key, value] = property.children ?? [];
    return key === undefined || value === undefined ? [] : [entryOf(String(key.value), property, value)];
  });
  return { ...place, kind: 'map', entries };
}

/** What is written at a path itself, not by way of an alias or a merge key. */
function nodeAt({ root }: WrittenDocument, path: FieldPath): Written | null {
  let node = root;
  for (const step of path) node = node === null ? null : (entryAt(node, step)?.value() ?? null);
  return node;
}

function entryAt(node: Written, name: string | number): Entry | null {
  return isMerged(node) ? null : (node.entries.findLast((each) => each.name === name) ?? null);
}

function isMerged({ entries }: Written): boolean {
  return entries.some(({ isMerge }) => isMerge);
}

/** `last`: the key of a map, or `-` for an item. */
function adding(document: DocumentText, path: FieldPath, last: string, value: string): readonly TextChange[] | null {
  const written = writtenIn(document);
  const { text } = written;
  let node = written.root;
  let column = 0;
  let depth = 0;
  let key: Entry | null = null;
  for (; node !== null && depth < path.length; depth++) {
    const step = path[depth];
    const entry = step === undefined ? null : entryAt(node, step);
    if (entry === null) break;
    column = columnOf(text, entry.start);
    key = entry;
    node = entry.value();
  }
  if (node === null) return null;
  const steps = path.slice(depth).flatMap((step) => (typeof step === 'string' ? [step] : []));
  if (depth + steps.length < path.length) return null;
  const addition: Addition = { written, steps: [...steps, last], value };
  const wantsList = addition.steps[0] === '-';
  if (node.kind === 'scalar') {
    const isEmpty = node.start === node.end;
    if (isEmpty && !written.isJson && key !== null) {
      const at = lineEnd(text, key.end);
      const isInBlock = behindBlanks(text, key.end) >= at;
      if (!isInBlock) return null;
      return [{ start: at, end: at, text: newline(text) + blockText(addition, column + 2) }];
    }
    if (!/^(?:null|Null|NULL|~)$/.test(text.slice(node.start, node.end))) return null;
    return [{ start: node.start, end: node.end, text: bracketed(addition) }];
  }
  if (node.kind === 'alias' || isMerged(node) || (node.kind === 'list') !== wantsList) return null;
  if (node.entries.some(({ name }) => name === addition.steps[0])) return null;
  const end = node.entries.at(-1);
  if (end === undefined) return [{ start: node.start, end: node.end, text: bracketed(addition) }];
  if (node.style === 'flow') return flowAddition(addition, node, end);
  if (isKept(text, end)) return null;
  const at = lineEnd(text, contentEnd(text, end));
  return [{ start: at, end: at, text: newline(text) + blockText(addition, columnOf(text, end.start)) }];
}

/** A value to be written, and the keys that lead to it from what is there. */
interface Addition {
  readonly written: WrittenDocument;
  readonly steps: readonly string[];
  readonly value: string;
}

/** In a list of several lines the new entry has its own. */
function flowAddition(addition: Addition, node: Written, last: Entry): readonly TextChange[] | null {
  const { text } = addition.written;
  const behind = behindBlanks(text, last.end);
  const hasComma = text[behind] === ',';
  const own = flowText(addition);
  const [first] = node.entries;
  const lineStart = text.lastIndexOf('\n', (first?.start ?? 0) - 1) + 1;
  const indent = text.slice(lineStart, first?.start);
  if (lineStart <= node.start || indent.trim() !== '') {
    const at = hasComma ? behind + 1 : last.end;
    return [{ start: at, end: at, text: `${hasComma ? '' : ','} ${own}` }];
  }
  const at = lineEnd(text, hasComma ? behind + 1 : last.end);
  // What closes it may stand on the last entry's line.
  if (at >= node.end) return [{ start: last.end, end: last.end, text: `, ${own}` }];
  const line = newline(text) + indent + own;
  if (hasComma) return [{ start: at, end: at, text: line }];
  if (at === last.end) return [{ start: at, end: at, text: `,${line}` }];
  return [
    { start: last.end, end: last.end, text: ',' },
    { start: at, end: at, text: line },
  ];
}

function flowRemoval(
  text: string,
  entry: Entry,
  before: Entry | undefined,
  after: Entry | undefined,
): TextChange | null {
  if (after !== undefined) return { start: entry.start, end: after.start, text: '' };
  if (before === undefined) return null;
  // A comment behind the one before is its own; JSON has neither comments nor a comma at the end.
  return text.slice(before.end, entry.start).includes('#')
    ? { start: entry.start, end: entry.end, text: '' }
    : { start: before.end, end: entry.end, text: '' };
}

/** The addition's lines, each indented, the first as well. */
function blockText({ written: { text }, steps, value }: Addition, column: number): string {
  const lines: string[] = [];
  let indent = ' '.repeat(column);
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1;
    const own = value.trimEnd().split('\n');
    const deeper = `${indent}  `;
    if (!isLast) lines.push(`${indent}${plainText(step)}:`);
    else if (step === '-') lines.push(...own.map((line, number) => (number === 0 ? `${indent}- ` : deeper) + line));
    else if (own.length === 1) lines.push(`${indent}${plainText(step)}: ${value}`);
    else lines.push(`${indent}${plainText(step)}:`, ...own.map((line) => deeper + line));
    indent = deeper;
  }
  return lines.join(newline(text));
}

/** The addition in brackets, in the place of an empty map or list. */
function bracketed(addition: Addition): string {
  const own = flowText(addition);
  return addition.steps[0] === '-' ? `[${own}]` : `{ ${own} }`;
}

function flowText({ written: { isJson }, steps, value }: Addition): string {
  const quoted = (key: string): string => (isJson ? JSON.stringify(key) : plainText(key));
  const own = isJson || value.includes('\n') ? inJson(value) : value;
  return steps.reduceRight((inner, step, index) => {
    if (step === '-') return inner;
    const isList = steps[index + 1] === '-';
    const isMap = steps[index + 1] !== undefined && !isList;
    return `${quoted(step)}: ${isList ? `[${inner}]` : isMap ? `{ ${inner} }` : inner}`;
  }, own);
}

/** A value that is written as YAML, written as JSON. */
export function inJson(value: string): string {
  return JSON.stringify(contentOf(readYaml(value, 0)).value);
}

/** A text as YAML has it: in quotes where it would else be read as something else. */
export function plainText(text: string): string {
  const isPlain = /^[A-Za-z_][\w./-]*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}

/** Where what is written of an entry ends, but for blank lines behind it. */
function contentEnd(text: string, { start, end }: { readonly start: number; readonly end: number }): number {
  return start + text.slice(start, end).trimEnd().length;
}

/** A block scalar that keeps the blank lines behind it: nothing can come between. */
function isKept(text: string, entry: Entry): boolean {
  const own = text.slice(entry.start, entry.end);
  return /\n[ \t\r]*\n$/.test(own) && /[|>]\d?\+/.test(own);
}

function behindBlanks(text: string, from: number): number {
  const blank = /(?:\s|#.*)*/y;
  blank.lastIndex = from;
  blank.exec(text);
  return blank.lastIndex;
}

/** Where the line ends that an offset is in, before its line break. */
function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset);
  const end = found === -1 ? text.length : found;
  return text[end - 1] === '\r' ? end - 1 : end;
}

function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1);
}

function newline(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n';
}
