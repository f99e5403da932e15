import { groupOf, type Manifest } from '../manifest/manifest.ts';
import { placeholderAt } from '../manifest/placeholder.ts';
import {
  type BrokenRule,
  judgeCustomResource,
  type Schemas,
  schemasOf,
} from '../manifest/validation/customResource.ts';
import { type FieldError, pathText } from '../manifest/validation/fieldError.ts';
import gatewayCrds from '../manifest/validation/gatewayCrds.json' with { type: 'json' };
import policyCrds from '../manifest/validation/policyCrds.json' with { type: 'json' };
import type { Value } from '../manifest/value.ts';
import { clusterPolicyGroup } from './clusterNetworkPolicy.ts';
import { once } from './once.ts';

/** What the definitions of its API have against an object. */
export interface CrdRefusal {
  readonly fault: Fault;
  /** Which definitions refuse it. */
  readonly by: RefusedBy;
}

/** What is wrong with a field, or a rule that the value at a path breaks. */
export type Fault = { readonly kind: 'field'; readonly error: FieldError } | ({ readonly kind: 'rule' } & BrokenRule);

/** The definitions of a release and channel that refuse it, and the first that take it; null where all refuse it. */
export interface RefusedBy {
  readonly refusing: Definitions;
  readonly taking: Definitions | null;
}

export interface Definitions {
  readonly api: 'Gateway API' | 'Network Policy API';
  readonly version: string;
  readonly channel: string;
}

const schemasOfGateways = schemasOf(gatewayCrds);
const schemasOfPolicies = schemasOf(policyCrds);

/**
 * What the API server has against an object by the CRDs of the Gateway API or the network policy API; empty for other
 * kinds. A cluster may
 * have them of any release: what the newest refuses counts, of its experimental channel, which has every field, and
 * else of the standard one; the others say whether they do too. What something fills in before the object is applied
 * is left out.
 */
export const crdRefusalsOf: (manifest: Manifest) => readonly CrdRefusal[] = once((manifest) => {
  const judged = judgements(manifest);
  const [newest] = judged;
  const ofNewest = judged.filter(({ release }) => release.version === newest?.release.version);
  const refusing = ofNewest.find(({ faults }) => faults().length > 0);
  if (refusing === undefined) return [];
  return refusing.faults().map((fault) => {
    const taking = judged.find(({ faults }) => !faults().some((each) => placeOf(each) === placeOf(fault)));
    return { fault, by: { refusing: refusing.release, taking: taking?.release ?? null } };
  });
});

interface ByRelease {
  readonly release: Definitions;
  readonly faults: () => readonly Fault[];
}

/** What each release that has the kind has against an object; it is found out when it is asked for. */
function judgements(manifest: Manifest): readonly ByRelease[] {
  const isPolicy = groupOf(manifest) === clusterPolicyGroup;
  const schemas = isPolicy ? schemasOfPolicies : schemasOfGateways;
  return schemas.releases.flatMap((release): ByRelease[] => {
    const root = release.roots.get(`${manifest.apiVersion} ${manifest.kind}`);
    if (root === undefined) return [];
    let known: readonly Fault[] | null = null;
    const faults = (): readonly Fault[] => (known ??= faultsOf(manifest.value, root, schemas).filter(isKnown));
    return [{ release: { api: isPolicy ? 'Network Policy API' : 'Gateway API', ...release }, faults }];
  });

  function isKnown(fault: Fault): boolean {
    return placeholderAt(manifest, fault.kind === 'field' ? fault.error.path : fault.path) === null;
  }
}

function faultsOf(value: Value, root: number, schemas: Schemas): readonly Fault[] {
  const { faults, broken } = judgeCustomResource(value, root, schemas);
  return [
    ...broken.map((each): Fault => ({ kind: 'rule', ...each })),
    ...faults.errors.map((error): Fault => ({ kind: 'field', error })),
  ];
}

/** Releases word the same rule in different ways. */
function placeOf(fault: Fault): string {
  return pathText(fault.kind === 'field' ? fault.error.path : fault.path);
}
