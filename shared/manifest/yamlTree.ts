import { lineStartsOf, positionIn, type Range } from './position.ts';
import { type Token, YamlScanner } from './yamlScanner.ts';

/**
 * The syntax tree of one YAML document, as Kubernetes' own parser reads it, with the place of each node. What follows
 * the document in its text isn't looked at, as there.
 *
 * Source: go.yaml.in/yaml/v2 (2.4.3) parserc.go, and the `parser` of decode.go: its states, written as functions.
 */
export type YamlNode = YamlScalar | YamlList | YamlMap | YamlAlias;

interface YamlPlaced {
  /** Offsets in the text; an anchor and a tag are outside. */
  readonly start: number;
  readonly end: number;
}

interface YamlTagged extends YamlPlaced {
  /** Empty where none is written. */
  readonly tag: string;
}

export interface YamlScalar extends YamlTagged {
  readonly kind: 'scalar';
  readonly value: string;
  readonly style: 'plain' | 'quoted' | 'block';
  /** Whether what it means depends on how it looks. */
  readonly isImplicit: boolean;
}

export interface YamlList extends YamlTagged {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
}

export interface YamlMap extends YamlTagged {
  readonly kind: 'map';
  readonly pairs: readonly YamlPair[];
}

export interface YamlPair {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

export interface YamlAlias extends YamlPlaced {
  readonly kind: 'alias';
  readonly name: string;
  /** Its own parent, where an anchor holds itself. */
  readonly target: YamlNode;
}

/** Why a document can't be read, and where: one fault, since nothing is read behind it. */
export interface YamlFault {
  readonly kind: 'syntax' | 'too deep' | 'too large';
  readonly message: string;
  readonly at: number;
}

/** A YAML document's text and syntax tree. */
export interface YamlSource {
  readonly kind: 'yaml';
  readonly text: string;
  /** Null where the document is empty or broken. */
  readonly root: YamlNode | null;
  readonly fault: YamlFault | null;
  /** Where something begins that isn't read, since the document ended before it. */
  readonly unread: number | null;
  readonly lineStarts: () => readonly number[];
  readonly rangeOf: (start: number, end: number) => Range;
}

/** Deeper than any manifest (a CustomResourceDefinition's schema reaches about 60), shallower than any stack's end. */
export const deepestNesting = 200;
export const tooDeepMessage = `Nested more than ${deepestNesting} levels deep; Hoplens leaves this document alone.`;

/** Reads what begins at an offset, a line's start. */
export function readYaml(text: string, from: number): YamlSource {
  const builder = new Builder(new YamlScanner(text, from));
  const root = builder.document();
  let known: readonly number[] | null = null;
  const lineStarts = (): readonly number[] => (known ??= lineStartsOf(text));
  return {
    kind: 'yaml',
    text,
    root: builder.fault === null ? root : null,
    fault: builder.fault,
    unread: builder.fault === null ? builder.unread() : null,
    lineStarts,
    rangeOf: (start, end) => ({
      start: positionIn(lineStarts(), start),
      end: positionIn(lineStarts(), Math.max(start, end)),
    }),
  };
}

type Kind = Token['kind'];
type NodeKind = 'block' | 'block or indentless list' | 'flow';

const nothing: YamlScalar = { kind: 'scalar', value: '', style: 'plain', isImplicit: true, tag: '', start: 0, end: 0 };

/** What may stand before a node's content. */
interface Properties {
  readonly anchor: string | null;
  readonly tag: string;
}

const noProperties: Properties = { anchor: null, tag: '' };

/** Once it has a fault, whatever it gives is meaningless. */
class Builder {
  readonly #scanner: YamlScanner;
  readonly #anchors = new Map<string, { node: YamlNode | null; readonly aliases: { target: YamlNode }[] }>();
  readonly #prefixes = new Map<string, string>();
  fault: YamlFault | null = null;

  constructor(scanner: YamlScanner) {
    this.#scanner = scanner;
  }

