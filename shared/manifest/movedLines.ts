/**
 * Where the lines of an earlier text stand in a later one, by their numbers: those that both texts begin with or end
 * with stay what they are. What stood between them stays where it is if there are as many lines as before (most often,
 * one of them is being written), else it is where the texts begin to differ. Edit by edit, that is exact enough.
 */
export function movedLines(lines: readonly number[], earlier: string, later: string): readonly number[] {
  const [before, now] = [earlier.split('\n'), later.split('\n')];
  const shortest = Math.min(before.length, now.length);
  let same = 0;
  while (same < shortest && before[same] === now[same]) same++;
  let atEnd = 0;
  while (atEnd < shortest - same && before.at(-1 - atEnd) === now.at(-1 - atEnd)) atEnd++;
  const more = now.length - before.length;
  if (more === 0) return lines;
  return lines.map((line) => {
    if (line < same) return line;
    return line >= before.length - atEnd ? line + more : Math.min(same, now.length - 1);
  });
}

/** Every line of a text, where it stands itself. */
export function linesOf(text: string): readonly number[] {
  return text.split('\n').map((_, line) => line);
}
