import picomatch from 'picomatch';
import { type Levels, noLevels, readLevels } from '../shared/insight/levels.ts';

/** What a lens consists of, in the order in which it is shown. */
export const lensParts = ['way', 'reach', 'assumed', 'trace'] as const;
export type LensPart = (typeof lensParts)[number];

export const inlayHintKinds = ['off', 'quiet', 'all'] as const;
export type InlayHintKind = (typeof inlayHintKinds)[number];

/** The client's settings, section `hoplens`, as they count in one folder. */
export interface Settings {
  /** Which parts of the lenses are shown; none for no lenses. */
  readonly codeLens: ReadonlySet<LensPart>;
  readonly inlayHints: InlayHintKind;
  /** A profile's path, absolute or from the workspace folder; empty for each set's own; `noProfile` for none. */
  readonly profile: string;
  /** WHO, as typed, where nobody says who asks; empty for whoever usually asks for a target. */
  readonly defaultFrom: string;
  /** Whether a path from the workspace folder is of a file that is left alone, or lies in such a folder. */
  readonly isExcluded: (path: string) => boolean;
  /** The globs of that, as they are written. */
  readonly exclude: readonly string[];
  /** How grave findings are, where no file says it. */
  readonly rules: Levels;
}

export const defaultSettings = readSettings(undefined);

/** What isn't as it should be counts as not set. */
export function readSettings(value: unknown): Settings {
  const given: Given = typeof value === 'object' && value !== null ? value : {};
  const exclude = Array.isArray(given.exclude) ? given.exclude.filter((each) => typeof each === 'string') : [];
  return {
    codeLens: readLensParts(given.codeLens),
    inlayHints: inlayHintKinds.find((each) => each === given.inlayHints) ?? 'quiet',
    profile: typeof given.profile === 'string' ? given.profile : '',
    defaultFrom: typeof given.defaultFrom === 'string' ? given.defaultFrom.trim() : '',
    exclude,
    isExcluded: exclude.length === 0 ? () => false : matcherOf(exclude),
    rules: typeof given.rules === 'object' ? readLevels(Object.entries(given.rules ?? {})) : noLevels,
  };
}

interface Given {
  readonly codeLens?: unknown;
  readonly inlayHints?: unknown;
  readonly profile?: unknown;
  readonly defaultFrom?: unknown;
  readonly exclude?: unknown;
  readonly rules?: unknown;
}

/** It was a switch before its parts could be picked, and is one still. */
function readLensParts(value: unknown): ReadonlySet<LensPart> {
  if (value === false) return new Set();
  return new Set(Array.isArray(value) ? lensParts.filter((each) => value.includes(each)) : lensParts);
}

/** A glob of a folder means all that is in it, as it does for `files.exclude`. */
function matcherOf(globs: readonly string[]): (path: string) => boolean {
  const patterns = globs.map((each) => each.replace(/^\.?\//, '').replace(/\/$/, ''));
  return picomatch([...patterns, ...patterns.map((each) => `${each}/**`)], { windows: false, dot: true });
}
