import type { Manifest } from '../manifest/manifest.ts';
import { booleanAt, itemsAt, textAt, textsAt, valueAt } from '../manifest/value.ts';
import { addressIn, canonicalAddress } from './address.ts';
import type { ClusterNode } from './node.ts';
import { type Pod, type PodTemplate, readContainers, readPodTemplate } from './pod.ts';

/**
 * Workloads → pods with deterministic names, nodes and addresses. A workload's pod *i* is called `NAME-i` and runs on
 * the *i*-th node that it may use (round-robin from the first); a DaemonSet has one on each. `nodeName` and `nodeSelector`
 * are respected; affinity, taints and resources are not: which node a scheduler would choose isn't in the manifest.
 * Where the set holds a workload's real pods, those are taken instead.
 */
export function podsOf(manifests: readonly Manifest[], nodes: readonly ClusterNode[]): Pod[] {
  const templates = manifests.flatMap((manifest) => readPodTemplate(manifest) ?? []);
  const taken = new Set<string>();
  for (const { kind, manifest } of templates) {
    const address = textAt(manifest.value, 'status', 'podIP');
    if (kind === 'Pod' && address !== undefined) taken.add(address);
  }
  const counters = new Map<string, number>();
  const nextAddresses = (node: ClusterNode): string[] => {
    for (let offset = counters.get(node.name) ?? 2; ; offset++) {
      const addresses = node.podCIDRs.map((cidr) => addressIn(cidr, offset));
      counters.set(node.name, offset + 1);
      if (!addresses.some((each) => taken.has(each))) return addresses;
    }
  };
  const ownedKinds = new Set(
    templates
      .filter(({ kind, manifest }) => kind === 'Pod' && ownerOf(manifest) !== null)
      .map(({ manifest, namespace }) => `${namespace}/${ownerKey(manifest)}`),
  );
  return templates.flatMap((template) => {
    if (template.kind !== 'Pod' && hasRealPods(template, ownedKinds)) return [];
    return podsOfTemplate(template, nodes, nextAddresses);
  });
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

function hasRealPods({ namespace, kind, name, manifest }: PodTemplate, owned: ReadonlySet<string>): boolean {
  if (owned.has(`${namespace}/${kind}/${name}`)) return true;
  const owner = ownerOf(manifest);
  return kind === 'ReplicaSet' && owner !== null;
}

function podsOfTemplate(
  template: PodTemplate,
  nodes: readonly ClusterNode[],
  nextAddresses: (node: ClusterNode) => string[],
): Pod[] {
  const { manifest, spec, kind, name } = template;
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
  const count = template.count === 'one-per-node' ? usable.length : Math.min(template.count, 1000);
  const hostNetwork = booleanAt(spec, 'hostNetwork') ?? false;
  const containers = readContainers(spec);
  const owner = kind === 'Pod' ? (ownerOf(manifest) ?? { kind, name }) : { kind, name };
  const conditions = itemsAt(manifest.value, 'status', 'conditions');
  const readyCondition = conditions.find((each) => textAt(each, 'type') === 'Ready');
  return Array.from({ length: count }, (_, index): Pod => {
    const node = usable[index % usable.length]!;
    const real = textAt(manifest.value, 'status', 'podIP');
    const listed = itemsAt(manifest.value, 'status', 'podIPs').flatMap((each) => textAt(each, 'ip') ?? []);
    const addresses = hostNetwork
      ? node.addresses
      : kind === 'Pod' && real !== undefined
        ? [...new Set([real, ...listed].map(canonicalAddress))]
        : nextAddresses(node);
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
      isReal: kind === 'Pod' && real !== undefined,
    };
  });
}
