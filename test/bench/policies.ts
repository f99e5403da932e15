import type { SeededRandom } from '../seededRandom.ts';
import type { Texts } from './apps.ts';
import type { Edit } from './edits.ts';

/**
 * So many NetworkPolicies, each behind the app that it is for, in its file: one in five for both directions. Where they
 * are more than the apps, each app has several.
 */
export function withPolicies(random: SeededRandom, texts: Texts, count: number): Texts {
  const apps = [...texts].flatMap(([file, text]) => {
    const name = /^ {4}matchLabels:\n {6}app: ([\w-]+)$/m.exec(text)?.[1] ?? /^ {2}name: ([\w-]+)$/m.exec(text)?.[1];
    const isApp = /^kind: (?:Deployment|StatefulSet)$/m.test(text);
    return isApp && name !== undefined ? [{ file, text, name }] : [];
  });
  const step = Math.max(1, Math.floor(apps.length / count));
  const chosen = apps.filter((_, index) => index % step === 0).slice(0, count);
  const names = apps.map(({ name }) => name);
  return new Map([
    ...texts,
    ...chosen.map(({ file, text, name }, place) => {
      const own = Math.ceil((count - place) / chosen.length);
      const policies = Array.from({ length: own }, (_, index) => policy(random, { name, index }, names));
      return [file, [text, ...policies].join('---\n')] as const;
    }),
  ]);
}

function policy(
  random: SeededRandom,
  { name, index }: { readonly name: string; readonly index: number },
  names: readonly string[],
): string {
  const egress = `
  egress:
    - to:
        - podSelector:
            matchLabels:
              app: ${random.pick(names)}
    - to:
        - ipBlock:
            cidr: 0.0.0.0/0`;
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: ${index === 0 ? name : `${name}-${index}`}
spec:
  podSelector:
    matchLabels:
      app: ${name}
  ingress:
    - from:
        - podSelector:
            matchLabels:
              app: ${random.pick(names)}
        - podSelector:
            matchLabels:
              app: ${random.pick(names)}
      ports:
        - port: 8080${random.below(5) === 0 ? egress : ''}
`;
}

/** A key in the policy of a file: in a port, or in a label that it selects by. */
export function policyEdit(random: SeededRandom, text: string): Edit {
  const start = text.lastIndexOf('kind: NetworkPolicy');
  const own = text.slice(start);
  const [where, values] = random.pick<readonly [RegExp, readonly string[]]>([
    [/(?<=- port: )\d+/, ['8080', '8081', '80']],
    [/(?<=from:[^]*app: [\w-]+?)(?:-next)?(?=\n)/, ['', '-next']],
    [/(?<=podSelector:\n {4}matchLabels:\n {6}app: [\w-]+?)(?:-next)?(?=\n)/, ['', '-next']],
  ]);
  const match = where.exec(own);
  if (match === null) throw new Error(`A policy of the bench doesn't match ${String(where)}.`);
  const others = values.filter((value) => value !== match[0]);
  return { start: start + match.index, length: match[0].length, text: random.pick(others) };
}
