import { groupOf, type Manifest } from '../manifest/manifest.ts';
import { itemsAt, textOf } from '../manifest/value.ts';
import { canonicalRange, families, type Family, familyOf, isIn } from './address.ts';
import type { Assumption } from './because.ts';
import { sameItems } from './listChanges.ts';
import type { Profile } from './profile.ts';
import type { Service } from './service.ts';

/** The ranges of a cluster, and what of them is assumed. */
export interface ClusterRanges {
  /** The API server's own, the primary first; others may add to them. */
  readonly ownServiceCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  readonly isServiceCidrWritten: boolean;
  readonly podCidrs: readonly string[];
  /** What the profile or the set gives the cluster; null where neither says, and it has what a Service asks for. */
  readonly families: readonly Family[] | null;
  readonly assumption: Assumption | null;
}

/**
 * The ranges that the set itself shows or asks for, beside the profile's. `ServiceCIDR` objects are the Services'
 * ranges. If a Service asks for a family and nothing says which families the cluster has, the cluster is assumed to
 * have it. `shownPods` are ranges that Nodes or running pods show;
 * `firstNeeding` finds the first Service that can't do without a family.
 */
export function clusterRanges(
  profile: Profile,
  serviceCidrs: readonly Manifest[],
  shownPods: readonly string[],
  firstNeeding: (family: Family) => Service | null,
): ClusterRanges {
  const real = realRanges(profile, serviceCidrs);
  const said = familiesSaid(real, profile);
  const asking = families
    .filter((each) => !hasFamily(real, each) && (said === null || said.includes(each)))
    .flatMap((family) => {
      const service = firstNeeding(family);
      return service === null ? [] : [{ service, family }];
    });
  const added = asking.map(({ family }) => family);
  const ofServices = [...real.serviceCidrs, ...added.map((family) => usualRanges[family].services)];
  const { isCidrWritten } = profile.podNetwork;
  const cidrs = isCidrWritten ? profile.podNetwork.cidrs : podRanges(profile.podNetwork.cidrs, shownPods);
  const podFamilies = cidrs.map(familyOf);
  const addedToPods = isCidrWritten
    ? []
    : [...new Set(ofServices.map(familyOf))].filter((each) => !podFamilies.includes(each));
  const podCidrs = [...cidrs, ...addedToPods.map((family) => usualRanges[family].pods)];
  const ranges = { ...real, serviceCidrs: ofServices, podCidrs, families: said };
  if (added.length === 0 && addedToPods.length === 0) return { ...ranges, assumption: null };
  const [first] = asking;
  const why =
    first === undefined
      ? `Services have ${addedToPods.join(' and ')}`
      : `Service ${first.service.name} asks for ${first.family}, and nothing says which families the cluster has`;
  const text = `pods in ${podCidrs.join(' and ')} and Services in ${ofServices.join(' and ')} assumed: ${why}`;
  return { ...ranges, assumption: { id: 'dual-stack', text } };
}

/** How large a pod network is taken to be that holds what is seen of it. */
const usualLengths: Readonly<Record<Family, number>> = { IPv4: 16, IPv6: 56 };

/** The pod network in each family: the assumed one, unless something is seen outside of it; then one that holds all. */
function podRanges(assumed: readonly string[], shown: readonly string[]): readonly string[] {
  return assumed.map((range) => {
    const family = familyOf(range);
    const own = shown.filter((each) => familyOf(each) === family);
    const [first] = own;
    if (first === undefined || own.every((each) => holds(range, each))) return range;
    for (let length = usualLengths[family]; length > 0; length--) {
      const found = canonicalRange(`${first.split('/')[0] ?? ''}/${length}`);
      if (found !== null && own.every((each) => holds(found, each))) return found;
    }
    return range;
  });
}

function holds(range: string, inner: string): boolean {
  const [address = '', length = '0'] = inner.split('/');
  return Number(length) >= Number(range.split('/')[1]) && isIn(address, range);
}

