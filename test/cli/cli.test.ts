import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function node(args: readonly string[], input: string, colours: NodeJS.ProcessEnv): Answer {
  const { NO_COLOR: _no, FORCE_COLOR: _force, ...environment } = process.env;
  const { status, stdout, stderr } = spawnSync('node', args, {
    cwd: root,
    input,
    encoding: 'utf8',
    env: { ...environment, ...colours },
  });
  return { status, stdout, stderr };
}

function hoplens(args: readonly string[], input = '', colours: NodeJS.ProcessEnv = {}): Answer {
  return node(['--disable-warning=ExperimentalWarning', 'cli/main.ts', ...args], input, colours);
}

const unusable: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['no command', [], /no command/],
  ['an unknown command', ['trcae'], /no command trcae; there are trace, lint/],
  ['an unknown flag', ['trace', 'svc/web', '--form', 'x'], /--form/],
  ['a missing file', ['trace', 'svc/web', '-f', 'nowhere'], /no file or folder nowhere/],
  [
    'a target that can not be read',
    ['trace', 'web??', '-f', 'examples/A7-load-balancer'],
    /Can't read the target "web\?\?": it can be/,
  ],
  [
    'an unknown Service',
    ['trace', 'svc/wbe', '-f', 'examples/A7-load-balancer'],
    /no Service wbe in namespace default; there is svc\/web/,
  ],
  [
    'an unknown pod',
    ['trace', 'svc/web', '--from', 'pod/x', '-f', 'examples/A7-load-balancer'],
    /no pod\/x in namespace default; there are web-0/,
  ],
  [
    'a bad format',
    ['trace', 'svc/web', '--format', 'xml', '-f', 'examples/A7-load-balancer'],
    /--format can be text, json, mermaid/,
  ],
  [
    'a format called as what any object has',
    ['lint', '--format', 'toString', 'examples/A7-load-balancer'],
    /text, json/,
  ],
  [
    'a file that is no profile',
    ['trace', 'svc/web', '--profile', 'examples/A7-load-balancer/web.yaml', '-f', 'examples/A7-load-balancer'],
    /holds no ClusterProfile/,
  ],
  [
    'an unknown node',
    ['rules', '--node', 'node-9', '-f', 'examples/A7-load-balancer'],
    /no node node-9; there are node-1/,
  ],
  ['a Service in several sets', ['trace', 'svc/web', '-f', 'examples'], /svc\/web is in \d+ manifest sets/],
];

