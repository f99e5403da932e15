import type { BuiltSet } from '../../shared/built/builtSet.ts';
import type { BuildItem, JudgedSetAnswer, JudgedSetParams } from '../../shared/insight/protocol.ts';
import type { Workspace } from '../../shared/insight/workspace.ts';
import { uriOf } from '../../shared/manifest/manifest.ts';

/** What a file is judged with: the files of its set, and what is built of it. */
export function judgedSet(workspace: Workspace, { uri }: JudgedSetParams): JudgedSetAnswer {
  const scene = workspace.sceneOf(uri);
  if (scene === null) return null;
  const builds = workspace.builtOf(uri);
  const [first] = builds;
  const { set, model } = scene;
  const { profile, nodes } = model;
  return {
    label: first?.plan.label ?? (lastStep(set.root) || lastStep(uri)),
    files: first?.sources ?? set.uris,
    profile: profile.field === null ? null : { uri: uriOf(profile.field.object), name: profile.name ?? '' },
    profiles: workspace.profiles().map(({ uri, name }) => ({ uri, name })),
    nodes: {
      count: nodes.length,
      isAssumed:
        profile.nodes === null && profile.nodeCount === null && nodes.every(({ manifest }) => manifest === null),
    },
    builds: buildItems(builds),
  };
}

export function buildItems(builds: readonly BuiltSet[]): BuildItem[] {
  return builds.map(({ plan: { root, label, entry, kind }, problem }) => ({
    root,
    label,
    entry,
    kind,
    isFailing: problem !== null,
  }));
}

function lastStep(uri: string): string {
  return decodeURIComponent(uri.slice(Math.max(uri.lastIndexOf('/'), uri.indexOf(':')) + 1));
}
