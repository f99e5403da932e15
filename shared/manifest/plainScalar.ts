/**
 * What Kubernetes takes a YAML scalar for: its parser still reads YAML 1.1, knows `yes` and `off`, and numbers with `_`
 * or a leading zero. So an annotation that is `on` is refused like one that is `true`.
 *
 * Source: go.yaml.in/yaml/v2 (2.4.3) resolve.go `resolve`, which sigs.k8s.io/yaml 1.6 uses. A time stays a text there.
 */
export type Resolved =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'word'; readonly value: boolean | null }
  /** `exact` where a double can't hold it. */
  | { readonly kind: 'integer'; readonly value: number; readonly exact?: bigint }
  /** May be infinite, or no number. */
  | { readonly kind: 'float'; readonly value: number };

/** What a scalar without quotes or tag is. */
export function plainScalar(text: string): Resolved {
  const first = text.charCodeAt(0);
  const startsAsNumber = (first >= zero && first <= nine) || first === plus || first === minus;
  if (startsAsNumber || first === dot) {
    const float = longFloats.get(text);
    if (float !== undefined) return { kind: 'float', value: float };
    return (startsAsNumber ? numberIn(text) : pointFloat(text)) ?? { kind: 'text', value: text };
  }
  const word = text.length <= longestWord ? words.get(text) : undefined;
  return word === undefined ? { kind: 'text', value: text } : { kind: 'word', value: word };
}

/** What a scalar with one of YAML's own tags is; null where it can't be that. `tag` has its prefix. */
export function taggedScalar(tag: string, text: string): Resolved | null {
  const asText: Resolved = { kind: 'text', value: text };
  if (!tag.startsWith(prefix)) return asText;
  const resolved = plainScalar(text);
  switch (tag.slice(prefix.length)) {
    case 'bool':
      return resolved.kind === 'word' && resolved.value !== null ? resolved : null;
    case 'null':
      return resolved.kind === 'word' && resolved.value === null ? resolved : null;
    case 'int':
      return resolved.kind === 'integer' ? resolved : null;
    case 'float':
      if (resolved.kind === 'integer' && resolved.exact !== undefined && resolved.exact > largestSigned) return null;
      return resolved.kind === 'float' || resolved.kind === 'integer' ? { ...resolved, kind: 'float' } : null;
    case 'timestamp':
      return isTime(text) ? asText : null;
    default:
      return asText;
  }
}

const prefix = 'tag:yaml.org,2002:';
const [plus, minus, dot, zero, nine] = [43, 45, 46, 48, 57];

const words = new Map<string, boolean | null>([
  ...['', '~', 'null', 'Null', 'NULL'].map((each) => [each, null] as const),
  ...['true', 'True', 'TRUE'].map((each) => [each, true] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((each) => [each, true] as const),
  ...['false', 'False', 'FALSE'].map((each) => [each, false] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((each) => [each, false] as const),
]);
const longestWord = 5;
const longFloats = new Map<string, number>([
  ...['.nan', '.NaN', '.NAN'].map((each) => [each, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((each) => [each, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((each) => [each, -Infinity] as const),
]);

const decimal = /^([-+]?)(0|[1-9]\d*)$/;
/** Go's `strconv.ParseInt` with base 0, without its underscores. */
const otherInteger = /^([-+]?)0(?:[xX]([\da-fA-F]+)|[oO]?([0-7]+)|[bB]([01]+))$/;
/** Behind `0b` a sign may stand: it is read a second time. */
const signedBinary = /^0b([-+])([01]+)$/;
const floating = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const largestSigned = 2n ** 63n - 1n;
const largestUnsigned = 2n ** 64n - 1n;

function numberIn(text: string): Resolved | null {
  const plain = text.includes('_') ? text.replaceAll('_', '') : text;
  return integerIn(plain) ?? (floating.test(plain) ? finite(Number(plain)) : null);
}

function integerIn(plain: string): Resolved | null {
  const found = decimal.exec(plain);
  if (found !== null) return integer(found[1], found[2] ?? '');
  const binary = signedBinary.exec(plain);
  if (binary !== null) return integer(binary[1], `0b${binary[2]}`);
  const other = otherInteger.exec(plain);
  if (other === null) return null;
  const [, sign, hexadecimal, octal, bits] = other;
  if (hexadecimal !== undefined) return integer(sign, `0x${hexadecimal}`);
  return integer(sign, octal === undefined ? `0b${bits}` : `0o${octal}`);
}

/** Null where 64 bits don't hold it; without a sign they hold more. */
function integer(sign: string | undefined, digits: string): Resolved | null {
  const value = Number(digits);
  if (Number.isSafeInteger(value)) return { kind: 'integer', value: sign === '-' && value !== 0 ? -value : value };
  const exact = sign === '-' ? -BigInt(digits) : BigInt(digits);
  if (exact < -largestSigned - 1n || exact > (sign === '' ? largestUnsigned : largestSigned)) return null;
  return { kind: 'integer', value: Number(exact), exact };
}

/** What begins with a point is read as Go reads a number: `_` may stand between digits. */
function pointFloat(text: string): Resolved | null {
  return /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/.test(text) ? finite(Number(text.replaceAll('_', ''))) : null;
}

function finite(value: number): Resolved | null {
  return Number.isFinite(value) ? { kind: 'float', value } : null;
}

/** Go's layouts of `parseTimestamp`. */
function isTime(text: string): boolean {
  const [, date = '', clock = ''] = /^([-\d]+)(.*)$/.exec(text) ?? [];
  const [, year, month, day] = (/^(\d{4})-(\d\d?)-(\d\d?)$/.exec(date) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return false;
  const isDay = month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (!isDay || clock === '') return isDay;
  const found = /^(?:[Tt](?=.*(?:Z|[-+]\d\d:\d\d)$)| (?!.*(?:Z|[-+])))(\d\d?):(\d\d?):(\d\d?)(?:[.,]\d+)?/.exec(clock);
  const [hours = 24, minutes = 60, seconds = 60] = (found ?? []).slice(1).map(Number);
  return hours < 24 && minutes < 60 && seconds < 60 && /^(?:Z|[-+]\d\d:\d\d)?$/.test(clock.slice(found?.[0].length));
}
