import type { ClusterModel } from '../cluster/clusterModel.ts';
import { serviceNamed } from '../cluster/lookups.ts';
import { type Gateway, readGateway } from '../cluster/gatewayApi/gateway.ts';
import { isOfGatewayApi } from '../cluster/gatewayApi/gatewayApi.ts';
import { isRoute, readRoute, type Route } from '../cluster/gatewayApi/route.ts';
import { type Ingress, isGoneIngress, isIngress, readIngress } from '../cluster/ingress.ts';
import { isNetworkPolicy, type NetworkPolicy, readNetworkPolicy } from '../cluster/networkPolicy.ts';
import { isService, type Service } from '../cluster/service.ts';
import { type Field, type Manifest, namespaceOf, type ObjectKey } from '../manifest/manifest.ts';
import type { Site } from '../manifest/position.ts';
import type { Topic } from './topics.ts';

/** One thing that can be wrong with traffic, with what it means, how it is found, and an example of each kind. */
export interface Rule {
  /** Stable: it stands in settings, in suppressions, in reports. */
  readonly id: string;
  readonly topic: Topic;
  /** Of what it usually finds; a finding may say another. */
  readonly severity: Severity;
  /** What it means for traffic, in one sentence. */
  readonly meaning: string;
  /** What to do about it, in one or two sentences. */
  readonly remedy: string;
  /** When it speaks and when it keeps silent, where that isn't plain: Markdown for its page. */
  readonly details?: string;
  /** Who refuses an object that it finds an error in, so that nothing that comes later is worth saying about it. */
  readonly refuses?: 'API server' | 'webhook';
  /** The documentation of the fact behind it. */
  readonly link: string;
  /** What it speaks of. It is asked for each such object of a set, and what it finds stands in that object. */
  readonly about: keyof Subjects;
  readonly check: (manifest: Manifest, judged: JudgedSet) => readonly Found[];
  /** YAML that breaks the rule, the place underlined with `~` on the line below; the message contains `says`. */
  readonly bad: Example;
  /** Other ways to break it. */
  readonly also?: readonly Example[];
  /** The same as `bad` with the fault mended: no finding. */
  readonly good: string;
  /** Whether the first fix of each finding, applied to `bad`, leaves none. */
  readonly isMended?: true;
}

export interface Example {
  readonly yaml: string;
  readonly says: string;
}

/**
 * Certainty times effect: the API server or the controller refuses it (`error`), traffic is lost, surely, by what this
 * set holds (`warning`), or by what usually follows (`info`); worth knowing (`hint`). What rests on something outside
 * the set is at most an `info`, and says "if".
 */
export type Severity = (typeof severities)[number];

/** The gravest first. */
export const severities = ['error', 'warning', 'info', 'hint'] as const;

/** Whether something is broken, and not merely worth knowing. */
export function isFault({ severity }: { readonly severity: Severity }): boolean {
  return severity === 'error' || severity === 'warning';
}

/** A model, and how much of what will be applied it holds. */
export interface JudgedSet {
  readonly model: ClusterModel;
  /**
   * False where something outside the set adds to it or changes it (a chart's templates, a kustomization that
   * transforms, fetches or generates): what is missing here then says nothing.
   */
  readonly isComplete: boolean;
}

/**
 * What a rule can speak of. `Route` is any of the Gateway API's; `object`, every manifest that counts; `definition`,
 * also one whose object is defined again further on.
 */
export interface Subjects {
  readonly Service: Service;
  readonly Ingress: Ingress;
  readonly Gateway: Gateway;
  readonly Route: Route;
  readonly NetworkPolicy: NetworkPolicy;
  readonly object: Manifest;
  readonly definition: Manifest;
}

/** What a rule found, by name: where it stands is looked up where it is shown. */
export interface Found {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at: Field;
  readonly related: readonly { readonly message: string; readonly at: Field }[];
  /** What would mend it, the likeliest first; empty where there is more than one thing that could be meant. */
  readonly fixes: readonly Fix[];
  /** What findings of one cause share: they are told once (`causes.ts`); null for one of its own. */
  readonly cause: Cause | null;
}

/** A cause that the rule alone knows, or something that isn't there, whichever rules miss it. */
export type Cause = string | { readonly missing: string };

/** A change that mends a finding. */
export interface Fix {
  /** As a command: `Use port 80`. */
  readonly title: string;
  readonly edits: readonly FixEdit[];
  /** Nothing else can be meant: it may be made without asking. */
  readonly isSafe?: true;
}

/**
 * By name, what is changed: another text for a value; quotes around it as it is written; a new key in the map at `at`,
 * or a new last item of the list there, either of which is made where it isn't written; a key with its value or an item
 * taken away; a document of its own before an object's. Texts are YAML, and are written as JSON where JSON stands.
 */
export type FixEdit =
  | { readonly kind: 'replace'; readonly at: Field; readonly text: string }
  | { readonly kind: 'quote'; readonly at: Field }
  | { readonly kind: 'add'; readonly at: Field; readonly key: string; readonly text: string }
  | { readonly kind: 'add-item'; readonly at: Field; readonly text: string }
  | { readonly kind: 'remove'; readonly at: Field }
  | { readonly kind: 'document-before'; readonly object: ObjectKey; readonly text: string };

/** A finding at its place in a text. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly site: Site;
  readonly related: readonly { readonly message: string; readonly site: Site }[];
  readonly fixes: readonly PlacedFix[];
}

export interface PlacedFix {
  readonly title: string;
  readonly isSafe: boolean;
  readonly edits: readonly { readonly site: Site; readonly text: string }[];
}

/** A rule's findings, without what the rule itself knows already. */
export type Yielded = Pick<Found, 'message' | 'at'> & Partial<Pick<Found, 'related' | 'severity' | 'fixes' | 'cause'>>;

interface RuleParts<K extends keyof Subjects> extends Omit<Rule, 'check' | 'about'> {
  readonly about: K;
  readonly check: (subject: Subjects[K], judged: JudgedSet) => Iterable<Yielded>;
}

/** How the subjects of a kind are found for a manifest; null for one that is none. */
const subjectOf: { readonly [K in keyof Subjects]: (manifest: Manifest, judged: JudgedSet) => Subjects[K] | null } = {
  Service: (manifest, { model }) =>
    isService(manifest) ? (serviceNamed(model, namespaceOf(manifest), manifest.name) ?? null) : null,
  Ingress: (manifest, { model }) =>
    isIngress(manifest) && !isGoneIngress(manifest, model.profile.kubernetesMinor) ? readIngress(manifest) : null,
  Gateway: (manifest) => (manifest.kind === 'Gateway' && isOfGatewayApi(manifest) ? readGateway(manifest) : null),
  Route: (manifest) => (isRoute(manifest) && isOfGatewayApi(manifest) ? readRoute(manifest) : null),
  NetworkPolicy: (manifest) => (isNetworkPolicy(manifest) ? readNetworkPolicy(manifest) : null),
  object: (manifest) => manifest,
  definition: (manifest) => manifest,
};

/** Makes a rule of its parts; each finding gets the rule's id and severity. */
export function rule<K extends keyof Subjects>(parts: RuleParts<K>): Rule {
  return {
    ...parts,
    check: (manifest, judged) => {
      const subject = subjectOf[parts.about](manifest, judged);
      if (subject === null) return [];
      return [...parts.check(subject, judged)].map((found) => ({
        related: [],
        fixes: [],
        cause: null,
        severity: parts.severity,
        ...found,
        rule: parts.id,
      }));
    },
  };
}
