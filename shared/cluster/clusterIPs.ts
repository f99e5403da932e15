import type { Manifest } from '../manifest/manifest.ts';
import { itemsAt, type FieldPath, textAt, textOf } from '../manifest/value.ts';
import { canonicalAddress, isAddress } from './address.ts';
import { type ClusterModel, indexOfModel } from './clusterModel.ts';
import { once } from './once.ts';
import { isService } from './service.ts';

/** A cluster address that a Service asks for by number, and where it stands. */
export interface WrittenClusterIP {
  readonly address: string;
  readonly path: FieldPath;
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

/** Null where the range is assumed. */
export function writtenServiceRanges({ declared: { ranges } }: ClusterModel): ServiceRanges | null {
  return ranges.isServiceCidrWritten ? { own: ranges.ownServiceCidrs, all: ranges.serviceCidrs } : null;
}
