import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type EntryPointsAnswer,
  entryPointsMethod,
  type EntrySetsAnswer,
  entrySetsMethod,
  type ProfileAnswer,
  profileMethod,
  type SetItem,
  setsMethod,
  type TargetsAnswer,
  targetsMethod,
} from '../../shared/insight/protocol.ts';
import { type Editor, type Folder, newFolder, startEditor } from './editor.ts';

const pod = (name: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, labels: { app: ${name} } }\n` +
  `spec: { containers: [{ name: ${name}, image: ${name} }] }\n`;
const service = (name: string, app = name): string =>
  `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\n` +
  `spec: { type: LoadBalancer, selector: { app: ${app} }, ports: [{ port: 80 }] }\n`;

let folder: Folder;
let editor: Editor;

beforeAll(async () => {
  folder = newFolder({
    'one/kustomization.yaml': 'resources: [all.yaml]\n',
    'one/all.yaml': `${service('one')}---\n${pod('one')}`,
    'two/kustomization.yaml': 'resources: [missing.yaml]\n',
    'three/all.json': JSON.stringify({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'three' },
      spec: { type: 'NodePort', selector: { app: 'three' }, ports: [{ port: 80, nodePort: 30080 }] },
    }),
    'four/inside.yaml': pod('four'),
  });
  editor = await startEditor(folder);
});
afterAll(() => editor.stop());

const sets = (): Promise<EntrySetsAnswer> => editor.connection.sendRequest(entrySetsMethod);

/** The sets as lines; what leads into each stands beneath it. */
async function listed(): Promise<string> {
  const lines: string[] = [];
  for (const { root, kind, label, place, problem } of (await sets()).sets) {
    lines.push([kind, label ?? '-', place.slice(folder.uri.length), problem?.message ?? ''].join(' ').trim());
    const answer = await editor.connection.sendRequest<EntryPointsAnswer>(entryPointsMethod, { root });
    for (const { name, outcome, way, request, place: at } of answer?.entries ?? [])
      lines.push(
        `  ${outcome} ${name}: ${way} (${request?.target}${request?.build === undefined ? '' : ' of the build'}, ` +
          `${at?.uri.slice(folder.uri.length)}:${(at?.line ?? -1) + 1})`,
      );
  }
  return lines.join('\n');
}

test('the ways in by set: built ones, failing builds and JSON; sets without any are left out', async () => {
  await expect.poll(async () => (await sets()).state.kind, { timeout: 30_000 }).toBe('ready');
  expect(await listed()).toMatchInlineSnapshot(`
    "folder -
      lost three :30080: no way in: selector matches no pod (svc/three, /three/all.json:1)
    kustomization one /one
      arrives one :80: 2 hops from LB, SNAT applied (svc/one of the build, /one/all.yaml:4)
    kustomization two /two 'missing.yaml' doesn't exist"
  `);
});

test('the sets that can be asked without a file in front, those with a way in first; and who asks there', async () => {
  const sets = await editor.connection.sendRequest<SetItem[]>(setsMethod);
  expect(sets.map(({ place, uri }) => [place, uri].map((each) => each.slice(folder.uri.length)))).toEqual([
    ['', '/three/all.json'],
    ['/one', '/one/kustomization.yaml'],
  ]);
  const [, one] = sets;
  const answer = await editor.connection.sendRequest<TargetsAnswer>(targetsMethod, {
    uri: one?.uri,
    build: one?.build,
  });
  expect(answer?.targets.map(({ target, description }) => [target, description])).toEqual([
    ['svc/one', '2 hops from LB, SNAT applied'],
  ]);
  expect(await editor.connection.sendRequest<TargetsAnswer>(targetsMethod, { uri: folder.at('gone.yaml') })).toBeNull();
});

test('what kubectl printed comes back as a profile, or as what it lacks', async () => {
  const ask = (printed: string): Promise<ProfileAnswer> => editor.connection.sendRequest(profileMethod, { printed });
  expect(await ask('apiVersion: v1\nkind: Node\nmetadata: { name: a }\n')).toMatchObject({ kind: 'profile' });
  expect(await ask('<html>')).toMatchObject({ kind: 'nothing' });
});

test('an edit gives the set that it is about another number, and no other', async () => {
  const before = await sets();
  const uri = folder.at('one/all.yaml');
  await editor.open(uri, `${service('one')}---\n${pod('one')}`);
  await editor.change(uri, `${service('one', 'other')}---\n${pod('one')}`, 2);
  await expect.poll(listed, { timeout: 10_000 }).toContain('lost one :80: no way in: selector matches no pod');
  const after = await sets();
  const changed = after.sets.filter(
    ({ root, revision }) => before.sets.find((each) => each.root === root)?.revision !== revision,
  );
  // A build that failed may be tried again meanwhile.
  const places = changed.map(({ place }) => place.slice(folder.uri.length)).filter((place) => place !== '/two');
  expect(places).toEqual(['/one']);
  const gone = await editor.connection.sendRequest<EntryPointsAnswer>(entryPointsMethod, { root: 'no such set' });
  expect(gone).toBeNull();
});
