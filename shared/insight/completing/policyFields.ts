import { type ClusterPolicyKind, clusterPolicyKind } from '../../cluster/clusterNetworkPolicy.ts';
import { isNetworkPolicy, readNetworkPolicy } from '../../cluster/networkPolicy.ts';
import type { FieldPath } from '../../manifest/value.ts';
import { itemsAt, textOf } from '../../manifest/value.ts';
import { groupsOfPolicy } from '../../network/policy/selected.ts';
import { counted } from '../counted.ts';
import { about, type AskedPlace, type Candidate } from './candidate.ts';

const types = ['Ingress', 'Egress'];

const protocols = ['TCP', 'UDP', 'SCTP'];

/** A policy's own words, with what they come to; those that aren't said yet. */
export function policyFieldsAt(place: AskedPlace): Candidate[] {
  const { manifest, path, part } = place;
  if (part === 'key' || path[0] !== 'spec') return [];
  if (isNetworkPolicy(manifest))
    return path.at(-1) === 'protocol' && path.at(-3) === 'ports' ? ofProtocol : typesAt(place);
  const kind = clusterPolicyKind(manifest);
  return kind === null
    ? []
    : clusterPolicyWords(kind, path).map(([text, says]) => ({ text, kind: 'value', about: about(says) }));
}

const ofProtocol: Candidate[] = protocols.map((text, index) => ({
  text,
  kind: 'value',
  about: about(index === 0 ? 'what is meant where nothing is said' : ''),
}));

/** Words that can stand in a field of a policy for the whole cluster, and what they come to. */
function clusterPolicyWords(kind: ClusterPolicyKind, path: FieldPath): (readonly [word: string, says: string])[] {
  const [, section, , field] = path;
  if (kind === 'ClusterNetworkPolicy' && section === 'tier' && path.length === 2)
    return [
      ['Admin', 'before all NetworkPolicies'],
      ['Baseline', 'where no NetworkPolicy isolates the pod'],
    ];
  if (section !== 'ingress' && section !== 'egress') return [];
  if (field === 'ports' && path.at(-1) === 'protocol') return protocols.map((each) => [each, '']);
  if (field !== 'action' || path.length !== 4) return [];
  return [
    [kind === 'ClusterNetworkPolicy' ? 'Accept' : 'Allow', 'lets it through, whatever the policies behind say'],
    ['Deny', 'drops it, whatever the policies behind allow'],
    ...(kind === 'BaselineAdminNetworkPolicy' ? [] : [['Pass', 'leaves it to the policies of the next tier'] as const]),
  ];
}

function typesAt({ scene: { model }, manifest, path }: AskedPlace): Candidate[] {
  if (path[1] !== 'policyTypes') return [];
  const said = new Set(
    itemsAt(manifest.value, 'spec', 'policyTypes').flatMap((each, index) =>
      index === path[2] ? [] : (textOf(each) ?? []),
    ),
  );
  const isolated = groupsOfPolicy(model, readNetworkPolicy(manifest)).filter(({ hostNetwork }) => !hostNetwork);
  const count = counted(
    isolated.reduce((sum, each) => sum + each.count, 0),
    'pod',
  );
  return types
    .filter((each) => !said.has(each))
    .map((text) => ({ text, kind: 'value', about: about(`isolates ${count} for ${text.toLowerCase()}`) }));
}
