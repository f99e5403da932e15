import { type Matcher, RE2JS } from 're2js';
import { bounds, excessOf, excessText, type ExpressionDialect } from './expressionBounds.ts';

/**
 * What a route asks of a request, as data; what it means, `takes` of `routing/routeTable.ts` alone says. Who picks a
 * backend, explains a choice or looks for shadowed rules reads the same value.
 */
export interface RequestMatch {
  readonly host: HostMatch;
  readonly path: PathMatch;
  /** Null for any. */
  readonly method: string | null;
  readonly headers: readonly NamedTextMatch[];
  readonly query: readonly NamedTextMatch[];
}

/**
 * `but` names the hosts that have a server of their own, and so are never this one's; `labels` is what a star stands
 * for in them, too.
 */
export type HostMatch =
  | { readonly kind: 'exact'; readonly host: string }
  /** The same, and with a dot at its end too. */
  | { readonly kind: 'exact-or-dotted'; readonly host: string }
  /**
   * `*.example.com`: one label in the star's place; one and more; or so, of letters, digits and hyphens alone; one such
   * label, where no letter of the host is a large one.
   */
  | {
      readonly kind: 'wildcard';
      readonly pattern: string;
      readonly labels: Labels;
      readonly but: readonly string[];
    }
  | { readonly kind: 'any'; readonly labels: Labels; readonly but: readonly string[] }
  /** `www.example.*`: `text` is what stands before the star, and something has to stand in its place. */
  | { readonly kind: 'starts'; readonly text: string }
  | Expression;

export type Labels = 'one' | 'many' | 'many-plain' | 'one-in-small-letters';

export type PathMatch =
  | { readonly kind: 'exact'; readonly path: string }
  /** Element by element: `/foo` takes `/foo/bar` and not `/foobar`; a slash at the end says nothing. */
  | { readonly kind: 'elements'; readonly path: string }
  /** Letter by letter: `/foo` takes `/foobar`. */
  | { readonly kind: 'text-prefix'; readonly path: string }
  /** What the expression takes, and these groups of it caught nothing. */
  | { readonly kind: 'empty-groups'; readonly expression: Expression; readonly groups: readonly Group[] }
  | Expression
  | UnknownMatch;

/** A group of an expression, by its number or its name. */
export type Group = number | string;

/** Text whose meaning is the proxy's own, and isn't known. */
export interface UnknownMatch {
  readonly kind: 'unknown';
  readonly text: string;
}

/** A regular expression, with all that its letters don't say. */
export interface Expression {
  readonly kind: 'expression';
  readonly expression: string;
  /** Whose syntax it is. We read all as RE2; what RE2 can't read (look-around, back references) is unknown. */
  readonly dialect: ExpressionDialect;
  readonly ignoresCase: boolean;
  /** Where it is bound: at the start alone it is a prefix. */
  readonly anchors: 'start' | 'both' | 'none';
}

export type TextMatch =
  | { readonly kind: 'exact'; readonly text: string }
  | { readonly kind: 'present' }
  | { readonly kind: 'absent' }
  /** A list with commas, of which one item is so, with the blanks around it. */
  | { readonly kind: 'listed'; readonly item: TextMatch }
  | Expression
  | UnknownMatch;
export type NamedTextMatch = { readonly name: string; readonly match: TextMatch };

export function matchesHost(match: HostMatch, asked: string): boolean | null {
  const host = asked.toLowerCase().replace(/:\d+$/, '');
  switch (match.kind) {
    case 'exact':
      return match.host.toLowerCase() === host;
    case 'exact-or-dotted':
      return match.host.toLowerCase() === host.replace(/\.$/, '');
    case 'wildcard':
      return (
        isWildcardFor(match.pattern.toLowerCase(), host, match.labels) &&
        !isNamed(match, host, match.pattern) &&
        (match.labels !== 'one-in-small-letters' || asked === asked.toLowerCase())
      );
    case 'any':
      return !isNamed(match, host);
    case 'starts':
      return host.startsWith(match.text) && host.length > match.text.length;
    case 'expression':
      return matchesExpression(match, host);
    default:
      return match satisfies never;
  }
}

/** Whether a host has a server of its own, by its name or by a wildcard that says more than `pattern`. */
function isNamed(
  { but, labels }: { readonly but: readonly string[]; readonly labels: Labels },
  host: string,
  pattern = '',
): boolean {
  return but.some((named) => named === host || (named.length > pattern.length && isWildcardFor(named, host, labels)));
}

export function isWildcardFor(pattern: string, host: string, labels: Labels = 'one'): boolean {
  if (!pattern.startsWith('*.')) return false;
  const suffix = pattern.slice(1);
  if (!host.endsWith(suffix)) return false;
  const covered = host.slice(0, -suffix.length);
  if (labels === 'many-plain') return /^[a-z0-9.-]+$/.test(covered);
  if (labels === 'one-in-small-letters') return /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(covered);
  return covered !== '' && (labels === 'many' || !covered.includes('.'));
}

export function matchesPath(match: PathMatch, asked: string): boolean | null {
  switch (match.kind) {
    case 'exact':
      return asked === match.path;
    case 'elements': {
      const path = withoutSlashesAtEnd(match.path);
      return asked === path || asked.startsWith(`${path}/`);
    }
    case 'text-prefix':
      return asked.startsWith(match.path);
    case 'expression':
      return matchesExpression(match, asked);
    case 'empty-groups': {
      const caught = caughtBy(match.expression, asked, match.groups);
      return caught === 'unreadable' ? null : caught !== null && caught.every((each) => each === '');
    }
    case 'unknown':
      return inLoosestReading(match, asked);
    default:
      return match satisfies never;
  }
}

