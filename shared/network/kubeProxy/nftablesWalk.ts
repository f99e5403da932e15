import type { Family } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { nftablesEndpointChain } from './nftablesChains.ts';
import { nftablesTable } from './nftablesRules.ts';
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
import type { RuleLine } from './ruleLine.ts';

/** Follows a packet through the nftables rules. */
export function nftablesWalks(
  model: ClusterModel,
  family: Family,
  ports: readonly ProxiedPort[],
  walking: WalkingPacket,
): RuleWalks {
  const rules = Map.groupBy(nftablesTable(model, walking.node, family, ports).lines, ({ chain }) => chain);
  return (chosen) => {
    const chosenChains = new Set(
      chosen === null ? [] : ports.map((port) => nftablesEndpointChain('endpoint-', port, chosen)),
    );
    return walked(new NftablesWalk(rules, { ...walking, chosen }, chosenChains));
  };
}

/** Before the translation, the translation, the filter, and where it leaves. */
function walked(walk: NftablesWalk): RuleWalk {
  const isOwn = walk.question.path === 'own';
  for (const chain of isOwn
    ? ['filter-output-pre-dnat', 'nat-output']
    : ['filter-prerouting-pre-dnat', 'nat-prerouting'])
    if (!walk.isRefused) walk.run(chain);
  const filters = [
    ...(isOwn ? ['filter-output'] : []),
    ...(walk.isForNode ? ['filter-input'] : isOwn ? [] : ['filter-forward']),
  ];
  for (const chain of filters) if (!walk.isRefused) walk.run(chain);
  if (!walk.isRefused && (isOwn || !walk.isForNode)) walk.run('nat-postrouting');
  return walk.result;
}

class NftablesWalk extends PacketWalk {
  readonly #byPlace: RulesByPlace;
  readonly #chosenChains: ReadonlySet<string>;

  constructor(byPlace: RulesByPlace, question: WalkQuestion, chosenChains: ReadonlySet<string>) {
    super(question);
    this.#byPlace = byPlace;
    this.#chosenChains = chosenChains;
  }

  /** Whether the chain decided about the packet: nothing behind it is asked. */
  run(chain: string): boolean {
    for (const line of this.#byPlace.get(chain) ?? []) {
      const statement = line.text
        .replace(/ comment "[^"]*"$/, '')
        .split(' ')
        .slice(5)
        .join(' ');
      const before = this.met.length;
      const [isDecided, isLeft] = this.#obey(statement, line);
      if (isDecided) return true;
      if (isLeft) return false;
      // A jump into a chain that does nothing about the packet isn't worth telling.
      if (/^(ct state new )?jump /.test(statement) && this.met.length === before + 1) this.met.pop();
    }
    return false;
  }

  /** Whether the packet's fate is decided, and whether the chain is left for another (goto). */
  #obey(statement: string, line: RuleLine): readonly [boolean, boolean] {
    const rest = this.#afterMatches(statement);
    if (rest === null) return [false, false];
    const map = /^(?:ip6? daddr \. )?meta l4proto \. th dport vmap @(\S+)$/.exec(rest);
    if (map !== null) {
      const element = this.#element(map[1] ?? '', rest.includes('daddr'));
      if (element === null) return [false, false];
      this.met.push(line, element);
      return this.#verdict(element.text.replace(/^.* : (.*) \}$/, '$1'));
    }
    this.met.push(line);
    if (rest.startsWith('numgen')) {
      const chains = [...rest.matchAll(/goto (\S+)/g)].map(([, name = '']) => name);
      const chosen = chains.find((name) => this.#chosenChains.has(name)) ?? chains[0];
      return this.#verdict(`goto ${chosen}`);
    }
    return this.#verdict(rest);
  }

  #verdict(text: string): readonly [boolean, boolean] {
    const to = /^(jump|goto) (\S+)$/.exec(text);
    if (to !== null) {
      const isDecided = this.run(to[2] ?? '');
      return [isDecided, to[1] === 'goto'];
    }
    if (text === 'drop') this.refusal = 'dropped';
    else if (text === 'reject') this.refusal = 'rejected';
    else if (text.endsWith('masquerade fully-random')) this.isMasqueraded = true;
    else if (text.startsWith('mark set mark or')) this.isMarked = true;
    else if (text.includes('dnat')) this.translate();
    return [this.refusal !== null || this.isMasqueraded || text.includes('dnat'), false];
  }

  /** What a rule says behind its matches; null where one of them fails. */
  #afterMatches(statement: string): string | null {
    const { packet } = this.question;
    const hairpin =
      /^ct status dnat \S+ saddr \. \S+ daddr \. meta l4proto \. th dport @hairpin-connections (.*)$/.exec(statement);
    if (hairpin !== null)
      return this.isTranslated &&
        this.#has(
          'hairpin-connections',
          `${packet.source} . ${this.destination.address} . ${packet.protocol.toLowerCase()} . ` +
            `${this.destination.port}`,
        )
        ? (hairpin[1] ?? '')
        : null;
    const matches: readonly (readonly [RegExp, (value: string) => boolean])[] = [
      [/^ct state (new) /, () => true],
      [/^mark and (\S+) != 0 (?=mark set)/, () => this.isMarked],
      [/^fib daddr type (local) /, () => this.isForNode],
      [/^fib saddr type (local) /, () => this.isFromNode],
      [/^ip6? daddr != (\S+) /, (range) => !isWithin(this.destination.address, range)],
      [/^ip6? daddr @(\S+) /, (set) => this.#has(set, this.destination.address)],
      [
        /^ip6? daddr \{ ([^}]*) \} /,
        (ranges) => ranges.split(',').some((range) => isWithin(this.destination.address, range.trim())),
      ],
      [
        /^ip6? saddr != \{ ([^}]*) \} /,
        (ranges) => !ranges.split(',').some((range) => isWithin(packet.source, range.trim())),
      ],
      [/^ip6? saddr != (\S+) /, (range) => !isWithin(packet.source, range)],
      // Who was here before: nobody, for a first connection.
      [/^ip6? saddr @(\S+) /, () => false],
      [/^ip6? saddr (\S+) (?=goto)/, (range) => isWithin(packet.source, range)],
      [/^meta l4proto (tcp|udp|sctp) /, (protocol) => packet.protocol.toLowerCase() === protocol],
    ];
    let rest = statement;
    for (let progress = true; progress;) {
      progress = false;
      for (const [pattern, holds] of matches) {
        const found = pattern.exec(rest);
        if (found === null) continue;
        if (!holds(found[1] ?? '')) return null;
        rest = rest.slice(found[0].length);
        progress = true;
      }
    }
    return rest;
  }

  #has(set: string, key: string): boolean {
    return (this.#byPlace.get(set) ?? []).some(({ text }) => text.endsWith(`{ ${key} }`));
  }

  #element(map: string, isAddressed: boolean): RuleLine | null {
    const { address, port } = this.destination;
    const key = `${isAddressed ? `${address} . ` : ''}${this.question.packet.protocol.toLowerCase()} . ${port}`;
    return (this.#byPlace.get(map) ?? []).find(({ text }) => text.includes(` { ${key} `)) ?? null;
  }
}
