import type { Manifest } from '../manifest/manifest.ts';
import { booleanAt, itemsAt, textAt, textsAt, valueAt } from '../manifest/value.ts';
import { canonicalAddress, familyOf, isIn } from './address.ts';
import { sameItems } from './derived.ts';
import type { ClusterNode } from './node.ts';
import { type Pod, type PodTemplate, readContainers } from './pod.ts';
import type { Profile } from './profile.ts';
import { handOut, podClaim } from './standIns.ts';

/**
 * Workloads → pods with deterministic names, nodes and addresses. A workload's pod *i* is called `NAME-i` and runs on
 * the *i*-th node that it may use (round-robin from the first); a DaemonSet has one on each. `nodeName` and `nodeSelector`
 * are respected; affinity, taints and resources are not: which node a scheduler would choose isn't in the manifest.
 * Where the set holds a workload's real pods, those are taken instead.
 */
export interface Placement {
  readonly template: PodTemplate;
  /** Each pod's node, in the order of the pods; empty where the workload has none. */
  readonly nodes: readonly ClusterNode[];
  readonly hostNetwork: boolean;
  /** A real pod's own; empty where stand-ins are needed. */
  readonly addresses: readonly string[];
  /** All that the stand-ins depend on: two that are equal are given the same. */
  readonly signature: string;
}

const known = new WeakMap<PodTemplate, { readonly nodes: readonly ClusterNode[]; readonly placement: Placement }>();

/** Where a workload's pods run, found once for the same nodes. */
export function placementOf(template: PodTemplate, nodes: readonly ClusterNode[]): Placement {
  const before = known.get(template);
  if (before?.nodes === nodes) return before.placement;
  const placement = place(template, nodes);
  known.set(template, { nodes, placement });
  return placement;
}

/** The workloads whose real pods the set holds, as `namespace/kind/name`. */
export function ownersOfPods(templates: readonly PodTemplate[]): ReadonlySet<string> {
  const owners = new Set<string>();
  for (const { kind, manifest, namespace } of templates) {
    const owner = kind === 'Pod' ? ownerKey(manifest) : '';
    if (owner !== '') owners.add(`${namespace}/${owner}`);
  }
  return owners;
}

/** Stand-ins for the addresses of pods, by family and pod. */
export function podStandIns(
  placements: readonly Placement[],
  nodes: readonly ClusterNode[],
  { podNetwork }: Profile,
): ReadonlyMap<string, string> {
  const isOfSomeNode = (address: string): boolean =>
    nodes.some(({ podCIDRs }) => podCIDRs.some((each) => isIn(address, each)));
  const claims = placements.flatMap((placement) =>
    placement.hostNetwork || placement.addresses.length > 0
      ? []
      : placement.nodes.flatMap(({ podCIDRs }, index) =>
          podCIDRs.map((cidr, family) =>
            podClaim(podId(placement, index), cidr, podNetwork.cidrs[family] ?? cidr, isOfSomeNode),
          ),
        ),
  );
  return handOut(
    claims,
    placements.flatMap(({ addresses }) => addresses),
  );
}

function podId({ template: { namespace, kind, name } }: Placement, index: number): string {
  return `${namespace}/${kind}/${name}/${index}`;
}

function ownerOf(pod: Manifest): { kind: string; name: string } | null {
  const owner = itemsAt(pod.value, 'metadata', 'ownerReferences')[0];
  const name = textAt(owner, 'name');
  return name === undefined ? null : { kind: textAt(owner, 'kind') ?? '', name };
}

