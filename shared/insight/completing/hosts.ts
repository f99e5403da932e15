import type { ClusterModel } from '../../cluster/clusterModel.ts';
import { ofDeclared } from '../../cluster/declared.ts';
import { once } from '../../cluster/once.ts';
import type { Manifest } from '../../manifest/manifest.ts';
import { hostsIn } from '../navigation/hostLinks.ts';
import { referentAt } from '../navigation/referencePlaces.ts';
import { about, type AskedPlace, type Candidate } from './candidate.ts';
import { cursorWord } from './cursor.ts';

/** The hosts of the set, where one is asked for: those of the same object first. */
export function hostsAt({ scene: { model }, manifest, path, part }: AskedPlace): Candidate[] {
  if (part === 'key' || referentAt(manifest, path)?.is !== 'host') return [];
  const own = hostsOf(manifest);
  const known = knownHosts(model);
  return [...new Set([...own, ...known.keys()])]
    .filter((host) => host !== cursorWord)
    .map((text) => ({
      text,
      kind: 'host',
      about: about(
        (own.includes(text) ? [manifest] : (known.get(text) ?? []))
          .slice(0, 3)
          .map(({ kind, name }) => `${kind} ${name}`)
          .join(', '),
      ),
    }));
}

const hostsOf = once((manifest: Manifest): readonly string[] => hostsIn(manifest).map(({ host }) => host));

const byHost = ofDeclared(({ manifests }): ReadonlyMap<string, readonly Manifest[]> => {
  const found = new Map<string, Manifest[]>();
  for (const manifest of manifests)
    for (const host of new Set(hostsOf(manifest))) found.set(host, [...(found.get(host) ?? []), manifest]);
  return new Map([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
});

function knownHosts({ declared }: ClusterModel): ReadonlyMap<string, readonly Manifest[]> {
  return byHost(declared);
}
