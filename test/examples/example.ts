import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import type { Scene } from '../../shared/insight/scene.ts';
import { Workspace } from '../../shared/insight/workspace.ts';
import { readOrigin, readTarget } from '../../shared/trace/readRequest.ts';
import { summarize } from '../../shared/trace/summary.ts';
import { partyId, type Path } from '../../shared/trace/trace.ts';
import { follow, type Followed } from '../follow.ts';

const examples = join(import.meta.dirname, '..', '..', 'examples');

/** The workspace of one row's folder, or of a folder below `examples/` by its path. */
export function example(row: string): Workspace {
  const name = row.includes('/') ? row : readdirSync(examples).find((each) => each.startsWith(`${row}-`));
  if (name === undefined) throw new Error(`examples/ has no folder for row ${row}.`);
  const folder = join(examples, name);
  const workspace = new Workspace([folder]);
  for (const file of readdirSync(folder))
    if (file.endsWith('.yaml')) workspace.put(`${folder}/${file}`, readFileSync(join(folder, file), 'utf8'));
  return workspace;
}

/** The only set of an example. */
export function sceneOf(row: string): Scene {
  const workspace = example(row);
  const [set, other] = workspace.sets();
  if (set === undefined || other !== undefined) throw new Error(`The example of row ${row} must be one manifest set.`);
  const [uri = ''] = set.uris;
  const scene = workspace.sceneOf(uri);
  if (scene === null) throw new Error(`no scene in ${row}`);
  return scene;
}

/** Each set of all examples, by its folder. */
export function exampleModels(): [name: string, model: ClusterModel][] {
  const names = readdirSync(examples, { recursive: true, encoding: 'utf8' }).filter((each) => each.endsWith('.yaml'));
  const folders = [...new Set(names.map((each) => dirname(each)))].filter((each) => each !== '.').toSorted();
  return folders.flatMap((folder) => {
    const workspace = example(folder.includes('/') ? folder : (folder.split('-')[0] ?? folder));
    const scenes = new Set(workspace.sets().flatMap(({ uris: [uri = ''] }) => workspace.sceneOf(uri) ?? []));
    return [...scenes].map(({ model }): [string, ClusterModel] => [folder, model]);
  });
}

/** A request through an example, `Host: …` behind the target for an altered header. */
export function traceExample(row: string, target: string, from = 'internet', host?: string): Followed {
  const { model } = sceneOf(row);
  const readT = readTarget(target);
  const readO = readOrigin(from, model);
  if (readT.kind === 'unreadable') throw new Error(readT.message);
  if (readO.kind === 'unreadable') throw new Error(readO.message);
  return follow(model, {
    target: readT.value,
    from: readO.value,
    protocol: 'TCP',
    method: 'GET',
    headers: new Map(host === undefined ? [] : [['host', host]]),
  });
}

/**
 * The trace in brief: its summary, then a line for each path with its rewrites, its end,
 * and the source that is seen there.
 */
export function brief(trace: Followed): string {
  return [summarize(trace).text, ...trace.paths.map(pathLine)].join('\n');
}

function pathLine({ probability, hops, verdict, seenBy }: Path): string {
  const [first] = hops;
  const parties = [
    first === undefined ? '' : partyId(first.from),
    ...hops.map(
      ({ to, rewrites, crossesNodes }) =>
        `${crossesNodes ? '⇢ ' : '→ '}${partyId(to)}${rewrites.map(({ kind, to }) => ` [${kind} ${to}]`).join('')}`,
    ),
  ];
  const end =
    verdict.kind === 'delivered'
      ? `sees ${seenBy.at(-1)?.source ?? '?'}`
      : `${verdict.kind}${verdict.kind === 'answered' ? ` ${verdict.status}` : ''} ${verdict.reason}`;
  return `${probability.toFraction()}: ${parties.join(' ')}: ${end}`;
}

export function lensesOfExample(row: string): string[] {
  const workspace = example(row);
  return workspace
    .uris()
    .flatMap((uri) => workspace.lenses(uri))
    .map(({ kind, name, way, notes }) => `${kind} ${name}: ${[way, ...notes].join(' | ')}`);
}
