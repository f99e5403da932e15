/**
 * A YAML text's tokens, as Kubernetes' own parser sees them: libyaml's scanner as Go has it, which reads YAML 1.1 with
 * habits of its own (a quoted text may go on at any column, a tab is no indentation, a key is at most 1,024 characters
 * long). It stops at the first fault. What each part does is named after its function there.
 *
 * Source: go.yaml.in/yaml/v2 (2.4.3, which kubectl 1.36 has) scannerc.go. Left out: its buffers, and a byte order mark
 * within a text, which it takes for one only where a buffer happens to begin.
 */
export type Token = Mark | ScalarToken | NameToken | TagToken | VersionToken | TagDirectiveToken | FaultToken;

interface Placed {
  /** Offsets in the text; the end is exclusive. */
  readonly start: number;
  readonly end: number;
}

type MarkKind =
  | 'stream end'
  | 'document start'
  | 'document end'
  | 'block list'
  | 'block map'
  | 'block end'
  | 'flow list'
  | 'flow list end'
  | 'flow map'
  | 'flow map end'
  | 'block entry'
  | 'flow entry'
  | 'key'
  | 'value';

export interface Mark extends Placed {
  readonly kind: MarkKind;
}

export interface ScalarToken extends Placed {
  readonly kind: 'scalar';
  readonly value: string;
  readonly style: 'plain' | 'quoted' | 'block';
}

export interface NameToken extends Placed {
  readonly kind: 'anchor' | 'alias';
  readonly name: string;
}

export interface TagToken extends Placed {
  readonly kind: 'tag';
  readonly handle: string;
  readonly suffix: string;
}

export interface VersionToken extends Placed {
  readonly kind: 'version directive';
  readonly version: string;
}

export interface TagDirectiveToken extends Placed {
  readonly kind: 'tag directive';
  readonly handle: string;
  readonly prefix: string;
}

/** Why a text can't be read on, in the parser's own words, and where. */
export interface FaultToken extends Placed {
  readonly kind: 'fault';
  readonly message: string;
}

/** Where a key may stand that has no `?` before it: whether it is one shows when its colon comes. */
interface SimpleKey {
  isPossible: boolean;
  /** Nothing else can stand there. */
  readonly isRequired: boolean;
  /** How many tokens came before it. */
  readonly token: number;
  readonly at: number;
  readonly lineStart: number;
}

const noKey: SimpleKey = { isPossible: false, isRequired: false, token: 0, at: 0, lineStart: 0 };
const longestKey = 1024;

/** What Kubernetes' parser refuses wherever it stands, in a comment too. Source: readerc.go. */
// oxlint-disable-next-line no-control-regex
export const refusedCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]/;

export class YamlScanner {
  /** It ends in a line break and a NUL, which stands for the end. */
  readonly #text: string;
  #at: number;
  #lineStart: number;
  readonly #tokens: Token[] = [];
  #head = 0;
  /** How many tokens were taken. */
  #taken = 0;
  #isReady = false;
  #fault: FaultToken | null = null;
  #indent = -1;
  readonly #indents: number[] = [];
  #flowLevel = 0;
  #isKeyAllowed = true;
  /** One of each flow level, and one of the block. */
  readonly #keys: SimpleKey[] = [noKey];
  /** Which of them begins with a token. */
  readonly #keyOfToken = new Map<number, number>();

  /** Scans from an offset on, which is a line's start. */
  constructor(text: string, from: number) {
    const last = text.charCodeAt(text.length - 1);
    this.#text = last === newline || last === carriageReturn ? `${text}\0` : `${text}\n\0`;
    this.#at = from;
    this.#lineStart = from;
    const refused = refusedCharacter.exec(from === 0 ? text : text.slice(from));
    if (refused !== null) this.#refuse('control characters are not allowed', from + refused.index);
  }

