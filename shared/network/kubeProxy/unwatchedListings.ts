import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { endpointsObjectsOf, endpointsOfPort } from '../../cluster/lookups.ts';
import { isMirrored } from '../../cluster/endpoints.ts';
import type { Service } from '../../cluster/service.ts';
import type { Manifest } from '../../manifest/manifest.ts';

/** An EndpointSlice or Endpoints object whose endpoints kube-proxy never hears of. */
export interface UnwatchedListing {
  readonly manifest: Manifest;
  /** The label, or the annotation, that says so. */
  readonly sign: { readonly in: 'labels' | 'annotations'; readonly name: string };
  /** In a sentence without its full stop. */
  readonly text: string;
}

const headless = 'service.kubernetes.io/headless';
const skipped = 'endpointslice.kubernetes.io/skip-mirror';
const elects = 'control-plane.alpha.kubernetes.io/leader';

/**
 * What would give the Service endpoints, if a label or an annotation didn't keep it from kube-proxy; empty where
 * kube-proxy knows a ready endpoint all the same. Sources: see `endpoints.ts`.
 */
export function unwatchedListings(model: ClusterModel, service: Service): UnwatchedListing[] {
  if (service.headless || service.type === 'ExternalName') return [];
  const ready = service.ipFamilies
    .flatMap((family) => service.ports.flatMap((port) => endpointsOfPort(model, service, port, family)))
    .filter((each) => each.ready);
  if (ready.some(({ isHeadless }) => !isHeadless)) return [];
  if (ready.length > 0) return [...new Set(ready.flatMap(({ listedBy }) => listedBy ?? []))].map(hiddenByHeadless);
  if (service.selector !== null) return [];
  return endpointsObjectsOf(model, service).flatMap((each) => (isMirrored(each) ? [] : [unmirrored(each)]));
}

function hiddenByHeadless(manifest: Manifest): UnwatchedListing {
  const { kind, name } = manifest;
  const what = kind === 'Endpoints' ? `what is mirrored of Endpoints ${name}` : `${kind} ${name}`;
  return {
    manifest,
    sign: { in: 'labels', name: headless },
    text: `kube-proxy doesn't watch ${what}, by its label ${headless}`,
  };
}

function unmirrored(manifest: Manifest): UnwatchedListing {
  const isSkipped = manifest.labels.get(skipped) === 'true';
  const sign = isSkipped ? `label ${skipped}: true` : `annotation ${elects}`;
  return {
    manifest,
    sign: isSkipped ? { in: 'labels', name: skipped } : { in: 'annotations', name: elects },
    text: `nobody makes EndpointSlices of Endpoints ${manifest.name}, by its ${sign}`,
  };
}
