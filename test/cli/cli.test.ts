import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

function hoplens(args: readonly string[], input = ''): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(
    'node',
    ['--disable-warning=ExperimentalWarning', 'cli/main.ts', ...args],
    { cwd: root, input, encoding: 'utf8' },
  );
  return { status, stdout, stderr };
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

test('a profile with a bad field is unusable', () => {
  const { status, stderr } = hoplens(
    ['lenses', '-f', '-'],
    'apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: x }\nspec: { kubeProxy: { mode: userspace } }\n',
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
      address: '10.244.1.2',
      port: 8080,
    },
    source: { atPod: '10.244.1.3', party: 'pod/nginx-0' },
  });
  expect(paths[0].hops[1]).toMatchObject({
    from: 'lb/edge',
    to: 'node/node-3',
    crossesNodes: false,
    rewrites: [
      { kind: 'DNAT', from: '192.168.0.13:32000', to: '10.244.1.3:80', by: expect.stringMatching(/^KUBE-SEP-/) },
      { kind: 'SNAT' },
    ],
  });
  expect(assumptions.map(({ id }: { id: string }) => id)).toEqual(['dns:app.example.com']);
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
    /^::error file=examples\/C3-node-port-range\/web\.yaml,line=7,col=51,/,
  );
});