  document(): YamlNode | null {
    const first = this.#kind();
    if (first === 'stream end') return null;
    const isExplicit = startsDocument.has(first);
    this.#directives();
    if (isExplicit) {
      if (!this.#takes('document start')) return this.#refuse('did not find expected <document start>');
      if (endsContent.has(this.#kind())) return this.#ended(this.#empty(this.#scanner.peek().start));
    }
    return this.#ended(this.#node('block', 0));
  }

  /** Where the next document would begin. */
  unread(): number | null {
    while (this.#takes('document end'));
    const { kind, start } = this.#scanner.peek();
    return kind === 'stream end' ? null : start;
  }

  /** What comes behind a document has to be a token. */
  #ended(node: YamlNode): YamlNode {
    if (this.#kind() === 'fault') this.#refuse('');
    return node;
  }

  #kind(): Kind {
    return this.#scanner.peek().kind;
  }

  #takes(kind: Kind): boolean {
    if (this.#kind() !== kind) return false;
    this.#scanner.skip();
    return true;
  }

  /** What the scanner has against the text comes before what is missing here. */
  #refuse(message: string, kind: YamlFault['kind'] = 'syntax'): null {
    const token = this.#scanner.peek();
    this.fault ??= token.kind === 'fault' ? syntaxFault(token) : { kind, message, at: token.start };
    return null;
  }

  #directives(): void {
    let hasVersion = false;
    for (;;) {
      const token = this.#scanner.peek();
      if (token.kind === 'version directive') {
        if (hasVersion) this.#refuse('found duplicate %YAML directive');
        if (token.version !== '1.1') this.#refuse('found incompatible YAML document');
        hasVersion = true;
      } else if (token.kind === 'tag directive') {
        if (this.#prefixes.has(token.handle)) this.#refuse('found duplicate %TAG directive');
        this.#prefixes.set(token.handle, token.prefix);
      } else break;
      this.#scanner.skip();
    }
    for (const [handle, prefix] of usualPrefixes) {
      if (!this.#prefixes.has(handle)) this.#prefixes.set(handle, prefix);
    }
  }

  #empty(at: number): YamlScalar {
    return { ...nothing, start: at, end: at };
  }

  /** A node, or nothing where what comes is of the kinds that may follow it. */
  #nodeUnless(followers: ReadonlySet<Kind>, at: number | null, [where, depth]: readonly [NodeKind, number]): YamlNode {
    const token = this.#scanner.peek();
    return followers.has(token.kind) ? this.#empty(at ?? token.start) : this.#node(where, depth);
  }

  #node(where: NodeKind, depth: number): YamlNode {
    if (depth > deepestNesting) {
      this.#refuse(tooDeepMessage, 'too deep');
      return nothing;
    }
    const first = this.#scanner.peek();
    if (first.kind === 'alias') {
      this.#scanner.skip();
      return this.#alias(first.name, first);
    }
    const properties = first.kind === 'anchor' || first.kind === 'tag' ? this.#properties() : noProperties;
    if (this.fault !== null) return nothing;
    const { anchor } = properties;
    if (anchor === null) return this.#content(where, depth, properties);
    // An anchor counts from its node's start on.
    const made: { node: YamlNode | null; readonly aliases: { target: YamlNode }[] } = { node: null, aliases: [] };
    this.#anchors.set(anchor, made);
    const node = this.#content(where, depth, properties);
    made.node = node;
    for (const alias of made.aliases) alias.target = node;
    return node;
  }

  #alias(name: string, { start, end }: YamlPlaced): YamlNode {
    const anchored = this.#anchors.get(name);
    if (anchored === undefined) {
      this.fault ??= { kind: 'syntax', message: `unknown anchor '${name}' referenced`, at: start };
      return nothing;
    }
    const alias = { kind: 'alias' as const, name, start, end, target: anchored.node ?? nothing };
    if (anchored.node === null) anchored.aliases.push(alias);
    return alias;
  }

