import type { Manifest } from '../manifest/manifest.ts';
import { booleanAt, integerAt, itemsAt, keysAt, textAt, textsAt, valueAt } from '../manifest/value.ts';
import { familyOf, isIn } from './address.ts';
import { sameItems } from './listChanges.ts';
import { once } from './once.ts';
import type { ClusterNode } from './node.ts';
import {
  isNowhere,
  nodeNameOf,
  restOfJob,
  type Pod,
  podHasEnded,
  type PodTemplate,
  readContainers,
  type Waiting,
  writtenPodAddresses,
} from './pod.ts';
import { neverReadyFor } from './probe.ts';
import type { Profile } from './profile.ts';
import { type Claim, podClaim, podClaimName, type PodRange } from './standIns.ts';
import { activeJobs } from './workloadStatus.ts';

/**
 * Workloads → pods with deterministic names, nodes and addresses. A workload's pod *i* is called `NAME-i` and runs on
 * the *i*-th node that it may use (round-robin from the first); a DaemonSet has one on each. `nodeName` and
 * `nodeSelector` are respected, and nodes that aren't ready get no pod where another may have it (their taint
 * `node.kubernetes.io/not-ready`); affinity, other taints and resources are not: which node a scheduler would choose
 * isn't in the manifest. Where the set holds a workload's real pods, those are taken instead. Else a workload's status
 * says how many are there and ready: which ones, it doesn't say, and the first are taken.
 */
