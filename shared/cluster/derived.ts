import { Pieces, replaced, sortedAgain, splicesOf } from './listChanges.ts';

/**
 * Values that follow from others, and know from which. Each is made when it is first asked for, remembers what it read,
 * and is made again only when something of that is another; where it comes out the same, whoever read it never hears of
 * the change.
 *
 * An `Input` is set from outside. A `Derived` is computed from what it reads. An `eager` one stops waves: what reads it
 * is left alone until it has been made anew and is another. An `Index` gives the items of a list by key, so that a
 * reader depends on one key alone. What nobody reads any more forgets its value and lets go of what it read.
 * What throws, throws again for whoever reads it, until something that it read is another; readers hear of both.
 * The graph is one thread's; a function that is derived must not set an input.
 */
export class Graph {
  #reader: Reader | null = null;
  readonly #waves = new Set<Source>();
  #isSettling = false;

  input<T>(value: T): Input<T> {
    return new Input(this, value);
  }

  derived<T>(compute: () => T, options: DerivedOptions<T> = {}): Derived<T> {
    return new Derived(this, compute, options);
  }

  /**
   * A list made of another, item by item: what changes of the list costs what it changes. `make` reads nothing that
   * changes but what `by` gives; where that is another, all is made anew.
   */
  each<T, U>(list: () => readonly T[], make: (item: T) => readonly U[]): Derived<readonly U[]>;
  each<T, U, W>(list: () => readonly T[], make: (item: T, by: W) => readonly U[], by: () => W): Derived<readonly U[]>;
  each<T, U>(
    list: () => readonly T[],
    make: (item: T, by?: unknown) => readonly U[],
    by?: () => unknown,
  ): Derived<readonly U[]> {
    const pieces = new Pieces<T, U, unknown>(make);
    const compute = (): readonly U[] => pieces.next(list(), by?.());
    return this.derived(compute, { eager: true, onUnread: () => pieces.clear() });
  }

  /** A list in an order of its own; what changes of the list costs what it changes. */
  sorted<T>(list: () => readonly T[], compare: (a: T, b: T) => number): Derived<readonly T[]> {
    let before: readonly T[] = [];
    let sorted: readonly T[] = [];
    const compute = (): readonly T[] => {
      const now = list();
      sorted = sortedAgain(sorted, splicesOf(before, now), compare);
      before = now;
      return sorted;
    };
    const clear = (): void => {
      before = [];
      sorted = [];
    };
    return this.derived(compute, { eager: true, onUnread: clear });
  }

  /** Answers a question from outside: what was derived for it alone is forgotten behind it. */
  ask<T>(question: () => T): T {
    const asking = new Derived(this, question, {});
    try {
      return asking.get();
    } finally {
      asking.dispose();
    }
  }

  /** The same in steps, between which inputs may be set. End it with `stop`. */
  asking(): Asking {
    return new Asking(this);
  }

  /** Reads without depending on it. */
  untracked<T>(read: () => T): T {
    return this.reading(null, read);
  }

  /** Brings every eager value up to date, so that the rest of the graph knows what is stale. */
  settle(): void {
    if (this.#isSettling || this.#waves.size === 0) return;
    this.#isSettling = true;
    try {
      for (const source of this.#waves) {
        this.#waves.delete(source);
        try {
          source.refresh();
        } catch {
          // Whoever reads it has heard, and is thrown the same; nobody else has to do with it.
        }
      }
    } finally {
      this.#isSettling = false;
    }
  }

  /** @internal */
  wave(source: Source): void {
    this.#waves.add(source);
  }

  /** @internal */
  forget(source: Source): void {
    this.#waves.delete(source);
  }

  /** @internal */
  get isReading(): boolean {
    return this.#reader !== null;
  }

  /** @internal Notes that whoever is being computed reads this. */
  read(source: Source): void {
    this.#reader?.reads(source);
  }

  /** @internal */
  reading<T>(reader: Reader | null, compute: () => T): T {
    const outer = this.#reader;
    this.#reader = reader;
    try {
      return compute();
    } finally {
      this.#reader = outer;
    }
  }
}

export interface Cell<T> {
  get(): T;
}

export interface DerivedOptions<T> {
  /** Whether two values are the same for whoever reads them; `===` without it. */
  readonly same?: (a: T, b: T) => boolean;
  readonly eager?: boolean;
  /** The value made anew, with the parts of the one before that are the same. */
  readonly kept?: (before: T, now: T) => T;
  /** Called once when the value may no longer hold, and again after it was read. */
  readonly onStale?: () => void;
  /** Called when the last reader has gone. */
  readonly onUnread?: () => void;
}

/** Something that others read. */
abstract class Source {
  protected readonly graph: Graph;
  readonly #readers = new Set<Reader>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  abstract refresh(): void;
  protected unread(): void {}

