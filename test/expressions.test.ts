import { expect, test } from 'vitest';
import { lensOf } from '../shared/insight/lenses.ts';
import { matchesPath } from '../shared/network/match.ts';
import { surpriseOf, witnessOf } from '../shared/network/witness.ts';
import { verdictSentence } from '../shared/trace/verdictText.ts';
import { cluster, clusterOf, foundIn, traceIn } from './scene.ts';
import { seededRandom } from './seededRandom.ts';

/** One Ingress with this path, read as an expression by the class's controller. */
function ingress(path: string, className: string, annotations: Readonly<Record<string, string>> = {}): object {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop', annotations },
    spec: {
      ingressClassName: className,
      rules: [
        {
          host: 'shop.example',
          http: {
            paths: [
              {
                path,
                pathType: 'ImplementationSpecific',
                backend: { service: { name: 'shop', port: { number: 80 } } },
              },
            ],
          },
        },
      ],
    },
  };
}

const useRegex = { 'nginx.ingress.kubernetes.io/use-regex': 'true' };

const shop = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'shop' },
  spec: { ports: [{ port: 80 }] },
};

/** What is said of the path: by the rule, and by the trace of a request to its host. */
function said(path: string, className: string): { rule: string; trace: string } {
  const model = clusterOf([shop, ingress(path, className, className === 'nginx' ? useRegex : {})]);
  const findings = foundIn(model);
  const own = findings.find((each) => each.rule === 'expression-unreadable');
  for (const manifest of model.manifests) lensOf({ model, isComplete: true }, manifest);
  const verdict = traceIn(model, 'http://shop.example/A').paths[0]?.verdict;
  return {
    rule: own === undefined ? 'nothing' : `${own.severity}: ${own.message}`,
    trace: verdict === undefined || verdict.kind === 'delivered' ? 'nothing' : verdictSentence(verdict),
  };
}