  #properties(): Properties {
    let anchor: string | null = null;
    let tag: string | null = null;
    for (;;) {
      const token = this.#scanner.peek();
      if (token.kind === 'anchor' && anchor === null) anchor = token.name;
      else if (token.kind === 'tag' && tag === null) {
        const prefix = token.handle === '' ? '' : this.#prefixes.get(token.handle);
        tag = (prefix ?? '') + token.suffix;
        if (prefix === undefined || tag === '') this.#refuse('found undefined tag handle');
      } else return { anchor, tag: tag ?? '' };
      this.#scanner.skip();
    }
  }

  #content(where: NodeKind, depth: number, { anchor, tag }: Properties): YamlNode {
    const token = this.#scanner.peek();
    switch (token.kind) {
      case 'scalar': {
        this.#scanner.skip();
        const { value, style, start, end } = token;
        const isImplicit = (tag === '' && style === 'plain') || tag === '!';
        return { kind: 'scalar', value, style, isImplicit, tag, start, end };
      }
      case 'flow list':
        return this.#flowList(depth, tag);
      case 'flow map':
        return this.#flowMap(depth, tag);
      case 'block list':
        if (where === 'flow') break;
        this.#scanner.skip();
        return this.#blockList(depth, tag);
      case 'block map':
        if (where === 'flow') break;
        return this.#blockMap(depth, tag);
      case 'block entry':
        if (where !== 'block or indentless list') break;
        return this.#indentlessList(depth, tag);
      default:
    }
    if (anchor !== null || tag !== '') return { ...this.#empty(token.start), tag, isImplicit: tag === '' };
    this.#refuse('did not find expected node content');
    return nothing;
  }

  #blockList(depth: number, tag: string): YamlNode {
    const { start } = this.#scanner.peek();
    const items: YamlNode[] = [];
    for (;;) {
      const { kind, end } = this.#scanner.peek();
      if (kind !== 'block entry') break;
      this.#scanner.skip();
      items.push(this.#nodeUnless(endsEntry, end, ['block', depth + 1]));
      if (this.fault !== null) return nothing;
    }
    if (!this.#takes('block end')) this.#refuse("did not find expected '-' indicator");
    return { kind: 'list', items, tag, start, end: items.at(-1)?.end ?? start };
  }

  /** A list that is indented no more than its key. */
  #indentlessList(depth: number, tag: string): YamlNode {
    const { start } = this.#scanner.peek();
    const items: YamlNode[] = [];
    for (;;) {
      const { kind, end } = this.#scanner.peek();
      if (kind !== 'block entry') break;
      this.#scanner.skip();
      items.push(this.#nodeUnless(endsIndentlessEntry, end, ['block', depth + 1]));
      if (this.fault !== null) return nothing;
    }
    return { kind: 'list', items, tag, start, end: items.at(-1)?.end ?? start };
  }

  #blockMap(depth: number, tag: string): YamlNode {
    const { start } = this.#scanner.peek();
    this.#scanner.skip();
    const pairs: YamlPair[] = [];
    const inside = ['block or indentless list', depth + 1] as const;
    for (;;) {
      const { kind, end } = this.#scanner.peek();
      if (kind !== 'key') break;
      this.#scanner.skip();
      const key = this.#nodeUnless(endsBlockPair, end, inside);
      if (this.fault !== null) return nothing;
      pairs.push({ key, value: this.#blockValue(inside) });
      if (this.fault !== null) return nothing;
    }
    if (!this.#takes('block end')) this.#refuse('did not find expected key');
    return { kind: 'map', pairs, tag, start, end: pairs.at(-1)?.value.end ?? start };
  }

  #blockValue(inside: readonly [NodeKind, number]): YamlNode {
    const { kind, start, end } = this.#scanner.peek();
    if (kind !== 'value') return this.#empty(start);
    this.#scanner.skip();
    return this.#nodeUnless(endsBlockPair, end, inside);
  }

  #flowList(depth: number, tag: string): YamlNode {
    const { start } = this.#scanner.peek();
    this.#scanner.skip();
    const items: YamlNode[] = [];
    while (this.#kind() !== 'flow list end') {
      if (items.length > 0 && !this.#takes('flow entry')) this.#refuse("did not find expected ',' or ']'");
      if (this.fault !== null) return nothing;
      const { kind } = this.#scanner.peek();
      if (kind === 'flow list end') break;
      items.push(kind === 'key' ? this.#pairInList(depth + 1) : this.#node('flow', depth + 1));
      if (this.fault !== null) return nothing;
    }
    const { end } = this.#scanner.peek();
    this.#scanner.skip();
    return { kind: 'list', items, tag, start, end };
  }

  /** A pair in a flow list is a map of its own. */
  #pairInList(depth: number): YamlNode {
    const { start } = this.#scanner.peek();
    this.#scanner.skip();
    const { kind, end } = this.#scanner.peek();
    let key: YamlNode;
    if (kind === 'value' || kind === 'flow entry' || kind === 'flow list end') {
      // The token behind is passed too, whatever it is.
      this.#scanner.skip();
      key = this.#empty(end);
    } else key = this.#node('flow', depth + 1);
    if (this.fault !== null) return nothing;
    const value = this.#flowValue(endsPairInList, depth + 1);
    return { kind: 'map', pairs: [{ key, value }], tag: '', start, end: value.end };
  }

  #flowMap(depth: number, tag: string): YamlNode {
    const { start } = this.#scanner.peek();
    this.#scanner.skip();
    const pairs: YamlPair[] = [];
    while (this.#kind() !== 'flow map end') {
      if (pairs.length > 0 && !this.#takes('flow entry')) this.#refuse("did not find expected ',' or '}'");
      if (this.fault !== null) return nothing;
      const { kind } = this.#scanner.peek();
      if (kind === 'flow map end') break;
      if (kind === 'key') {
        this.#scanner.skip();
        const key = this.#nodeUnless(endsKeyInFlow, null, ['flow', depth + 1]);
        if (this.fault !== null) return nothing;
        pairs.push({ key, value: this.#flowValue(endsPairInMap, depth + 1) });
      } else {
        const key = this.#node('flow', depth + 1);
        pairs.push({ key, value: this.#empty(this.#scanner.peek().start) });
      }
      if (this.fault !== null) return nothing;
    }
    const { end } = this.#scanner.peek();
    this.#scanner.skip();
    return { kind: 'map', pairs, tag, start, end };
  }

  #flowValue(followers: ReadonlySet<Kind>, depth: number): YamlNode {
    if (this.#takes('value')) return this.#nodeUnless(followers, null, ['flow', depth]);
    return this.#empty(this.#scanner.peek().start);
  }
}

function syntaxFault({ message, start }: { readonly message: string; readonly start: number }): YamlFault {
  return { kind: 'syntax', message, at: start };
}

const kinds = (...each: readonly Kind[]): ReadonlySet<Kind> => new Set(each);
const startsDocument = kinds('version directive', 'tag directive', 'document start');
const endsContent = kinds('version directive', 'tag directive', 'document start', 'document end', 'stream end');
const endsEntry = kinds('block entry', 'block end');
const endsIndentlessEntry = kinds('block entry', 'key', 'value', 'block end');
const endsBlockPair = kinds('key', 'value', 'block end');
const endsKeyInFlow = kinds('value', 'flow entry', 'flow map end');
const endsPairInMap = kinds('flow entry', 'flow map end');
const endsPairInList = kinds('flow entry', 'flow list end');

const usualPrefixes = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
] as const;