  /** The next token; a fault stays. */
  peek(): Token {
    if (!this.#isReady && this.#fault === null) this.#fetchMore();
    return this.#fault ?? this.#tokens[this.#head] ?? { kind: 'stream end', start: this.#at, end: this.#at };
  }

  /** Goes on to the token after the next. */
  skip(): void {
    this.#isReady = false;
    this.#taken++;
    this.#head++;
    if (this.#head < this.#tokens.length) return;
    this.#tokens.length = 0;
    this.#head = 0;
  }

  get #column(): number {
    return this.#at - this.#lineStart;
  }

  get #key(): SimpleKey {
    return this.#keys.at(-1) ?? noKey;
  }

  #code(at: number): number {
    return this.#text.charCodeAt(at);
  }

  #refuse(message: string, at: number = this.#at): null {
    this.#fault ??= { kind: 'fault', message, start: at, end: at };
    return null;
  }

  /** Scans on while the next token may still turn out to be a key's. */
  #fetchMore(): void {
    while (this.#fault === null) {
      if (this.#head < this.#tokens.length) {
        const index = this.#keyOfToken.get(this.#taken);
        const key = index === undefined ? undefined : this.#keys[index];
        if (key === undefined || !this.#isValid(key)) break;
      }
      this.#fetchNext();
    }
    this.#isReady = true;
  }

  #fetchNext(): void {
    this.#toNextToken();
    this.#unroll(this.#column);
    const code = this.#code(this.#at);
    const next = this.#code(this.#at + 1);
    const isInFlow = this.#flowLevel > 0;
    if (code === NUL) return this.#fetchEnd();
    if (this.#column === 0 && code === percent) return this.#fetchDirective();
    if (this.#isDocumentIndicator()) return this.#fetchDocumentIndicator(code);
    switch (code) {
      case openBracket:
        return this.#fetchOpening('flow list');
      case openBrace:
        return this.#fetchOpening('flow map');
      case closeBracket:
        return this.#fetchClosing('flow list end');
      case closeBrace:
        return this.#fetchClosing('flow map end');
      case comma:
        this.#removeKey();
        this.#isKeyAllowed = true;
        return this.#pushMark('flow entry', 1);
      case dash:
        if (isBlankOrEnd(next)) return this.#fetchBlockEntry();
        break;
      case question:
        if (isInFlow || isBlankOrEnd(next)) return this.#fetchKey();
        break;
      case colon:
        if (isInFlow || isBlankOrEnd(next)) return this.#fetchValue();
        break;
      case asterisk:
        return this.#fetchInKey(() => this.#scanName('alias'));
      case ampersand:
        return this.#fetchInKey(() => this.#scanName('anchor'));
      case exclamation:
        return this.#fetchInKey(() => this.#scanTag());
      case bar:
      case greater:
        if (isInFlow) break;
        this.#removeKey();
        this.#isKeyAllowed = true;
        return this.#push(this.#scanBlock(code === bar));
      case singleQuote:
      case doubleQuote:
        return this.#fetchInKey(() => this.#scanQuoted(code));
      default:
    }
    const startsPlain =
      code === dash || (!isInFlow && (code === question || code === colon))
        ? !isBlankOrEnd(next)
        : !isBlankOrEnd(code) && !indicators.has(code);
    if (startsPlain) return this.#fetchInKey(() => this.#scanPlain());
    // Here the parser's own words would hide what is wrong.
    const isTab = code === tab;
    this.#refuse(
      isTab ? 'a tab stands where indentation has to be spaces' : 'found character that cannot start any token',
    );
  }

  #push(token: Token | null): void {
    if (token !== null) this.#tokens.push(token);
  }

  #pushMark(kind: MarkKind, length: number): void {
    const start = this.#at;
    this.#at += length;
    this.#tokens.push({ kind, start, end: this.#at });
  }

  /** Puts a mark before a token that waits; behind all of them where that token is taken already. */
  #insert(kind: MarkKind, at: number, token: number): void {
    const position = token - this.#taken;
    const mark: Mark = { kind, start: at, end: at };
    if (position < 0) this.#tokens.push(mark);
    else this.#tokens.splice(this.#head + position, 0, mark);
  }

  #isValid(key: SimpleKey): boolean {
    if (!key.isPossible) return false;
    if (key.lineStart === this.#lineStart && !this.#isLongerThanKey(key.at)) return true;
    if (key.isRequired) this.#refuse("could not find expected ':'", key.at);
    key.isPossible = false;
    return false;
  }

  /** Characters count, not their halves. */
  #isLongerThanKey(start: number): boolean {
    if (this.#at - start <= longestKey) return false;
    if (this.#at - start > 2 * longestKey) return true;
    return Array.from(this.#text.slice(start, this.#at)).length > longestKey;
  }

  #saveKey(): void {
    if (!this.#isKeyAllowed) return;
    this.#removeKey();
    const token = this.#taken + this.#tokens.length - this.#head;
    const isRequired = this.#flowLevel === 0 && this.#indent === this.#column;
    const key = { isPossible: true, isRequired, token, at: this.#at, lineStart: this.#lineStart };
    this.#keys[this.#keys.length - 1] = key;
    this.#keyOfToken.set(token, this.#keys.length - 1);
  }

  #removeKey(): void {
    const key = this.#key;
    if (!key.isPossible) return;
    if (key.isRequired) this.#refuse("could not find expected ':'", key.at);
    key.isPossible = false;
    this.#keyOfToken.delete(key.token);
  }

  /** Begins a block collection where one is indented further. */
  #roll(kind: 'block list' | 'block map', key: Pick<SimpleKey, 'at' | 'lineStart' | 'token'> | null): void {
    const column = key === null ? this.#column : key.at - key.lineStart;
    if (this.#flowLevel > 0 || this.#indent >= column) return;
    this.#indents.push(this.#indent);
    this.#indent = column;
    if (key === null) this.#pushMark(kind, 0);
    else this.#insert(kind, key.at, key.token);
  }

  /** Ends the block collections that are indented further than a column. */
  #unroll(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      this.#pushMark('block end', 0);
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  #fetchEnd(): void {
    this.#lineStart = this.#at;
    this.#unroll(-1);
    this.#removeKey();
    this.#isKeyAllowed = false;
    this.#pushMark('stream end', 0);
  }

  #fetchDirective(): void {
    this.#unroll(-1);
    this.#removeKey();
    this.#isKeyAllowed = false;
    this.#push(this.#scanDirective());
  }

  #fetchDocumentIndicator(code: number): void {
    this.#unroll(-1);
    this.#removeKey();
    this.#isKeyAllowed = false;
    this.#pushMark(code === dash ? 'document start' : 'document end', 3);
  }

  #fetchOpening(kind: 'flow list' | 'flow map'): void {
    this.#saveKey();
    const token = this.#taken + this.#tokens.length - this.#head;
    this.#keys.push({ ...noKey, token });
    this.#flowLevel++;
    this.#isKeyAllowed = true;
    this.#pushMark(kind, 1);
  }

  #fetchClosing(kind: 'flow list end' | 'flow map end'): void {
    this.#removeKey();
    if (this.#flowLevel > 0) {
      this.#flowLevel--;
      const key = this.#keys.pop();
      // That may be the token of the key before, which is forgotten with it: so `[]: a` is none.
      if (key !== undefined) this.#keyOfToken.delete(key.token);
    }
    this.#isKeyAllowed = false;
    this.#pushMark(kind, 1);
  }

  #fetchBlockEntry(): void {
    if (this.#flowLevel === 0) {
      if (!this.#isKeyAllowed) this.#refuse('block sequence entries are not allowed in this context');
      this.#roll('block list', null);
    }
    this.#removeKey();
    this.#isKeyAllowed = true;
    this.#pushMark('block entry', 1);
  }

  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      if (!this.#isKeyAllowed) this.#refuse('mapping keys are not allowed in this context');
      this.#roll('block map', null);
    }
    this.#removeKey();
    this.#isKeyAllowed = this.#flowLevel === 0;
    this.#pushMark('key', 1);
  }

  #fetchValue(): void {
    const key = this.#key;
    if (this.#isValid(key)) {
      this.#insert('key', key.at, key.token);
      this.#roll('block map', key);
      key.isPossible = false;
      this.#keyOfToken.delete(key.token);
      this.#isKeyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        if (!this.#isKeyAllowed) this.#refuse('mapping values are not allowed in this context');
        this.#roll('block map', null);
      }
      this.#isKeyAllowed = this.#flowLevel === 0;
    }
    this.#pushMark('value', 1);
  }

  /** What may be a key, or its beginning. */
  #fetchInKey(scan: () => Token | null): void {
    this.#saveKey();
    this.#isKeyAllowed = false;
    this.#push(scan());
  }

  #toNextToken(): void {
    for (;;) {
      const isTabSkipped = this.#flowLevel > 0 || !this.#isKeyAllowed;
      let code = this.#code(this.#at);
      while (code === space || (isTabSkipped && code === tab)) code = this.#code(++this.#at);
      if (code === hash) code = this.#skipToBreak();
      if (!isBreak(code)) return;
      this.#skipBreak();
      if (this.#flowLevel === 0) this.#isKeyAllowed = true;
    }
  }

  #skipToBreak(): number {
    let code = this.#code(this.#at);
    while (!isBreakOrEnd(code)) code = this.#code(++this.#at);
    return code;
  }

  #skipBlanks(): void {
    while (isBlank(this.#code(this.#at))) this.#at++;
  }

  /** Passes a line break and gives what it is in a text; empty where none is. */
  #skipBreak(): string {
    const code = this.#code(this.#at);
    if (!isBreak(code)) return '';
    if (code === carriageReturn) {
      const next = this.#code(this.#at + 1);
      // Lines are read before they are scanned, and lose a carriage return then (`LineReader` of apimachinery).
      if (next === newline) this.#at++;
      else if (next === carriageReturn && this.#code(this.#at + 2) === newline) this.#at += 2;
    }
    this.#at++;
    this.#lineStart = this.#at;
    return code === lineSeparator || code === paragraphSeparator ? String.fromCharCode(code) : '\n';
  }

  #isDocumentIndicator(): boolean {
    if (this.#column !== 0) return false;
    const code = this.#code(this.#at);
    if (code !== dash && code !== dot) return false;
    return (
      this.#code(this.#at + 1) === code && this.#code(this.#at + 2) === code && isBlankOrEnd(this.#code(this.#at + 3))
    );
  }

  /** Passes letters, digits, `_` and `-`. */
  #word(): string {
    const start = this.#at;
    while (isWordCharacter(this.#code(this.#at))) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #scanDirective(): Token | null {
    const start = this.#at++;
    const name = this.#word();
    if (name === '') return this.#refuse('could not find expected directive name', start);
    if (!isBlankOrEnd(this.#code(this.#at))) {
      return this.#refuse('found unexpected non-alphabetical character', start);
    }
    let token: Token | null;
    if (name === 'YAML') token = this.#scanVersion(start);
    else if (name === 'TAG') token = this.#scanTagDirective(start);
    else return this.#refuse('found unknown directive name', start);
    if (token === null || !this.#endsLine()) return this.#refuse('did not find expected comment or line break', start);
    return token;
  }

  #scanVersion(start: number): Token | null {
    this.#skipBlanks();
    version.lastIndex = this.#at;
    const found = version.exec(this.#text);
    if (found === null) return this.#refuse('did not find expected version number', start);
    this.#at += found[0].length;
    const [, major, minor] = found;
    return { kind: 'version directive', version: `${Number(major)}.${Number(minor)}`, start, end: this.#at };
  }

  #scanTagDirective(start: number): Token | null {
    this.#skipBlanks();
    const handle = this.#scanTagHandle();
    if (handle === null || !/^!(?:.*!)?$/.test(handle)) return this.#refuse("did not find expected '!'", start);
    if (!isBlank(this.#code(this.#at))) return this.#refuse('did not find expected whitespace', start);
    this.#skipBlanks();
    const prefix = this.#scanTagUri('');
    if (prefix === null) return null;
    if (!isBlankOrEnd(this.#code(this.#at))) {
      return this.#refuse('did not find expected whitespace or line break', start);
    }
    return { kind: 'tag directive', handle, prefix, start, end: this.#at };
  }

  /** Passes blanks, a comment and the line break; false where something else follows. */
  #endsLine(): boolean {
    this.#skipBlanks();
    if (this.#code(this.#at) === hash) this.#skipToBreak();
    if (!isBreakOrEnd(this.#code(this.#at))) return false;
    this.#skipBreak();
    return true;
  }

  #scanName(kind: 'anchor' | 'alias'): Token | null {
    const start = this.#at++;
    const name = this.#word();
    const after = this.#code(this.#at);
    if (name === '' || !(isBlankOrEnd(after) || endsName.has(after))) {
      return this.#refuse('did not find expected alphabetic or numeric character', start);
    }
    return { kind, name, start, end: this.#at };
  }

  #scanTag(): Token | null {
    const start = this.#at;
    let handle = '';
    let suffix: string | null;
    if (this.#code(start + 1) === less) {
      this.#at += 2;
      suffix = this.#scanTagUri('');
      if (suffix === null) return null;
      if (this.#code(this.#at) !== greater) return this.#refuse("did not find the expected '>'", start);
      this.#at++;
    } else {
      handle = this.#scanTagHandle() ?? '';
      if (handle.length > 1 && handle.endsWith('!')) suffix = this.#scanTagUri('');
      else {
        suffix = this.#scanTagUri(handle);
        [handle, suffix] = suffix === '' ? ['', '!'] : ['!', suffix];
      }
    }
    if (suffix === null) return null;
    if (!isBlankOrEnd(this.#code(this.#at))) {
      return this.#refuse('did not find expected whitespace or line break', start);
    }
    return { kind: 'tag', handle, suffix, start, end: this.#at };
  }

  #scanTagHandle(): string | null {
    const start = this.#at;
    if (this.#code(start) !== exclamation) return null;
    this.#at++;
    this.#word();
    if (this.#code(this.#at) === exclamation) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  /** The tag without the `!` that `head` begins with. */
  #scanTagUri(head: string): string | null {
    tagUri.lastIndex = this.#at;
    const found = tagUri.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    if (head === '' && found === '') return this.#refuse('did not find expected tag URI');
    if (!areEscapesWhole(found)) return this.#refuse('did not find URI escaped octet');
    // Of a tag that is known, no octet needs more than one byte.
    const decoded = found.replace(/%([\dA-Fa-f]{2})/g, (_, octet: string) =>
      String.fromCharCode(Number.parseInt(octet, 16)),
    );
    return head.slice(1) + decoded;
  }

  #scanBlock(isLiteral: boolean): Token | null {
    const start = this.#at++;
    blockHeader.lastIndex = this.#at;
    const header = blockHeader.exec(this.#text)?.[0] ?? '';
    if (header.includes('0')) return this.#refuse('found an indentation indicator equal to 0', start);
    this.#at += header.length;
    if (!this.#endsLine()) return this.#refuse('did not find expected comment or line break', start);
    const increment = Number(/\d/.exec(header)?.[0] ?? 0);
    let indent = increment === 0 ? 0 : Math.max(this.#indent, 0) + increment;
    let end = this.#at;
    let value = '';
    let lineBreak = '';
    /** The breaks of empty lines. */
    let breaks = '';
    let wasBlank = false;
    const skipIndentation = (): boolean => {
      end = this.#at;
      let furthest = 0;
      for (;;) {
        while ((indent === 0 || this.#column < indent) && this.#code(this.#at) === space) this.#at++;
        furthest = Math.max(furthest, this.#column);
        const code = this.#code(this.#at);
        if (code === tab && (indent === 0 || this.#column < indent)) {
          this.#refuse('found a tab character where an indentation space is expected');
          return false;
        }
        if (!isBreak(code)) break;
        breaks += this.#skipBreak();
        end = this.#at;
      }
      if (indent === 0) indent = Math.max(furthest, this.#indent + 1, 1);
      return true;
    };
    if (!skipIndentation()) return null;
    while (this.#column === indent && this.#code(this.#at) !== NUL) {
      const isBlankNow = isBlank(this.#code(this.#at));
      const isFolded = !isLiteral && !wasBlank && !isBlankNow && lineBreak === '\n';
      value += (isFolded ? (breaks === '' ? ' ' : '') : lineBreak) + breaks;
      breaks = '';
      wasBlank = isBlankNow;
      const from = this.#at;
      this.#skipToBreak();
      value += this.#text.slice(from, this.#at);
      lineBreak = this.#skipBreak();
      if (!skipIndentation()) return null;
    }
    if (!header.includes('-')) value += lineBreak;
    if (header.includes('+')) value += breaks;
    return { kind: 'scalar', style: 'block', value, start, end };
  }

  #scanQuoted(quote: number): Token | null {
    const start = this.#at++;
    let value = '';
    for (;;) {
      if (this.#isDocumentIndicator()) return this.#refuse('found unexpected document indicator', start);
      if (this.#code(this.#at) === NUL) return this.#refuse('found unexpected end of stream', start);
      let isEscapedBreak = false;
      /** Where what was not yet taken into the value begins. */
      let from = this.#at;
      for (let code = this.#code(from); !isBlankOrEnd(code); code = this.#code(this.#at)) {
        const isQuote = code === quote;
        if (isQuote && !(quote === singleQuote && this.#code(this.#at + 1) === singleQuote)) break;
        if (!isQuote && !(quote === doubleQuote && code === backslash)) {
          this.#at++;
          continue;
        }
        value += this.#text.slice(from, this.#at);
        if (isQuote) {
          value += "'";
          this.#at += 2;
        } else if (isBreak(this.#code(this.#at + 1))) {
          this.#at++;
          this.#skipBreak();
          isEscapedBreak = true;
        } else {
          const escaped = this.#scanEscape(start);
          if (escaped === null) return null;
          value += escaped;
        }
        from = this.#at;
        if (isEscapedBreak) break;
      }
      value += this.#text.slice(from, this.#at);
      if (this.#code(this.#at) === quote) break;
      value += this.#scanGap(isEscapedBreak);
    }
    this.#at++;
    return { kind: 'scalar', style: 'quoted', value, start, end: this.#at };
  }

  /** Blanks and line breaks within a quoted text, folded. */
  #scanGap(isEscapedBreak: boolean): string {
    const from = this.#at;
    let isBroken = isEscapedBreak;
    let first = '';
    let others = '';
    for (let code = this.#code(from); ; code = this.#code(this.#at)) {
      if (isBlank(code)) this.#at++;
      else if (!isBreak(code)) break;
      else if (isBroken) others += this.#skipBreak();
      else {
        first = this.#skipBreak();
        isBroken = true;
      }
    }
    return isBroken ? folded(first, others) : this.#text.slice(from, this.#at);
  }

  #scanEscape(start: number): string | null {
    const letter = this.#text[this.#at + 1] ?? '';
    this.#at += 2;
    const length = escapedLength.get(letter);
    if (length === undefined) {
      return escapes.get(letter) ?? this.#refuse('found unknown escape character', this.#at - 2);
    }
    const digits = this.#text.slice(this.#at, this.#at + length);
    if (digits.length < length || !/^[\dA-Fa-f]+$/.test(digits)) {
      return this.#refuse('did not find expected hexdecimal number', start);
    }
    const value = Number.parseInt(digits, 16);
    if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
      return this.#refuse('found invalid Unicode character escape code', this.#at - 2);
    }
    this.#at += length;
    return String.fromCodePoint(value);
  }

  #scanPlain(): Token | null {
    const start = this.#at;
    const indent = this.#indent + 1;
    let value = '';
    /** Where the line's part begins. */
    let from = start;
    let end = start;
    let isBroken = false;
    let first = '';
    let others = '';
    for (;;) {
      let code = this.#code(this.#at);
      if (code === hash || this.#isDocumentIndicator()) break;
      for (; !isBlankOrEnd(code); code = this.#code(this.#at)) {
        if (code === colon && isBlankOrEnd(this.#code(this.#at + 1))) break;
        if (this.#flowLevel > 0 && endsPlainInFlow.has(code)) break;
        if (isBroken) {
          value += this.#text.slice(from, end) + folded(first, others);
          from = this.#at;
          others = '';
          isBroken = false;
        }
        end = ++this.#at;
      }
      if (!isBlank(code) && !isBreak(code)) break;
      for (; isBlank(code) || isBreak(code); code = this.#code(this.#at)) {
        if (isBlank(code)) {
          if (isBroken && code === tab && this.#column < indent) {
            return this.#refuse('found a tab character that violates indentation');
          }
          this.#at++;
        } else if (isBroken) others += this.#skipBreak();
        else {
          first = this.#skipBreak();
          isBroken = true;
        }
      }
      if (this.#flowLevel === 0 && this.#column < indent) break;
    }
    if (isBroken) this.#isKeyAllowed = true;
    return { kind: 'scalar', style: 'plain', value: value + this.#text.slice(from, end), start, end };
  }
}

/** What line breaks come to: the first of them and the others. */
function folded(first: string, others: string): string {
  if (first !== '\n') return first + others;
  return others === '' ? ' ' : others;
}

/** Whether the octets of each escaped character are all there. */
function areEscapesWhole(uri: string): boolean {
  for (let at = uri.indexOf('%'); at !== -1; at = uri.indexOf('%', at)) {
    let left = 1;
    for (let isFirst = true; left > 0; isFirst = false, left--, at += 3) {
      const digits = uri.slice(at + 1, at + 3);
      if (uri[at] !== '%' || !/^[\dA-Fa-f]{2}$/.test(digits)) return false;
      const octet = Number.parseInt(digits, 16);
      if (!isFirst && (octet & 0xc0) !== 0x80) return false;
      if (!isFirst) continue;
      left =
        octet < 0x80 ? 1 : (octet & 0xe0) === 0xc0 ? 2 : (octet & 0xf0) === 0xe0 ? 3 : (octet & 0xf8) === 0xf0 ? 4 : 0;
      if (left === 0) return false;
    }
  }
  return true;
}

const NUL = 0;
const [tab, newline, carriageReturn, space, exclamation, doubleQuote, hash] = [9, 10, 13, 32, 33, 34, 35];
const [percent, ampersand, singleQuote, asterisk, comma, dash, dot, colon] = [37, 38, 39, 42, 44, 45, 46, 58];
const [less, greater, question, openBracket, backslash, closeBracket] = [60, 62, 63, 91, 92, 93];
const [openBrace, bar, closeBrace, nextLine, lineSeparator, paragraphSeparator] = [123, 124, 125, 0x85, 0x2028, 0x2029];

const codesOf = (characters: string): ReadonlySet<number> =>
  new Set(Array.from(characters, (each) => each.charCodeAt(0)));

/** What no plain scalar begins with. */
const indicators = codesOf('-?:,[]{}#&*!|>\'"%@`');
const endsPlainInFlow = codesOf(',?[]{}');
const endsName = codesOf('?:,]}%@`');
const version = /(\d{1,2})\.(\d{1,2})(?!\d)/y;
const tagUri = /[\w\-;/?:@&=+$,.!~*'()[\]%]*/y;
const blockHeader = /[+-]\d?|\d[+-]?/y;

const escapes = new Map<string, string>([
  ['0', '\0'],
  ['a', '\x07'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\x1b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\x85'],
  ['_', '\xa0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);
/** How many hexadecimal digits follow. */
const escapedLength = new Map<string, number>([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

function isBlank(code: number): boolean {
  return code === space || code === tab;
}

function isBreak(code: number): boolean {
  return (
    code === newline ||
    code === carriageReturn ||
    code === nextLine ||
    code === lineSeparator ||
    code === paragraphSeparator
  );
}

function isBreakOrEnd(code: number): boolean {
  return code === NUL || isBreak(code);
}

/** Of the characters up to the space, a text holds no others. */
function isBlankOrEnd(code: number): boolean {
  return code <= space || code === nextLine || code === lineSeparator || code === paragraphSeparator;
}

function isWordCharacter(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === dash
  );
}
