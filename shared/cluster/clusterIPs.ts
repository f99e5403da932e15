import { groupOf, type Manifest } from '../manifest/manifest.ts';
import { itemsAt, type Path, textAt, textOf } from '../manifest/value.ts';
import { canonicalAddress, canonicalRange, type Family, familyOf, isAddress } from './address.ts';
import { type ClusterModel, indexOfModel, ofModel } from './clusterModel.ts';
import { once } from './derived.ts';
import { isService } from './service.ts';

/** A cluster address that a Service asks for by number, and where it stands. */
export interface WrittenClusterIP {
  readonly address: string;
  readonly path: Path;
}

/** Those of a Service, in its order; none for a headless one. */
export const writtenClusterIPs = once(({ value }: Manifest): readonly WrittenClusterIP[] => {
  if (textAt(value, 'spec', 'type') === 'ExternalName') return [];
  const list = itemsAt(value, 'spec', 'clusterIPs').map((each, index) => ({
    text: textOf(each) ?? '',
    path: ['spec', 'clusterIPs', index],
  }));
  const written =
    list.length > 0 ? list : [{ text: textAt(value, 'spec', 'clusterIP') ?? '', path: ['spec', 'clusterIP'] }];
  return written.flatMap(({ text, path }) => (isAddress(text) ? [{ address: canonicalAddress(text), path }] : []));
});

const servicesByClusterIP = indexOfModel(
  ({ declared }) => declared.ofKind('Service'),
  (manifest: Manifest) =>
    isService(manifest) ? [...new Set(writtenClusterIPs(manifest).map(({ address }) => address))] : [],
);

/** The Services that ask for an address, in the set's order. */
export function servicesAsking(model: ClusterModel, address: string): readonly Manifest[] {
  return servicesByClusterIP(model).get(address);
}

/** The ranges that the cluster gives Services' addresses from, where something says them all. */
export interface ServiceRanges {
  /** The API server's own, the primary first: it has the families of these. */
  readonly own: readonly string[];
  /** Its own and those that were added. */
  readonly all: readonly string[];
}

/** The object that the API server makes of its `--service-cluster-ip-range`; other ServiceCIDRs add to it. */
const ownServiceCidr = 'kubernetes';

/**
 * Written in the profile, or in a dump, where ServiceCIDR `kubernetes` is; null where the range is assumed.
 * Source: kubernetes/kubernetes pkg/controlplane/controller/defaultservicecidr (1.36).
 */
export const writtenServiceRanges = ofModel(({ profile, declared }): ServiceRanges | null => {
  const cidrs = declared
    .ofKind('ServiceCIDR')
    .filter((each) => groupOf(each) === 'networking.k8s.io')
    .map(({ name, value }) => ({
      name,
      ranges: itemsAt(value, 'spec', 'cidrs').flatMap((each) => canonicalRange(textOf(each) ?? '') ?? []),
    }));
  const own = profile.isServiceCidrWritten
    ? profile.serviceCidrs
    : (cidrs.find(({ name }) => name === ownServiceCidr)?.ranges ?? []);
  if (own.length === 0) return null;
  return { own, all: [...new Set([...own, ...cidrs.flatMap(({ ranges }) => ranges)])] };
});

/** The families that the cluster gives Services; null where nothing says it. */
export function writtenFamilies(model: ClusterModel): readonly Family[] | null {
  return writtenServiceRanges(model)?.own.map(familyOf) ?? null;
}
