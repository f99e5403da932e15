import { join } from 'node:path';
import { readLabelSelector } from '../../shared/cluster/labelSelector.ts';
import {
  integerAt,
  isList,
  isMap,
  itemsAt,
  type MapValue,
  textAt,
  textsAt,
  type Value,
} from '../../shared/manifest/value.ts';
import { seededRandom } from '../seededRandom.ts';
import type { PolicyEngine } from './policyJudge.ts';
import { type PolicyProbe, randomPolicySet } from './randomPolicySet.ts';

/** cyclonus' own matcher, of NetworkPolicies alone. */
export const cyclonus: PolicyEngine = {
  name: 'cyclonus',
  version: 'v0.5.6',
  source: { folder: join(import.meta.dirname, 'cyclonus'), name: 'oracle-cyclonus' },
  setOf: (seed) => randomPolicySet(seededRandom(seed), { hasTiers: false, policies: null }),
  question: ({ objects, probes }) => ({
    policies: policiesIn(objects),
    traffic: probes.map((probe) => trafficOf(objects, probe)),
  }),
  misreads: ({ objects, probes }) =>
    probes.map((probe) =>
      isMisread(policiesIn(objects), trafficOf(objects, probe)) ? 'a label that is not there' : null,
    ),
};

function policiesIn(objects: readonly MapValue[]): MapValue[] {
  return objects.filter(({ kind }) => kind === 'NetworkPolicy');
}

interface Party {
  readonly ip: string;
  /** Null for somebody outside the cluster. */
  readonly internal: {
    readonly podLabels: Labels;
    readonly namespaceLabels: Labels;
    readonly namespace: string;
  } | null;
}

type Labels = Readonly<Record<string, string>>;

interface Traffic {
  readonly source: Party;
  readonly destination: Party;
  readonly resolvedPort: number;
  readonly resolvedPortName: string;
  readonly protocol: string;
}

/** A connection as cyclonus has it: with everything that policies may ask of it. */
function trafficOf(objects: readonly MapValue[], { from, to, port, protocol }: PolicyProbe): Traffic {
  const named = itemsAt(podNamed(objects, to), 'spec', 'containers')
    .flatMap((container) => itemsAt(container, 'ports'))
    .find((each) => integerAt(each, 'containerPort') === port && textAt(each, 'protocol') === protocol);
  return {
    source: partyOf(objects, from),
    destination: partyOf(objects, to),
    resolvedPort: port,
    resolvedPortName: textAt(named, 'name') ?? '',
    protocol,
  };
}

function partyOf(objects: readonly MapValue[], whom: string): Party {
  const pod = podNamed(objects, whom);
  if (pod === undefined) return { ip: whom, internal: null };
  const namespace = textAt(pod, 'metadata', 'namespace') ?? '';
  const own = objects.find((each) => each.kind === 'Namespace' && textAt(each, 'metadata', 'name') === namespace);
  return {
    ip: textAt(pod, 'status', 'podIP') ?? '',
    internal: { podLabels: labelsOf(pod), namespace, namespaceLabels: labelsOf(own) },
  };
}

function podNamed(objects: readonly MapValue[], whom: string): MapValue | undefined {
  return objects.find(
    (each) =>
      each.kind === 'Pod' &&
      `pod/${textAt(each, 'metadata', 'name')}.${textAt(each, 'metadata', 'namespace')}` === whom,
  );
}

function labelsOf(object: Value | undefined): Labels {
  return Object.fromEntries(textsAt(object, 'metadata', 'labels') ?? []);
}

/**
 * cyclonus takes a key that isn't there for one that `NotIn` doesn't match, and for one with an empty value
 * (pkg/kube/labelselector.go); k8s.io/apimachinery/pkg/labels/selector.go does neither. Where that may matter to a
 * connection, it isn't asked.
 */
function isMisread(policies: readonly MapValue[], { source: one, destination: other }: Traffic): boolean {
  const within = [one.internal, other.internal].filter((each) => each !== null);
  const concerning = policies.filter((each) =>
    within.some(({ namespace }) => namespace === (textAt(each, 'metadata', 'namespace') ?? 'default')),
  );
  return ['podSelector', 'namespaceSelector'].some((field) =>
    selectorsIn(concerning, field).some((selector) =>
      within.some(({ podLabels, namespaceLabels }) =>
        lacks(selector, field === 'podSelector' ? podLabels : namespaceLabels),
      ),
    ),
  );
}

/** All that a field of this name holds, however deep. */
function selectorsIn(value: Value, field: string): Value[] {
  if (isList(value)) return value.flatMap((each) => selectorsIn(each, field));
  if (!isMap(value)) return [];
  return Object.entries(value).flatMap(([key, each]) => (key === field ? [each] : selectorsIn(each, field)));
}

function lacks(selector: Value, has: Labels): boolean {
  const { labels, expressions } = readLabelSelector(selector);
  return (
    [...labels].some(([key, value]) => value === '' && !Object.hasOwn(has, key)) ||
    expressions.some(({ key, operator }) => operator === 'NotIn' && !Object.hasOwn(has, key))
  );
}
