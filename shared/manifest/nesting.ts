import { Lexer } from 'yaml';
import { endOfString } from './jsonSource.ts';

/**
 * How deep a text nests, counted before it is parsed: a parser that descends level by level has a stack to overflow.
 * What stands in a string, a block scalar or a comment nests nothing.
 */

/** The line at which brackets are nested deeper than `deepest`; null where they never are. */
export function jsonLineDeeperThan(deepest: number, text: string): number | null {
  let depth = 0;
  let line = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === quote) index = endOfString(text, index);
    else if (character === newline) line++;
    else if (character === openBracket || character === openBrace) depth++;
    else if (character === closeBracket || character === closeBrace) depth--;
    if (depth > deepest) return line;
  }
  return null;
}

/**
 * The line at which flow collections and indented blocks are nested deeper than `deepest`; null where they never are.
 * Where a string ends, only YAML's own lexer knows; it is asked only of a text that might nest so deep. A list that is
 * indented no more than its key counts as one level with it.
 */
export function yamlLineDeeperThan(deepest: number, text: string): number | null {
  if (mostLevels(text) <= deepest) return null;
  let flow = 0;
  let line = 0;
  let column = 0;
  /** Whether a block can begin here: at a line's start, and behind `- `, `? ` and `: ` there. */
  let isOpen = true;
  /** Whether the next token is a plain or a block scalar. */
  let isScalar = false;
  const blocks: number[] = [];
  for (const token of new Lexer().lex(text)) {
    const first = token.charCodeAt(0);
    if (!isScalar && first < space && first !== newline && first !== carriageReturn && first !== tab) {
      isScalar = first === scalarNext;
      continue;
    }
    const isText = isScalar || first === quote || first === apostrophe;
    isScalar = false;
    const isBlank = !isText && token.trim() === '';
    if (!isText && (first === openBracket || first === openBrace)) flow++;
    else if (!isText && (first === closeBracket || first === closeBrace)) flow = Math.max(flow - 1, 0);
    if (flow === 0 && isOpen && !isBlank) {
      while ((blocks.at(-1) ?? -1) >= column) blocks.pop();
      blocks.push(column);
      isOpen = !isText && startsBlock.test(token);
    }
    if (flow + blocks.length > deepest) return line;
    const end = token.lastIndexOf('\n');
    if (end === -1) column += token.length;
    else {
      for (let at = token.indexOf('\n'); at !== -1; at = token.indexOf('\n', at + 1)) line++;
      column = token.length - end - 1;
      isOpen = true;
    }
  }
  return null;
}

/** No fewer than the levels that a YAML text has: all its opening brackets, and the furthest column of a block. */
function mostLevels(text: string): number {
  let brackets = 0;
  let furthest = 0;
  let column = 0;
  let isOpen = true;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === newline) {
      isOpen = true;
      column = 0;
      continue;
    }
    if (character === openBracket || character === openBrace) brackets++;
    if (!isOpen) continue;
    furthest = Math.max(furthest, ++column);
    isOpen = isIndicator.has(character);
  }
  return brackets + furthest;
}

const [tab, newline, carriageReturn, scalarNext, space, quote, apostrophe] = [9, 10, 13, 31, 32, 34, 39];
const [openBracket, closeBracket, openBrace, closeBrace] = [91, 93, 123, 125];
/** Indicators, and the properties that may stand before a block. */
const startsBlock = /^[-?:&!]/;
const isIndicator = new Set([space, tab, ...['-', '?', ':'].map((each) => each.charCodeAt(0))]);
