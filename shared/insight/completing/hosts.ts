import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { placesAt } from '../../cluster/fieldPlaces.ts';
import { isIngress } from '../../cluster/ingress.ts';
import { isOfGatewayApi } from '../../cluster/gatewayApi/gatewayApi.ts';
import { ofDeclared } from '../../cluster/declared.ts';
import { once } from '../../cluster/once.ts';
import { groupOf, type Manifest } from '../../manifest/manifest.ts';
import { textOf, valueAt } from '../../manifest/value.ts';
import { about, type AskedPlace, type Candidate } from './candidate.ts';
import { cursorWord, isAt } from './cursor.ts';

/** Where an object says hosts. */
export function hostFieldsOf(manifest: Manifest): readonly string[] {
  if (isIngress(manifest)) return ['spec.rules.*.host', 'spec.tls.*.hosts.*'];
  if (isOfGatewayApi(manifest))
    return manifest.kind.endsWith('Route') ? ['spec.hostnames.*'] : ['spec.listeners.*.hostname'];
  return groupOf(manifest) === 'cert-manager.io' && manifest.kind === 'Certificate' ? ['spec.dnsNames.*'] : [];
}

/** The hosts that the set serves, where one is asked for: those of the same object first. */
export function hostsAt({ scene: { model }, manifest, path, part }: AskedPlace): Candidate[] {
  if (part === 'key' || !hostFieldsOf(manifest).some((each) => isAt(path, each))) return [];
  const own = hostsOf(manifest);
  return [...new Set([...own, ...hostsIn(model).keys()])]
    .filter((host) => host !== cursorWord && host !== '')
    .map((text) => ({
      text,
      kind: 'host',
      about: about(
        (own.includes(text) ? [manifest] : (hostsIn(model).get(text) ?? []))
          .slice(0, 3)
          .map(({ kind, name }) => `${kind} ${name}`)
          .join(', '),
      ),
    }));
}

const hostsOf = once((manifest: Manifest): readonly string[] =>
  hostFieldsOf(manifest).flatMap((field) =>
    placesAt(manifest.value, field).flatMap((at) => textOf(valueAt(manifest.value, ...at)) ?? []),
  ),
);

const byHost = ofDeclared(({ manifests }): ReadonlyMap<string, readonly Manifest[]> => {
  const found = new Map<string, Manifest[]>();
  for (const manifest of manifests)
    for (const host of new Set(hostsOf(manifest))) found.set(host, [...(found.get(host) ?? []), manifest]);
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
});

function hostsIn({ declared }: ClusterModel): ReadonlyMap<string, readonly Manifest[]> {
  return byHost(declared);
}
