import { expect, test } from 'vitest';
import { isMap, itemsAt, type MapValue, textOf, valueAt } from '../../shared/manifest/value.ts';
import { ownAnswers } from '../oracle/policyJudge.ts';
import { type PolicySet, randomPolicySet } from '../oracle/randomPolicySet.ts';
import { type SeededRandom, seededRandom } from '../seededRandom.ts';

// What holds of all policies, whatever they say.

const count = Number(process.env.SETS ?? 40);
const isOfNamespace = ({ kind }: MapValue): boolean => kind === 'NetworkPolicy';

/** A set with something changed; null where there is nothing to change. */
type Change = (set: PolicySet, random: SeededRandom) => readonly MapValue[] | null;

/** The connections that come out otherwise in a changed set, of some number of sets. */
function otherwise(change: Change, { hasTiers }: { readonly hasTiers: boolean }): string[] {
  const found: string[] = [];
  let changed = 0;
  for (let seed = 1; seed <= count; seed++) {
    const random = seededRandom(seed);
    const set = randomPolicySet(random, { hasTiers, policies: null });
    const objects = change(set, random);
    if (objects === null) continue;
    changed++;
    const [before, after] = [ownAnswers(set), ownAnswers({ ...set, objects })];
    found.push(...before.flatMap((each, index) => (each === after[index] ? [] : [`${each} then ${after[index]}`])));
  }
  expect(changed).toBeGreaterThan(count / 4);
  return found;
}

test('the order of what is in a set never matters', () => {
  const shuffled: Change = ({ objects }, random) =>
    objects
      .map((each) => ({ each, at: random.below(1_000_000) }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ each }) => each);
  expect(otherwise(shuffled, { hasTiers: true })).toEqual([]);
});

test('one more rule of a NetworkPolicy never denies more', () => {
  const withRule: Change = ({ objects }, random) => {
    const spec = objects.filter(isOfNamespace).flatMap((each) => {
      const types = itemsAt(each, 'spec', 'policyTypes').flatMap((type) => textOf(type) ?? []);
      return types.map((type) => ({ each, field: type.toLowerCase() }));
    });
    if (spec.length === 0) return null;
    const { each, field } = random.pick(spec);
    const rule = random.pick<MapValue>([{}, { ports: [{ port: 80 }] }, { ports: [{ protocol: 'UDP' }] }]);
    return objects.map((object) => (object === each ? withItem(object, field, rule) : object));
  };
  const found = otherwise(withRule, { hasTiers: true });
  expect(new Set(found)).toEqual(new Set(['deny then allow']));
});

/** Another rule before the others. */
function withItem(object: MapValue, field: string, rule: MapValue): MapValue {
  const spec = valueAt(object, 'spec');
  return isMap(spec) ? { ...object, spec: { ...spec, [field]: [rule, ...itemsAt(spec, field)] } } : object;
}

const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'one-more' } };

test('one more NetworkPolicy without rules never lets more through, where nothing is left to the baseline', () => {
  const shut: Change = ({ objects }, random) => [
    ...objects,
    { ...policy, spec: { policyTypes: random.pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']]) } },
  ];
  expect(new Set(otherwise(shut, { hasTiers: false }))).toEqual(new Set(['allow then deny']));
});

test.each([
  ['Accept', 'deny then allow'],
  ['Deny', 'allow then deny'],
])('whom tier Admin is asked of first, it decides: %s', (action, only) => {
  const everybody = { namespaces: {} };
  const first: Change = ({ objects }) => [
    ...objects.filter(({ kind }) => kind !== 'AdminNetworkPolicy' && kind !== 'ClusterNetworkPolicy'),
    {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      metadata: { name: 'first' },
      spec: { tier: 'Admin', priority: 0, subject: everybody, ingress: [{ action, from: [everybody] }] },
    },
  ];
  expect(new Set(otherwise(first, { hasTiers: false }))).toEqual(new Set([only]));
});

test('without policies all passes', () => {
  const none: Change = ({ objects }) => objects.filter(({ kind }) => !String(kind).endsWith('NetworkPolicy'));
  expect(new Set(otherwise(none, { hasTiers: true }))).toEqual(new Set(['deny then allow']));
});