/** Whether two say the same of the cluster. */
export function sameRanges(a: ClusterRanges, b: ClusterRanges): boolean {
  return (
    sameItems(a.ownServiceCidrs, b.ownServiceCidrs) &&
    sameItems(a.serviceCidrs, b.serviceCidrs) &&
    sameItems(a.families ?? [], b.families ?? []) &&
    a.isServiceCidrWritten === b.isServiceCidrWritten &&
    sameItems(a.podCidrs, b.podCidrs) &&
    a.assumption?.text === b.assumption?.text
  );
}

/** The profile with the cluster's ranges; itself where they are its own. */
export function withRanges(profile: Profile, ranges: ClusterRanges): Profile {
  const { serviceCidrs, isServiceCidrWritten, podCidrs: cidrs } = ranges;
  const isItsOwn =
    sameItems(serviceCidrs, profile.serviceCidrs) &&
    isServiceCidrWritten === profile.isServiceCidrWritten &&
    sameItems(cidrs, profile.podNetwork.cidrs);
  if (isItsOwn) return profile;
  return { ...profile, serviceCidrs, isServiceCidrWritten, podNetwork: { ...profile.podNetwork, cidrs } };
}

/** As kubeadm's documentation has them: "Dual-stack support with kubeadm". */
export const usualRanges: Readonly<Record<Family, { readonly pods: string; readonly services: string }>> = {
  IPv4: { pods: '10.244.0.0/16', services: '10.96.0.0/12' },
  IPv6: { pods: 'fd00:10:244::/56', services: 'fd00:10:96::/112' },
};

/** The families that a Service as written can't do without. */
export function neededFamilies({ type, headless, selector, ipFamilies, ipFamilyPolicy }: Service): readonly Family[] {
  if (type === 'ExternalName' || (headless && selector === null)) return [];
  return ipFamilyPolicy === 'RequireDualStack' ? families : ipFamilies;
}

/**
 * The families for which the cluster has no range: the API server refuses the Service. A headless Service without
 * selector needs none, because it gets no address.
 * Source: kubernetes/kubernetes pkg/registry/core/service/storage/alloc.go `initIPFamilyFields` (1.36).
 */
export function missingFamilies(service: Service, { families: said }: ClusterRanges): Family[] {
  return said === null ? [] : neededFamilies(service).filter((each) => !said.includes(each));
}

function hasFamily({ serviceCidrs }: Pick<Profile, 'serviceCidrs'>, family: Family): boolean {
  return serviceCidrs.some((range) => familyOf(range) === family);
}

/** An added range of another family gives the cluster no family. */
function familiesSaid(
  { ownServiceCidrs, isServiceCidrWritten }: RealRanges,
  { podNetwork }: Profile,
): readonly Family[] | null {
  if (isServiceCidrWritten) return ownServiceCidrs.map(familyOf);
  return podNetwork.isCidrWritten ? podNetwork.cidrs.map(familyOf) : null;
}

type RealRanges = Pick<ClusterRanges, 'ownServiceCidrs' | 'serviceCidrs' | 'isServiceCidrWritten'>;

/**
 * The API server makes the ServiceCIDR `kubernetes` of its own flags; others add to it, and kube-proxy takes them all.
 * The object that is there wins over what the profile says.
 * Source: kubernetes/kubernetes pkg/controlplane/controller/defaultservicecidr, pkg/proxy/config/config.go
 * `ServiceCIDRConfig` (1.36).
 */
function realRanges({ serviceCidrs, isServiceCidrWritten }: Profile, manifests: readonly Manifest[]): RealRanges {
  const objects = manifests.filter((each) => groupOf(each) === 'networking.k8s.io');
  const rangesOf = (each: Manifest): string[] =>
    itemsAt(each.value, 'spec', 'cidrs').flatMap((item) => canonicalRange(textOf(item) ?? '') ?? []);
  const shown = objects.filter(({ name }) => name === 'kubernetes').flatMap(rangesOf);
  const added = objects.filter(({ name }) => name !== 'kubernetes').flatMap(rangesOf);
  const own = shown.length > 0 ? shown : serviceCidrs;
  return {
    ownServiceCidrs: own,
    serviceCidrs: [...new Set([...own, ...added])],
    isServiceCidrWritten: shown.length > 0 || isServiceCidrWritten,
  };
}
