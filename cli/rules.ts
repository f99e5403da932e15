import { iptablesRules } from '../shared/network/kubeProxy/iptablesRules.ts';
import { readInput, scenesOf, UnusableInput } from './input.ts';

export interface RulesOptions {
  readonly node: string;
  readonly files: readonly string[];
  readonly profile: string | undefined;
  readonly mode: string | undefined;
  readonly family: string;
}

/** `hoplens rules`: what kube-proxy would program on a node, ready for `iptables-restore`. */
export function rules({ node: name, files, profile, mode: asked, family }: RulesOptions): number {
  if (family !== 'ipv4' && family !== 'ipv6') throw new UnusableInput(`--family can be ipv4 or ipv6, not ${family}.`);
  const scenes = scenesOf(readInput(files, profile));
  const [scene, other] = scenes;
  if (scene === undefined) throw new UnusableInput('There are no YAML or JSON files in what was given.');
  if (other !== undefined) throw new UnusableInput(`That is ${scenes.length} manifest sets; name one with -f.`);
  const mode = asked ?? scene.model.profile.kubeProxy.mode;
  if (mode !== 'iptables' && mode !== 'nftables') throw new UnusableInput(asked === undefined ? `The profile's kube-proxy mode is ${mode}, which programs no such rules; choose with --mode iptables.` : `--mode can be iptables or nftables, not ${mode}.`);
  if (mode === 'nftables') throw new UnusableInput('--mode nftables is not there yet: hoplens rules prints iptables.');
  const node = scene.model.nodes.find((each) => each.name === name);
  if (node === undefined) throw new UnusableInput(`There is no node ${name}; there are ${scene.model.nodes.map((each) => each.name).slice(0, 8).join(', ')}.`);
  process.stdout.write(iptablesRules(scene.model, node, family === 'ipv6' ? 'IPv6' : 'IPv4'));
  return 0;
}
