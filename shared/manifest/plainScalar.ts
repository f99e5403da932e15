/**
 * What Kubernetes reads where YAML 1.2 reads a text: its parser still knows `yes` and `off`, and numbers with `_`. So
 * an annotation that is `on` is refused like one that is `true`. Only for scalars without quotes.
 * Source: go.yaml.in/yaml/v2 resolve.go `resolve` (2.4.3), which sigs.k8s.io/yaml 1.6 uses.
 */
export function plainScalar(text: string): string | number | boolean {
  const word = booleans.get(text);
  if (word !== undefined) return word;
  return isNumber.test(text) ? numberOf(text.replaceAll('_', '')) : text;
}

const booleans = new Map<string, boolean>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'].map((each) => [each, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'].map((each) => [each, false] as const),
]);

/** Of a text that YAML 1.2 doesn't take for a number: with `_` between digits, or binary. */
const isNumber =
  /^[-+]?(?:0b[01_]*[01][01_]*|0x[\da-f_]*[\da-f][\da-f_]*|\d[\d_]*(?:\.[\d_]*)?(?:e[-+]?[\d_]*\d[\d_]*)?)$/i;

function numberOf(plain: string): number {
  const sign = plain.startsWith('-') ? -1 : 1;
  const digits = plain.replace(/^[-+]/, '');
  return sign * (/^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits));
}
