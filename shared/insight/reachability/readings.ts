import type Fraction from 'fraction.js';
import type { Judgement } from '../../network/policy/gate.ts';
import { otherText } from '../../trace/policyGate.ts';
import type { What } from './what.ts';

/** What comes of packets, and where somebody reads policies otherwise, what comes of them there. */
export interface Met {
  readonly what: What;
  readonly others: readonly OtherReading[];
}

export type OtherReading =
  | {
      readonly kind: 'at-gate';
      /** The plug-in that reads so; null for the one that counts, where it is asked otherwise. */
      readonly title: string | null;
      readonly way: 'in' | 'out';
      /** The Service by which it is asked; null for the pod's own address. */
      readonly service: string | null;
      /** As the rest of a sentence. */
      readonly why: string;
      readonly comes: Comes;
    }
  /** In a sentence of a trace's. */
  | { readonly kind: 'told'; readonly text: string };

type AtGate = Extract<OtherReading, { kind: 'at-gate' }>;

export type Comes = 'reaches' | 'stopped' | 'undecided';

export function comesOf({ kind }: What): Comes {
  switch (kind) {
    case 'reaches':
    case 'limited':
      return 'reaches';
    case 'undecided':
      return 'undecided';
    case 'denied':
    case 'ends':
      return 'stopped';
    default:
      return kind satisfies never;
  }
}

export const comesOfJudgement: Readonly<Record<Judgement['kind'], Comes>> = {
  allowed: 'reaches',
  denied: 'stopped',
  undecided: 'undecided',
  tied: 'undecided',
};

export const passes: Met = { what: { kind: 'reaches' }, others: [] };

/** By whichever reading. */
export function met(what: What): Met {
  return what.kind === 'reaches' ? passes : { what, others: [] };
}

/** Through a gate on the way out, then through one on the way in; only whoever decides otherwise of both is kept. */
export function throughBoth(out: Met, into: Met): Met {
  const what = out.what.kind === 'reaches' ? into.what : out.what;
  const own = comesOf(what);
  const all = [...out.others, ...into.others];
  const others = new Map<string, OtherReading>();
  for (const other of all) {
    if (other.kind === 'told') others.set(other.text, other);
    else {
      const { title, service } = other;
      const [leaving, coming] = [out, into].map((gate) => readBy(gate, { title, service }));
      const comes = leaving?.comes === 'reaches' ? coming : leaving;
      if (comes === undefined || comes.comes === own) continue;
      const who = leaving?.by ?? coming?.by ?? other;
      others.set(`${title} ${service}`, { ...who, comes: comes.comes });
    }
  }
  return { what, others: [...others.values()] };
}

/** The same gate as those see it that see Services' own addresses. */
export function withReadings(gate: Met, others: readonly OtherReading[]): Met {
  return others.length === 0 ? gate : { what: gate.what, others: [...gate.others, ...others] };
}

/** What comes of packets at one gate by some plug-in's reading; `by` where that is another than the one that counts. */
export function readBy(
  { what, others }: Met,
  { title, service }: Pick<AtGate, 'title' | 'service'>,
): { readonly comes: Comes; readonly by: AtGate | null } {
  const own = others.filter((each): each is AtGate => each.kind === 'at-gate' && each.title === title);
  // Whoever reads otherwise at a pod's address does so on the way in, whatever was asked.
  const by = own.find((each) => each.service === service) ?? own.find((each) => each.service === null) ?? null;
  return by === null ? { comes: comesOf(what), by } : { comes: by.comes, by };
}

const ranks: Readonly<Record<Comes, number>> = { stopped: 0, undecided: 1, reaches: 2 };

/** In sentences, what other readings make of packets that are met so often each. */
export function readingTexts(counts: readonly (readonly [met: Met, count: Fraction | number])[]): string[] {
  if (counts.every(([{ others }]) => others.length === 0)) return [];
  const told = new Set<string>();
  const readings = new Map<string, { readonly other: AtGate; more: number; isPerhaps: boolean }>();
  for (const [{ what, others }, count] of counts)
    for (const other of others) {
      if (other.kind === 'told') {
        told.add(other.text);
        continue;
      }
      const { title, way, service, why, comes } = other;
      const key = [title, way, service, why].join('\n');
      const known = readings.get(key) ?? { other, more: 0, isPerhaps: false };
      known.more += (ranks[comes] - ranks[comesOf(what)]) * count.valueOf();
      known.isPerhaps ||= comes === 'undecided';
      readings.set(key, known);
    }
  const sentences = new Map<
    string,
    { readonly titles: string[]; readonly text: (titles: readonly string[]) => string }
  >();
  for (const { other, more, isPerhaps } of readings.values()) {
    const { title, way, service, why } = other;
    const amount = more > 1e-9 ? 'more' : more < -1e-9 ? 'less' : 'others';
    const lets = `${isPerhaps ? 'perhaps ' : ''}${amount}`;
    const key = [title === null, way, service, why, lets].join('\n');
    const asked = service === null ? '' : ` to Service ${service}`;
    const known = sentences.get(key) ?? {
      titles: [],
      text: (titles) =>
        title === null
          ? `asked by Service ${service}, the gate lets ${lets} ${way}: ${why}`
          : otherText({ titles, lets, way: `${way}${asked}`, why }),
    };
    known.titles.push(title ?? '');
    sentences.set(key, known);
  }
  return [...[...sentences.values()].map(({ titles, text }) => text(titles)), ...told];
}
