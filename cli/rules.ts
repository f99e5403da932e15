import type { ClusterModel } from '../shared/cluster/clusterModel.ts';
import { families, type Family } from '../shared/cluster/address.ts';
import type { ClusterNode } from '../shared/cluster/node.ts';
import { withMode } from '../shared/cluster/profile.ts';
import { iptablesRules } from '../shared/network/kubeProxy/iptablesRules.ts';
import { nftablesRules } from '../shared/network/kubeProxy/nftablesRules.ts';
import { type InputOptions, readInput, scenesOf } from './input.ts';
import { UnusableInput } from './unusableInput.ts';

export interface RulesOptions extends InputOptions {
  readonly node: string;
  readonly mode: string | undefined;
  readonly family: string;
}

/** `hoplens rules`: what kube-proxy would program on a node, ready for `iptables-restore` or `nft -f`. */
export async function rules({ node: name, mode: asked, family: text, ...given }: RulesOptions): Promise<number> {
  const family = families.find((each) => each.toLowerCase() === text);
  if (family === undefined) throw new UnusableInput(`--family can be ipv4 or ipv6, not ${text}.`);
  const scenes = scenesOf(await readInput(given));
  const [scene, other] = scenes;
  if (scene === undefined) throw new UnusableInput('There are no YAML or JSON files in what was given.');
  if (other !== undefined)
    throw new UnusableInput(`That is ${scenes.length} manifest sets; name one with -f or --set.`);
  const { model } = scene;
  const mode = asked ?? model.profile.kubeProxy.mode;
  if (mode !== 'iptables' && mode !== 'nftables')
    throw new UnusableInput(
      asked === undefined
        ? `The profile's kube-proxy mode is ${mode}, which programs no such rules; choose with --mode iptables.`
        : `--mode can be iptables or nftables, not ${mode}.`,
    );
  const node = model.nodes.find((each) => each.name === name);
  if (node === undefined)
    throw new UnusableInput(
      `There is no node ${name}; there are ${model.nodes
        .map((each) => each.name)
        .slice(0, 8)
        .join(', ')}.`,
    );
  const write: (model: ClusterModel, node: ClusterNode, family: Family) => string =
    mode === 'nftables' ? nftablesRules : iptablesRules;
  process.stdout.write(
    write(
      model.but({ profile: { get: () => ({ ...model.profile, kubeProxy: withMode(model.profile.kubeProxy, mode) }) } }),
      node,
      family,
    ),
  );
  return 0;
}
