import { endsOfRange, isRangeIn } from '../../cluster/address.ts';
import type { ClusterModel } from '../../cluster/clusterModel.ts';
import type { NetworkPolicy, PolicyPort, PolicyRule } from '../../cluster/networkPolicy.ts';
import type { Pod } from '../../cluster/pod.ts';
import { fieldOf } from '../../manifest/manifest.ts';
import { chosenPlugin } from '../../network/policy/chosenPlugin.ts';
import { judgeAtGate } from '../../network/policy/gate.ts';
import { type Direction, isolating } from '../../network/policy/policiesOf.ts';
import { guardedBy } from '../policies/policyPods.ts';
import { rule, type Yielded } from '../rule.ts';

/** Entries and policies add up: what one `except` leaves out, another entry may let through. */
export const policyExceptAllowed = rule({
  id: 'policy-except-allowed',
  topic: 'policies',
  severity: 'warning',
  meaning: 'The addresses under `except` get through all the same, by another entry.',
  remedy: "Give the other entry the same `except`, or take this one away: a NetworkPolicy can't deny.",
  details:
    'It speaks where another rule lets through all of the excepted range, on every port that this one has. A smaller ' +
    'range that is let through again is taken for meant. Where it is a rule of another NetworkPolicy, for all pods ' +
    'that this one is for, it is an info.',
  link: 'https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec',
  about: 'NetworkPolicy',
  *check(policy, { model }): Generator<Yielded> {
    const { manifest, name } = policy;
    const pods = guardedBy(model, policy);
    for (const direction of ['ingress', 'egress'] as const) {
      for (const each of policy.isolates[direction] ? policy[direction] : [])
        for (const entry of each.peers ?? [])
          for (const [index, range] of entry.kind === 'addresses' ? entry.except.entries() : []) {
            const own = allowing(policy, direction, { range, ports: each.ports });
            const others = pods.map((pod) =>
              isolating(model, pod, direction)
                .filter((other) => other.manifest.key !== manifest.key)
                .flatMap((other) => allowing(other, direction, { range, ports: each.ports }) ?? [])
                .at(0),
            );
            const again = own ?? (others.includes(undefined) ? undefined : others[0]);
            if (again === undefined || again === null) continue;
            if (pods.length > 0 && !pods.some((pod) => isThrough(model, pod, direction, { range, ports: each.ports })))
              continue;
            const { by, rule: letting } = again;
            const of = by === policy ? 'its own rule' : `a rule of NetworkPolicy ${by.name}`;
            yield {
              severity: by === policy ? 'warning' : 'info',
              message:
                `NetworkPolicy ${name} leaves ${range} out here, but ${of} lets ` +
                `${direction === 'ingress' ? 'it in' : 'packets out to it'}: rules add up, an except denies nothing.`,
              at: fieldOf(manifest, ...entry.at, 'ipBlock', 'except', index),
              related: [{ message: `lets ${range} through`, at: fieldOf(by.manifest, ...letting.at) }],
            };
          }
    }
  },
  bad: {
    says: 'leaves 10.0.0.0/8 out here, but its own rule lets packets out to it',
    yaml: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8, 169.254.169.254/32] }
                                               ~~~~~~~~~~
        - ipBlock: { cidr: 10.0.0.0/8 }
`,
  },
  good: `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web }
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
    - to:
        - ipBlock: { cidr: 0.0.0.0/0, except: [10.0.0.0/8] }
        - ipBlock: { cidr: 10.1.0.0/16 }
    - to: [{ ipBlock: { cidr: 10.0.0.0/8 } }]
      ports: [{ port: 443 }]
`,
});

/** Whether the first of an excepted range gets through all the same: some plug-ins take it away from all entries. */
function isThrough(model: ClusterModel, pod: Pod, direction: Direction, { range, ports }: Excepted): boolean {
  const [first] = ports ?? [];
  // A name is another port at each pod.
  if (typeof first?.port === 'string') return true;
  const { first: peer } = endsOfRange(range);
  const at = { pod, direction, protocol: first?.protocol ?? ('TCP' as const), peer, port: first?.port ?? 80 };
  return judgeAtGate(model, at, chosenPlugin(model.profile).plugin).kind === 'allowed';
}

interface Excepted {
  readonly range: string;
  readonly ports: readonly PolicyPort[] | null;
}

/** The rule of a policy that lets through all of a range on all of some ports; null where none does. */
function allowing(
  by: NetworkPolicy,
  direction: Direction,
  { range, ports }: Excepted,
): { readonly by: NetworkPolicy; readonly rule: PolicyRule } | null {
  const found = by[direction].find((each) => takesPorts(each.ports, ports) && takesRange(each, range));
  return found === undefined ? null : { by, rule: found };
}

function takesRange({ peers }: PolicyRule, range: string): boolean {
  if (peers === null) return true;
  return peers.some(
    (each) =>
      each.kind === 'addresses' &&
      isRangeIn(range, each.range) &&
      !each.except.some((out) => isRangeIn(range, out) || isRangeIn(out, range)),
  );
}

function takesPorts(all: readonly PolicyPort[] | null, some: readonly PolicyPort[] | null): boolean {
  if (all === null) return true;
  return some !== null && some.every((port) => all.some((each) => takesPort(each, port)));
}

function takesPort(all: PolicyPort, { protocol, port, endPort }: PolicyPort): boolean {
  if (all.protocol !== protocol) return false;
  if (all.port === null || (all.port === port && typeof port === 'string')) return true;
  if (typeof all.port !== 'number' || typeof port !== 'number') return false;
  return port >= all.port && (endPort ?? port) <= (all.endPort ?? all.port);
}
