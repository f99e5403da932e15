import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { contentOf } from '../shared/manifest/parseDocument.ts';
import { readUsualYaml } from '../shared/manifest/usualYaml.ts';
import { readYaml } from '../shared/manifest/yamlTree.ts';
import { seededRandom } from './seededRandom.ts';

const usual = `---
# A comment.
apiVersion: apps/v1 # another
kind: Deployment
metadata: { name: web, labels: {app: "web"}, finalizers: [ ] }
spec:
  replicas: 3
  paused: false
  empty:
  minReadySeconds: 0.5
  template:
    containers:
    - name: main
      image: registry.example.com:5000/web:1.4.2@sha256:0a1b
      args: ["--port", '8080', -v, 80]

      env:
        - name: SAYS
          value: 'it''s "here"'
        -   name: ESCAPED
            value: "a\\tb \\"c\\" \\\\"
      command:
      - sh
      - -c
      - |
        # no comment
        if true; then
          run

        fi

  hash: 1.2.3
  wide: 10.96.0.0/12
  yes-or-no: yes
  octal: 010
  thousand: 1_000
  script: |-
     one
      two
# The end.
`;

describe('YAML as manifests are usually written', () => {
  it('is read without a tree', () => {
    expect(readUsualYaml(usual)).toMatchInlineSnapshot(`
      {
        "start": {
          "character": 0,
          "line": 2,
        },
        "value": {
          "apiVersion": "apps/v1",
          "kind": "Deployment",
          "metadata": {
            "finalizers": [],
            "labels": {
              "app": "web",
            },
            "name": "web",
          },
          "spec": {
            "empty": null,
            "hash": "1.2.3",
            "minReadySeconds": 0.5,
            "octal": 8,
            "paused": false,
            "replicas": 3,
            "script": "one
       two",
            "template": {
              "containers": [
                {
                  "args": [
                    "--port",
                    "8080",
                    "-v",
                    80,
                  ],
                  "command": [
                    "sh",
                    "-c",
                    "# no comment
      if true; then
        run

      fi
      ",
                  ],
                  "env": [
                    {
                      "name": "SAYS",
                      "value": "it's "here"",
                    },
                    {
                      "name": "ESCAPED",
                      "value": "a	b "c" \\",
                    },
                  ],
                  "image": "registry.example.com:5000/web:1.4.2@sha256:0a1b",
                  "name": "main",
                },
              ],
            },
            "thousand": 1000,
            "wide": "10.96.0.0/12",
            "yes-or-no": true,
          },
        },
      }
    `);
  });

  it.each([
    ['an anchor', 'a: &b c\n'],
    ['an alias', 'a: *b\n'],
    ['a tag', 'a: !!str 1\n'],
    ['a merge key', '<<: {a: b}\n'],
    ['a folded scalar', 'a: >\n  b\n'],
    ['a scalar of two lines', 'a: b\n  c\n'],
    ['a quoted scalar of two lines', 'a: "b\n  c"\n'],
    ['a list of two lines', 'a: [b,\n  c]\n'],
    ['a quoted key', '"a": b\n'],
    ['a key that is a number', '80: b\n'],
    ['a key that is no text', 'on: b\n'],
    ['a key that comes twice', 'a: b\na: c\n'],
    ['such a key in a line', 'a: {b: c, b: d}\n'],
    ['a number that JSON lacks', 'a: .inf\n'],
    ['another line end', 'a: b\u2028c\n'],
    ['a template', 'a: {{ b }}\n'],
    ['a tab', 'a:\tb\n'],
    ['two documents', 'a: b\n---\nc: d\n'],
    ['a map in a line', 'a: b: c\n'],
    ['a key without a space', 'a:b\n'],
    ['a wrong indent', 'a:\n    b: c\n  d: e\n'],
    ['a list at the top', '- a\n'],
    ['nothing', '# a\n'],
  ])('leaves %s to the other reader', (_what, text) => {
    expect(readUsualYaml(text)).toBeNull();
  });

  it('is what the other reads, in all examples', () => {
    expect(examples.filter((text) => readUsualYaml(text) !== null).length).toBeGreaterThan(examples.length / 2);
    for (const text of examples) expectAgreement(text);
  });

  it('is what the other reads, after random changes', { timeout: 60_000 }, () => {
    const random = seededRandom(1);
    const texts = [usual, ...examples].filter((text) => text.length < 2000);
    let read = 0;
    for (let index = 0; index < 4000; index++) {
      const lines = random.pick(texts).split('\n');
      const first = random.below(lines.length);
      let text = (random.below(2) === 0 ? lines : lines.slice(first, first + 6)).join('\n');
      for (let changes = random.below(3); changes >= 0; changes--) {
        const at = random.below(text.length + 1);
        text = text.slice(0, at) + random.pick(bits) + text.slice(at + random.below(3));
      }
      if (expectAgreement(random.below(8) === 0 ? text.replaceAll('\n', '\r\n') : text)) read++;
    }
    expect(read).toBeGreaterThan(250);
  });
});

const root = join(import.meta.dirname, '..');
const examples = globSync('examples/**/*.yaml', { cwd: root }).flatMap((file) =>
  readFileSync(join(root, file), 'utf8').split(/^(?=---)/m),
);

/** What means something in YAML, and what doesn't. */
const bits = [
  ...' \n\t#:-,"\'{}[]|>?%@\\`/+=$(.e_~01é\u0085\u2028\ufeff',
  ...'a: | - |#| #|\n  |\n    |\r\n|{}|[]|{{|>-|&a |*a|!a |<<: |? |---|---\n|...|\\n|\\x41|😀'.split('|'),
  ...'|- |+ |2 null true yes 0x -1 -0 1e3 .5 .inf 12:30 2026-03-01'.split(' '),
];

/** Gives whether the text was read without a tree. */
function expectAgreement(text: string): boolean {
  const read = readUsualYaml(text);
  if (read === null) return false;
  const { value, start, problems } = contentOf(readYaml(text, 0));
  // As texts, since the order of keys counts.
  expect(JSON.stringify(read), text).toBe(JSON.stringify({ value, start }));
  expect(problems, text).toEqual([]);
  return true;
}
