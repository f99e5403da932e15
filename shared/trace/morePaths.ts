/** What stands after the paths that are shown one by one. */
export function morePaths(left: number): string {
  return `… and ${left.toLocaleString('en')} more ${left === 1 ? 'path' : 'paths'}`;
}
