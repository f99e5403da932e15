/** Something that is offered, with what is said of it. */
export interface Rankable {
  readonly label: string;
  readonly description?: string;
}

/**
 * Those that hold every word that was typed, in their label or in what is said of it. What is called so comes first,
 * then what begins so, then where a part of the name, host or path does; the shorter before the longer, else in the
 * order given. All of them where nothing is typed.
 */
export function ranked<T extends Rankable>(items: readonly T[], typed: string): readonly T[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((each) => each !== '');
  if (words.length === 0) return items;
  return items
    .flatMap((item, index) => {
      const ranks = words.map((word) => rankOf(item, word));
      return ranks.includes(null) ? [] : [{ item, index, rank: Math.max(...ranks.map((each) => each ?? 0)) }];
    })
    .toSorted((a, b) => a.rank - b.rank || a.item.label.length - b.item.label.length || a.index - b.index)
    .map(({ item }) => item);
}

/** How far a word is from what an item is called; null where the item hasn't it at all. */
function rankOf({ label, description = '' }: Rankable, word: string): number | null {
  const text = label.toLowerCase();
  const name = text.replace(/^(?:https?:\/\/|svc\/|pod\/)/, '');
  if (text === word || name === word) return 0;
  if (text.startsWith(word) || name.startsWith(word)) return 1;
  if (name.split(/[^a-z0-9]+/).some((part) => part.startsWith(word))) return 2;
  if (text.includes(word)) return 3;
  return description.toLowerCase().includes(word) ? 4 : null;
}
