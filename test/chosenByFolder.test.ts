import { expect, test } from 'vitest';
import { readLevels } from '../shared/insight/levels.ts';
import { Workspace } from '../shared/insight/workspace.ts';

const service =
  'apiVersion: v1\nkind: Service\nmetadata: { name: web }\n' +
  'spec: { type: LoadBalancer, selector: { app: wbe }, ports: [{ port: 80 }] }\n---\n' +
  'apiVersion: v1\nkind: Pod\nmetadata: { name: web, labels: { app: web } }\n' +
  'spec: { containers: [{ name: web, image: web }] }\n';
const profile = (nodes: number): string =>
  'apiVersion: hoplens.dev/v1alpha1\nkind: ClusterProfile\nmetadata: { name: p }\n' +
  `spec: { nodes: { count: ${nodes} } }\n`;

const folders = ['file:///a', 'file:///a/deep', 'file:///b'];

function chosen(): Workspace {
  const workspace = new Workspace(folders);
  for (const folder of folders) workspace.put(`${folder}/web.yaml`, service);
  for (const nodes of [4, 5]) workspace.put(`file:///profiles/${nodes}.yaml`, profile(nodes));
  return workspace;
}

/** How many nodes each folder's set is judged with. */
const nodesIn = (workspace: Workspace): (number | undefined)[] =>
  folders.map((folder) => workspace.ask(() => workspace.sceneOf(`${folder}/web.yaml`)?.model.nodes.length));

test('each workspace folder has the profile that was picked for it, the nearest of several', () => {
  const workspace = chosen();
  expect(nodesIn(workspace)).toEqual([3, 3, 3]);
  const [all, deep] = ['file:///profiles/4.yaml', 'file:///profiles/5.yaml'];
  workspace.chooseProfiles(new Map([['', all]]));
  expect(nodesIn(workspace)).toEqual([4, 4, 4]);
  workspace.chooseProfiles(
    new Map([
      ['', all],
      ['file:///a/deep', deep],
    ]),
  );
  expect(nodesIn(workspace)).toEqual([4, 5, 4]);
  workspace.chooseProfiles(new Map([['file:///a', deep]]));
  expect(nodesIn(workspace)).toEqual([5, 5, 3]);
});

test('each workspace folder takes findings as grave as its settings say', () => {
  const workspace = chosen();
  const level = (written: string): ReturnType<typeof readLevels> => readLevels([['selector-matches-no-pod', written]]);
  workspace.chooseLevels({
    under: new Map([
      ['', level('hint')],
      ['file:///a/deep', level('error')],
      ['file:///b', level('off')],
    ]),
    over: new Map(),
  });
  const severities = folders.map((folder) =>
    workspace
      .ask(() => workspace.findings(`${folder}/web.yaml`))
      .filter(({ rule }) => rule === 'selector-matches-no-pod')
      .map(({ severity }) => severity)
      .join(),
  );
  expect(severities).toEqual(['hint', 'error', '']);
});
