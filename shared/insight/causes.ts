import { type Manifest, type ObjectKey, uriOf } from '../manifest/manifest.ts';
import { type Found, isFault } from './rule.ts';

/**
 * One cause, one finding: what a missing Service does to five routes is told at the first of them, with the others as
 * its related places. Faults are told once a set; what is merely worth knowing once a file, since nobody is told it of
 * files that aren't open.
 */

/** What findings of one cause share; null for one that has a cause of its own. */
export function causeOf(found: Found): string | null {
  const { rule, cause, at, severity } = found;
  return cause === null ? null : JSON.stringify([rule, cause, isFault(found) ? severity : uriOf(at.object)]);
}

/** Related places that are listed; more are counted. */
const mostListed = 20;

/** The first of several findings of one cause, with all of them in it. Of two fixes with one title, one edits all. */
export function toldOnce(all: readonly Found[], manifestOf: (key: ObjectKey) => Manifest | undefined): Found | null {
  const [first, ...others] = [
    ...new Map(all.map((each) => [JSON.stringify(each.at), each] as const).toReversed()).values(),
  ].toReversed();
  if (first === undefined || others.length === 0) return first ?? null;
  const places = others.slice(0, mostListed).map(({ at }) => {
    const manifest = manifestOf(at.object);
    return { message: manifest === undefined ? 'here too' : `${manifest.kind} ${manifest.name}, too`, at };
  });
  const more = others.length === 1 ? 'in 1 more place' : `in ${others.length} more places`;
  return {
    ...first,
    message: `${first.message} (The same ${more}.)`,
    related: [...first.related, ...places],
    fixes: first.fixes.map(({ edits, ...fix }) => ({
      ...fix,
      edits: [
        ...edits,
        ...others.flatMap(({ fixes }) => {
          const same = fixes.find((each) => each.title === fix.title);
          return (same?.edits ?? []).filter(({ kind }) => kind !== 'document-before');
        }),
      ],
    })),
  };
}
