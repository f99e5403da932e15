import { clusterPolicyKind } from '../../cluster/clusterNetworkPolicy.ts';
import { type NamedPart, textOfPart } from '../navigation/parts.ts';
import { referentAt } from '../navigation/referencePlaces.ts';
import { portsToChoose } from '../navigation/selectorLinks.ts';
import { about, type AskedPlace, type Candidate, distinctTexts } from './candidate.ts';

/** The ports of what an object picks by labels, or of a probe's own container, by name and by number. */
export function portsAt({ scene: { model }, manifest, path, part }: AskedPlace): Candidate[] {
  const to = part === 'key' ? null : referentAt(manifest, path);
  if (to?.is !== 'port') return [];
  const all = portsToChoose(model.declared, { manifest, at: path, to }).flatMap(candidatesOf);
  // A monitor's port is a name, a NetworkPolicy's and a targetPort either.
  const isNameAlone =
    to.of === 'picked Services' || manifest.kind === 'PodMonitor' || /namedport$/i.test(String(path.at(-1)));
  const isNumberAlone = clusterPolicyKind(manifest) !== null && !isNameAlone;
  return distinctTexts(all.filter(({ isNumber = false }) => (isNumber ? !isNameAlone : !isNumberAlone)));
}

function candidatesOf(part: NamedPart): Candidate[] {
  const [name, number] = [textOfPart(part, 'name'), textOfPart(part, 'number')];
  const whose = `${part.manifest.kind} ${part.manifest.name}`;
  const byName: Candidate[] =
    name === null ? [] : [{ text: name, kind: 'port', about: about(`→ ${number ?? ''}, ${whose}`) }];
  const byNumber: Candidate[] =
    number === null
      ? []
      : [{ text: number, kind: 'port', about: about(`${name === null ? '' : `${name}, `}${whose}`), isNumber: true }];
  return [...byName, ...byNumber];
}
