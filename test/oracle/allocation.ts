import { clusterIPOutOfRange } from '../../shared/insight/rules/clusterIPOutOfRange.ts';
import { clusterIPTakenTwice } from '../../shared/insight/rules/clusterIPTakenTwice.ts';
import { ipFamilyNotConfigured } from '../../shared/insight/rules/ipFamilyNotConfigured.ts';
import { nodePortOutOfRange } from '../../shared/insight/rules/nodePortOutOfRange.ts';
import { nodePortTakenTwice } from '../../shared/insight/rules/nodePortTakenTwice.ts';
import { refusedByApiServer } from '../../shared/insight/rules/refusedByApiServer.ts';
import { clusterOf } from '../scene.ts';
import type { SeededRandom } from '../seededRandom.ts';
import type { Oracle, ServerError } from './judge.ts';

/** Services to be created one after another, in a cluster whose ranges are known. */
export interface Creation {
  readonly serviceCIDRs: readonly string[];
  readonly nodePortRange: string;
  readonly services: readonly object[];
}

const v4 = ['10.96.0.2', '10.96.0.3', '10.96.0.2', '10.96.0.0', '10.96.0.1', '10.96.0.255', '10.96.1.2', '10.96.0.15'];
const v6 = ['fd00:96::2', 'fd00:96::3', 'fd00:96::', 'fd00:96::1', 'fd00:96::ffff', 'fd00:97::2'];

/** Numbers come from where the allocators give none of their own accord. */
export function randomCreation(random: SeededRandom): Creation {
  const ranges = [
    ['10.96.0.0/24'],
    ['10.96.0.0/24', 'fd00:96::/112'],
    ['fd00:96::/112', '10.96.0.0/24'],
    ['fd00:96::/112'],
  ];
  return {
    serviceCIDRs: random.pick(ranges),
    nodePortRange: random.pick(['30000-32767', '30000-32767', '30002-32767']),
    services: Array.from({ length: 1 + random.below(4) }, (_, index) => randomService(random, `s${index}`)),
  };
}

function randomService(random: SeededRandom, name: string): object {
  const sometimes = (share: number, fields: () => object): object => (random.below(100) < share ? fields() : {});
  const number = (): number => 30000 + random.below(5);
  const type = random.pick(['ClusterIP', 'NodePort', 'LoadBalancer']);
  const hasNodePorts = type !== 'ClusterIP';
  const isHeadless = !hasNodePorts && random.below(4) === 0;
  const pairs = [
    ['TCP', 53],
    ['UDP', 53],
    ['SCTP', 53],
    ['TCP', 80],
    ['UDP', 443],
  ].filter(() => random.below(2) === 0);
  const [first, second] = [random.pick([v4, v6]), random.pick([v4, v6])].map((each) => random.pick(each));
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: {
      type,
      ports: (pairs.length === 0 ? [['TCP', 80]] : pairs).map(([protocol, port]) => ({
        name: `${protocol}-${port}`.toLowerCase(),
        protocol,
        port,
        ...sometimes(hasNodePorts ? 50 : 0, () => ({ nodePort: number() })),
      })),
      ...sometimes(50, () => ({ selector: { app: name } })),
      ...(isHeadless
        ? { clusterIP: 'None' }
        : sometimes(40, () => ({
            clusterIP: first,
            ...sometimes(40, () => ({ clusterIPs: [first, second] })),
          }))),
      ...sometimes(30, () => ({ ipFamilies: random.pick([['IPv4'], ['IPv6'], ['IPv4', 'IPv6'], ['IPv6', 'IPv4']]) })),
      ...sometimes(40, () => ({ ipFamilyPolicy: random.pick(['SingleStack', 'PreferDualStack', 'RequireDualStack']) })),
      ...sometimes(type === 'LoadBalancer' ? 60 : 0, () => ({
        externalTrafficPolicy: 'Local',
        ...sometimes(70, () => ({ healthCheckNodePort: number() })),
      })),
      ...sometimes(type === 'LoadBalancer' ? 30 : 0, () => ({ allocateLoadBalancerNodePorts: false })),
    },
  };
}

const rules = [
  clusterIPOutOfRange,
  clusterIPTakenTwice,
  ipFamilyNotConfigured,
  nodePortOutOfRange,
  nodePortTakenTwice,
  refusedByApiServer,
];

/** The rules that speak of the last Service, beside those that are there already. */
function ownRefusals({ serviceCIDRs, nodePortRange }: Creation, there: readonly object[], last: object): string[] {
  const model = clusterOf([
    {
      apiVersion: 'hoplens.dev/v1alpha1',
      kind: 'ClusterProfile',
      metadata: { name: 'known' },
      spec: { serviceCIDR: serviceCIDRs.join(','), nodePortRange },
    },
    ...there,
    last,
  ]);
  return model.manifests
    .slice(-1)
    .flatMap((manifest) => rules.filter((each) => each.check(manifest, { model, isComplete: true }).length > 0))
    .map(({ id }) => id);
}

/** The rule that says what the API server says. */
function ruleOf({ field, message = '' }: ServerError): string {
  const isOfPorts = !field.startsWith('spec.clusterIP');
  if (message.includes('already allocated')) return isOfPorts ? nodePortTakenTwice.id : clusterIPTakenTwice.id;
  if (message.includes('not in the valid range')) return isOfPorts ? nodePortOutOfRange.id : clusterIPOutOfRange.id;
  return message.includes('not configured') ? ipFamilyNotConfigured.id : refusedByApiServer.id;
}

/** Of each Service the rules that say what the API server has against it; it stops at the first thing. */
export async function theirRefusals(oracle: Oracle, creation: Creation): Promise<string[][]> {
  const refusals = await oracle.refusals(creation);
  return refusals.map((errors) => [...new Set(errors.map(ruleOf))]);
}

/**
 * Where we differ from the API server, Service by Service; null where we refuse the same, for its reason among others.
 */
export function allocationDisagreement(creation: Creation, theirs: readonly (readonly string[])[]): string | null {
  const there: object[] = [];
  for (const [index, service] of creation.services.entries()) {
    const ours = ownRefusals(creation, there, service);
    const reasons = theirs[index] ?? [];
    if (ours.length > 0 !== reasons.length > 0 || reasons.some((each) => !ours.includes(each)))
      return [
        '--- Hoplens',
        ...ours,
        '--- API server',
        ...reasons,
        `--- of Service ${index} of`,
        JSON.stringify(creation),
      ].join('\n');
    if (reasons.length === 0) there.push(service);
  }
  return null;
}
