import { textAt } from '../../manifest/value.ts';
import type { NamedPart } from '../nameLinks.ts';
import { chosenPortsIn } from '../selectorLinks.ts';
import { about, type AskedPlace, type Candidate, distinctTexts } from './candidate.ts';

/** The ports of what an object picks by labels, or of a probe's own container, by name and by number. */
export function portsAt({ scene: { model }, manifest, path, part }: AskedPlace): Candidate[] {
  if (part === 'key') return [];
  for (const { at, among } of chosenPortsIn(model.declared, manifest))
    if (at.length === path.length && at.every((step, index) => step === path[index])) {
      // A ServiceMonitor's port is a name, a policy's and a targetPort either.
      const isNameAlone = path.includes('endpoints') || path.includes('podMetricsEndpoints');
      const all = among().flatMap((each) => candidatesOf(each));
      return distinctTexts(isNameAlone ? all.filter(({ isNumber }) => isNumber !== true) : all);
    }
  return [];
}

function candidatesOf({ manifest, value, numberField }: NamedPart): Candidate[] {
  const name = textAt(value, 'name');
  const number = textAt(value, numberField);
  const whose = `${manifest.kind} ${manifest.name}`;
  return [
    ...(name === undefined || name === ''
      ? []
      : [{ text: name, kind: 'port', about: about(`→ ${number ?? ''}, ${whose}`) } as const]),
    ...(number === undefined
      ? []
      : [
          {
            text: number,
            kind: 'port',
            about: about(`${name === undefined ? '' : `${name}, `}${whose}`),
            isNumber: true,
          } as const,
        ]),
  ];
}