  protected tell(staleness: Staleness): void {
    for (const reader of this.#readers) reader.hears(staleness);
  }

  addReader(reader: Reader): void {
    this.#readers.add(reader);
  }

  removeReader(reader: Reader): void {
    if (this.#readers.delete(reader) && this.#readers.size === 0) this.unread();
  }
}

interface Reader {
  reads(source: Source): void;
  hears(staleness: Staleness): void;
}

/** `perhaps`: something that it rests on may have changed. */
type Staleness = 'perhaps' | 'stale';

export class Input<T> extends Source implements Cell<T> {
  #value: T;

  constructor(graph: Graph, value: T) {
    super(graph);
    this.#value = value;
  }

  get(): T {
    this.graph.read(this);
    return this.#value;
  }

  set(value: T): void {
    if (value === this.#value) return;
    this.#value = value;
    this.tell('stale');
  }

  refresh(): void {}
}

export class Derived<T> extends Source implements Cell<T>, Reader {
  readonly #compute: () => T;
  readonly #options: DerivedOptions<T>;
  #value: { readonly is: T } | null = null;
  #state: 'fresh' | 'failed' | Staleness = 'stale';
  /** Whether it threw when it was last made, so that whoever read it has no value of it. */
  #hasFailed = false;
  #sources = new Set<Source>();
  /** What it reads while it is being made. */
  #found: Set<Source> | null = null;
  #isBusy = false;
  #isPinned = false;

  constructor(graph: Graph, compute: () => T, options: DerivedOptions<T>) {
    super(graph);
    this.#compute = compute;
    this.#options = options;
  }

  get(): T {
    this.graph.read(this);
    this.graph.settle();
    this.refresh();
    if (this.#value === null) throw new Error('a value that rests on itself');
    return this.#value.is;
  }

  /** Keeps the value though nobody reads it. */
  pin(): this {
    this.#isPinned = true;
    return this;
  }

  /** Lets go of everything. It can be asked again. */
  dispose(): void {
    this.#isPinned = false;
    this.#letGo();
  }

  get isStale(): boolean {
    return this.#state !== 'fresh';
  }

  refresh(): void {
    if (this.#found !== null) throw new Error('a value that rests on itself');
    // What is settled meanwhile may make it stale again.
    while (this.#state !== 'fresh' && !this.#isBusy) {
      this.#isBusy = true;
      const isMade = this.#state !== 'perhaps';
      this.#state = 'fresh';
      try {
        if (isMade) this.#make();
        else this.#check();
      } catch (error) {
        const isOld = this.isStale;
        this.#state = 'failed';
        // What was made of values that are others by now is made once more.
        if (isOld) continue;
        this.#noteFailure();
        throw error;
      } finally {
        this.#isBusy = false;
      }
    }
  }

  /** It hears of the source at once: what is settled while it is being made may make it stale again. */
  reads(source: Source): void {
    if (this.#found === null || this.#found.has(source)) return;
    this.#found.add(source);
    if (!this.#sources.has(source)) source.addReader(this);
  }

  hears(staleness: Staleness): void {
    if (this.#state === staleness || this.#state === 'stale') return;
    const wasRead = this.#state !== 'perhaps';
    // What failed has no value that could still hold.
    this.#state = this.#state === 'failed' ? 'stale' : staleness;
    // Whoever reads it waits for it.
    if (!wasRead || this.#isBusy) return;
    this.#options.onStale?.();
    if (this.#options.eager === true) this.graph.wave(this);
    else this.tell('perhaps');
  }

  protected override unread(): void {
    if (this.#isPinned) return;
    this.#letGo();
    this.#options.onUnread?.();
  }

  /** Hears whether one of the sources is another than when it was made. */
  #check(): void {
    for (const source of this.#sources) {
      source.refresh();
      // What was refreshed may have been another, and said so.
      if (this.#isStaleNow()) return;
    }
  }

  #isStaleNow(): boolean {
    return this.#state === 'stale';
  }

  /** What reads an eager value was told of nothing before. */
  #noteFailure(): void {
    if (!this.#hasFailed && this.#options.eager === true) this.tell('stale');
    this.#hasFailed = true;
  }

  #make(): void {
    const found = new Set<Source>();
    const before = this.#sources;
    this.#found = found;
    let made: T;
    try {
      made = this.graph.reading(this, this.#compute);
    } finally {
      this.#found = null;
      this.#sources = found;
      for (const source of before) if (!found.has(source)) source.removeReader(this);
    }
    const known = this.#value;
    const value = known === null ? made : (this.#options.kept?.(known.is, made) ?? made);
    const isSame = known !== null && (known.is === value || this.#options.same?.(known.is, value) === true);
    const hadFailed = this.#hasFailed;
    this.#hasFailed = false;
    if (!isSame) this.#value = { is: value };
    if (hadFailed || (known !== null && !isSame)) this.tell('stale');
  }

  #letGo(): void {
    this.graph.forget(this);
    for (const source of this.#sources) source.removeReader(this);
    this.#sources = new Set();
    this.#value = null;
    this.#hasFailed = false;
    this.#state = 'stale';
  }
}

/**
 * A question from outside that is answered in steps: what they read is kept until its end, and where something of it is
 * another meanwhile, the steps so far are worth nothing.
 */
export class Asking implements Reader {
  readonly #graph: Graph;
  readonly #sources = new Set<Source>();
  #state: 'fresh' | Staleness = 'fresh';

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  step<T>(read: () => T): T {
    return this.#graph.reading(this, read);
  }

  get isStale(): boolean {
    this.#graph.settle();
    // What is looked through may have others heard of once more.
    while (this.#isOpen()) {
      this.#state = 'fresh';
      for (const source of this.#sources) {
        try {
          source.refresh();
        } catch {
          // The next step is thrown the same.
          this.#state = 'stale';
        }
      }
    }
    return this.#state === 'stale';
  }

  stop(): void {
    for (const source of this.#sources) source.removeReader(this);
    this.#sources.clear();
  }

  reads(source: Source): void {
    if (this.#sources.has(source)) return;
    this.#sources.add(source);
    source.addReader(this);
  }

  hears(staleness: Staleness): void {
    if (this.#state !== 'stale') this.#state = staleness;
  }

  #isOpen(): boolean {
    return this.#state === 'perhaps';
  }
}

/** Stands for all keys of an index that have several items. */
const allShared = Symbol('all shared');

/**
 * The items of a list by key, each key's in the list's order, or in any. `keysOf` gives an item's keys, each once;
 * items are known by identity. A change of the list costs what it changes.
 */
export class Index<T extends object> {
  readonly #graph: Graph;
  readonly #keysOf: (item: T) => readonly string[];
  readonly #isOrdered: boolean;
  readonly #update: Derived<readonly T[]>;
  readonly #items = new Map<string, readonly T[]>();
  readonly #shared = new Set<string>();
  readonly #read = new Map<string | typeof allShared, KeyOfIndex<T>>();
  #list: readonly T[] = [];
  /** Whether it threw when it was last brought up to date. */
  #hasFailed = false;

  constructor(
    graph: Graph,
    list: Cell<readonly T[]>,
    keysOf: (item: T) => readonly string[],
    order: "the list's order" | 'any order' = "the list's order",
  ) {
    this.#graph = graph;
    this.#keysOf = keysOf;
    this.#isOrdered = order === "the list's order";
    this.#update = graph.derived(() => this.#updated(list), { eager: true });
  }

  get(key: string): readonly T[] {
    this.#reads(key);
    return this.#items.get(key) ?? [];
  }

  /** How many items a key has now, without depending on it: to choose between keys that lead to the same. */
  count(key: string): number {
    this.#graph.settle();
    this.refresh();
    return this.#items.get(key)?.length ?? 0;
  }

  /** The items of each key that has several. */
  several(): (readonly T[])[] {
    this.#reads(allShared);
    return [...this.#shared].map((key) => this.#items.get(key) ?? []);
  }

  /** @internal */
  refresh(): void {
    this.#update.refresh();
  }

  #updated(list: Cell<readonly T[]>): readonly T[] {
    const hadFailed = this.#hasFailed;
    this.#hasFailed = true;
    try {
      const now = list.get();
      this.#change(this.#list, now);
      this.#list = now;
      this.#hasFailed = false;
      return now;
    } finally {
      if (hadFailed !== this.#hasFailed) for (const key of this.#read.values()) key.changed();
    }
  }

  /** Who reads a key hears of it though it can't be said now. */
  #reads(key: string | typeof allShared): void {
    try {
      this.#graph.settle();
      this.refresh();
    } finally {
      this.#noteReading(key);
    }
  }

  #noteReading(key: string | typeof allShared): void {
    if (!this.#graph.isReading) return;
    let known = this.#read.get(key);
    if (known === undefined) {
      known = new KeyOfIndex(this.#graph, this, () => this.#forget(key));
      this.#read.set(key, known);
    }
    this.#graph.read(known);
  }

  /** With the last key that is read, all is forgotten. */
  #forget(key: string | typeof allShared): void {
    this.#read.delete(key);
    if (this.#read.size > 0) return;
    this.#update.dispose();
    this.#items.clear();
    this.#shared.clear();
    this.#list = [];
    this.#hasFailed = false;
  }

  #change(before: readonly T[], now: readonly T[]): void {
    const splices = splicesOf(before, now);
    if (splices.length === 0) return;
    const gone = splices.flatMap((each) => each.gone);
    const come = splices.flatMap((each) => each.come);
    const left = this.#byKey(gone);
    const added = this.#byKey(come);
    for (const key of new Set([...left.keys(), ...added.keys()])) {
      const known = this.#items.get(key) ?? [];
      const items = replaced(known, left.get(key) ?? [], added.get(key) ?? [], {
        isOneRun: splices.length === 1,
        now: this.#isOrdered ? now : null,
      });
      if (items.length === 0) this.#items.delete(key);
      else this.#items.set(key, items);
      if (items.length > 1 || this.#shared.has(key)) this.#read.get(allShared)?.changed();
      if (items.length > 1) this.#shared.add(key);
      else this.#shared.delete(key);
      this.#read.get(key)?.changed();
    }
  }

  #byKey(items: readonly T[]): ReadonlyMap<string, readonly T[]> {
    const byKey = new Map<string, T[]>();
    for (const item of items)
      for (const key of this.#keysOf(item)) {
        const known = byKey.get(key);
        if (known === undefined) byKey.set(key, [item]);
        else known.push(item);
      }
    return byKey;
  }
}

class KeyOfIndex<T extends object> extends Source {
  readonly #index: Index<T>;
  readonly #onUnread: () => void;

  constructor(graph: Graph, index: Index<T>, onUnread: () => void) {
    super(graph);
    this.#index = index;
    this.#onUnread = onUnread;
  }

  refresh(): void {
    this.#index.refresh();
  }

  changed(): void {
    this.tell('stale');
  }

  protected override unread(): void {
    this.#onUnread();
  }
}

/** One derived value for each key that is asked for, forgotten with its last reader. */
export class KeyedFamily<T> {
  readonly #graph: Graph;
  readonly #compute: (key: string) => T;
  readonly #options: Pick<DerivedOptions<T>, 'same' | 'eager'>;
  readonly #members = new Map<string, Derived<T>>();

  constructor(graph: Graph, compute: (key: string) => T, options: Pick<DerivedOptions<T>, 'same' | 'eager'> = {}) {
    this.#graph = graph;
    this.#compute = compute;
    this.#options = options;
  }

  get(key: string): T {
    return this.member(key).get();
  }

  member(key: string): Derived<T> {
    let known = this.#members.get(key);
    if (known === undefined) {
      known = this.#graph.derived(() => this.#compute(key), {
        ...this.#options,
        onUnread: () => this.#members.delete(key),
      });
      this.#members.set(key, known);
    }
    return known;
  }
}

/**
 * How other rooms derive their own values of a thing: written once each, at the top of a file. What is derived is made
 * when it is first asked for, and again when what it read is another.
 */
export function derivationsOf<S extends { readonly memory: Memory<S> }>(): Derivations<S> {
  function eachOf<T, U>(list: ListOf<S, T>, make: (item: T) => readonly U[]): ListOf<S, U>;
  function eachOf<T, U, W>(
    list: ListOf<S, T>,
    make: (item: T, by: W) => readonly U[],
    by: (subject: S) => W,
  ): ListOf<S, U>;
  function eachOf<T, U>(
    list: ListOf<S, T>,
    make: (item: T, by?: unknown) => readonly U[],
    by?: (subject: S) => unknown,
  ): ListOf<S, U> {
    const definition = { list, make, by };
    return (subject) => subject.memory.each(definition, subject);
  }
  return {
    eachOf,
    of:
      (make, options = {}) =>
      (subject) =>
        subject.memory.value(make, subject, options),
    byKeyOf:
      (make, options = {}) =>
      (subject, key) =>
        subject.memory.byKey(make, subject, key, options),
    indexOf: (list, keysOf) => {
      const definition = { list, keysOf };
      return (subject) => subject.memory.index(definition, subject);
    },
  };
}

export interface Derivations<S> {
  readonly of: <T>(make: (subject: S) => T, options?: DerivedOptions<T>) => (subject: S) => T;
  /** The same for each key that is asked for. */
  readonly byKeyOf: <T>(
    make: (subject: S, key: string) => T,
    options?: DerivedOptions<T>,
  ) => (subject: S, key: string) => T;
  /** A list made of another, item by item; `by` as `Graph.each` has it. */
  readonly eachOf: {
    <T, U>(list: ListOf<S, T>, make: (item: T) => readonly U[]): ListOf<S, U>;
    <T, U, W>(list: ListOf<S, T>, make: (item: T, by: W) => readonly U[], by: (subject: S) => W): ListOf<S, U>;
  };
  /** A list's items by key. */
  readonly indexOf: <T extends object>(
    list: ListOf<S, T>,
    keysOf: (item: T) => readonly string[],
  ) => (subject: S) => Index<T>;
}

type ListOf<S, T> = (subject: S) => readonly T[];

interface EachOf<S, T, U> {
  readonly list: ListOf<S, T>;
  readonly make: (item: T, by: unknown) => readonly U[];
  readonly by: ((subject: S) => unknown) | undefined;
}

interface IndexOf<S, T> {
  readonly list: ListOf<S, T>;
  readonly keysOf: (item: T) => readonly string[];
}

/** What other rooms derive of one thing: each made when it is first asked for, and remembered by its definition. */
export class Memory<S> {
  readonly #graph: Graph;
  readonly #kept = new Map<unknown, unknown>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  value<T>(make: (subject: S) => T, subject: S, options: DerivedOptions<T>): T {
    return this.#keep(make, () => this.#graph.derived(() => make(subject), options)).get();
  }

  byKey<T>(make: (subject: S, key: string) => T, subject: S, key: string, options: DerivedOptions<T>): T {
    return this.#keep(make, () => new KeyedFamily(this.#graph, (each) => make(subject, each), options)).get(key);
  }

  each<T, U>(definition: EachOf<S, T, U>, subject: S): readonly U[] {
    const { list, make, by } = definition;
    return this.#keep(definition, () =>
      this.#graph.each(
        () => list(subject),
        make,
        () => by?.(subject),
      ),
    ).get();
  }

  index<T extends object>(definition: IndexOf<S, T>, subject: S): Index<T> {
    const { list, keysOf } = definition;
    return this.#keep(definition, () => new Index(this.#graph, { get: () => list(subject) }, keysOf));
  }

  /** What is kept by one definition is always of one type: that of what it makes. */
  #keep<T>(by: unknown, make: () => T): T {
    if (!this.#kept.has(by)) this.#kept.set(by, make());
    return this.#kept.get(by) as T;
  }
}
