import { isNetworkPolicy, readNetworkPolicy } from '../../cluster/networkPolicy.ts';
import { itemsAt, textOf } from '../../manifest/value.ts';
import { groupsOfPolicy } from '../../network/policy/selected.ts';
import { counted } from '../counted.ts';
import { about, type AskedPlace, type Candidate } from './candidate.ts';

const types = ['Ingress', 'Egress'];

const protocols = ['TCP', 'UDP', 'SCTP'];

/** A NetworkPolicy's own words, with what they come to; those that aren't said yet. */
export function policyFieldsAt({ scene: { model }, manifest, path, part }: AskedPlace): Candidate[] {
  if (part === 'key' || !isNetworkPolicy(manifest) || path[0] !== 'spec') return [];
  if (path.at(-1) === 'protocol' && path.at(-3) === 'ports')
    return protocols.map((text, index) => ({
      text,
      kind: 'value',
      about: about(index === 0 ? 'what is meant where nothing is said' : ''),
    }));
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
