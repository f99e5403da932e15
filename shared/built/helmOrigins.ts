import { embeddedAt, siteOfPath } from '../manifest/embeddedText.ts';
import { type Field, uriOf } from '../manifest/manifest.ts';
import { type ParsedDocument, type ParsedFile, siteOfField } from '../manifest/parseFile.ts';
import { placesIn } from '../manifest/places.ts';
import { lineStartsOf, offsetIn, type Position, positionIn, range, type Site } from '../manifest/position.ts';
import { type FieldPath, isList, isScalar, type MapValue, textOf, type Value, valueAt } from '../manifest/value.ts';
import { inlineUri, type RenderedObject, type Span, type ValuesFile } from './builtSet.ts';
import type { DeployedValues } from './deployers.ts';

/**
 * Where a value of what Helm rendered is decided: the line of the values file that it is taken from, else the
 * template's.
 * The template engine itself says which action wrote which part of the text, and what it read for it (`render/`).
 */
export interface HelmSources {
  /** The files that values come from, in the order in which they are laid over one another. */
  readonly valuesFiles: readonly ValuesFile[];
  /** As they are merged. */
  readonly values: MapValue;
  /** Those of the object that has the chart installed. */
  readonly inline: readonly DeployedValues[];
  readonly file: (uri: string) => ParsedFile | null;
}

/** How long the line is that parts a document from the one before it: spans count behind it. */
const separator = '---\n'.length;

/** Where a field of a rendered object is decided; null where the engine said nothing of it. */
export function helmSite(
  sources: HelmSources,
  rendered: RenderedObject,
  document: ParsedDocument,
  { path, part }: Pick<Field, 'path' | 'part'>,
): Site | null {
  const spans = spansOf(rendered, document, path, part);
  const [first] = spans;
  if (first === undefined) return null;
  const value = valueAt(document.content.value ?? undefined, ...path);
  const isOfValues = part === 'value' || (part === 'quotes' && isPrintedAsYaml(sources, first));
  const read = isOfValues ? readFor(sources, spans, { value, path }) : null;
  return (read === null ? null : siteOfValue(sources, read, 'value')) ?? templateSite(sources, first);
}

/** Whether a template prints a value with the quotes that it needs; a bare `{{ .Values.port }}` prints none. */
function isPrintedAsYaml({ file }: HelmSources, { template, line, column }: Span): boolean {
  const [action = ''] = (file(template)?.text.split('\n')[line - 1] ?? '').slice(column - 1).split('}}');
  return /\bto(?:Yaml|Json)/.test(action);
}

/** Where the template makes it, whatever value it takes there. */
export function helmTemplateSite(
  sources: HelmSources,
  rendered: RenderedObject,
  document: ParsedDocument,
  path: FieldPath,
): Site | null {
  const [first] = spansOf(rendered, document, path, 'key');
  return first === undefined ? null : templateSite(sources, first);
}

/** The spans that a field's text lies in, the smallest first. */
function spansOf(
  { spans }: RenderedObject,
  document: ParsedDocument,
  path: FieldPath,
  part: Field['part'],
): readonly Span[] {
  const places = placesIn(document);
  const { start, end } = part === 'key' || path.length === 0 ? places.keyRange(path) : places.valueRange(path);
  const lineStarts = lineStartsOf(document.text);
  const from = offsetIn(lineStarts, start) - separator;
  const to = Math.max(from + 1, part === 'key' ? from + 1 : offsetIn(lineStarts, end) - separator);
  const whole = spans.filter((each) => each.start <= from && each.end > from);
  const inside = spans.filter((each) => each.start > from && each.start < to);
  const bySize = (a: Span, b: Span): number => a.end - a.start - (b.end - b.start);
  return [...whole.toSorted(bySize), ...inside.toSorted(bySize)];
}

/**
 * The path of the value that a scalar was taken from; null where none of those that were read has to do with it. Of a
 * map that was printed whole, it is what stands in the map where the scalar stands in the object.
 */
function readFor(
  sources: HelmSources,
  spans: readonly Span[],
  { value, path }: { readonly value: Value | undefined; readonly path: FieldPath },
): readonly string[] | null {
  const text = textOf(value);
  if (text === undefined) return null;
  const known = spans.flatMap((span) => span.reads).map((read) => ({ read, value: valueOf(sources, read) }));
  const equal = known
    .filter((each) => textOf(each.value) === text)
    .toSorted((a, b) => likeness(b.read, path) - likeness(a.read, path));
  if (equal[0] !== undefined) return equal[0].read;
  for (const each of known.toReversed()) {
    if (each.value === undefined || isScalar(each.value)) continue;
    for (let from = 0; from < path.length; from++) {
      const inner = path.slice(from);
      if (textOf(valueOf(sources, [...each.read, ...inner.map(String)])) === text)
        return [...each.read, ...inner.map(String)];
    }
  }
  const within = known
    .flatMap((each) => {
      const part = textOf(each.value);
      return part === undefined || part === '' || !text.includes(part)
        ? []
        : [{ read: each.read, length: part.length }];
    })
    .toSorted((a, b) => b.length - a.length);
  return within[0]?.read ?? null;
}

