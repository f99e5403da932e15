import { addressIn, canonicalRange, endsOfRange, familyOf, isIn } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { NetworkPolicy, PolicyPeer, PolicyRule } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import { internetClient } from '../../cluster/standIns.ts';
import { chosenBy } from '../../network/policy/selected.ts';
import { podsOf } from './policyPods.ts';

/**
 * Some of those whom a rule means, for whom a gate can be asked: pods of the set, an address of each range, and
 * somebody outside for anybody, or where the set shows none of them.
 */
export function peersMeant(
  model: ClusterModel,
  { namespace }: NetworkPolicy,
  { peers }: PolicyRule,
  at: Pod,
): readonly (Pod | string)[] {
  const outside = internetClient[familyOf(at.address)];
  const found = (peers ?? []).flatMap((each): readonly (Pod | string)[] => {
    if (each.kind === 'addresses') return [addressMeant(each)].filter((address) => address !== null);
    return podsOf(model, chosenBy(model, each, namespace).groups).filter((pod) => pod !== at);
  });
  return found.length === 0 ? [outside] : found.slice(0, most);
}

const most = 8;

/** An address that an entry means; null where all are left out, or its range isn't one yet. */
export function addressMeant({
  range,
  except,
}: Pick<Extract<PolicyPeer, { kind: 'addresses' }>, 'range' | 'except'>): string | null {
  if (canonicalRange(range) === null) return null;
  const { first, last } = endsOfRange(range);
  const inside = [addressIn(range, 0), first, last].find(
    (each) => isIn(each, range) && !except.some((out) => isIn(each, out)),
  );
  return inside ?? null;
}
