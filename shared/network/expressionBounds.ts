/**
 * How large a regular expression of a manifest may be before anyone parses, compiles or samples it: a few letters
 * (`[A-Z]{10000000}`) can ask for work without end. It is read letter by letter, once, and never expanded.
 * Sources: google/re2 re2/parse.cc (`maximum_repeat_count`, 1000, also as the product of nested repeats) and golang/go
 * src/regexp/syntax/parse.go (`repeatIsValid`); PCRE2 doc/pcre2limits.3 (quantifiers up to 65535, parentheses nest up
 * to 250). The length is the most that the Gateway API allows anywhere (a header's value); the size is our own bound.
 */
export const bounds = {
  /** Letters. */
  length: 4096,
  /** Repeats of one thing, also as the product of nested ones. */
  repeats: 1000,
  /** Parentheses in one another. */
  depth: 250,
  /** Letters and classes, with all repeats written out. */
  size: 5000,
} as const;

/** Whose syntax an expression is in: RE2 (also Go's regexp), PCRE, or Rust's regex crate. */
export type ExpressionDialect = 'RE2' | 'PCRE' | 'Rust';

/** The first bound that an expression passes, and by how much. */
export type Excess =
  | { readonly kind: 'length'; readonly letters: number }
  | { readonly kind: 'repeat'; readonly times: number }
  /** The product of repeats in one another. */
  | { readonly kind: 'nested-repeat'; readonly times: number }
  | { readonly kind: 'depth' }
  | { readonly kind: 'size' };

/**
 * One pair of parentheses, so far. A product is the largest of repeats in one another;
 * `last` is what a repeat would repeat.
 */
interface Group {
  readonly size: number;
  readonly product: number;
  readonly last: { readonly size: number; readonly product: number };
}

const nothing: Group = { size: 0, product: 1, last: { size: 0, product: 1 } };

/** The group with its last part counted, and another one after it. */
function followedBy({ size, product, last }: Group, next: Group['last']): Group {
  return { size: size + last.size, product: Math.max(product, last.product), last: next };
}

/** Null where the expression may be read. */
export function excessOf(expression: string): Excess | null {
  if (expression.length > bounds.length) return { kind: 'length', letters: expression.length };
  const outer: Group[] = [];
  let group = nothing;
  for (let at = 0; at < expression.length;) {
    const { text, size } = tokenAt(expression, at);
    at += text.length;
    const repeat = repeatOf(text);
    if (text === '(') {
      outer.push(group);
      group = nothing;
      if (outer.length > bounds.depth) return { kind: 'depth' };
    } else if (text === ')') {
      const closed = followedBy(group, nothing.last);
      group = followedBy(outer.pop() ?? nothing, { size: closed.size + 2, product: closed.product });
    } else if (repeat !== null) {
      const { copies, times } = repeat;
      if (times > bounds.repeats) return { kind: 'repeat', times };
      const product = group.last.product * times;
      if (product > bounds.repeats) return { kind: 'nested-repeat', times: product };
      group = { ...group, last: { size: group.last.size * copies + 1, product: Math.max(1, product) } };
    } else group = followedBy(group, { size, product: 1 });
    if (group.size + group.last.size > bounds.size) return { kind: 'size' };
  }
  return null;
}

/** How often a repeat copies what it repeats, and how often it counts as repeating it; null for another token. */
function repeatOf(text: string): { readonly copies: number; readonly times: number } | null {
  if (text === '*' || text === '+' || text === '?') return { copies: 1, times: 1 };
  const [, least, most = least] = /^\{(\d+)(?:,(\d*))?\}$/.exec(text) ?? [];
  if (least === undefined) return null;
  const times = Math.max(Number(least), Number(most));
  return { times, copies: most === '' ? times + 1 : times };
}

/** A class by name stands for hundreds of ranges. */
const namedClassSize = 25;

/**
 * What stands at a place, as it is written, and its size:
 * an escape, a quotation, a class in brackets, a repeat, or one letter.
 */
function tokenAt(expression: string, at: number): { readonly text: string; readonly size: number } {
  switch (expression[at]) {
    case '\\': {
      if (expression[at + 1] === 'Q') {
        const end = expression.indexOf('\\E', at + 2);
        const text = expression.slice(at, end === -1 ? undefined : end + 2);
        return { text, size: text.length };
      }
      const text = matchAt(/\\(?:[xpPugkoN]\{[^}]*\}|[^]|$)/y, expression, at);
      return { text, size: /^\\[pP]/.test(text) ? namedClassSize : 1 };
    }
    case '[': {
      const text = matchAt(/\[\^?\]?(?:\[:[^\]]*:\]|\\[^]|[^\]\\])*\]?/y, expression, at);
      return { text, size: 1 + namedClassSize * (text.split(/\\[pP]|\[:/).length - 1) };
    }
    case '{':
      return { text: matchAt(/\{(?:\d+(?:,\d*)?\})?/y, expression, at), size: 1 };
    default:
      return { text: expression.slice(at, at + 1), size: 1 };
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? text.slice(at, at + 1);
}

/** Whether the engine of a dialect refuses an expression for what it passes, and what to say of it. */
export function excessText(excess: Excess, dialect: ExpressionDialect | null): { isRefused: boolean; text: string } {
  const number = (value: number): string => value.toLocaleString('en');
  const refused = (text: string): { isRefused: boolean; text: string } => ({ isRefused: true, text });
  const left = (text: string): { isRefused: boolean; text: string } => ({ isRefused: false, text });
  switch (excess.kind) {
    case 'length':
      return left(`it has ${number(excess.letters)} letters, more than ${number(bounds.length)}`);
    case 'repeat':
    case 'nested-repeat': {
      const how = excess.kind === 'repeat' ? '' : ' by nested repeats';
      const what = `it repeats something ${number(excess.times)} times${how}`;
      if (dialect === 'RE2') return refused(`${what}, and RE2 takes ${number(bounds.repeats)} at most`);
      if (dialect === 'PCRE' && excess.kind === 'repeat' && excess.times > mostRepeatsOfPcre)
        return refused(`${what}, and PCRE takes ${number(mostRepeatsOfPcre)} at most`);
      return left(
        `${what}, more than ${number(bounds.repeats)}${dialect === null ? ', which proxies that use RE2 refuse' : ''}`,
      );
    }
    case 'depth':
      return dialect === 'PCRE'
        ? refused(`its parentheses nest deeper than ${bounds.depth}, which is as far as PCRE goes`)
        : left(`its parentheses nest deeper than ${bounds.depth}`);
    case 'size':
      return left(`with all repeats written out it has more than ${number(bounds.size)} parts`);
    default:
      return excess satisfies never;
  }
}

const mostRepeatsOfPcre = 65_535;
