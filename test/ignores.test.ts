import { expect, test } from 'vitest';
import { ignoringEdit, ignoringText } from '../shared/insight/ignoring.ts';
import { readLevels } from '../shared/insight/levels.ts';
import { Workspace } from '../shared/insight/workspace.ts';
import { parseFile } from '../shared/manifest/parseFile.ts';
import { lineStartsOf, offsetIn } from '../shared/manifest/position.ts';

/** What is found in files, as `line rule`, lines from 1; nothing else is wrong in `service` but its nodePort. */
function foundIn(files: Readonly<Record<string, string>>, uri = '/w/a.yaml'): string[] {
  const workspace = new Workspace();
  for (const [name, text] of Object.entries(files)) workspace.put(name, text);
  return said(workspace, uri);
}

function said(workspace: Workspace, uri: string): string[] {
  return workspace.findings(uri).map(({ rule, site }) => `${site.range.start.line + 1} ${rule}`);
}

const service = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: NodePort
  clusterIP: 10.96.0.10
  ports:
    - port: 80
      nodePort: 80
`;
const fault = 'node-port-out-of-range';

const ofAnother = service.replace('web', 'other').replace('.10\n', '.11\n').replace('nodePort: 80', 'nodePort: 81');

test.each<[what: string, text: string, found: string[]]>([
  ['none', service, [`9 ${fault}`]],
  ['on the line', service.replace(/80\n$/, `80 # hoplens-ignore ${fault}: why\n`), []],
  [
    'on another line',
    service.replace('NodePort', `NodePort # hoplens-ignore ${fault}: why`),
    [`9 ${fault}`, '5 unused-ignore'],
  ],
  [
    'above the line',
    service.replace('      nodeP', `      # hoplens-ignore ${fault}: why\n      # Also\n      nodeP`),
    [],
  ],
  [
    'above a line around it',
    service.replace('  ports', `  # hoplens-ignore ${fault}: why\n  ports`),
    [`10 ${fault}`, '7 unused-ignore'],
  ],
  [
    'another rule',
    service.replace(/80\n$/, '80 # hoplens-ignore port-name-missing: why\n'),
    [`9 ${fault}`, '9 unused-ignore'],
  ],
  ['several', service.replace(/80\n$/, `80 # hoplens-ignore port-name-missing, ${fault}: why\n`), ['9 unused-ignore']],
  ['no reason', service.replace(/80\n$/, `80 # hoplens-ignore ${fault}\n`), ['9 unclear-ignore']],
  ['no rule', service.replace(/80\n$/, '80 # hoplens-ignore\n'), [`9 ${fault}`, '9 unclear-ignore']],
  [
    'no such rule',
    service.replace(/80\n$/, '80 # hoplens-ignore node-port: why\n'),
    [`9 ${fault}`, '9 unclear-ignore'],
  ],
  ['on the object', `# hoplens-ignore ${fault}: why\n${service}---\n${ofAnother}`, [`20 ${fault}`]],
  ['on the second object', `${service}---\n# hoplens-ignore ${fault}: why\n${ofAnother}`, [`9 ${fault}`]],
  ['before the separator', `# hoplens-ignore ${fault}: why\n---\n${service}---\n${ofAnother}`, [`21 ${fault}`]],
  ['on the file', `# Copyright\n# hoplens-ignore-file ${fault}: why\n${service}---\n${ofAnother}`, []],
  ['on the file, too late', `${service}# hoplens-ignore-file ${fault}: why\n`, [`9 ${fault}`, '10 unused-ignore']],
  ['Windows', service.replace(/80\n$/, `80 # hoplens-ignore ${fault}: why\n`).replaceAll('\n', '\r\n'), []],
  [
    'in a text',
    service.replace('{ name: web }', `{ name: web, annotations: { a: "x # hoplens-ignore ${fault}: y" } }`),
    [`9 ${fault}`],
  ],
  [
    'in a block text',
    service.replace('{ name: web }', `\n  name: web\n  annotations:\n    a: |\n      # hoplens-ignore ${fault}: y`),
    [`13 ${fault}`],
  ],
  [
    'by annotation',
    service.replace('{ name: web }', `{ name: web, annotations: { hoplens.dev/ignore: "${fault}: why" } }`),
    [],
  ],
  [
    'a rule that nobody asks about what is refused',
    service.replace(/80\n$/, '80 # hoplens-ignore alias-loop: why\n'),
    [`9 ${fault}`],
  ],
  [
    'by annotation, another rule',
    service.replace('{ name: web }', '{ name: web, annotations: { hoplens.dev/ignore: "port-name-missing: why" } }'),
    [`9 ${fault}`, '3 unused-ignore'],
  ],
])('ignored: %s', (_, text, found) => {
  expect(foundIn({ '/w/a.yaml': text })).toEqual(found);
});

test('an item of a List is ignored by the comment above it', () => {
  const item = (name: string): string =>
    (name === 'a' ? service : ofAnother)
      .replace(/web|other/, name)
      .split('\n')
      .filter((line) => !line.includes('clusterIP') && line !== '')
      .map((line, index) => `${index === 0 ? '  - ' : '    '}${line}\n`)
      .join('');
  const list = `apiVersion: v1\nkind: List\nitems:\n${item('a')}  # hoplens-ignore ${fault}: why\n${item('b')}`;
  expect(foundIn({ '/w/a.yaml': list })).toEqual([`11 ${fault}`]);
});

