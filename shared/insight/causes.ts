import { type Manifest, type ObjectKey, uriOf } from '../manifest/manifest.ts';
import { type Cause, type Found, isFault } from './rule.ts';

/**
 * One cause, one finding: what a missing Service does to five routes is told at the first of them, with the others as
 * its related places. Faults are told once a set; what is merely worth knowing once a file, since nobody is told it of
 * files that aren't open.
 */

/** What findings of one cause share; null for one that has a cause of its own. */
export function causeOf(found: Found): string | null {
  const { rule, cause, at, severity } = found;
  if (cause === null) return null;
  const what = typeof cause === 'string' ? [rule, cause] : [cause.missing];
  return JSON.stringify([...what, isFault(found) ? severity : uriOf(at.object)]);
}

/** A Service that isn't there: whoever names it tells the same. */
export function missingService(namespace: string, name: string): Cause {
  return { missing: `Service ${namespace}/${name}` };
}

/** A port that a Service hasn't. */
export function missingPort({ namespace, name }: Named, port: number | string): Cause {
  return { missing: `port ${port} of Service ${namespace}/${name}` };
}

interface Named {
  readonly namespace: string;
  readonly name: string;
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
          const own = edits.map((edit) => JSON.stringify(edit));
          return (same?.edits ?? []).filter(
            (edit) => edit.kind !== 'document-before' && !own.includes(JSON.stringify(edit)),
          );
        }),
      ],
    })),
  };
}
