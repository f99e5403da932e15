import { holdsEndlessNumber, jsonLineDeeperThan, type JsonSource, readJson, repeatedKeys } from './jsonSource.ts';
import { type Position, type Range, range } from './position.ts';
import { readUsualYaml } from './usualYaml.ts';
import type { Value } from './value.ts';
import { deepestNesting, readYaml, tooDeepMessage, type YamlFault, type YamlSource } from './yamlTree.ts';
import { valueOf } from './yamlValue.ts';

/**
 * One document's text → its value, and what kept it from being understood: what Kubernetes' own decoder reads, and
 * nothing where that reads nothing. JSON is read by `jsonSource.ts`, YAML as usually written by `usualYaml.ts`, all
 * other YAML by `yamlTree.ts` and `yamlValue.ts`. Left alone beside what Kubernetes refuses: templates, and nesting
 * beyond any real manifest.
 */
export interface DocumentText {
  readonly text: string;
  /** Where YAML begins in it: behind a `---` and the comments before. */
  readonly from: number;
  readonly form: DocumentForm;
}

/**
 * How a document is read: a stream's first may be either, those behind a `---` are YAML even if they look like JSON,
 * those behind a second value without one are JSON. A broken separator is refused with all that it should have ended.
 */
export type DocumentForm = 'either' | 'yaml' | 'json' | 'broken separator';

export interface DocumentContent {
  /** Absent when the document is empty, broken, a template, or refused. */
  readonly value: Value | null;
  /** Where the value begins. */
  readonly start: Position;
  readonly problems: readonly DocumentProblem[];
}

export type DocumentProblemCode =
  | 'yaml-syntax'
  | 'yaml-template'
  | 'yaml-too-deep'
  | 'yaml-too-large'
  | 'yaml-duplicate-key'
  | 'yaml-unread';

export interface DocumentProblem {
  readonly code: DocumentProblemCode;
  readonly message: string;
  /** Relative to the document's first line. */
  readonly range: Range;
}

/** A document's text with its syntax tree: what places are read off. */
export type DocumentSource = YamlSource | JsonSource;

/** Reads a document; `source`, where one was made, can be read again by `sourceOf`. */
export function parseDocument({ text, from, form }: DocumentText): {
  readonly content: DocumentContent;
  readonly source: DocumentSource | null;
} {
  if (form === 'broken separator') return { source: null, content: brokenSeparator(text) };
  const json = form === 'yaml' ? null : readJson(text);
  if (json !== null) {
    const tooDeep = jsonLineDeeperThan(deepestNesting, text);
    if (tooDeep === null) return { source: json, content: jsonContent(json) };
    return { source: null, content: failed('yaml-too-deep', tooDeepMessage, range(tooDeep, 0, tooDeep + 1, 0)) };
  }
  const usual = form === 'json' ? null : readUsualYaml(text);
  if (usual !== null) return { source: null, content: { ...usual, problems: [] } };
  const source = readYaml(text, from);
  return { source, content: form === 'json' ? brokenJson(source) : contentOf(source) };
}

/** The syntax tree of a text that was read before. */
export function sourceOf({ text, from }: DocumentText): DocumentSource {
  return readJson(text) ?? readYaml(text, from);
}

const templateMarkup = /\{\{-?[^{}\n]*-?\}?\}?/;

/** What Kubernetes makes of a text. */
export function contentOf(source: YamlSource): DocumentContent {
  const { text, root, rangeOf } = source;
  const { value, fault, repeated, marked } = valueOf(source, holdsTemplate);
  if (fault !== null) {
    const markup = fault.kind === 'syntax' ? templateMarkup.exec(text) : null;
    if (markup !== null) return template(rangeOf(markup.index, markup.index + markup[0].length));
    return failed(codeOf[fault.kind], messageOf(fault), rangeToLineEnd(source, fault.at));
  }
  if (root === null) return nothing;
  if (marked !== null && isTemplateOf(value)) return template(rangeOf(marked.start, marked.end));
  const problems = repeated.flatMap((keys) => {
    const [first] = keys;
    if (first === undefined) return [];
    return repeatedKey(
      keys.map(({ start, end }) => text.slice(start, end)),
      rangeOf(first.start, first.end),
    );
  });
  if (source.unread !== null) {
    problems.push({ code: 'yaml-unread', message: unreadMessage, range: rangeToLineEnd(source, source.unread) });
  }
  return { value, start: rangeOf(root.start, root.start).start, problems };
}

const nothing: DocumentContent = { value: null, start: { line: 0, character: 0 }, problems: [] };

const codeOf = { syntax: 'yaml-syntax', 'too deep': 'yaml-too-deep', 'too large': 'yaml-too-large' } as const;

function messageOf({ kind, message }: YamlFault): string {
  switch (kind) {
    case 'syntax':
      return `Kubernetes can't read this YAML: ${message}.`;
    case 'too large':
      return `Kubernetes refuses to read this YAML: ${message}.`;
    case 'too deep':
      return message;
    default:
      return kind satisfies never;
  }
}

const unreadMessage =
  "Kubernetes reads one document and doesn't look at what follows it here; a line that is --- would begin the next.";

function repeatedKey(names: readonly string[], at: Range): DocumentProblem {
  const all = [...new Set(names)];
  const told = all.length > 3 ? `${all.slice(0, 3).join(', ')} and ${all.length - 3} more` : all.join(', ');
  const twice = `${told} ${all.length === 1 ? 'stands' : 'stand'} in this map more than once`;
  const separate = all.includes('apiVersion') ? ' Between two objects there has to be a line that is ---.' : '';
  const message = `${twice}: kubectl takes the last and says nothing, kustomize refuses the file.${separate}`;
  return { code: 'yaml-duplicate-key', message, range: at };
}

function jsonContent(source: JsonSource): DocumentContent {
  if (holdsEndlessNumber(source)) {
    const at = { start: source.start, end: source.start };
    return failed('yaml-syntax', "Kubernetes can't read this JSON: a number in it is too large.", at);
  }
  const problems = repeatedKeys(source).map(({ names, range: at }) => repeatedKey(names, at));
  return { value: source.value, start: source.start, problems };
}

function brokenJson(source: YamlSource): DocumentContent {
  const start = source.text.search(/\S/);
  return failed(
    'yaml-syntax',
    "What follows here is no JSON, so Kubernetes can't read it.",
    rangeToLineEnd(source, start),
  );
}

/** It is the text's last line. */
function brokenSeparator(text: string): DocumentContent {
  const lines = text.replace(/\r?\n$/, '').split('\n');
  const message = "Kubernetes can't read this: behind a --- only a comment may stand on its line.";
  return failed('yaml-syntax', message, range(lines.length - 1, 0, lines.length - 1, lines.at(-1)?.length ?? 0));
}

/** From an offset to where its line ends: what is wrong begins there. */
function rangeToLineEnd({ text, rangeOf }: YamlSource, offset: number): Range {
  // Nothing is to be seen behind the last line.
  const start = Math.min(offset, Math.max(text.trimEnd().length - 1, 0));
  const line = /^.*/.exec(text.slice(start, start + longestShown))?.[0] ?? '';
  return rangeOf(start, start + Math.max(line.trimEnd().length, 1));
}

const longestShown = 200;

function holdsTemplate(text: string): boolean {
  return text.includes('{{') && templateMarkup.test(text);
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
