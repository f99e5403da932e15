import { iptablesRules } from '../../shared/network/kubeProxy/iptablesRules.ts';
import { nftablesRules } from '../../shared/network/kubeProxy/nftablesRules.ts';
import { difference } from './compare.ts';
import { buildJudge, JudgeProgram, said } from './judgeProgram.ts';
import { type Asked, question } from './question.ts';

const source = { folder: import.meta.dirname, name: 'oracle' };

export const buildOracle = (): string | null => buildJudge(source);

/** Where in the object, and which kind of `field.Error`. */
export interface ServerError {
  readonly field: string;
  readonly type: string;
  readonly message?: string;
}

interface Answer {
  readonly rules?: string;
  readonly errors?: readonly ServerError[];
  readonly refusals?: readonly (readonly ServerError[])[];
  readonly types?: Readonly<Record<string, string>>;
}

/** kube-proxy's own packages, asked one question at a time. */
export class Oracle {
  readonly #judge = new JudgeProgram<Answer>(source);

  async rules(asked: Asked): Promise<string> {
    return said((await this.#judge.ask(question(asked))).rules);
  }

  /** What the API server's own validation has against an object. */
  async errors(object: object): Promise<readonly ServerError[]> {
    return said((await this.#judge.ask({ validate: object })).errors);
  }

  /** What its allocators have against each of some Services, created one after another. */
  async refusals(creation: object): Promise<readonly (readonly ServerError[])[]> {
    return said((await this.#judge.ask({ create: creation })).refusals);
  }

  /** The fields of the API's types, by type. */
  async types(): Promise<Readonly<Record<string, string>>> {
    return said((await this.#judge.ask({ types: true })).types);
  }

  close(): void {
    this.#judge.close();
  }
}

export function ownRules({ model, node, mode, family }: Asked): string {
  return mode === 'nftables' ? nftablesRules(model, node, family) : iptablesRules(model, node, family);
}

/** Where our rules and kube-proxy's first differ; null where they say the same. */
export async function disagreement(oracle: Oracle, asked: Asked): Promise<string | null> {
  return difference(ownRules(asked), await oracle.rules(asked));
}
