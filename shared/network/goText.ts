/** How Go reads, writes and orders texts: most proxies' controllers are written in it. */

/** strconv.ParseBool; null for what it refuses. */
export function goBoolean(text: string): boolean | null {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : null;
}

/** strconv.Atoi; null for what it refuses. */
export function goInteger(text: string): number | null {
  return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
}

/** Byte by byte, in UTF-8. */
export function byBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const difference = rank(a.charCodeAt(at)) - rank(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Letters beyond the first 65,536 are written as two halves, which count less than some letters before them. */
function rank(half: number): number {
  return half >= 0xd800 && half <= 0xdfff ? half + 0x10000 : half;
}

/** strconv.Quote, `%q`, of text that can be printed. */
export function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

/** In UTF-8. */
export function bytesIn(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The parts of a list with commas, without blanks around them and without empty ones. */
export function listed(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