function ownerKey(pod: Manifest): string {
  const owner = ownerOf(pod);
  if (owner === null) return '';
  // A Deployment's pods belong to its ReplicaSet, named after it with the template's hash.
  const hash = pod.labels.get('pod-template-hash');
  if (owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`))
    return `Deployment/${owner.name.slice(0, -hash.length - 1)}`;
  return `${owner.kind}/${owner.name}`;
}

/** Whether a workload's pods are in the set themselves. */
export function hasRealPods({ namespace, kind, name, manifest }: PodTemplate, owned: ReadonlySet<string>): boolean {
  if (owned.has(`${namespace}/${kind}/${name}`)) return true;
  const owner = ownerOf(manifest);
  return kind === 'ReplicaSet' && owner !== null;
}

function place(template: PodTemplate, all: readonly ClusterNode[]): Placement {
  const { manifest, spec, kind, namespace, name } = template;
  const hostNetwork = booleanAt(spec, 'hostNetwork') ?? false;
  const nodes = nodesFor(template, all);
  const real = kind === 'Pod' ? textAt(manifest.value, 'status', 'podIP') : undefined;
  const listed = itemsAt(manifest.value, 'status', 'podIPs').flatMap((each) => textAt(each, 'ip') ?? []);
  const addresses = real === undefined || hostNetwork ? [] : [...new Set([real, ...listed].map(canonicalAddress))];
  const where = hostNetwork ? '' : nodes.map((node) => node.name).join();
  const signature = [namespace, kind, name, where, addresses.join()].join('|');
  return { template, nodes, hostNetwork, addresses, signature };
}

/** The node of each pod. */
function nodesFor({ manifest, spec, kind, count: wanted }: PodTemplate, nodes: readonly ClusterNode[]): ClusterNode[] {
  const phase = textAt(manifest.value, 'status', 'phase');
  if (kind === 'Pod' && (phase === 'Succeeded' || phase === 'Failed')) return [];
  const named = textAt(spec, 'nodeName');
  const selector = textsAt(spec, 'nodeSelector');
  const matching = nodes.filter((node) =>
    named !== undefined
      ? node.name === named
      : selector === undefined || [...selector].every(([key, value]) => node.labels.get(key) === value),
  );
  // Labels that nobody told us of say nothing about where it can't run.
  const usable =
    matching.length > 0
      ? matching
      : named === undefined && nodes.every(({ manifest, labels }) => manifest === null && labels.size <= 3)
        ? nodes
        : [];
  if (usable.length === 0) return [];
  const count = wanted === 'one-per-node' ? usable.length : Math.min(wanted, 1000);
  return Array.from({ length: count }, (_, index) => usable[index % usable.length]).filter(
    (node) => node !== undefined,
  );
}

const made = new WeakMap<
  Placement,
  { readonly standIns: ReadonlyMap<string, string>; readonly pods: readonly Pod[] }
>();

/** The pods of a workload, made once for the same addresses. */
export function podsOf(placement: Placement, standIns: ReadonlyMap<string, string>): readonly Pod[] {
  const before = made.get(placement);
  if (before?.standIns === standIns) return before.pods;
  const pods = makePods(placement, standIns);
  const isSame =
    before !== undefined &&
    before.pods.every(({ addresses }, index) => sameItems(addresses, pods[index]?.addresses ?? []));
  const kept = isSame ? before.pods : pods;
  made.set(placement, { standIns, pods: kept });
  return kept;
}

function makePods(placement: Placement, standIns: ReadonlyMap<string, string>): Pod[] {
  const { template, nodes, hostNetwork } = placement;
  const { manifest, spec, kind, name } = template;
  const containers = readContainers(spec);
  const owner = kind === 'Pod' ? (ownerOf(manifest) ?? { kind, name }) : { kind, name };
  const conditions = itemsAt(manifest.value, 'status', 'conditions');
  const readyCondition = conditions.find((each) => textAt(each, 'type') === 'Ready');
  return nodes.map((node, index): Pod => {
    const id = podId(placement, index);
    const addresses = hostNetwork
      ? node.addresses
      : placement.addresses.length > 0
        ? placement.addresses
        : node.podCIDRs.flatMap((cidr) => standIns.get(`${familyOf(cidr)} ${id}`) ?? []);
    return {
      namespace: template.namespace,
      name: kind === 'Pod' ? name : `${name}-${index}`,
      labels:
        kind === 'StatefulSet'
          ? new Map([
              ...template.labels,
              ['statefulset.kubernetes.io/pod-name', `${name}-${index}`],
              ['apps.kubernetes.io/pod-index', String(index)],
            ])
          : template.labels,
      address: addresses[0] ?? node.address,
      addresses,
      node: node.name,
      hostNetwork,
      ready: kind !== 'Pod' || readyCondition === undefined || textAt(readyCondition, 'status') === 'True',
      terminating: kind === 'Pod' && valueAt(manifest.value, 'metadata', 'deletionTimestamp') !== undefined,
      containers,
      hostname: textAt(spec, 'hostname') ?? (kind === 'StatefulSet' ? `${name}-${index}` : null),
      subdomain:
        textAt(spec, 'subdomain') ??
        (kind === 'StatefulSet' ? (textAt(manifest.value, 'spec', 'serviceName') ?? null) : null),
      manifest,
      owner,
      isReal: placement.addresses.length > 0,
    };
  });
}
