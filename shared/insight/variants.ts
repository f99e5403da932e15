import { folderOf } from '../manifest/fileNames.ts';
import { type Lender } from '../manifest/manifestSet.ts';
import { type Finding, isFault } from './rule.ts';

/** What is found in a file where an object of another file that it rests on is defined as this lender has it. */
export interface FoundInVariant {
  /** Null where there is one alone. */
  readonly lender: Lender | null;
  readonly findings: readonly Finding[];
}

/**
 * What is found in every variant is said once, in the first one's words; what is found in some says in which, or, of
 * examples, isn't said: nobody says that it's applied with those. A finding is known by its rule, its place and whether
 * it is a mere info, which not everyone asks for: a message may name what differs.
 */
export function findingsOfVariants(variants: readonly FoundInVariant[]): readonly Finding[] {
  const [first, second] = variants;
  if (first === undefined || second === undefined) return first?.findings ?? [];
  const all = variants.flatMap(({ lender, findings }) => findings.map((finding) => ({ lender, finding })));
  const byPlace = Map.groupBy(all, ({ finding: { rule, site, severity } }) =>
    JSON.stringify([rule, site, isFault({ severity })]),
  );
  return [...byPlace.values()].flatMap((found) => {
    const lenders = [...new Set(found.map(({ lender }) => lender))];
    const inOne = found.filter(({ lender }) => lender === lenders[0]);
    if (lenders.length === variants.length) return inOne.map(({ finding }) => finding);
    return inOne.flatMap(({ lender, finding }) => {
      // What is ignored in one of them is there.
      if (lender?.kind !== 'variant' || finding.rule === 'unused-ignore') return [];
      const names = lenders.flatMap((each) => (each === null ? [] : [nameBeside(finding.site.uri, each.uri)]));
      const where = `${names.length === 1 ? 'variant' : 'variants'} ${names.join(', ')}`;
      return [{ ...finding, message: `${finding.message} (In the ${where}.)` }];
    });
  });
}

/** A file's name as seen from another's folder. */
function nameBeside(uri: string, other: string): string {
  const from = folderOf(uri).split('/');
  const to = other.split('/');
  let shared = 0;
  while (shared < from.length && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/');
}
