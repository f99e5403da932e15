import { familyOf } from '../../cluster/address.ts';
import type { Answer } from './answers.ts';
import type { Alike } from './judging.ts';

// Hardly any gate tells one sender of a namespace from the others: what one of them is answered, nearly all are.

/** Answers a sender at a receiver, by its number: asked, or as the first was that nobody there tells from it. */
export type Answering = (receiver: number, ask: () => Answer) => Answer;

/** For the receivers in their order; null for one at whom each sender is asked for by itself. */
export function usualAnswers(
  receivers: readonly (readonly Alike[] | null)[],
): (senders: readonly Alike[]) => Answering {
  const apartAt = tellingApart(receivers);
  const known = new Map<string, Answer[]>();
  return (senders) => {
    const [only] = senders;
    if (only === undefined || senders.length > 1 || !only.isAtItsAddress || only.gates.egress !== null) return asking;
    const { namespace, addresses } = only.pod;
    const key = `${namespace} ${addresses.map(familyOf).join()}`;
    const usual = known.get(key) ?? [];
    known.set(key, usual);
    const apart = apartAt(senders, only);
    return (receiver, ask) => (apart.has(receiver) ? ask() : (usual[receiver] ??= ask()));
  };
}

const asking: Answering = (_, ask) => ask();

/** The receivers that name a label's key, and those among them that name a value. */
interface Naming {
  readonly all: number[];
  readonly byValue: Map<string, number[]>;
}

/** At which of the receivers senders are told from others, by what `likeness` goes by. */
function tellingApart(
  receivers: readonly (readonly Alike[] | null)[],
): (senders: readonly Alike[], only: Alike) => ReadonlySet<number> {
  const everybody: number[] = [];
  const themselves = new Map<readonly Alike[], number[]>();
  const naming = new Map<string, Naming>();
  receivers.forEach((receiver, number) => {
    if (receiver === null || receiver.some(goesByAddress)) {
      everybody.push(number);
      return;
    }
    added(themselves, receiver).push(number);
    for (const { gates } of receiver)
      for (const [label, values] of gates.ingress?.telling.labels ?? []) {
        const known = naming.get(label) ?? { all: [], byValue: new Map<string, number[]>() };
        naming.set(label, known);
        known.all.push(number);
        for (const value of values) added(known.byValue, value).push(number);
      }
  });
  return (senders, { pod }) => {
    const byLabels = [...naming].flatMap(([label, { all, byValue }]) => {
      const value = pod.labels.get(label);
      return value === undefined ? all : (byValue.get(value) ?? []);
    });
    return new Set([...everybody, ...(themselves.get(senders) ?? []), ...byLabels]);
  };
}

function goesByAddress({ isAtItsAddress, gates: { ingress } }: Alike): boolean {
  return !isAtItsAddress || (ingress !== null && ingress.telling.ranges.length > 0);
}

function added<K>(lists: Map<K, number[]>, key: K): number[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
