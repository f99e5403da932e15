import type { SeededRandom } from '../seededRandom.ts';

/** One change of a text, as an editor sends it: what stands at `start`, `length` characters long, becomes `text`. */
export interface Edit {
  readonly start: number;
  readonly length: number;
  readonly text: string;
}

type Choice = readonly [where: RegExp, values: readonly string[]];

/** Each expression finds one value in a manifest of the bench's own apps; the key makes it another of the values. */
const workloadEdits: readonly Choice[] = [
  [/(?<=image: \S+:1\.\d+\.)\d+/, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']],
  [/(?<=replicas: )\d+/, ['0', '1', '2', '3', '4']],
  [/(?<=containerPort: )\d+/, ['8080', '8081']],
  [/(?<=version: v)\d/, ['1', '2', '3']],
  [/(?<=labels:\n {8}app: [\w-]+?)(?:-next)?(?=\n)/, ['', '-next']],
];
const serviceEdits: readonly Choice[] = [
  [/(?<= port: )\d+/, ['80', '81']],
  [/(?<=targetPort: )\w+/, ['8080', 'http', 'web']],
  [/(?<=selector:\n {4}app: [\w-]+?)(?:-next)?(?=\n)/, ['', '-next']],
  [/(?<=metadata:\n {2}name: [\w-]+?)(?:-new)?(?=\n)/, ['', '-new']],
  [/(?<=internalTrafficPolicy: )\w+/, ['Cluster', 'Local']],
  [/(?<=externalTrafficPolicy: )\w+/, ['Cluster', 'Local']],
];
const ingressEdits: readonly Choice[] = [
  [/(?<=host: )[\w.-]+?(?=\.team|\.large|\.new)/, ['web', 'shop']],
  [/(?<=path: \/)[a-z]*/, ['', 'cart', 'api']],
  [/(?<=pathType: )\w+/, ['Prefix', 'Exact']],
];
const kinds = [
  ['Deployment|StatefulSet', workloadEdits],
  ['Service', serviceEdits],
  ['Ingress', ingressEdits],
] as const;

/** A key in a workload, a Service or an Ingress, each as likely as the others if the text has all three. */
export function randomEdit(random: SeededRandom, text: string): Edit {
  const [kind, choices] = random.pick(kinds.filter(([each]) => new RegExp(`^kind: (?:${each})$`, 'm').test(text)));
  const document = random.pick([...documentsOf(text)].filter((each) => hasKind(each.text, kind)));
  const [where, values] = random.pick(choices.filter(([each]) => each.test(document.text)));
  const match = where.exec(document.text);
  if (match === null) throw new Error(`A document of the bench doesn't match ${String(where)}.`);
  return {
    start: document.start + match.index,
    length: match[0].length,
    text: random.pick(values.filter((value) => value !== match[0])),
  };
}

/** A character typed at the end of a comment: over the first document, or behind a value. No line moves. */
export function commentEdit(random: SeededRandom, text: string): Edit {
  const comments = [...text.matchAll(/# .*$/gm)];
  const comment = random.pick(comments);
  return { start: comment.index + comment[0].length, length: 0, text: random.pick(['x', 'y', ' z']) };
}

/** A key in the bottom-most value of the nested merge keys. */
export function mergeKeyEdit(_random: SeededRandom, text: string): Edit {
  const start = text.indexOf('{k: ') + '{k: '.length;
  return { start, length: 1, text: text[start] === '1' ? '2' : '1' };
}

export function edited(text: string, { start, length, text: fresh }: Edit): string {
  return text.slice(0, start) + fresh + text.slice(start + length);
}

function* documentsOf(text: string): Generator<{ readonly start: number; readonly text: string }> {
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n---\n', start);
    if (end === -1) {
      yield { start, text: text.slice(start) };
      return;
    }
    yield { start, text: text.slice(start, end + 1) };
    start = end + '\n---\n'.length;
  }
}

function hasKind(text: string, kind: string): boolean {
  return new RegExp(`^kind: (?:${kind})$`, 'm').test(text);
}