test('of a value that begins on the next line, the key has the comment', () => {
  const selecting = (comment: string): string =>
    `apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec:\n` +
    `${comment}  selector:\n    app: web\n  ports: [{ port: 80 }]\n---\n` +
    '{ apiVersion: v1, kind: Pod, metadata: { name: p, labels: { app: api } }, ' +
    'spec: { containers: [{ name: c, image: c }] } }\n';
  expect(foundIn({ '/w/a.yaml': selecting('') })).toEqual(['6 selector-matches-no-pod']);
  expect(foundIn({ '/w/a.yaml': selecting('  # hoplens-ignore selector-matches-no-pod: why\n') })).toEqual([]);
});

test('an edit of a comment is heard', () => {
  const workspace = new Workspace();
  workspace.put('/w/a.yaml', service);
  let stale = 0;
  const watch = workspace.watchFindings('/w/a.yaml', 'faults alone', () => stale++);
  const count = (): number => {
    workspace.settle();
    return watch.get().length;
  };
  expect(count()).toBe(1);
  workspace.put('/w/a.yaml', service.replace(/80\n$/, `80 # hoplens-ignore ${fault}: why\n`));
  expect([count(), stale > 0]).toEqual([0, true]);
  workspace.put('/w/a.yaml', service);
  expect(count()).toBe(1);
});

test.each<[what: string, text: string, found: string]>([
  ['above the line', service, `      # hoplens-ignore ${fault}: why\n      nodePort: 80\n`],
  ['Windows', service.replaceAll('\n', '\r\n'), `\r\n      # hoplens-ignore ${fault}: why\r\n      nodePort: 80\r\n`],
  [
    'on the first line',
    JSON.stringify(parse(service)).replaceAll('"', '').replaceAll(':', ': '),
    ` # hoplens-ignore ${fault}: why`,
  ],
  ['JSON', JSON.stringify(parse(service)), `"annotations": { "hoplens.dev/ignore": "${fault}: why" }`],
])('an ignore is written: %s', (_, text, found) => {
  expect(ignored('/w/a.yaml', text)).toContain(found);
});

test('an ignore is written in JSON', () => {
  const text = ignored('/w/a.json', JSON.stringify(parse(service), null, 2));
  expect(text).toContain(`"annotations": { "hoplens.dev/ignore": "${fault}: why" }`);
});

function parse(text: string): unknown {
  return parseFile('a.yaml', text).manifests[0]?.value;
}

/** A text with its one finding ignored, so that nothing is said any more. */
function ignored(uri: string, text: string): string {
  const workspace = new Workspace();
  workspace.put(uri, text);
  const [finding] = workspace.findings(uri);
  const file = workspace.file(uri);
  const edit = finding === undefined || file === null ? null : ignoringEdit(file, finding);
  if (edit === null) throw new Error('no ignore');
  const at = offsetIn(lineStartsOf(text), edit.site.range.start);
  const changed = text.slice(0, at) + ignoringText(edit, 'why') + text.slice(at);
  workspace.put(uri, changed);
  expect(said(workspace, uri)).toEqual([]);
  return changed;
}

/** How grave the only finding is. */
function severityWith({ file, nearer, under = {}, over = {} }: Levelled): string {
  const workspace = new Workspace();
  workspace.chooseLevels({
    under: new Map([['', readLevels(Object.entries(under))]]),
    over: readLevels(Object.entries(over)),
  });
  workspace.put('/w/deep/a.yaml', service);
  if (file !== undefined) workspace.put('/w/hoplens.yaml', setsWith(file));
  if (nearer !== undefined) workspace.put('/w/deep/hoplens.yaml', setsWith(nearer));
  return workspace
    .findings('/w/deep/a.yaml')
    .map(({ severity }) => severity)
    .join();
}

interface Levelled {
  readonly file?: string;
  readonly nearer?: string;
  readonly under?: Readonly<Record<string, string>>;
  readonly over?: Readonly<Record<string, string>>;
}

function setsWith(level: string): string {
  return (
    `apiVersion: hoplens.dev/v1alpha1\nkind: ManifestSets\nmetadata: { name: s }\n` +
    `spec: { rules: { ${fault}: ${level} } }\n`
  );
}

test.each<[Levelled, string]>([
  [{}, 'error'],
  [{ under: { [fault]: 'info' } }, 'info'],
  [{ under: { [fault]: 'off' } }, ''],
  [{ under: { [fault]: 'much' } }, 'error'],
  [{ file: 'warning', under: { [fault]: 'info' } }, 'warning'],
  [{ file: 'off' }, ''],
  [{ file: '"off"' }, ''],
  [{ file: 'off', nearer: 'hint' }, 'hint'],
  [{ file: 'off', over: { [fault]: 'info' } }, 'info'],
])('levels: %j', (given, severity) => {
  expect(severityWith(given)).toBe(severity);
});

test('what is raised to a fault is told of a file that nobody has open', () => {
  const workspace = new Workspace();
  workspace.put('/w/a.yaml', service.replace(/80\n$/, '30080\n').replace('name: web', 'name: "${NAME}"'));
  const watch = workspace.watchFindings('/w/a.yaml', 'faults alone', () => undefined);
  const rules = (): string[] => (workspace.settle(), watch.get().map(({ rule }) => rule));
  expect(rules()).toEqual([]);
  workspace.chooseLevels({ under: new Map([['', readLevels([['placeholder', 'warning']])]]), over: new Map() });
  expect(rules()).toEqual(['placeholder']);
});

test('levels that mean nothing are told', () => {
  const text = setsWith('much').replace('{ node', '{ node-port-out-of-rang: info, node');
  const workspace = new Workspace();
  workspace.put('/w/hoplens.yaml', text);
  expect(workspace.findings('/w/hoplens.yaml').map(({ message }) => message)).toEqual([
    `There is no rule node-port-out-of-rang; ${fault} is one.`,
    'A rule can be error, warning, info, hint, off, not much.',
  ]);
});