test.each(unusable)('unusable input, one line, status 2: %s', (_, args, says) => {
  const { status, stdout, stderr } = hoplens(args);
  expect(stderr).toMatch(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

const barren: readonly (readonly [string, string, RegExp])[] = [
  ['nothing', '', /Standard input is empty\.$/],
  ["another program's complaint", 'Error from server (Forbidden): services\n', /begins with "Error from server/],
  ['what is no YAML at all', '%%% [\n', /begins with "%%% \["/],
  [
    'a template',
    'apiVersion: v1\nkind: Service\nmetadata: { name: {{ .Values.name }} }\n',
    /can be read; line \d: .*template/,
  ],
];
const readers = [
  ['lint', '-', '--format', 'json', '--fail-on', 'never'],
  ['lenses', '-f', '-'],
  ['trace', 'http://shop.example.com/', '-f', '-'],
  ['rules', '--node', 'node-1', '-f', '-'],
];

test.each([
  ...barren.map(([what, input, says]) => ({ command: 'lint -', what, args: ['lint', '-'], input, says })),
  ...readers.map((args) => ({
    command: args.join(' '),
    what: 'nothing',
    args,
    input: '',
    says: /Standard input is empty\.$/,
  })),
])('$command with $what on standard input is unusable', ({ args, input, says }) => {
  const { status, stdout, stderr } = hoplens(args, input);
  expect(stderr.trimEnd()).toMatch(says);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
});

test('a List without items is an answer, and broken YAML a finding', () => {
  expect(hoplens(['lint', '-'], 'apiVersion: v1\nkind: List\nitems: []\n')).toEqual({
    status: 0,
    stdout: '',
    stderr: '0 manifests in 1 file: nothing to judge.\n',
  });
  const { status, stdout } = hoplens(['lint', '-'], 'apiVersion: v1\nkind: Service\nspec: {\n');
  expect(stdout).toMatch(/^-:\d:\d+: error: .* \[yaml-syntax\]$/m);
  expect(status).toBe(1);
});

test('an old Node is told what it lacks, and the version is that of package.json', () => {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const old = 'data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "20.20.2" } })';
  expect(node(['--import', old, 'cli/launcher.mjs', 'lint'], '', {})).toEqual({
    status: 2,
    stdout: '',
    stderr: `hoplens: needs Node ${engines.node.replace('>=', '')} or newer; this is Node 20.20.2.\n`,
  });
});

test('--version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  expect(hoplens(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
});

test.each(['trace', 'lint', 'rules', 'lenses', 'server'])('%s has a help of its own', (name) => {
  const { status, stdout, stderr } = hoplens([name, '--help']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(new RegExp(`^Usage: hoplens ${name} [^]*\\nOptions:\\n[^]*\\nExamples:\\n.*hoplens ${name}`));
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

test('the help lists the commands', () => {
  const { stdout } = hoplens(['--help']);
  expect([...stdout.matchAll(/^ {2}(\w+) {2}/gm)].map(([, name]) => name).join(' ')).toBe(
    'trace lint rules routes reach lenses server',
  );
});

test('the help of rules', () => {
  expect(hoplens(['help', 'rules']).stdout).toMatchInlineSnapshot(`
    "Usage: hoplens rules --node NAME [options]

    Print the rules that kube-proxy would write on a node, for iptables-restore or nft -f.

    Options:
          --node NAME       the node (required)
      -f, --file PATH       a file or a folder, repeatable; - is standard input; without it, the current
                            folder. Of kustomizations and charts, what they build is judged
          --set NAME        of several overlays, charts or values files, the one that is meant, as
                            lenses name it
          --values FILE     of a chart: a file of values beside the chart's own, repeatable, the last
                            wins
          --release NAME    of a chart: the release's name; without it, the chart's
          --namespace NAME  of a chart: the namespace that it is installed in
          --profile FILE    the ClusterProfile to judge by; without it, the set's own, else the nearest
                            hoplens.yaml
          --mode MODE       iptables or nftables; without it, the profile's
          --family FAMILY   ipv4 or ipv6 (default: ipv4)
      -h, --help            this text

    Exit status: 0 printed, 2 unusable input.

    Examples:
      hoplens rules --node node-1 -f manifests
          as the profile has it
      hoplens rules --node node-1 --mode nftables --family ipv6
          for nft -f
    "
  `);
});

test('lint ends with a summary, on standard error, of the text format alone', () => {
  const text = hoplens(['lint', 'examples/C3-node-port-range']);
  expect(text.stderr).toBe('2 manifests in 1 file: 1 error.\n');
  expect(text.stdout).toMatch(/^examples\/C3-node-port-range\/web\.yaml:7:51: error: .* \[node-port-out-of-range\]\n$/);
  expect(hoplens(['lint', 'examples/C3-node-port-range', '--format', 'github']).stderr).toBe('');
});

test.each([
  ['lint examples/C3-node-port-range', {}, false],
  ['lint examples/C3-node-port-range', { FORCE_COLOR: '1' }, true],
  ['lint examples/C3-node-port-range', { NO_COLOR: '1' }, false],
  ['lint examples/C3-node-port-range --format json', { FORCE_COLOR: '1' }, false],
  ['trace svc/web -f examples/A7-load-balancer', { FORCE_COLOR: '1' }, true],
] as const)('%s into a pipe with %o: colours %s', (command, environment, wanted) => {
  expect(hoplens(command.split(' '), '', environment).stdout.includes('\u001b[')).toBe(wanted);
});

test('whoever reads may stop early', () => {
  const command = 'node --disable-warning=ExperimentalWarning cli/main.ts lint examples --format json | head -1';
  expect(spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' })).toMatchObject({
    stdout: '[\n',
    stderr: '',
  });
});

test('a profile with a bad field is unusable', () => {
  const { status, stderr } = hoplens(
    ['lenses', '-f', '-'],
    `apiVersion: hoplens.dev/v1alpha1
kind: ClusterProfile
metadata: { name: x }
spec: { kubeProxy: { mode: userspace } }
`,
  );
  expect(stderr).toMatch(/-:4: kubeProxy\.mode is userspace; it can be iptables/);
  expect(status).toBe(2);
});

test('trace ends with 0 where every path is delivered, else 1', () => {
  expect(hoplens(['trace', 'svc/web', '-f', 'examples/A7-load-balancer']).status).toBe(0);
  expect(hoplens(['trace', 'svc/web', '-f', 'examples/B1-cluster-ip-from-outside']).status).toBe(1);
});

test('the JSON of a trace is the contract', () => {
  const { version, summary, paths, assumptions } = JSON.parse(
    hoplens(['trace', 'http://app.example.com/', '-f', 'examples/A1-load-balancer-by-hand', '--format', 'json']).stdout,
  );
  expect({ version, summary }).toEqual({
    version: 1,
    summary: { text: '3 hops from LB, SNAT applied', hops: { min: 3, max: 3 }, snat: 'always' },
  });
  expect(paths[0]).toMatchObject({
    probability: '1/4',
    verdict: {
      kind: 'delivered',
      reason: null,
      status: null,
      namespace: 'default',
      pod: 'app-0',
      service: 'app',
      address: '10.244.1.238',
      port: 8080,
    },
    source: { atPod: '10.244.1.19', party: 'pod/nginx-0' },
  });
  expect(paths[0].hops[1]).toMatchObject({
    from: 'lb/edge',
    to: 'node/node-3',
    crossesNodes: false,
    rewrites: [
      { kind: 'DNAT', from: '192.168.0.13:32000', to: '10.244.1.19:80', by: expect.stringMatching(/^KUBE-SEP-/) },
      { kind: 'SNAT' },
    ],
  });
  expect(assumptions.map(({ id }: { id: string }) => id)).toEqual(['dns:app.example.com', 'balancer-address:edge']);
});

test.each([
  ['lint', 1],
  ['lint --fail-on never', 0],
] as const)('%s ends with %i', (args, wanted) => {
  const [command = '', ...flags] = args.split(' ');
  expect(hoplens([command, 'examples/C3-node-port-range', ...flags]).status).toBe(wanted);
});

test('lint prints JSON, SARIF and GitHub annotations', () => {
  const [found] = JSON.parse(hoplens(['lint', 'examples/C3-node-port-range', '--format', 'json']).stdout);
  expect(found).toMatchObject({
    rule: 'node-port-out-of-range',
    severity: 'error',
    file: 'examples/C3-node-port-range/web.yaml',
    line: 7,
    column: 51,
    endLine: 7,
    endColumn: 55,
    related: [],
  });
  expect(
    JSON.parse(hoplens(['lint', 'examples/C3-node-port-range', '--format', 'sarif']).stdout).runs[0].results[0].ruleId,
  ).toBe('node-port-out-of-range');
  expect(hoplens(['lint', 'examples/C3-node-port-range', '--format', 'github']).stdout).toMatch(
    /^::error file=examples\/C3-node-port-range\/web\.yaml,line=7,endLine=7,col=51,/,
  );
});
