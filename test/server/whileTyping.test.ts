import { beforeEach, expect, test } from 'vitest';
import { codeLenses } from '../../server/features/codeLens.ts';
import { trace } from '../../server/features/trace.ts';
import { lensParts } from '../../server/settings.ts';
import { Workspace } from '../../shared/insight/workspace.ts';

const folder = 'file:///shop';
const service = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  type: LoadBalancer
  selector: { app: web }
  ports: [{ port: 80 }]
`;
const pods = `apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, ports: [{ containerPort: 80 }] }] }
`;
const texts = new Map<string, string>();
const options = { parts: new Set(lensParts), abilities: { showsTraces: true } };
let workspace: Workspace;

beforeEach(() => {
  workspace = new Workspace([folder]);
  texts.clear();
  for (const uri of [at('svc'), at('pods')]) workspace.noteEdited(uri, true);
  put('svc', service);
  put('pods', pods);
});

function at(name: string): string {
  return `${folder}/${name}.yaml`;
}

function put(name: string, text: string): void {
  texts.set(at(name), text);
  workspace.put(at(name), text);
}

/** What a person sees of the Service: the line of its lenses, what they say, the trace, and what it is as of. */
function seen(): string[] {
  const lenses = codeLenses(workspace.lenses(at('svc')), at('svc'), options);
  const shown = lenses.flatMap(({ range, command }) =>
    command === undefined || command.title === 'Trace request' ? [] : [`${range.start.line}: ${command.title}`],
  );
  return [...shown, tracedAs()];
}

function tracedAs(): string {
  const answer = trace(workspace, { uri: at('svc'), target: 'svc/web', from: 'internet' });
  if (answer.kind === 'unreadable') return answer.message;
  const asOf = answer.unread.map(({ file, line }) => ` (but for ${file.slice(folder.length + 1)}:${line})`);
  return `${answer.trace.summary.text}${asOf.join('')}`;
}

/** Whatever was said before, what is found is what a cold start on the same texts finds. */
function expectFindingsAsCold(): void {
  const cold = new Workspace([folder]);
  for (const [uri, text] of texts) cold.put(uri, text);
  for (const uri of texts.keys())
    expect(workspace.ask(() => workspace.findings(uri))).toEqual(cold.ask(() => cold.findings(uri)));
}

const usual = [
  '0: 2 hops from LB, SNAT applied',
  '0: → 2 pods',
  '0: ~ 3 nodes assumed',
  '2 hops from LB, SNAT applied',
];
const asOf = '0: as of the last readable text';

test.each<[string, readonly (readonly ['svc' | 'pods', string])[], readonly string[]]>([
  ['nothing', [], usual],
  [
    'a Service that is being written',
    [['svc', service.replace('ports: [{ port: 80 }]', 'ports: [{ port: 80')]],
    [...usual.slice(0, 3), asOf, `${usual[3]} (but for svc.yaml:7)`],
  ],
  [
    'lines above it',
    [
      ['svc', service.replace('app: web }', 'app: web')],
      ['svc', `# one\n# two\n${service.replace('app: web }', 'app: web')}`],
    ],
    [...usual.slice(0, 3), asOf].map((each) => each.replace('0:', '2:')).concat(`${usual[3]} (but for svc.yaml:9)`),
  ],
  [
    'pods in another file',
    [['pods', pods.replace('app: web }', 'app: web')]],
    [...usual.slice(0, 3), `${usual[3]} (but for pods.yaml:8)`],
  ],
  [
    'both',
    [
      ['pods', pods.replace('app: web }', 'app: web')],
      ['svc', service.replace('app: web }', 'app: web')],
    ],
    [...usual.slice(0, 3), asOf, `${usual[3]} (but for pods.yaml:8) (but for svc.yaml:7)`],
  ],
])('%s: lenses and trace stay, findings are of the text', (_, changes, expected) => {
  seen();
  for (const [name, text] of changes) put(name, text);
  expect(seen()).toEqual(expected);
  expectFindingsAsCold();
  put('svc', service.replace('port: 80', 'port: 81'));
  put('pods', pods.replace('replicas: 2', 'replicas: 1'));
  expect(seen()).toEqual(usual.map((each) => each.replace('2 pods', '1 pod')));
  expectFindingsAsCold();
});

test('another file of the set is followed while one is being written', () => {
  put('svc', service.replace('app: web }', 'app: web'));
  put('pods', pods.replace('replicas: 2', 'replicas: 1'));
  expect(seen()).toContain('0: → 1 pod');
  expectFindingsAsCold();
});

test('what nobody edits any more says what it says', () => {
  put('pods', pods.replace('app: web }', 'app: web'));
  workspace.noteEdited(at('pods'), false);
  expect(seen()).toEqual(['0: unknown: no pod in these files matches the selector', 'rejected: no ready endpoint']);
  workspace.remove(at('pods'));
  expect(tracedAs()).toBe('rejected: no ready endpoint');
});
