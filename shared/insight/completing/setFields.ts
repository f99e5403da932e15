import { keysAt } from '../../manifest/value.ts';
import { chartFields, isManifestSets, setFields } from '../../manifest/writtenSets.ts';
import { levels } from '../levels.ts';
import { otherFindings } from '../otherFindings.ts';
import { rules } from '../rules/all.ts';
import { about, type AskedPlace, type Candidate } from './candidate.ts';
import { isAt } from './cursor.ts';

type SetField = (typeof setFields)[number] | (typeof chartFields)[number];

const meanings: Readonly<Record<SetField, string>> = {
  name: 'What the set is called.',
  files: "Globs, from this file's folder: base/**, overlays/production/*.yaml.",
  profile: 'The ClusterProfile that the set is judged by, by its name.',
  path: "The chart's folder, from this file's.",
  values: "Files of values beside the chart's own, the last wins.",
  release: "The release's name; without it, the name of this entry.",
  namespace: 'The namespace that the chart is installed in.',
  set: "Single values, as helm's --set: image.tag=v2.",
};

const topFields: Readonly<Record<string, string>> = {
  sets: 'Which files are applied together.',
  charts: 'Charts as they are installed.',
  rules: 'How grave findings are, in this folder.',
};

/** The fields of ManifestSets, the profiles of the workspace, the rules and how grave they can be. */
export function setFieldsAt({ manifest, path, part, profiles }: AskedPlace): Candidate[] {
  if (!isManifestSets(manifest)) return [];
  if (part === 'value') {
    if (isAt(path, 'spec.rules.*'))
      return levels.map((text) => ({ text, kind: 'value', about: about(String(path.at(-1))) }));
    return isAt(path, 'spec.sets.*.profile')
      ? profiles().map((text) => ({ text, kind: 'object', about: about('ClusterProfile', meanings.profile) }))
      : [];
  }
  const field = (text: string, documentation: string): Candidate => ({
    text,
    kind: 'field',
    about: about('ManifestSets', documentation),
  });
  const known = isAt(path, 'spec.*')
    ? Object.entries(topFields).map(([name, meaning]) => field(name, meaning))
    : isAt(path, 'spec.sets.*.*')
      ? setFields.map((name) => field(name, meanings[name]))
      : isAt(path, 'spec.charts.*.*')
        ? chartFields.map((name) => field(name, meanings[name]))
        : isAt(path, 'spec.rules.*')
          ? [...rules, ...otherFindings].map(({ id, severity, meaning }) => ({
              ...field(id, meaning),
              about: about(severity, meaning),
            }))
          : [];
  const written = keysAt(manifest.value, ...path.slice(0, -1));
  return known.filter(({ text }) => !written.includes(text));
}
