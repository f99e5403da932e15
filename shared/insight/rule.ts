import type { ClusterModel } from '../cluster/clusterModel.ts';
import type { Site } from '../manifest/position.ts';

/** One thing that can be wrong with traffic, with what it means, how it is found, and an example of each kind. */
export interface Rule {
  /** Stable: it stands in settings, in suppressions, in reports. */
  readonly id: string;
  readonly severity: Severity;
  /** What it means for traffic, in one sentence. */
  readonly meaning: string;
  /** The documentation of the fact behind it. */
  readonly link: string;
  readonly check: (judged: JudgedSet) => readonly Finding[];
  /** YAML that breaks the rule, the place underlined with `~` on the line below; the message contains `says`. */
  readonly bad: { readonly yaml: string; readonly says: string };
  /** The same with the fault mended: no finding. */
  readonly good: string;
  /** Whether the first fix of each finding, applied to `bad`, leaves none. */
  readonly isMended?: true;
}

export type Severity = 'error' | 'warning' | 'info';

/** A model, and how much of what will be applied it holds. */
export interface JudgedSet {
  readonly model: ClusterModel;
  /**
   * False where something outside the set adds to it or changes it (a chart's templates, a kustomization that
   * transforms, fetches or generates): what is missing here then says nothing.
   */
  readonly isComplete: boolean;
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly site: Site;
  readonly related: readonly { readonly message: string; readonly site: Site }[];
  /** What would mend it, the likeliest first; empty where there is more than one thing that could be meant. */
  readonly fixes: readonly Fix[];
}

/** A change that mends a finding. */
export interface Fix {
  /** As a command: `Use port 80`. */
  readonly title: string;
  readonly edits: readonly { readonly site: Site; readonly text: string }[];
}

/** A rule's findings, without what the rule itself knows already. */
export type Found = Omit<Finding, 'rule' | 'severity' | 'related' | 'fixes'> &
  Partial<Pick<Finding, 'related' | 'severity' | 'fixes'>>;

/** Makes a rule of its parts; each finding gets the rule's id and severity. */
export function rule(parts: Omit<Rule, 'check'> & { readonly check: (judged: JudgedSet) => Iterable<Found> }): Rule {
  return {
    ...parts,
    check: (judged) =>
      [...parts.check(judged)].map((found) => ({
        related: [],
        fixes: [],
        severity: parts.severity,
        ...found,
        rule: parts.id,
      })),
  };
}
