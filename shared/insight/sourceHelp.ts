import type { BuiltField, BuiltSet } from '../built/builtSet.ts';
import { textOf, type Value, valueAt } from '../manifest/value.ts';
import { helpFor } from './fieldHelp.ts';
import { code, plain } from './fields/trafficField.ts';
import type { JudgedSet } from './rule.ts';

/** Objects that a values file's line decides, named in a hover; more are counted. */
const mostNamed = 3;

/**
 * What a place of a source comes to in what is built of it, in Markdown: the value, whose it is, and what traffic makes
 * of it. Null where it decides nothing.
 */
export function sourceHelp(judged: JudgedSet, set: BuiltSet, found: readonly BuiltField[]): string | null {
  const helped = found.map((each) => ({ ...each, help: helpFor(judged, each.manifest, each.path) }));
  const chosen = helped.find(({ help }) => help !== null) ?? helped.find((each) => textOf(valueOf(each)) !== undefined);
  if (chosen === undefined) return null;
  const { path, help } = chosen;
  const value = textOf(valueOf(chosen));
  const alike = found.filter((each) => textOf(valueOf(each)) === value && each.path.at(-1) === path.at(-1));
  const owners = [...new Set(alike.map(({ manifest }) => `${manifest.kind} ${manifest.name}`))];
  const named = owners.slice(0, mostNamed).map(plain).join(', ');
  const more = owners.length > mostNamed ? ` and ${owners.length - mostNamed} more` : '';
  const field = path.join('.');
  const comesTo = code(value === undefined ? field : `${field}: ${value}`);
  const says = `${plain(set.plan.label)}: ${comesTo} of ${named}${more}`;
  return help === null ? says : `${says}\n\n${help.markdown}`;
}

function valueOf({ manifest, path }: BuiltField): Value | undefined {
  return valueAt(manifest.value, ...path);
}