/** How many names two paths end with alike: of several equal values the one that is called so was taken. */
function likeness(read: readonly string[], path: FieldPath): number {
  const keys = path.filter((step) => typeof step === 'string');
  const names = read.filter((step) => !/^\d+$/.test(step));
  let common = 0;
  while (common < names.length && common < keys.length && names.at(-1 - common) === keys.at(-1 - common)) common++;
  const named = new Set(keys.map((key) => key.toLowerCase()));
  return common + names.filter((name) => named.has(name.toLowerCase())).length / 100;
}

/** What a path of the values comes to; undefined where nothing sets it. A list's index is written as a text. */
function valueOf({ values }: HelmSources, path: readonly string[]): Value | undefined {
  let here: Value | undefined = values;
  for (const step of path) here = isList(here) ? here[Number(step)] : valueAt(here, step);
  return here;
}

function siteOfValue(sources: HelmSources, path: readonly string[], part: Field['part']): Site | null {
  for (const { uri, prefix } of sources.valuesFiles.toReversed()) {
    const inner = innerPath(path, prefix);
    if (inner === null) continue;
    const inline = sources.inline.find((each) => inlineUri(each) === uri);
    const site =
      inline === undefined ? siteInFile(sources, uri, inner, part) : siteInObject(sources, inline, inner, part);
    if (site !== null) return site;
  }
  return null;
}

function siteInFile({ file }: HelmSources, uri: string, path: FieldPath, part: Field['part']): Site | null {
  const found = file(uri);
  return found === null || valueAt(valuesIn(found), ...path) === undefined ? null : siteOfPath(found, path, part);
}

/** Of values that stand in the object that has the chart installed: as fields of it, or in a text of YAML. */
function siteInObject(
  { file }: HelmSources,
  { object, path, text, isText }: DeployedValues,
  inner: FieldPath,
  part: Field['part'],
): Site | null {
  const found = file(uriOf(object));
  const around = found && siteOfField(found, { object, path, part: 'value' });
  if (found === null || around === null) return null;
  if (isText) {
    const [values] = embeddedAt(found, around, text);
    return valueAt(values?.value ?? undefined, ...inner) === undefined ? null : (values?.siteOf(inner, part) ?? null);
  }
  const values = found.manifests.find(({ key }) => key === object)?.value;
  return valueAt(values, ...path, ...inner) === undefined
    ? null
    : siteOfField(found, { object, path: [...path, ...inner], part });
}

function valuesIn(file: ParsedFile | null): Value | undefined {
  return file?.documents[0]?.content.value ?? undefined;
}

/**
 * The path within a values file of what stands at a path of all values. A sub-chart's own file begins at the
 * sub-chart's name; a list's index is written as a text.
 */
function innerPath(path: readonly string[], prefix: readonly string[]): FieldPath | null {
  // A sub-chart's own globals count where the charts above have none.
  if (path[0] !== 'global' && (path.length < prefix.length || prefix.some((step, index) => step !== path[index])))
    return null;
  return path.slice(path[0] === 'global' ? 0 : prefix.length).map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function templateSite({ file }: HelmSources, { template, line, column }: Span): Site {
  const text = file(template)?.text.split('\n')[line - 1] ?? '';
  const start = Math.max(column - 1, text.length - text.trimStart().length);
  return { uri: template, range: range(line - 1, start, line - 1, Math.max(start, text.trimEnd().length)) };
}

/** The fields of a rendered object that a place of a template, or of a values file, decides: paths in its document. */
export function helmPathsAt(
  sources: HelmSources,
  rendered: RenderedObject,
  document: ParsedDocument,
  { uri, position }: { readonly uri: string; readonly position: Position },
): FieldPath[] {
  const values = sources.valuesFiles.filter((each) => each.uri === uri);
  const spans =
    values.length === 0
      ? spansAt(rendered, uri, position)
      : rendered.spans.filter((span) => {
          const found = sources.file(uri);
          const path = found === null ? null : pathInValues(found, position);
          return (
            path !== null &&
            values.some(({ prefix }) =>
              span.reads.some((read) => innerPath(read, prefix)?.join('\n') === path.join('\n') && path.length > 0),
            )
          );
        });
  const lineStarts = lineStartsOf(document.text);
  const places = placesIn(document);
  return spans.flatMap((span) => {
    // The span of an action can begin with the line's end before it.
    const text = document.text.slice(span.start + separator, span.end + separator);
    const blank = text.length - text.trimStart().length;
    const path = places.pathAt(positionIn(lineStarts, span.start + separator + (blank < text.length ? blank : 0)));
    return path === null || path.length === 0 ? [] : [path];
  });
}

/** The last that begins on the line before a place; a place before all of them is the first's. */
function spansAt({ spans }: RenderedObject, uri: string, { line, character }: Position): readonly Span[] {
  const onLine = spans.filter((span) => span.template === uri && span.line === line + 1);
  const before = onLine.filter(({ column }) => column - 1 <= character);
  const last = Math.max(...before.map(({ column }) => column));
  return before.length === 0 ? onLine.slice(0, 1) : before.filter(({ column }) => column === last);
}

function pathInValues(file: ParsedFile, { line, character }: Position): FieldPath | null {
  const document = file.documents[0];
  return document === undefined ? null : placesIn(document).pathAt({ line: line - document.at.line, character });
}
