import { join } from 'node:path';
import type { ClusterModel } from '../../shared/cluster/clusterModel.ts';
import type { PolicyPort } from '../../shared/cluster/networkPolicy.ts';
import type { Pod } from '../../shared/cluster/pod.ts';
import { itemsAt, keysAt, type MapValue, textAt, type Value, valueAt } from '../../shared/manifest/value.ts';
import { type Direction, tierAt } from '../../shared/network/policy/policiesOf.ts';
import { readOrigin } from '../../shared/trace/readRequest.ts';
import { clusterOf } from '../scene.ts';
import { seededRandom } from '../seededRandom.ts';
import type { PolicyEngine } from './policyJudge.ts';
import { type PolicySet, randomPolicySet } from './randomPolicySet.ts';

/**
 * kube-network-policies' own evaluation of a packet, of NetworkPolicies, AdminNetworkPolicies and the baseline. This
 * release doesn't know ClusterNetworkPolicies: it is given those of tier Admin as AdminNetworkPolicies, those of tier
 * Baseline as baselines; what they say is what these said.
 */
export const kubeNetworkPolicies: PolicyEngine = {
  name: 'kube-network-policies',
  version: 'v0.8.0',
  source: {
    folder: join(import.meta.dirname, 'kube-network-policies'),
    name: 'oracle-kube-network-policies',
    flags: ['-ldflags=-checklinkname=0'],
  },
  setOf: (seed) => randomPolicySet(seededRandom(seed), { hasTiers: true, policies: 'kube-network-policies' }),
  question: ({ objects, probes }) => {
    const model = clusterOf(objects);
    const of = (kind: string): MapValue[] => objects.filter((each) => each.kind === kind);
    const ofTier = (tier: string): MapValue[] =>
      of('ClusterNetworkPolicy').filter((each) => textAt(each, 'spec', 'tier') === tier);
    return {
      namespaces: of('Namespace'),
      pods: of('Pod'),
      policies: of('NetworkPolicy'),
      admin: [...of('AdminNetworkPolicy'), ...ofTier('Admin').map(asItWas)],
      baseline: [...of('BaselineAdminNetworkPolicy'), ...ofTier('Baseline').map(asItWas)],
      packets: probes.map(({ from, to, port, protocol }) => ({
        source: podNamed(model, from)?.address ?? from,
        destination: podNamed(model, to)?.address ?? to,
        port,
        protocol,
      })),
    };
  },
  misreads,
};

/** A ClusterNetworkPolicy in the words of v1alpha1. */
function asItWas({ metadata = null, spec = null }: MapValue): object {
  const rules = (direction: Direction, side: 'from' | 'to'): object[] =>
    itemsAt(spec, direction).map((rule) => ({
      action: textAt(rule, 'action')?.replace('Accept', 'Allow'),
      [side]: valueAt(rule, side),
      ports: valueAt(rule, 'protocols') && itemsAt(rule, 'protocols').map(portAsItWas),
    }));
  return {
    metadata,
    spec: {
      priority: valueAt(spec, 'priority'),
      subject: valueAt(spec, 'subject'),
      ingress: rules('ingress', 'from'),
      egress: rules('egress', 'to'),
    },
  };
}

function portAsItWas(value: Value): object {
  const [key = ''] = keysAt(value);
  if (key === 'destinationNamedPort') return { namedPort: valueAt(value, key) };
  const protocol = key.toUpperCase();
  const wanted = valueAt(value, key, 'destinationPort');
  const range = valueAt(wanted, 'range');
  return range === undefined
    ? { portNumber: { protocol, port: valueAt(wanted, 'number') } }
    : { portRange: { protocol, start: valueAt(range, 'start'), end: valueAt(range, 'end') } };
}

function podNamed(model: ClusterModel, who: string): Pod | null {
  const found = readOrigin(who, model);
  return found.kind === 'read' && found.value.kind === 'pod' ? found.value.pod : null;
}

/** Where it is known to do otherwise than the API says (pkg/networkpolicy of v0.8.0). */
function misreads({ objects, probes }: PolicySet): (string | null)[] {
  const model = clusterOf(objects);
  return probes.map(({ from, to, port, protocol }) => {
    const [sender, receiver] = [podNamed(model, from), podNamed(model, to)];
    const isOtherName = (named: Pod | null) => (name: string) =>
      hasPort(named, { name }) !== hasPort(receiver, { name, port, protocol });
    const atGate = (pod: Pod | null, direction: Direction, named: Pod | null): string | null => {
      if (pod === null) return null;
      // It knows of one: several stand in no order.
      if (tierAt(model, pod, direction, 'Baseline').length > 1) return 'several baselines';
      return namesIn(model, pod, direction).some(isOtherName(named)) ? 'the name of a port' : null;
    };
    return atGate(sender, 'egress', receiver) ?? atGate(receiver, 'ingress', sender);
  });
}

/** The names of ports that rules of the tiers go by, at a gate. */
function namesIn(model: ClusterModel, pod: Pod, direction: Direction): string[] {
  const ports: readonly PolicyPort[] = (['Admin', 'Baseline'] as const)
    .flatMap((tier) => tierAt(model, pod, direction, tier))
    .flatMap(({ policy }) => policy[direction].flatMap((rule) => rule.ports ?? []));
  return ports.flatMap(({ port }) => (typeof port === 'string' ? [port] : []));
}

/**
 * Of a name it only asks whether the pod on the other side has a port of that name, whichever it is, and on the way in
 * that is the sender (networkpolicyapi.go, `evaluateAdminNetworkPolicyPort`).
 */
function hasPort(
  pod: Pod | null,
  wanted: { readonly name: string; readonly port?: number; readonly protocol?: string },
): boolean {
  const { name, port, protocol } = wanted;
  return (pod?.containers ?? []).some(({ ports }) =>
    ports.some(
      (each) => each.name === name && (port === undefined || (each.port === port && each.protocol === protocol)),
    ),
  );
}
