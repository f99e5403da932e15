import type { Family } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { endpointChain } from './iptablesChains.ts';
import { iptablesTables } from './iptablesRules.ts';
import {
  isWithin,
  PacketWalk,
  type RulesByPlace,
  type RuleWalk,
  type RuleWalks,
  type WalkingPacket,
  type WalkQuestion,
} from './packetWalk.ts';
import type { ProxiedPort } from './proxiedPort.ts';

/** Follows a packet through the iptables rules. */
export function iptablesWalks(
  model: ClusterModel,
  family: Family,
  ports: readonly ProxiedPort[],
  walking: WalkingPacket,
): RuleWalks {
  const { filter, nat } = iptablesTables(model, walking.node, family, ports);
  const rules = Map.groupBy([...filter.rules, ...nat.rules], ({ table, chain }) => `${table} ${chain}`);
  return (chosen) => {
    const chosenChains = new Set(
      chosen === null ? [] : ports.map(({ service, port }) => endpointChain(service, port, chosen)),
    );
    return walked(new IptablesWalk(rules, { ...walking, chosen }, chosenChains));
  };
}

/** nat where it comes in or starts, the filter, nat where it leaves. */
function walked(walk: IptablesWalk): RuleWalk {
  const isOwn = walk.question.path === 'own';
  walk.run('nat', isOwn ? 'OUTPUT' : 'PREROUTING');
  // What stays on the node passes INPUT, even if it started there; the rest passes OUTPUT or FORWARD.
  const filters = [...(isOwn ? ['OUTPUT'] : []), ...(walk.isForNode ? ['INPUT'] : isOwn ? [] : ['FORWARD'])];
  for (const chain of filters) if (!walk.isRefused) walk.run('filter', chain);
  // A packet that started elsewhere and ends here never leaves: nobody masquerades it.
  if (!walk.isRefused && (isOwn || !walk.isForNode)) walk.run('nat', 'POSTROUTING');
  return walk.result;
}

class IptablesWalk extends PacketWalk {
  readonly #byChain: RulesByPlace;
  readonly #chosenChains: ReadonlySet<string>;

  constructor(byChain: RulesByPlace, question: WalkQuestion, chosenChains: ReadonlySet<string>) {
    super(question);
    this.#byChain = byChain;
    this.#chosenChains = chosenChains;
  }

  /** Whether the chain decided about the packet: nothing behind it is asked. */
  run(table: 'filter' | 'nat', chain: string): boolean {
    for (const line of this.#byChain.get(`${table} ${chain}`) ?? []) {
      const words = line.text
        .replaceAll(/"[^"]*"/g, '""')
        .split(' ')
        .slice(2);
      if (!this.#matches(words)) continue;
      const target = words[words.indexOf('-j') + 1];
      if (!words.includes('-j') || target === undefined) continue;
      const isJump = target.startsWith('KUBE-');
      // A jump into a chain that does nothing about the packet isn't worth telling.
      const before = this.met.push(line);
      if (isJump ? this.run(table, target) : this.#obey(target, words)) return true;
      if (isJump && this.met.length === before) this.met.pop();
      if (target === 'RETURN') return false;
    }
    return false;
  }

  #obey(target: string, words: readonly string[]): boolean {
    switch (target) {
      case 'DNAT': {
        this.translate();
        return true;
      }
      case 'MARK':
        this.isMarked = words.includes('--or-mark');
        return false;
      case 'MASQUERADE':
        this.isMasqueraded = true;
        return true;
      case 'DROP':
        this.refusal = 'dropped';
        return true;
      case 'REJECT':
        this.refusal = 'rejected';
        return true;
      case 'ACCEPT':
        return true;
      default:
        return false;
    }
  }

  /** Every match of a rule; those that our rules use, and no others. */
  #matches(words: readonly string[]): boolean {
    const { packet } = this.question;
    for (const [index, word] of words.entries()) {
      const value = words[index + 1] ?? '';
      const isNegated = words[index - 1] === '!';
      const fails = (holds: boolean): boolean => holds === isNegated;
      switch (word) {
        // Where chance has a say, it picks the chosen endpoint.
        case '-j':
          return (
            !value.startsWith('KUBE-SEP-') ||
            (this.#chosenChains.size === 0 ? !words.includes('statistic') : this.#chosenChains.has(value))
          );
        case '-s':
          if (fails(isWithin(packet.source, value))) return false;
          break;
        case '-d':
          if (fails(isWithin(this.destination.address, value))) return false;
          break;
        case '-p':
          if (packet.protocol.toLowerCase() !== value) return false;
          break;
        case '--dport':
          if (this.destination.port !== Number(value)) return false;
          break;
        case '--src-type':
          if (!this.isFromNode) return false;
          break;
        case '--dst-type':
          if (!this.isForNode) return false;
          break;
        case '--ctstate':
          if (fails(value.split(',').some((state) => state === 'NEW' || (state === 'DNAT' && this.isTranslated))))
            return false;
          break;
        case '--mark':
          if (fails(this.isMarked)) return false;
          break;
        case '--rcheck':
          return false;
        default:
          break;
      }
    }
    return true;
  }
}