/** Not by an expression: `/\/+$/` takes the square of its time where slashes stand before other letters. */
function withoutSlashesAtEnd(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  return path.slice(0, end);
}

export function matchesText(match: TextMatch, text: string | undefined): boolean | null {
  if (text === undefined) return match.kind === 'absent';
  switch (match.kind) {
    case 'present':
      return true;
    case 'absent':
      return false;
    case 'exact':
      return text === match.text;
    case 'listed': {
      const answers = text.split(',').map((each) => matchesText(match.item, each));
      return answers.includes(true) ? true : answers.includes(null) ? null : false;
    }
    case 'expression':
      return matchesExpression(match, text);
    case 'unknown':
      return inLoosestReading(match, text);
    default:
      return match satisfies never;
  }
}

/**
 * If not even a reading that ignores case and looks anywhere in the text takes it, no reading does. Else it is not
 * known.
 */
function inLoosestReading({ text: expression }: UnknownMatch, text: string): false | null {
  return matchesExpression(
    { kind: 'expression', expression, dialect: 'RE2', ignoresCase: true, anchors: 'none' },
    text,
  ) === false
    ? false
    : null;
}

const compiled = new Map<string, RE2JS | null>();
/** As many expressions as are remembered; more start anew. */
const mostRemembered = 2000;

/** RE2 takes linear time, whatever a manifest holds. */
function matchesExpression({ expression, ignoresCase, anchors }: Expression, text: string): boolean | null {
  const matcher = compiledOf(expression, ignoresCase)?.matcher(text);
  return matcher === undefined ? null : isTaken(matcher, anchors);
}

function isTaken(matcher: Matcher, anchors: Expression['anchors']): boolean {
  return anchors === 'both' ? matcher.matches() : anchors === 'start' ? matcher.lookingAt() : matcher.find();
}

/** Null for an expression that can't be read, or is too large to be looked into. */
function compiledOf(expression: string, ignoresCase: boolean): RE2JS | null {
  if (expression.length > bounds.length) return null;
  const key = `${ignoresCase ? 'i' : ''}/${expression}`;
  let read = compiled.get(key);
  if (read === undefined) {
    if (compiled.size > mostRemembered) compiled.clear();
    read = excessOf(expression) === null ? compile(expression, ignoresCase) : null;
    compiled.set(key, read);
  }
  return read;
}

/** What groups of an expression catch of a text, where it takes it: empty for those that catch nothing. */
export function caughtBy(
  { expression, ignoresCase, anchors }: Expression,
  text: string,
  groups: readonly Group[],
): readonly string[] | 'unreadable' | null {
  const matcher = compiledOf(expression, ignoresCase)?.matcher(text);
  if (matcher === undefined) return 'unreadable';
  if (!isTaken(matcher, anchors)) return null;
  return groups.map((group) =>
    typeof group === 'number'
      ? group <= matcher.groupCount()
        ? (matcher.group(group) ?? '')
        : ''
      : (matcher.group(group) ?? ''),
  );
}

function compile(expression: string, ignoresCase: boolean): RE2JS | null {
  try {
    return RE2JS.compile(expression, ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch {
    return null;
  }
}

/** An expression that takes a text as it stands. */
export function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** Why it isn't known what an expression takes. */
export interface ExpressionFault {
  /**
   * It is broken; its own engine refuses it; it uses what RE2 leaves out (look-around, back references); or it is too
   * large to be looked into.
   */
  readonly kind: 'syntax' | 'refused' | 'beyond-RE2' | 'not-looked-into';
  readonly text: string;
}

/** Null for an expression that can be read. `dialect` is null where it isn't known which engine reads it. */
export function expressionFault(expression: string, dialect: ExpressionDialect | null): ExpressionFault | null {
  const excess = excessOf(expression);
  if (excess !== null) {
    const { isRefused, text } = excessText(excess, dialect);
    return { kind: isRefused ? 'refused' : 'not-looked-into', text };
  }
  if (compiledOf(expression, false) !== null) return null;
  try {
    RE2JS.compile(expression);
    return null;
  } catch (error) {
    const text = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'it does not compile';
    return {
      kind: /^(?:missing closing|unexpected \)|missing argument|invalid character class range|trailing backslash)/.test(
        text,
      )
        ? 'syntax'
        : 'beyond-RE2',
      text,
    };
  }
}

/** The fault of a match's first expression that has one; null where all can be read. */
export function faultOf({ path, headers, query }: RequestMatch): ExpressionFault | null {
  for (const match of [path, ...[...headers, ...query].map((each) => itemOf(each.match))]) {
    const fault = match.kind === 'expression' ? expressionFault(match.expression, match.dialect) : null;
    if (fault !== null) return fault;
  }
  return null;
}

function itemOf(match: TextMatch): TextMatch {
  return match.kind === 'listed' ? match.item : match;
}

/** In a sentence: `a regular expression that …`. */
export function faultText(fault: ExpressionFault | null): string {
  switch (fault?.kind) {
    case 'refused':
      return `the proxy refuses (${fault.text})`;
    case 'not-looked-into':
      return `Hoplens doesn't look into (${fault.text})`;
    default:
      return "Hoplens can't read";
  }
}