test.each<[path: string, className: string, rule: RegExp, trace: RegExp]>([
  [
    '/[A-Z]{10000000}',
    'nginx',
    /^warning: .* is refused by .* 10,000,000 times, and PCRE takes 65,535/,
    /proxy refuses/,
  ],
  ['/[A-Z]{2147483648}', 'cilium', /^warning: .*2,147,483,648 times, and RE2 takes 1,000 at most/, /proxy refuses/],
  ['/[A-Z]{1001}', 'nginx', /^info: .* is not looked into: it repeats something 1,001 times/, /doesn't look into/],
  ['/~/[A-Z]{1001}', 'kong', /^info: .* is not looked into: it repeats something 1,001 times/, /doesn't look into/],
  ['/(?:(?:a{11}){10}){10}', 'cilium', /^warning: .* 1,100 times by nested repeats, and RE2/, /proxy refuses/],
  ['/(?:(?:a{11}){10}){10}', 'nginx', /^info: .* is not looked into: .* 1,100 times by nested/, /doesn't look into/],
  [`/${'('.repeat(251)}a${')'.repeat(251)}`, 'nginx', /^warning: .* deeper than 250, .* PCRE/, /proxy refuses/],
  [`/${'('.repeat(251)}a+${')'.repeat(251)}`, 'contour', /^info: .* deeper than 250/, /doesn't look into/],
  [`/${'a'.repeat(4096)}+`, 'contour', /^info: .* 4,098 letters, more than 4,096/, /doesn't look into/],
  [`/${'a{1000}'.repeat(200)}`, 'nginx', /^info: .* more than 5,000 parts/, /doesn't look into/],
  ['/([a', 'cilium', /^warning: .* is no regular expression/, /Hoplens can't read/],
  ['/[A-Z]{1000}', 'cilium', /nothing/, /No Ingress rule matches/],
  ['/[0-9]{1,1000}|/\\{5000}|/[{5000}]|/\\Qa{5000}\\E', 'cilium', /nothing/, /No Ingress rule matches/],
  ['/(?:a{900}){0}{1}|(?:a{10}){100}', 'nginx', /^info: .*RE2/, /Hoplens can't read/],
])('%.40s read by %s', (path, className, rule, trace) => {
  const got = said(path, className);
  expect(got.rule).toMatch(rule);
  expect(got.trace).toMatch(trace);
});

test('an HTTPRoute whose expression repeats too often', () => {
  const model = clusterOf([
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'shop' },
      spec: { rules: [{ matches: [{ path: { type: 'RegularExpression', value: '/a{1001}' } }] }] },
    },
  ]);
  const findings = foundIn(model);
  expect(findings.find(({ rule }) => rule === 'expression-unreadable')?.message).toMatch(
    /not looked into: .* 1,001 times, more than 1,000, which proxies that use RE2 refuse/,
  );
});

test.each<[expression: string, witness: string | null]>([
  ['/item/[0-9]{3}', '/item/000'],
  ['/(a|b){2}', '/aa'],
  ['/a{150}', `/${'a'.repeat(150)}`],
  ['/a{400}', null],
  ['/(?:abcdefghij){100}', null],
  // Letters to RE2, a repeat to the generator.
  ['/\\Qa{1000000000}\\E', null],
  ['/\\x{100000}', null],
])('an example of %s', (expression, witness) => {
  expect(witnessOf({ kind: 'expression', expression, dialect: 'RE2', ignoresCase: false, anchors: 'both' })).toBe(
    witness,
  );
});

/** Parts that cost something: classes, quotations, repeats of every size, alternatives, groups in one another. */
function randomExpression(random: ReturnType<typeof seededRandom>, depth: number): string {
  const parts = Array.from({ length: 1 + random.below(4) }, () => {
    const part = random.pick([
      () =>
        random.pick(['a', '.', '[A-Z]', '[^a]', '\\d', '\\pL', '\\x{100000}', '\\Qa{9}\\E', '[[:alpha:]]', '(?i)', '']),
      () => `(${depth === 0 ? '' : randomExpression(random, depth - 1)})`,
      () => `(?:${depth === 0 ? 'b' : randomExpression(random, depth - 1)})`,
      () => `${depth === 0 ? 'c' : randomExpression(random, depth - 1)}|${random.pick(['d', '', '.*'])}`,
      () => 'ab?'.repeat(random.below(400)),
    ])();
    const most = random.pick([2, 2, 3, 3, 5, 10, 30, 100, 1000, 1001, 10_000_000, 2_147_483_648]);
    return `${part}${random.pick(['', '', '*', '+', '?', '*?', `{${most}}`, `{0,${most}}`, `{${random.below(20)},}`])}`;
  });
  return parts.join('');
}

test('2,000 random expressions: none takes over 100 ms to compile, to match and to make an example of', () => {
  const random = seededRandom(10);
  const text = `/shop/${'aB1-'.repeat(10)}/item`;
  const slow: string[] = [];
  for (let round = 0; round < 2000; round++) {
    const expression = `/${randomExpression(random, 4)}`;
    const match = { kind: 'expression', expression, dialect: 'PCRE', ignoresCase: true, anchors: 'start' } as const;
    const began = performance.now();
    matchesPath(match, text);
    surpriseOf(match, { kind: 'elements', path: expression });
    const took = performance.now() - began;
    // A busy machine can hold up any one of them: what is slow twice is slow.
    if (took > 100) {
      const again = performance.now();
      matchesPath({ ...match, ignoresCase: false }, text);
      surpriseOf({ ...match, ignoresCase: false }, { kind: 'elements', path: expression });
      if (performance.now() - again > 100) slow.push(`${Math.round(took)} ms: ${expression}`);
    }
  }
  expect(slow).toEqual([]);
}, 60_000);

test('an expression that keeps its rule out of the table is told, with what goes with it', () => {
  const path = (text: string, type: string): string =>
    `{ path: "${text}", pathType: ${type}, backend: { service: { name: web, port: { number: 80 } } } }`;
  const yaml = (first: string): string => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  ingressClassName: contour
  rules:
    - host: shop.example
      http: { paths: [${path(first, 'ImplementationSpecific')}, ${path('/', 'Prefix')}] }
`;
  const said = (first: string): string[] =>
    foundIn(cluster(yaml(first)))
      .filter(({ rule }) => rule === 'expression-unreadable')
      .map(({ message }) => message);
  expect(said('/r[')).toEqual([
    expect.stringMatching(/is no regular .*\. Contour leaves out it and the path behind it\.$/),
  ]);
  expect(said('/r[a-z]')).toEqual([]);
});