export interface Placement {
  readonly template: PodTemplate;
  /** Each pod's node, in the order of the pods; empty where the workload has none. */
  readonly nodes: readonly ClusterNode[];
  readonly hostNetwork: boolean;
  /** What its pods wait for; null where they are there, or are to be. */
  readonly waits: Waiting | null;
  /** A real pod's own; empty where there is none. */
  readonly addresses: readonly string[];
  /** Whether its pods are given stand-ins. */
  readonly lacksAddresses: boolean;
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

/** The workload whose real pod or running Job this is, as `namespace/kind/name`; none for any other template. */
export function ownersOfPod({ kind, manifest, namespace, count }: PodTemplate): readonly string[] {
  const isRunning = kind === 'Job' && count !== 0 && restOfJob(manifest.value) === null;
  const owner = kind === 'Pod' || isRunning ? ownerKey(manifest) : '';
  return owner === '' ? [] : [`${namespace}/${owner}`];
}

/** A ReplicaSet, and the workload that owns it, as `namespace/kind/name`: its pods are the owner's too. */
export function ownersOfReplicaSet({ kind, manifest, namespace, name }: PodTemplate): readonly Ownership[] {
  const owner = kind === 'ReplicaSet' ? ownerOf(manifest) : null;
  if (owner === null) return [];
  return [{ owned: `${namespace}/${kind}/${name}`, by: `${namespace}/${owner.kind}/${owner.name}` }];
}

interface Ownership {
  readonly owned: string;
  readonly by: string;
}

/** The owners that pods name, and those of the ReplicaSets among them. */
export function allOwners(named: readonly string[], replicaSets: readonly Ownership[]): ReadonlySet<string> {
  const owners = new Set(named);
  for (const { owned, by } of replicaSets) if (owners.has(owned)) owners.add(by);
  return owners;
}

/** What the placements on some nodes claim: for each pod that lacks an address, one of each of its node's ranges. */
export function podClaims(
  nodes: readonly ClusterNode[],
  { podNetwork }: Profile,
): (placement: Placement) => readonly Claim[] {
  const isOfSomeNode = (address: string): boolean =>
    nodes.some(({ podCIDRs }) => podCIDRs.some((each) => isIn(address, each)));
  const rangesOf = once(({ podCIDRs }: ClusterNode): readonly PodRange[] =>
    podCIDRs.map((node, family) => ({ node, network: podNetwork.cidrs[family] ?? node, isOfSomeNode })),
  );
  return ({ template, nodes: own, lacksAddresses }) => {
    if (!lacksAddresses) return [];
    const workload = workloadId(template);
    return own.flatMap((node, index) => rangesOf(node).map((each) => podClaim({ workload, index }, each)));
  };
}

function workloadId({ namespace, kind, name }: PodTemplate): string {
  return `${namespace}/${kind}/${name}`;
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

/** Whether a workload's pods are in the set themselves; a CronJob's are those of its running Jobs. */
export function hasRealPods({ namespace, kind, name, manifest }: PodTemplate, owned: ReadonlySet<string>): boolean {
  if (owned.has(`${namespace}/${kind}/${name}`)) return true;
  if (kind === 'CronJob') return activeJobs(manifest.value).some((job) => owned.has(`${namespace}/Job/${job}`));
  const owner = ownerOf(manifest);
  return kind === 'ReplicaSet' && owner !== null;
}

function place(template: PodTemplate, all: readonly ClusterNode[]): Placement {
  const { manifest, spec, kind, namespace, name } = template;
  const hostNetwork = booleanAt(spec, 'hostNetwork') ?? false;
  const hasEnded = kind === 'Pod' && podHasEnded(manifest.value);
  const addresses = kind === 'Pod' && !hasEnded ? writtenPodAddresses(manifest) : [];
  // A hand that wrote only that a pod is ready means one to be; a cluster writes a phase too.
  const isToBe = saidReadiness(manifest) === true && textAt(manifest.value, 'status', 'phase') === undefined;
  const waits = hasEnded ? 'ended' : waitsFor(template, addresses.length > 0 || isToBe);
  const nodes = nodesFor(template, all, waits);
  const lacksAddresses = !hostNetwork && addresses.length === 0 && !isNowhere(waits);
  const where = lacksAddresses ? nodes.map((node) => `${node.name} ${node.podCIDRs.join(' ')}`).join() : '';
  const signature = [namespace, kind, name, where, addresses.join()].join('|');
  return { template, nodes, hostNetwork, waits, addresses, lacksAddresses, signature };
}

/** Whether a status says that the pod is ready; null where it doesn't say. */
function saidReadiness({ value }: Manifest): boolean | null {
  const condition = itemsAt(value, 'status', 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  return condition === undefined ? null : textAt(condition, 'status') === 'True';
}

/** Not scheduled yet, or no longer. */
function hasNoNode(waits: Waiting | null): boolean {
  return isNowhere(waits) && waits !== 'address';
}

/** The node of each pod; of one that has none, any. */
function nodesFor(
  { spec, kind, count: wanted }: PodTemplate,
  nodes: readonly ClusterNode[],
  waits: Waiting | null,
): ClusterNode[] {
  const named = nodeNameOf(spec);
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
  const ready = kind === 'DaemonSet' || named !== undefined ? [] : usable.filter((node) => node.ready);
  const chosen = ready.length > 0 ? ready : usable.length === 0 && hasNoNode(waits) ? nodes : usable;
  if (chosen.length === 0) return [];
  const count = wanted === 'one-per-node' ? chosen.length : Math.min(wanted, 1000);
  return Array.from({ length: count }, (_, index) => chosen[index % chosen.length]).filter(
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
  const isSame =
    before !== undefined &&
    before.pods.every(({ addresses }, index) => sameItems(addresses, addressesOf(placement, index, standIns)));
  const pods = isSame ? before.pods : makePods(placement, standIns);
  made.set(placement, { standIns, pods });
  return pods;
}

/** The names of the claims of each pod that lacks an address. */
const claimsOfPods = once((placement: Placement): readonly (readonly string[])[] =>
  placement.nodes.map(({ podCIDRs }, index) =>
    podCIDRs.map((cidr) => podClaimName(familyOf(cidr), { workload: workloadId(placement.template), index })),
  ),
);

function addressesOf(placement: Placement, index: number, standIns: ReadonlyMap<string, string>): readonly string[] {
  const { nodes, lacksAddresses, hostNetwork, waits, addresses } = placement;
  if (lacksAddresses) return claimsOfPods(placement)[index]?.flatMap((name) => standIns.get(name) ?? []) ?? [];
  return hostNetwork && !isNowhere(waits) ? (nodes[index]?.addresses ?? []) : addresses;
}

function makePods(placement: Placement, standIns: ReadonlyMap<string, string>): Pod[] {
  const { template, nodes, hostNetwork, waits } = placement;
  const { manifest, spec, kind, name, counted } = template;
  const containers = readContainers(spec);
  const limit = (count: 'there' | 'ready'): number =>
    counted === null || counted[count] === counted.wanted ? Infinity : counted[count];
  const owner = kind === 'Pod' ? (ownerOf(manifest) ?? { kind, name }) : { kind, name };
  // The status of a cluster has a phase; one without it is somebody's note of an address.
  const hasPhase = kind === 'Pod' && textAt(manifest.value, 'status', 'phase') !== undefined;
  // What a status counts as ready is.
  const isUnready = hasPhase || (counted === null && neverReadyFor(template) !== null);
  const said = kind === 'Pod' ? saidReadiness(manifest) : null;
  return nodes.map((node, index): Pod => {
    const addresses = addressesOf(placement, index, standIns);
    return {
      namespace: template.namespace,
      name: kind === 'Pod' ? name : `${name}-${index}`,
      labels: labelsOf(template, index),
      address: addresses[0] ?? (waits === null ? node.address : ''),
      addresses,
      node: hasNoNode(waits) ? '' : node.name,
      hostNetwork,
      ready: said ?? (node.ready && !isUnready && index < limit('ready')),
      terminating: kind === 'Pod' && valueAt(manifest.value, 'metadata', 'deletionTimestamp') !== undefined,
      waits: waits ?? (index < limit('there') ? null : 'status'),
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

/**
 * A pod's labels, with those that its controller gives it and whose values are known.
 * Source: kubernetes/kubernetes pkg/controller/statefulset/stateful_set_utils.go `updateIdentity`,
 * pkg/registry/batch/job/strategy.go `generateSelector`, pkg/controller/job/job_controller.go `manageJob` (1.36).
 */
function labelsOf(template: PodTemplate, index: number): ReadonlyMap<string, string> {
  const { kind, name, labels, manifest } = template;
  if (kind === 'StatefulSet')
    return new Map([
      ...labels,
      ['statefulset.kubernetes.io/pod-name', `${name}-${index}`],
      ['apps.kubernetes.io/pod-index', String(index)],
    ]);
  if (kind !== 'Job' || booleanAt(manifest.value, 'spec', 'manualSelector') === true) return labels;
  const isIndexed = textAt(manifest.value, 'spec', 'completionMode') === 'Indexed';
  return new Map([
    ...labels,
    ['job-name', name],
    ['batch.kubernetes.io/job-name', name],
    ...(isIndexed ? [['batch.kubernetes.io/job-completion-index', String(index)] as const] : []),
  ]);
}

/**
 * What keeps a template's pods from being there. A plain manifest's pod is one to be; where a status is written, it
 * counts: a pod without an address is no endpoint, and a paused Deployment makes no ReplicaSet, so it has the pods that
 * it had.
 * Source: kubernetes/kubernetes staging/src/k8s.io/endpointslice/util/controller_utils.go `ShouldPodBeInEndpoints`,
 * pkg/controller/deployment/sync.go `sync`, pkg/registry/core/pod/strategy.go `applySchedulingGatedCondition` (1.36).
 */
function waitsFor({ kind, manifest: { value }, spec }: PodTemplate, isThere: boolean): Waiting | null {
  if (itemsAt(spec, 'schedulingGates').length > 0 && !isThere) return 'scheduling';
  switch (kind) {
    case 'Pod': {
      const status = valueAt(value, 'status');
      if (isThere || keysAt(status).length === 0) return null;
      const isUnscheduled = itemsAt(status, 'conditions').some(
        (each) => textAt(each, 'type') === 'PodScheduled' && textAt(each, 'status') === 'False',
      );
      const isBound = nodeNameOf(spec) !== undefined && !isUnscheduled;
      const phase = textAt(status, 'phase');
      if (isBound || phase === 'Running') return 'address';
      return isUnscheduled || phase === 'Pending' ? 'scheduling' : null;
    }
    case 'Deployment':
      return booleanAt(value, 'spec', 'paused') === true && (integerAt(value, 'status', 'replicas') ?? 0) === 0
        ? 'paused'
        : null;
    case 'CronJob':
      return activeJobs(value).length > 0 ? 'job' : 'time';
    case 'Job':
      return restOfJob(value);
    case 'StatefulSet':
    case 'DaemonSet':
    case 'ReplicaSet':
    case 'ReplicationController':
    case 'Rollout':
      return null;
    default:
      return kind satisfies never;
  }
}
